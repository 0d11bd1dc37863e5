"""The parts of a medication trial, as they are sent and as they are answered."""

from pydantic import Field, field_validator

from clinical.vocabulary import Basis, Response, SourceKind
from models.base import Answer, Shape
from models.fields import (
    Atc,
    Code,
    DailyDose,
    Flag,
    Fraction,
    Name,
    Number,
    PartialDate,
    Percent,
    RxNorm,
    SaidDay,
    Slug,
)


class MedicationEntry(Shape):
    """The medicine, by name (brand, generic or synonym, any case) or by code. One of the two is needed."""

    text: Name | None = None
    """The name as it is written, such as `Zoloft` or `sertraline`."""
    system: Code | None = None
    """The code system: `rxnorm`, `atc`, `snomed` or `unii`."""
    code: Code | None = None
    """The code in that system, such as `36437` in RxNorm."""


class DoseEntry(Shape):
    """One daily dose, and from when on it was taken."""

    daily_dose_mg: DailyDose | None = None
    """mg of the active ingredient a day; null when it is not known from then on."""
    since: PartialDate | None = Field(default=None, alias="from")
    """The first day of this dose. It may be null only in the first step."""


class AdherenceEntry(Shape):
    """How regularly the medicine was taken."""

    adequate: Flag | None = None
    """Whether it was taken regularly enough to judge it; null when unknown."""
    taken_fraction: Fraction | None = None
    """The share of the doses that was taken, from 0 to 1; null when unknown."""


class OutcomeEntry(Shape):
    """What came of the trial. Leave out what is not known."""

    response: Response | None = Response.UNKNOWN
    """How the depression responded, as somebody judged it. Null is the same as `unknown`."""
    improvement_percent: Percent | None = None
    """Improvement on a scale in percent of the baseline; negative when worse; null when unknown."""
    assessed_on: PartialDate | None = None
    """When the outcome was judged."""
    basis: Basis | None = None
    """What the judgement rests on."""
    early_failure_confirmed: Flag | None = False
    """True when it was stopped early because it was certain that it would not work. Null is the same as false."""
    ever_responded: Flag | None = None
    """Whether there was a response at any time of the trial; null when unknown."""

    @field_validator("response")
    @classmethod
    def _name_the_unknown(cls, response: Response | None) -> Response:
        return response or Response.UNKNOWN

    @field_validator("early_failure_confirmed")
    @classmethod
    def _unsaid_is_unconfirmed(cls, confirmed: bool | None) -> bool:  # noqa: FBT001 - a pydantic validator's value
        return bool(confirmed)


class SourceEntry(Shape):
    """Where the record of the trial comes from."""

    kind: SourceKind
    """The kind of source."""
    reference: Name | None = None
    """Where to find it there, such as `MedicationRequest/123`."""


class MedicationPublic(Answer):
    """The medicine: as it was entered, and as the formulary knows it."""

    ingredient: Slug
    """The active ingredient's slug in the formulary; salts, brands and release forms share it."""
    name: str
    """The generic name."""
    text: str | None
    """The name as it was entered."""
    system: str | None
    """The code system as it was entered."""
    code: str | None
    """The code as it was entered."""
    atc: Atc | None
    """The ATC code of the ingredient."""
    rxnorm: RxNorm | None
    """The RxNorm code of the ingredient."""
    class_: str | None = Field(alias="class")
    """The class of the medicine."""
    role: str | None
    """What the medicine is in the treatment of depression, by the formulary."""


class DosePublic(Answer):
    """One daily dose, and from when on it was taken."""

    daily_dose_mg: Number | None
    """mg of the active ingredient a day; null when not known."""
    since: SaidDay | None = Field(alias="from")
    """The first day of this dose; null when not known."""


class AdherencePublic(Answer):
    """How regularly the medicine was taken."""

    adequate: bool | None
    """Whether it was taken regularly enough to judge it; null when unknown."""
    taken_fraction: Number | None
    """The share of the doses that was taken; null when unknown."""


class OutcomePublic(Answer):
    """What came of the trial, as stated."""

    response: Response
    """How the depression responded, as somebody judged it."""
    improvement_percent: Number | None
    """Improvement on a scale in percent of the baseline; null when unknown."""
    assessed_on: SaidDay | None
    """When the outcome was judged."""
    basis: Basis | None
    """What the judgement rests on."""
    early_failure_confirmed: bool
    """True when it was stopped early because it was certain that it would not work."""
    ever_responded: bool | None
    """Whether there was a response at any time of the trial; null when unknown."""


class SourcePublic(Answer):
    """Where the record of the trial comes from."""

    kind: SourceKind
    """The kind of source."""
    reference: str | None
    """Where to find it there."""
