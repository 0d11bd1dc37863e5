"""What the service knows of the treatments of the field, with its sources."""

from typing import Any

from clinical.care import Laterality, OptionFamily
from clinical.treatments.words import CautionLevel
from clinical.vocabulary import Evidence
from models.base import Answer
from models.fields import Slug
from models.treatment_option import Cited, Ordering


class CourseRulePublic(Answer):
    """What one source calls a fair course, or what is read so here."""

    sentence: str
    """The rule in words."""
    sessions_at_least: int | None
    """The least number of sessions; null where sessions are not asked for."""
    days_at_least: int | None
    """The least number of days; null where days are not asked for."""
    laterality: Laterality | None
    """The placement that the rule is about; null for all."""
    source: str
    """Where it comes from."""
    evidence: Evidence
    """How well it was verified. What is `unverified` never decides."""


class CatalogueMember(Answer):
    """One treatment of a family, or one class of medicines."""

    id: str
    """The modality, as `modality` of a treatment takes it, or the class of the formulary."""
    kind: str
    """`modality` or `class`."""
    title: str
    """What people call it."""
    what: str | None
    """What it is; null for a class of medicines."""
    medicines: list[str]
    """The medicines of the class; empty for a modality."""
    adequate_course: list[CourseRulePublic]
    """What counts as a fair course. Empty: no source read says."""
    evidence: list[Cited]
    """What is known of it."""


class Later(Answer):
    """After how many failed antidepressants a source places the family."""

    failed_medications_at_least: int
    """How many must have failed."""
    sentence: str
    """The source's rule in words."""
    source: str
    """Where it was read."""
    evidence: Evidence
    """How well it was verified."""


class CatalogueFamily(Answer):
    """One family of options."""

    id: OptionFamily
    """The family."""
    title: str
    """What people call it."""
    what: str
    """What it is."""
    evidence: list[Cited]
    """What is known of it in depression that does not respond."""
    adequate_course: list[CourseRulePublic]
    """For medicines taken day by day: what counts as a fair course where the definition does not say."""
    place: Later | None
    """After how many failures a source places it; null where none does."""
    under_study: Cited | None
    """Who holds it to be investigational; null where it is not."""
    standing: list[Cited]
    """What regulators and payers say, where it was read."""
    notes: list[Cited]
    """What to know of it whatever the record says."""
    members: list[CatalogueMember]
    """Its treatments or classes of medicines."""


class CatalogueCaution(Answer):
    """One caution that a record can raise."""

    id: Slug
    """Its name."""
    level: CautionLevel
    """How much it weighs."""
    sentence: str
    """What it says."""
    about: dict[str, Any]
    """The treatments that it is about: families, modalities, classes and medicines."""
    raised_by: dict[str, Any]
    """What in a record raises it."""
    source: str
    """Where it was read."""
    evidence: Evidence
    """How well it was verified."""


class TreatmentsCatalogue(Answer):
    """The treatments of the field."""

    items: list[CatalogueFamily]
    """Every family, in the order of the usual burden."""
    cautions: list[CatalogueCaution]
    """Every caution that a record can raise."""
    ordering: Ordering
    """How a patient's list of options is ordered."""
    next_cursor: None
    """Always null: the list is short."""
