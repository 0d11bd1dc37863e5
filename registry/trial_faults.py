"""What contradicts itself or the calendar in a medication trial, as faults with their places."""

from itertools import pairwise

from clinical.published_doses import TIMES_THE_HIGHEST, highest_published
from clinical.vocabulary import Role
from models.medication_trial import MedicationTrialCreate
from models.trial_parts import DoseEntry
from registry.course_faults import STILL_TAKEN, Course, course_faults, outcome_faults, reason_faults, span
from registry.desk import Desk
from registry.errors import Fault

BOTH_WAYS = "Send `doses` or the shorthand `daily_dose_mg`, not both."
FIRST_ONLY = "Only the first step may leave `from` null. Send the first day of this dose."
TWICE = "Two steps begin on the same day. Keep the one that was taken."
UNORDERED = "This step begins before the one above it. List the steps in the order in which they were taken."
BEFORE_START = "This dose begins before the trial does. Correct `from` or `started`."
AFTER_END = "This dose begins after the trial has ended. Correct `from` or `ended`."


def trial_faults(entry: MedicationTrialCreate, desk: Desk) -> list[Fault]:
    """All faults of a trial, each with the place and what to send instead."""
    course = Course(span(entry.started), span(entry.ended))
    return [*course_faults(course, desk), *_doses(entry, course), *_role(entry), *_outcome(entry, course, desk)]


def _doses(entry: MedicationTrialCreate, course: Course) -> list[Fault]:
    if entry.doses and entry.daily_dose_mg is not None:
        return [Fault("/daily_dose_mg", BOTH_WAYS)]
    steps = entry.doses or []
    faults = [fault for number, step in enumerate(steps) for fault in _step(number, step, course)]
    for number, (above, step) in enumerate(pairwise(steps), start=1):
        faults.extend(_order(number, above, step))
    return faults


def _step(number: int, step: DoseEntry, course: Course) -> list[Fault]:
    place = f"/doses/{number}/from"
    since = span(step.since)
    if since is None:
        return [Fault(place, FIRST_ONLY)] if number else []
    if course.started and since.last < course.started.first:
        return [Fault(place, BEFORE_START)]
    if course.ended and since.first > course.ended.last:
        return [Fault(place, AFTER_END)]
    return []


def _order(number: int, above: DoseEntry, step: DoseEntry) -> list[Fault]:
    earlier, since = span(above.since), span(step.since)
    if earlier is None or since is None:
        return []
    if above.since == step.since and since.exact:
        return [Fault(f"/doses/{number}/from", TWICE)]
    return [Fault(f"/doses/{number}/from", UNORDERED)] if since.last < earlier.first else []


def _role(entry: MedicationTrialCreate) -> list[Fault]:
    if entry.augments is None:
        return []
    if entry.role is Role.MONOTHERAPY:
        return [Fault("/augments", "A monotherapy augments nothing. Send `role` augmentation or combination.")]
    if entry.augments == entry.id:
        return [Fault("/augments", "A trial cannot augment itself. Name the trial that was continued.")]
    return []


def _outcome(entry: MedicationTrialCreate, course: Course, desk: Desk) -> list[Fault]:
    stopped = reason_faults(entry.ended, entry.stop_reason, STILL_TAKEN)
    return [*stopped, *outcome_faults(entry.outcome, course, desk)]


def absurd_doses(ingredient: str, entry: MedicationTrialCreate) -> list[Fault]:
    """Doses far above any published one: a slip of unit or decimal point rather than a dose."""
    highest = highest_published(ingredient)
    if highest is None:
        return []
    doses = [("/daily_dose_mg", entry.daily_dose_mg)]
    doses += [(f"/doses/{place}/daily_dose_mg", step.daily_dose_mg) for place, step in enumerate(entry.doses or ())]
    message = f"More than {TIMES_THE_HIGHEST} times the highest published daily dose of {ingredient} ({highest:g} mg). "
    message += "Give mg of the active ingredient a day; mind the unit and the decimal point."
    return [Fault(pointer, message) for pointer, dose in doses if dose and dose > TIMES_THE_HIGHEST * highest]
