"""What the record asks for on suicidal thoughts, whatever the answer on resistance. Zero is never reassurance."""

from collections.abc import Mapping, Sequence

from clinical.dates import iso
from clinical.rating_scales import SafetyFinding, Scale
from clinical.vocabulary import Rating, SafetyLevel

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
    """The level of the latest answered item; a later rating without the item never lowers it, and hides no zero."""
    dated = [
        (rating.on, finding)
        for rating in ratings
        if rating.on.first <= on
        and rating.instrument in scales
        and (finding := scales[rating.instrument].safety_of(rating.items)) is not None
    ]
    if not dated:
        return NOTHING_RECORDED
    answered = [each for each in dated if each[1].level is not SafetyLevel.UNKNOWN]
    newest = max(dated, key=lambda each: (each[0].last, GRAVITY[each[1].level]))
    if not answered:
        return _dated(*newest)
    latest = max(answered, key=lambda each: (each[0].last, GRAVITY[each[1].level]))
    superseded = newest[1].level is SafetyLevel.UNKNOWN and newest[0].last > latest[0].last
    return _dated(*(newest if superseded and latest[1].level is SafetyLevel.NONE_REPORTED else latest))


def _dated(on: tuple[int, int], finding: SafetyFinding) -> SafetyFinding:
    """The finding with the day that it is from."""
    return finding._replace(sentence=f"{finding.sentence} ({iso(on[1])})")
