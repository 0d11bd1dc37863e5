"""What the service answers: the status by one definition, by all of them, and what parts them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from clinical.findings import Asked, PseudoReason
from clinical.vocabulary import Counts, Evidence, SafetyLevel, Status, Verdict
from models.base import Answer
from models.fields import Digest, Edition, Number, RecordKey, Slug
from models.staged import StagedPublic


class DefinitionUsed(Answer):
    """The definition that was applied, exactly."""

    id: Slug
    """The definition's name in this service."""
    version: Edition
    """Its version here."""
    title: str
    """What people call it."""
    citation: str
    """Where it was published."""
    evidence: Evidence
    """How well it was verified against its source."""
    digest: Digest
    """SHA-256 of the file that states it: the same digest is the same rule."""


class FailedMedications(Answer):
    """How many different antidepressants failed, and how many are asked for."""

    required: int
    """How many the definition asks for."""
    confirmed: int
    """How many surely failed; repeats of one drug and two taken together count once."""
    possible: int
    """How many more would count if every unknown were answered so."""
    confirmed_names: list[str]
    """The medicines that surely failed, in order of time."""
    possible_names: list[str]
    """The medicines that may have failed."""


class Range(Answer):
    """The least and the most that the recorded dates allow."""

    least: Number
    """The shortest reading."""
    most: Number
    """The longest reading."""


class FindingPublic(Answer):
    """One criterion: the verdict, why, and the numbers behind it."""

    criterion: Asked
    """What was asked."""
    verdict: Verdict
    """The answer."""
    asked: bool
    """True when the definition asks it; false when it is shown as a caution and decides nothing."""
    sentence: str
    """Why, in words."""
    observed: Number | None
    """What was found; null when it is not known or not one number."""
    observed_range: Range | None
    """Least and most, where partly known dates leave a range; else null."""
    required: Number | None
    """What is asked for; null where it is not a number."""
    unit: str | None
    """The unit of the numbers: `d` days, `mg/d` milligrams a day, `%` percent."""
    margin: Number | None
    """By how much it is met (positive) or missed (negative); null when not a number."""
    evidence: Evidence
    """How well the number or rule was verified."""
    source: str
    """Where the number or rule comes from."""


class JudgedTrialPublic(Answer):
    """One trial and whether it counts as a failed antidepressant."""

    trial_id: RecordKey
    """The trial: its id, or in an evaluated history its place, such as `/history/medication_trials/0`."""
    medication: str
    """The generic name."""
    counts: Counts
    """Whether it counts."""
    findings: list[FindingPublic]
    """Every criterion that was looked at."""


class MissingPublic(Answer):
    """A question whose answer is not recorded."""

    trial_id: RecordKey | None
    """The trial that it is about; null when it is about the patient or the episode."""
    field: str
    """The field to fill in."""
    question: str
    """What to ask."""
    could_change_status: bool
    """True when the answer could change the status."""
    settles_alone: bool
    """True when this answer alone could give another status; such questions come first."""


class ChangePublic(Answer):
    """One fact that alone would give another status."""

    sentence: str
    """What and to which status."""
    change: dict[str, Any]
    """The trial and the merge patch that would state it."""
    status: Status
    """The status that would follow."""


class SafetyPublic(Answer):
    """What the record asks for on suicidal thoughts. Always look at this first."""

    level: SafetyLevel
    """How urgent it is."""
    sentence: str
    """Why, in words."""
    basis: str
    """What the level rests on."""


class TrdStatus(Answer):
    """The status of one history by one definition on one day, with all reasons."""

    patient_id: UUID | None
    """The patient; null for an evaluated history, which is not stored."""
    on: date
    """The day asked about. What happened later does not exist for this answer."""
    known_at: datetime | None
    """The moment of knowledge. What was recorded later does not exist; null for an evaluated history."""
    definition: DefinitionUsed
    """The definition applied."""
    status: Status
    """The answer."""
    summary: str
    """The answer with its main reason in one sentence."""
    failed_medications: FailedMedications
    """The count behind it."""
    trials: list[JudgedTrialPublic]
    """Every trial, in order of time."""
    patient_findings: list[FindingPublic]
    """What the definition asks of the patient and the episode."""
    missing_information: list[MissingPublic]
    """What to ask, most decisive first."""
    what_would_change_it: list[ChangePublic]
    """Single facts that would give another status."""
    pseudo_resistance_reasons: list[PseudoReason]
    """Why some failures may be no resistance (McIntyre et al. 2023, DOI 10.1002/wps.21120)."""
    notes: list[str]
    """Remarks that a careful reader should know."""
    safety: SafetyPublic
    """Suicidal thoughts, whatever the status."""


class BriefStatus(Answer):
    """The answer of one definition, in brief."""

    definition: DefinitionUsed
    """The definition applied."""
    status: Status
    """The answer."""
    summary: str
    """The answer with its main reason in one sentence."""
    failed_medications: FailedMedications
    """The count behind it."""


class Disagreement(Answer):
    """Two definitions that answer differently, and what parts them."""

    definitions: list[Slug] = Field(min_length=2, max_length=2)
    """The two definitions."""
    statuses: list[Status] = Field(min_length=2, max_length=2)
    """Their answers, in the same order."""
    criterion: Asked
    """The criterion that parts them."""
    trial_id: RecordKey | None
    """The trial on which they part; null when it is about the patient or the number asked for."""
    sentence: str
    """Why, in words."""


class StatusByDefinition(Answer):
    """The same history under every definition."""

    patient_id: UUID
    """The patient."""
    on: date
    """The day asked about."""
    known_at: datetime
    """The moment of knowledge."""
    answers: list[BriefStatus]
    """One answer a definition; the default comes first."""
    disagreements: list[Disagreement]
    """Every pair that disagrees."""
    safety: SafetyPublic
    """Suicidal thoughts, whatever the status."""


class Evaluation(Answer):
    """The answers on a history that was sent and not stored."""

    assessments: list[TrdStatus]
    """One answer for each definition asked, in the order asked."""
    staging: list[StagedPublic]
    """One answer for each staging method asked, in the order asked."""
