"""What a definition asks that reads prescriptions alone: which medicines, in what time, in what order.

A gap is counted from the last day of one course to the first day of the next: 0 is the same day, 1 the day after. Days
of overlap are those on which both were taken: 1 is the same day.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from clinical.background import ContributingFactor
from clinical.care import Modality
from clinical.sections import Count, Criterion, Days, Flag, Slug, Slugs, Text


class Window(Criterion):
    """The time in which a medicine counts."""

    days: Days
    """A medicine counts when it was last taken no more than so many days before."""
    before: Literal["the_day", "the_last_start"]
    """Before the day asked; or before the start of the last medicine, counted anew on each day one was begun."""


class Succession(Criterion):
    """The medicines must follow one another."""

    overlap_at_most_days: Annotated[int, Field(strict=True, ge=0, le=365)]
    """For how many days two that follow one another may be taken together."""
    gap_at_most_days: Days | None = None
    """How many days there may be from the last day of one to the first day of the next."""
    last_may_be_any: Flag = False
    """The dose and the duration that the definition asks are not asked of the last."""
    augmentation_may_be_last: Flag = False
    """What was recorded as added to an antidepressant counts as the last step."""
    treatments: Annotated[tuple[Modality, ...], Field(max_length=len(Modality))] = ()
    """Other treatments that count as a step, beside a medicine that goes on too."""


class Shifts(Criterion):
    """Each medicine but the first must have been begun early in the current episode."""

    within_days: Days
    """At most so many days after the onset of the episode."""


class Shortcut(Criterion):
    """Medicines after which fewer antidepressants are enough."""

    agents: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=200)]
    """The medicines, as the formulary names them."""
    called: Text
    """What they are called together, as said in a sentence."""
    antidepressants: Count
    """How many different antidepressants are asked besides."""
    same_day: Flag = False
    """An antidepressant begun on the same day is early enough."""


class Diagnosis(Criterion):
    """Depression must have been diagnosed, read as an episode recorded."""

    within_days: Days
    """In so many days before the start of the last medicine, that day included."""


class Disorders(Criterion):
    """Patients whom the definition does not speak of."""

    one_of: Annotated[tuple[ContributingFactor, ...], Field(min_length=1, max_length=len(ContributingFactor))]
    """Those with one of these, confirmed as a contributing factor."""
    psychotic_episodes: Flag = False
    """Those with psychotic features in any episode."""


class Borderline(Criterion):
    """A length on which the source contradicts itself."""

    at_days: Days
    """A course of exactly so many days."""
    note: Text
    """What is said of it."""


class Prescriptions(Criterion):
    """Medicines are counted; whether they worked is not looked at."""

    antidepressants: Slugs = ()
    """The source's own list, as the formulary names them; without one the formulary says what an antidepressant is."""
    window: Window | None = None
    """They count within a time, in any order."""
    succession: Succession | None = None
    """They count as they follow one another."""
    shifts: Shifts | None = None
    """How early each but the first must have been begun."""
    shortcuts: Annotated[tuple[Shortcut, ...], Field(max_length=20)] = ()
    """Other ways to meet the definition."""
    diagnosis: Diagnosis | None = None
    """The diagnosis that must be recorded."""
    disorders: Disorders | None = None
    """Whom the definition leaves out."""
    borderline: Borderline | None = None
    """A length that the source decides in two ways."""

    @model_validator(mode="after")
    def _one_way_of_counting(self) -> Self:
        if (self.window is None) == (self.succession is None):
            raise ValueError("give either window or succession")
        if self.window is None and (self.shortcuts or self.diagnosis):
            raise ValueError("shortcuts and diagnosis need a window")
        if self.diagnosis and self.window and self.window.before == "the_day":
            raise ValueError('diagnosis needs a window before = "the_last_start"')
        if self.succession is None and self.shifts:
            raise ValueError("shifts need a succession")
        return self

    def named_medicines(self) -> tuple[tuple[str, str], ...]:
        """Each key that names a medicine of the formulary, and the name."""
        listed = [("prescriptions.antidepressants", each) for each in self.antidepressants]
        agents = [("prescriptions.shortcuts.agents", each) for rule in self.shortcuts for each in rule.agents]
        return (*listed, *agents)
