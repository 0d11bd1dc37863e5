"""The card on what is being ordered and was not checked: silence would be taken for a check that found nothing."""

from collections.abc import Iterator

from interop.cds_hooks.cards import DISCLAIMER, Point, Source, joined, listed
from interop.cds_hooks.drafts import MOST_DRAFTS, MOST_READ, Drafts

NOT_ALL_CHECKED = "orders_not_checked"
SUMMARY = "Not everything that is being ordered was checked."
OTHERS = "Drafts that name another patient than the one of the call: {}. This history says nothing of them."
TOO_MANY = (
    "Drafts beyond what one call is checked for: {} (at most {} medicines of {} drafts). Ask again with fewer, or "
    "name those that matter in `selections`."
)
DANGLING = (
    "Selections that name none of the drafts that were sent, or more than one: {}. Select by `MedicationRequest/` and "
    "the id that the draft has in `draftOrders`."
)


def unchecked_points(drafts: Drafts) -> Iterator[Point]:
    """One card, or none: how many orders were not checked, and why."""
    said = [
        OTHERS.format(len(drafts.others)) if drafts.others else "",
        TOO_MANY.format(len(drafts.uncounted), MOST_DRAFTS, MOST_READ) if drafts.uncounted else "",
        DANGLING.format(len(drafts.dangling)) if drafts.dangling else "",
    ]
    if any(said):
        facts = [[each.resource for each in (*drafts.others, *drafts.uncounted)], drafts.dangling]
        detail = joined(listed(filter(None, said)), DISCLAIMER)
        yield Point(NOT_ALL_CHECKED, facts, SUMMARY, detail, "info", Source("Trialbook"))
