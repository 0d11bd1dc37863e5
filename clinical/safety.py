"""What the record asks for on suicidal thoughts, whatever the answer on resistance. Zero is never reassurance."""

from collections.abc import Mapping, Sequence

from clinical.dates import Span, said
from clinical.history import Rating
from clinical.improvement import Window, last_in
from clinical.rating_scales import SafetyFinding, SafetyItem, Scale
from clinical.series import in_time
from clinical.vocabulary import SafetyLevel

NOTHING_RECORDED = SafetyFinding(
    SafetyLevel.UNKNOWN,
    "No answer about suicidal thoughts is recorded. This is not a zero: ask.",
    "No rating scale with such an item is recorded.",
)
GRAVITY = {
    SafetyLevel.NONE_REPORTED: 0,
    SafetyLevel.UNKNOWN: 1,
    SafetyLevel.REVIEW: 2,
    SafetyLevel.URGENT: 3,
    SafetyLevel.EMERGENCY: 4,
}


def safety_on(ratings: Sequence[Rating], scales: Mapping[str, Scale], on: int) -> SafetyFinding:
    """The level of the latest answered item; a later rating without the item never lowers it, and hides no zero.

    Where it is not clear which is the latest, the gravest of those that may be is taken.
    """
    until = Span(0, on)
    item = {slug: scales[slug].safety for slug in {each.instrument for each in ratings} if slug in scales}
    asked = sorted((each for each in ratings if item.get(each.instrument)), key=in_time)
    answered = [each for each in asked if _answer(each, item[each.instrument]) is not None]
    latest = _gravest(last_in(answered, Window(until, until)), scales)
    if latest is None or latest[1].level is SafetyLevel.NONE_REPORTED:
        newest = _gravest(last_in(asked, Window(until, until)), scales)
        latest = newest or latest
    if latest is None:
        return NOTHING_RECORDED
    rating, finding = latest
    return finding._replace(sentence=f"{finding.sentence} ({said(rating.on)})")


def _answer(rating: Rating, asked: SafetyItem | None) -> int | None:
    """The answer to the item on suicidal thoughts."""
    return rating.items[asked.item - 1] if asked and rating.items else None


def _gravest(ratings: Sequence[Rating | None], scales: Mapping[str, Scale]) -> tuple[Rating, SafetyFinding] | None:
    """The gravest of the ratings that may be the latest."""
    found = [
        (each, finding)
        for each in ratings
        if each is not None and (finding := scales[each.instrument].safety_of(each.items)) is not None
    ]
    return max(found, key=lambda pair: GRAVITY[pair[1].level], default=None)
