"""What is said of a kept answer: the answer, its signatures, and what has changed since."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from clinical.vocabulary import Counts, SafetyLevel, Status, Word
from models.base import Answer, RecordOfPatient
from models.fields import Digest, Edition, RecordKey, Slug, Version
from models.kept_answer import SignatureMeaning


class FactChange(Word):
    """What became of a record since the answer was kept."""

    CHANGED = "changed", "There is a newer version of it."
    ADDED = "added", "It was recorded since, or is taken into account since."
    ENTERED_IN_ERROR = "entered_in_error", "It was marked as entered in error since."


class SignaturePublic(Answer):
    """A signature as it was given."""

    signed_by: str
    """The name that was typed. Who was signed in is `subject`."""
    role: str | None
    """In which role."""
    meaning: SignatureMeaning
    """What the signature stands for."""
    signed_at: datetime
    """When it was given, by the clock of the database."""
    subject: str | None = None
    """Who was signed in when it was given: a user's or client's identity; null for one from before that was kept."""


class FactVersionPublic(Answer):
    """One record that the answer rests on, and in which version."""

    kind: str
    """The kind of record, such as `medication_trials`."""
    id: UUID
    """The record."""
    version: Version
    """Its version at that time."""


class KeptDefinition(Answer):
    """The definition that was applied, exactly."""

    id: Slug
    """Its name."""
    version: Edition
    """Its version at that time."""
    title: str
    """What people call it."""
    digest: Digest
    """The digest of its content at that time."""


class FactDifference(Answer):
    """One record that is no longer what the answer rests on."""

    kind: str
    """The kind of record."""
    id: UUID
    """The record."""
    change: FactChange
    """What became of it."""
    kept_version: Version | None
    """The version that the answer rests on; null for an added one."""
    version_now: Version | None
    """Its version now; null for one entered in error."""


class DefinitionDifference(Answer):
    """How the definition differs from the one that was applied."""

    kept_version: Edition
    """The version that was applied."""
    version_now: Edition | None
    """The newest version; null when there is no such definition any more."""
    kept_digest: Digest
    """The digest of what was applied."""
    digest_now: Digest | None
    """The digest of the newest version; the same digest is the same rule."""
    withdrawn: bool
    """True when it was withdrawn since."""


class TrialDifference(Answer):
    """A trial that counts otherwise than it did, or is there no longer or only since."""

    trial_id: RecordKey
    """The trial."""
    medication: str
    """The generic name."""
    counts: Counts | None
    """Whether it counted; null when it was not there."""
    counts_now: Counts | None
    """Whether it counts now; null when it is there no longer."""


class SafetyDifference(Answer):
    """How the level of safety on the same day differs from the one that was kept. Read this first."""

    kept_level: SafetyLevel
    """What the record asked for on suicidal thoughts when the answer was kept."""
    level_now: SafetyLevel
    """What it asks for now, of the same day."""


class Differences(Answer):
    """What is different when the same is asked again now, of the same day, by the definition as it is now.

    In a list the question is not asked again: `status_changed`, `status_now`, `summary_now` and `trials` are null
    there. Read the answer alone to see them.
    """

    sentence: str
    """What changed, safety first, and whether it matters, in words."""
    safety: SafetyDifference | None
    """How the level of safety changed; null when it did not."""
    facts: list[FactDifference]
    """Every record that changed since."""
    definition: DefinitionDifference | None
    """How the definition changed; null when it did not."""
    status_changed: bool | None
    """True when the status would be another one now; null in a list."""
    status_now: Status | None
    """The status as it would be now; null in a list, and when there is no such definition any more."""
    summary_now: str | None
    """Its summary; null like `status_now`."""
    trials: list[TrialDifference] | None
    """Every trial that counts otherwise than it did; null in a list."""


class KeptAnswerStored(RecordOfPatient):
    """An answer as it was kept."""

    on: date
    """The day asked about."""
    known_at: datetime
    """The moment of knowledge: the latest change of the record at that time."""
    definition: KeptDefinition
    """The definition that was applied."""
    status: Status
    """The answer."""
    summary: str
    """The answer with its main reason in one sentence."""
    note: str | None
    """The remark that was kept with it."""
    signatures: list[SignaturePublic]
    """Who signed, in the order of signing. None is ever changed or removed."""
    digest: Digest
    """SHA-256 of `{"answer", "facts", "note"}` as JSON by RFC 8785, made when it was kept."""
    intact: bool
    """True when what is stored still has that digest."""


class KeptAnswerBriefPublic(KeptAnswerStored):
    """A kept answer in a list: without its reasons, with what has changed since."""

    outdated: bool
    """True when a record, the definition or the level of safety changed since; whether it matters is not asked here."""
    differences: Differences
    """What is different now, without asking the question again."""


class KeptAnswerVersionPublic(KeptAnswerStored):
    """A kept answer as it was in one version: each signature makes one."""

    answer: dict[str, Any]
    """The whole answer, word for word as `GET trd-status` gave it."""
    facts: list[FactVersionPublic]
    """Every record that it rests on."""


class KeptAnswerPublic(KeptAnswerVersionPublic):
    """A kept answer with all its reasons, and what has changed since."""

    outdated: bool
    """True when a record or the definition changed since, or the same question has another answer now."""
    differences: Differences
    """What is different now."""
