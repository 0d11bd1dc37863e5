"""Rating scales: one TOML file each under `scales/`, read into a frozen `Scale` that scores and bands a rating."""

from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.vocabulary import Evidence, Rater, SafetyLevel, Severity

Items = tuple[int | None, ...]


class _Cited(BaseModel):
    """A group of numbers with the source they were read in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    evidence: Evidence
    source: str


class ScoreRange(_Cited):
    """The lowest and highest possible total."""

    minimum: int
    maximum: int


class ItemList(_Cited):
    """The items in order. `maximum` is one number for all, or one an item; each starts at 0.

    `domains` lists groups of item numbers (1-based) of which only the highest scores; without it every item adds.
    """

    names: tuple[str, ...]
    maximum: int | tuple[int, ...]
    domains: tuple[tuple[int, ...], ...] = ()

    @property
    def maxima(self) -> tuple[int, ...]:
        """The highest score of each item."""
        return self.maximum if isinstance(self.maximum, tuple) else (self.maximum,) * len(self.names)

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The groups of item indices (0-based) of which the highest scores."""
        numbered = self.domains or tuple((number,) for number in range(1, len(self.names) + 1))
        return tuple(tuple(number - 1 for number in group) for group in numbered)

    @model_validator(mode="after")
    def _covers_every_item(self) -> Self:
        listed = sorted(index for group in self.groups for index in group)
        if listed != list(range(len(self.names))) or len(self.maxima) != len(self.names):
            raise ValueError("every item needs one maximum and belongs to one domain")
        return self


class Band(BaseModel):
    """From this total on, the label; and the severity of depression that it is read as, if it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Annotated[int, Field(alias="from")]
    label: str
    severity: Severity | None = None


class BandList(_Cited):
    """The bands in rising order."""

    steps: Annotated[tuple[Band, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(low.start >= high.start for low, high in pairwise(self.steps)):
            raise ValueError("bands must rise")
        return self


class Remission(_Cited):
    """The highest total that is called remission."""

    at_most: int


class SafetyItem(_Cited):
    """The item (1-based) on suicidal thoughts and the level that each of its answers asks for."""

    item: int
    levels: tuple[SafetyLevel, ...]


class SafetyFinding(NamedTuple):
    """What the item on suicidal thoughts asks for, in words, and what it rests on."""

    level: SafetyLevel
    sentence: str
    basis: str


class Scale(BaseModel):
    """One rating scale."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    title: str
    rates: Literal["depression", "anxiety", "global severity", "global improvement"]
    rater: Rater
    citation: str
    loinc_total: str | None = None
    loinc_items: tuple[str, ...] = ()
    range: ScoreRange
    items: ItemList | None = None
    bands: BandList
    remission: Remission | None = None
    safety: SafetyItem | None = None

    @model_validator(mode="after")
    def _numbers_fit(self) -> Self:
        if self.items and self.possible_totals((None,) * len(self.items.names)) != (
            self.range.minimum,
            self.range.maximum,
        ):
            raise ValueError("the items do not add up to the range")
        if self.safety and (not self.items or len(self.safety.levels) != self.items.maxima[self.safety.item - 1] + 1):
            raise ValueError("safety needs one level for each answer of its item")
        if self.bands.steps[0].start != self.range.minimum or self.bands.steps[-1].start > self.range.maximum:
            raise ValueError("bands must start at the minimum and lie in the range")
        return self

    def possible_totals(self, items: Items) -> tuple[int, int]:
        """The lowest and highest total that the answered items allow; None is an item not answered."""
        if self.items is None:
            return self.range.minimum, self.range.maximum
        maxima = self.items.maxima
        low = high = 0
        for group in self.items.groups:
            low += max(items[index] or 0 for index in group)
            high += max(maxima[index] if (score := items[index]) is None else score for index in group)
        return low, high

    def total_of(self, items: Items) -> int | None:
        """The total, or None when an item that matters is missing."""
        low, high = self.possible_totals(items)
        return low if low == high else None

    def band(self, total: int) -> Band:
        """The band that a total falls in."""
        return next(band for band in reversed(self.bands.steps) if total >= band.start)

    def remitted(self, total: int) -> bool:
        """True when the total is at or below the published cut-off for remission; False where none is published."""
        return self.remission is not None and total <= self.remission.at_most

    def safety_of(self, items: Items | None) -> SafetyFinding | None:
        """What the item on suicidal thoughts asks for; None for a scale without a levelled item."""
        if self.safety is None:
            return None
        number, name = self.safety.item, self.title
        score = items[number - 1] if items else None
        if score is None:
            sentence = f"Item {number} of the {name} is not recorded. This is not a zero: ask about suicidal thoughts."
            return SafetyFinding(SafetyLevel.UNKNOWN, sentence, self.safety.source)
        level = self.safety.levels[score]
        sentence = f"Item {number} of the {name} was answered {score}. {level.meaning}"
        return SafetyFinding(level, sentence, self.safety.source)
