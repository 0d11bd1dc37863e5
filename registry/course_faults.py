"""What contradicts itself or the calendar in the course and the outcome of any treatment, as faults with places."""

from typing import NamedTuple

from clinical.dates import Span, parse_partial_date
from clinical.vocabulary import StopReason
from models.fields import UNKNOWN
from models.trial_parts import OutcomeEntry
from registry.desk import Desk
from registry.errors import Fault
from registry.noun import future_fault

STILL_TAKEN = "A medicine that is still taken has no reason for stopping. Send `ended` (or `unknown`), or leave it out."
STILL_GIVEN = "A treatment that goes on has no reason for stopping. Send `ended` (or `unknown`), or leave it out."


class Course(NamedTuple):
    """The days among which a treatment began and ended (None is not known), and what people call it."""

    started: Span | None
    ended: Span | None
    name: str = "trial"


def span(text: str | None) -> Span | None:
    """The days that a date may mean; None for none and for `unknown`."""
    return None if text is None or text == UNKNOWN else parse_partial_date(text)


def course_faults(course: Course, desk: Desk) -> list[Fault]:
    """Days to come, and an end before the start."""
    faults = [
        *future_fault("/started", course.started and course.started.first, desk),
        *future_fault("/ended", course.ended and course.ended.first, desk),
    ]
    if course.started and course.ended and course.ended.last < course.started.first:
        faults.append(Fault("/ended", f"The {course.name} ends before it starts. Correct `started` or `ended`."))
    return faults


def outcome_faults(outcome: OutcomeEntry | None, course: Course, desk: Desk) -> list[Fault]:
    """An outcome that was judged before the start or in days to come."""
    judged = span(outcome.assessed_on) if outcome else None
    if judged is None:
        return []
    faults = future_fault("/outcome/assessed_on", judged.first, desk)
    if course.started and judged.last < course.started.first:
        message = (
            f"The outcome was judged before the {course.name} started. Correct `outcome.assessed_on` or `started`."
        )
        faults.insert(0, Fault("/outcome/assessed_on", message))
    return faults


def reason_faults(ended: str | None, reason: StopReason | None, message: str) -> list[Fault]:
    """A reason for stopping what goes on."""
    return [Fault("/stop_reason", message)] if ended is None and reason not in {None, StopReason.UNKNOWN} else []
