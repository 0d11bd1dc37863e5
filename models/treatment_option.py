"""What the service says of the treatments that are left: families of options, in order, each with reasons."""

from datetime import date, datetime
from uuid import UUID

from clinical.care import OptionFamily
from clinical.treatments.words import CautionLevel, OptionState, OrderGroup, ReviewKind
from clinical.vocabulary import Evidence, Status, Verdict
from models.adequate_course import AdequateCourse
from models.answer import DefinitionUsed, SafetyPublic
from models.base import Answer
from models.fields import RecordKey, Slug


class Cited(Answer):
    """A sentence and who says so."""

    sentence: str
    """What is said, in our words."""
    source: str
    """Where it was read."""
    evidence: Evidence
    """How well it was verified."""


class BasisPublic(Answer):
    """One trial or treatment that an option's state rests on."""

    record: str
    """`medication_trial` or `treatment`."""
    id: RecordKey
    """The record."""
    name: str
    """What was given."""
    state: OptionState
    """What came of it."""
    sentence: str
    """The same in words, with its days."""
    adequate_course: AdequateCourse
    """Whether it was a fair course."""


class MemberPublic(Answer):
    """One treatment of a family, or one class of medicines."""

    id: str
    """The modality, the class of the formulary, or the ingredient that is taken now."""
    title: str
    """What people call it."""
    state: OptionState
    """What the record says of it."""
    tried: list[str]
    """The medicines of the class that were tried."""
    not_tried: list[str]
    """The medicines of the class that were not."""
    spoken_against: list[str]
    """What of it the record speaks against: a contraindication that is sure and verified."""
    records: list[str]
    """The trials and treatments that it rests on."""


class CautionPublic(Answer):
    """Something that the record itself shows and that weighs against a treatment."""

    id: Slug
    """Which caution it is, as in `GET /v1/treatments-catalogue`."""
    level: CautionLevel
    """How much it weighs."""
    verdict: Verdict
    """`met`: the record shows it. `unknown`: it may apply, as a date or a factor is not certain."""
    sentence: str
    """What it is, and what in the record raises it."""
    about: list[str]
    """The treatments that it is about."""
    source: str
    """Where it was read."""
    evidence: Evidence
    """How well it was verified. What is `unverified` never puts an option last."""
    records: list[str]
    """The records that raise it."""


class ReasonPublic(Answer):
    """Something to look at before any option."""

    kind: ReviewKind
    """What kind of reason it is."""
    sentence: str
    """What to look at, and why."""
    source: str
    """Where it was read."""
    evidence: Evidence
    """How well it was verified."""
    records: list[str]
    """The records that it rests on."""


class OptionPublic(Answer):
    """One family of options."""

    rank: int
    """Its place in the list, from 1."""
    family: OptionFamily
    """The family."""
    title: str
    """What people call it."""
    what: str
    """What it is."""
    state: OptionState
    """What the record says of it."""
    sentence: str
    """Why, in words: which trials and treatments, with their days."""
    group: OrderGroup
    """Which part of the list it stands in."""
    order_sentence: str
    """Why it stands there."""
    basis: list[BasisPublic]
    """The trials and treatments that the state rests on."""
    members: list[MemberPublic]
    """The treatments or classes of medicines of the family."""
    evidence: list[Cited]
    """What is known of it in depression that does not respond."""
    adequate_course: AdequateCourse | None
    """Whether the attempt that stands for the family was a fair course; null when nothing was tried."""
    cautions: list[CautionPublic]
    """What the record shows against it or parts of it, the gravest first."""
    questions: list[str]
    """What to ask first: conditions that would weigh and of which nothing is recorded."""


class Ordering(Answer):
    """How the list is ordered."""

    sentence: str
    """The rule."""
    source: str
    """Where it comes from."""
    evidence: Evidence
    """How well it was verified."""


class TreatmentOptions(Answer):
    """Every family of options once, in an order that follows from the history. A list to review, never a directive."""

    patient_id: UUID
    """The patient."""
    on: date
    """The day asked about. What happened later does not exist for this answer."""
    known_at: datetime
    """The moment of knowledge. What was recorded later does not exist."""
    definition: DefinitionUsed
    """The definition by which failures are counted and fair trials are judged."""
    status: Status
    """Its answer."""
    statement: str
    """What the list is, and what it is not."""
    ordering: Ordering
    """How it is ordered."""
    review_first: list[ReasonPublic]
    """What to look at before any option."""
    options: list[OptionPublic]
    """Every family once."""
    outside_families: list[BasisPublic]
    """Treatments on record that belong to no family."""
    safety: SafetyPublic
    """Suicidal thoughts. Always look at this first."""
