"""One rating as it was read: of which scale, when, its total and its items."""

from typing import NamedTuple

from clinical.library import scales
from clinical.rating_scales import Items, Scale
from intake.days import Day
from intake.given import Given
from intake.made import Source


class Rating(NamedTuple):
    """A total, items, or both, with their sources. `moment` is the date as it was written, with its time."""

    given: Given
    scale: Scale
    day: Day
    moment: str
    total: int | None
    items: Items | None
    sources: dict[str, list[Source]]


TOTALS = {scale.loinc_total: scale for scale in scales().values() if scale.loinc_total}
ITEMS = {code: (scale, at) for scale in scales().values() for at, code in enumerate(scale.loinc_items)}
PANELS = {"44249-1": "phq9"}
"""LOINC codes of panels whose members and components are the items; the panel itself has no value."""


def fits(scale: Scale, items: Items, total: int | None) -> bool:
    """Whether the answers allow the total."""
    low, high = scale.possible_totals(items)
    return total is None or low <= total <= high
