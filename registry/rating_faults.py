"""What contradicts the scale in a filled-in rating, as faults with their places."""

from clinical.dates import parse_partial_date
from clinical.library import scales
from clinical.rating_scales import Scale
from models.assessment import AssessmentCreate
from registry.desk import Desk
from registry.errors import Fault
from registry.noun import future_fault


def rating_faults(entry: AssessmentCreate, desk: Desk) -> list[Fault]:
    """All faults of a rating, each with the place and what to send instead."""
    faults = future_fault("/assessed_on", parse_partial_date(entry.assessed_on).first, desk)
    scale = scales().get(entry.instrument)
    if scale is None:
        known = tuple(scales())
        return [*faults, Fault("/instrument", f"There is no such scale. Send one of: {', '.join(known)}.", known)]
    if entry.total_score is None and entry.items is None:
        return [*faults, Fault("/total_score", "Send `total_score`, `items`, or both.")]
    return [*faults, *(_items(entry, scale) or _total(entry, scale))]


def _items(entry: AssessmentCreate, scale: Scale) -> list[Fault]:
    """The number of items, and each within its own range."""
    if entry.items is None:
        return []
    if scale.items is None:
        return [Fault("/items", f"The {scale.title} has no items here. Send `total_score` alone.")]
    count, asked = len(entry.items), len(scale.items.names)
    if count != asked:
        return [
            Fault("/items", f"The {scale.title} has {asked} items; {count} were sent. Send null for an unanswered one.")
        ]
    return [
        Fault(f"/items/{number}", f"Item {number + 1} ({name}) goes from 0 to {highest}.")
        for number, (score, name, highest) in enumerate(
            zip(entry.items, scale.items.names, scale.items.maxima, strict=True)
        )
        if score is not None and not 0 <= score <= highest
    ]


def _total(entry: AssessmentCreate, scale: Scale) -> list[Fault]:
    """The total within the range of the scale, and within what the items allow."""
    total = entry.total_score
    if total is None:
        return []
    if not scale.range.minimum <= total <= scale.range.maximum:
        ends = f"{scale.range.minimum} to {scale.range.maximum}"
        return [Fault("/total_score", f"The total of the {scale.title} goes from {ends}.")]
    if entry.items is None:
        return []
    low, high = scale.possible_totals(tuple(entry.items))
    if low <= total <= high:
        return []
    sums = f"{low}" if low == high else f"{low} to {high}"
    message = f"The items give a total of {sums}, not {total}. Correct the item or the total, or leave the total out."
    return [Fault("/total_score", message)]
