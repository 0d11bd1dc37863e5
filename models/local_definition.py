"""Definitions of an organisation's own: the same sections as a published one, posted and never edited in place."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from clinical import sections
from clinical.prescription_rule import Prescriptions
from clinical.vocabulary import Evidence, Status
from models.base import Shape
from models.evaluation import Day, HistoryEntry
from models.fields import WHOLE, Name
from models.local_definition_example import EXAMPLE

OWN = "This organisation's own choice"
SLUG = "[a-z][a-z0-9_]{2,59}"
MOST_CASES, MOST_LIMITS = 40, 20
Slug = Annotated[str, StringConstraints(strict=True, pattern=f"^{SLUG}$")]
Paragraph = Annotated[str, StringConstraints(strict=True, max_length=2000)]
Count = Annotated[int, Field(strict=True, ge=0, le=20), WHOLE]


class Own(BaseModel):
    """What an organisation need not say of a section: that it is its own choice."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    source: str = Field(default=OWN, min_length=1, max_length=1000)
    """Where the number was read; left out, it is your own choice."""
    evidence: Evidence = Evidence.LOCAL
    """How well it was verified against that source."""


class OwnRequired(Own, sections.Required):
    """How many different antidepressants must have failed; perhaps of different classes, perhaps fewer if bipolar."""


class OwnFailure(Own, sections.Failure):
    """What counts as too little improvement. Give exactly one of the three thresholds."""


class OwnDuration(Own, sections.Duration):
    """The least number of days, at or above the minimum dose where one is asked for."""


class OwnDose(Own, sections.Dose):
    """The table of minimum doses."""


class OwnStableDose(Own, sections.StableDose):
    """For how long one unchanged dose must have been kept."""


class OwnAdherence(Own, sections.Adherence):
    """Whether the medicine was really taken; the fraction is used where only a number is known."""


class OwnStillTaken(Own, sections.StillTaken):
    """Only a medicine that is still taken on the day is judged."""


class OwnCurrentEpisode(Own, sections.CurrentEpisode):
    """Only trials of the current episode count."""


class OwnAugmentation(Own, sections.AugmentationTrial):
    """A failed augmentation of an adequate antidepressant: a trial of its own, or asked besides where `required`."""


class OwnExclusions(Own, sections.Exclusions):
    """Patients whom the definition does not speak of."""


class OwnCurrentSeverity(Own, sections.CurrentSeverity):
    """How severe the current episode must be."""


class OwnCurrentScore(Own, sections.CurrentScore):
    """The latest total on one rating scale must be at least so high."""


class OwnPrescriptions(Own, Prescriptions):
    """Medicines are counted; whether they worked is not looked at. Give `window` or `succession`."""


class OwnWorkedCase(Shape):
    """A history and what the definition must say of it. It is run before the definition is accepted."""

    name: Name
    """What it shows, such as `exactly 42 days is long enough`."""
    on: Day
    """The day to judge on."""
    history: HistoryEntry
    """The history, as for `POST /v1/evaluate`."""
    status: Status
    """The answer that must come out."""
    confirmed: Count
    """How many different antidepressants surely failed."""
    possible: Count = 0
    """How many more may have failed."""


class LocalDefinitionCreate(Shape):
    """A definition of your organisation's own. A section that is left out is not asked."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    slug: Slug
    """Its name, as `?definition=` takes it: 3 to 60 of a-z, 0-9 and _, beginning with a letter."""
    title: Name
    """What people call it."""
    purpose: Annotated[Paragraph, Field(min_length=1)]
    """What it is for, and who asks for it."""
    citation: Annotated[Paragraph, Field(min_length=1)] = OWN
    """The document that it follows, if there is one."""
    evidence: Literal["local"] = "local"
    """Always `local`: the whole is your own choice, whatever its sections cite."""
    quote: Paragraph = ""
    """A few words of that document."""
    limits: list[Paragraph] = Field(default=[], max_length=MOST_LIMITS)
    """What to mind when using it."""
    describes: Name = "treatment-resistant depression"
    """What the answer `treatment_resistant` means here, if it is something else."""
    required: OwnRequired
    """How many medicines must have failed."""
    failure: OwnFailure | None = None
    """What a failure is; left out, outcomes are not asked for."""
    duration: OwnDuration | None = None
    """How long a trial must have lasted."""
    dose: OwnDose | None = None
    """Which dose must have been reached."""
    stable_dose: OwnStableDose | None = None
    """For how long one dose must have been kept."""
    adherence: OwnAdherence | None = None
    """How regularly it must have been taken."""
    still_taken: OwnStillTaken | None = None
    """Whether only present treatment is judged."""
    current_episode: OwnCurrentEpisode | None = None
    """Whether only trials of the current episode count."""
    augmentation: OwnAugmentation | None = None
    """How failed augmentations count."""
    exclusions: OwnExclusions | None = None
    """Whom it does not speak of."""
    current_severity: OwnCurrentSeverity | None = None
    """How severe the depression must be now."""
    current_score: OwnCurrentScore | None = None
    """Which score must be reached now."""
    prescriptions: OwnPrescriptions | None = None
    """Whether prescriptions alone are read."""
    worked_cases: list[OwnWorkedCase] = Field(min_length=2, max_length=MOST_CASES)
    """Cases at its thresholds: at least one that is resistant and one that is not. All must come out as stated."""


class LocalDefinition(SQLModel, table=True):
    """One version of a definition of an organisation's own. Rows are added and never changed."""

    __tablename__ = "local_definitions"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        CheckConstraint(f"slug ~ '^{SLUG}$'", name="slug_pattern"),
        CheckConstraint("version >= 1", name="version_range"),
        CheckConstraint("jsonb_typeof(document) = 'object'", name="document_is_an_object"),
    )

    organisation_id: UUID = Column(primary_key=True)
    slug: str = Column(primary_key=True, max_length=60)
    version: int = Column(primary_key=True)
    recorded_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    withdrawn: bool = Column(sa_column_kwargs={"server_default": text("false")})
    digest: str = Column(max_length=71)
    document: dict[str, Any] = Column(sa_type=JSONB)
