"""What contradicts itself in a treatment plan, as faults with their places."""

from collections.abc import Iterator

from clinical.care import OptionFamily, StepState
from clinical.library import scales
from models.plan_parts import GoalEntry, StepEntry
from models.treatment_plan import TreatmentPlanCreate
from registry.errors import Fault

NO_MEDICINE = frozenset(
    {
        *(OptionFamily.PSYCHOTHERAPY, OptionFamily.ECT, OptionFamily.MAGNETIC_STIMULATION, OptionFamily.LIFESTYLE),
        *(OptionFamily.VAGUS_NERVE_STIMULATION, OptionFamily.DEEP_BRAIN_STIMULATION),
        *(OptionFamily.TRANSCRANIAL_DIRECT_CURRENT, OptionFamily.REVIEW_OF_DIAGNOSIS),
    }
)
"""Steps that never become a medication trial."""
MEDICINE_ONLY = frozenset(
    {
        *(OptionFamily.DOSE_OPTIMISATION, OptionFamily.LONGER_TRIAL, OptionFamily.SWITCH_WITHIN_CLASS),
        *(OptionFamily.SWITCH_TO_ANOTHER_CLASS, OptionFamily.REVIEW_OF_DIAGNOSIS),
    }
)
"""Steps that never become a treatment of another sort."""
NEEDS_MEASURE = "Name the rating scale in `measure`, or leave `target_score` out."
ONE_OF_TWO = "A step becomes a medication trial or a treatment, not both. Make two steps of it."
NOT_BEGUN = "A step that became a trial or a treatment has begun. Send `state` started, done or stopped."
USED_TWICE = "Another step of this plan has the same id. Leave it out and the service makes one."
TIED_TWICE = "Another step of this plan became the same {}. Name it in one step alone."
WITH_MEANING = "Say in `signed_meaning` what the signature means: author, reviewer or approver."
WITH_NAME = "A meaning goes with a signature. Send `signed_by`, or leave this out."


def plan_faults(entry: TreatmentPlanCreate) -> list[Fault]:
    """All faults of a plan, each with the place and what to send instead."""
    return [
        *(fault for place, goal in enumerate(entry.goals or ()) for fault in _goal(f"/goals/{place}", goal)),
        *(fault for place, step in enumerate(entry.steps or ()) for fault in _step(f"/steps/{place}", step)),
        *_ids(entry.steps or []),
        *_tied_twice(entry.steps or []),
        *_signature(entry),
    ]


def _goal(place: str, goal: GoalEntry) -> Iterator[Fault]:
    if goal.measure is None:
        if goal.target_score is not None:
            yield Fault(f"{place}/measure", NEEDS_MEASURE)
        return
    scale = scales().get(goal.measure)
    if scale is None:
        known = tuple(scales())
        yield Fault(f"{place}/measure", f"There is no such scale. Send one of: {', '.join(known)}.", known)
    elif goal.target_score is not None and not scale.range.minimum <= goal.target_score <= scale.range.maximum:
        ends = f"{scale.range.minimum} to {scale.range.maximum}"
        yield Fault(f"{place}/target_score", f"The total of the {scale.title} goes from {ends}.")


def _step(place: str, step: StepEntry) -> Iterator[Fault]:
    if step.trial_id is not None and step.treatment_id is not None:
        yield Fault(f"{place}/treatment_id", ONE_OF_TWO)
    if step.state is StepState.PLANNED and (step.trial_id or step.treatment_id):
        yield Fault(f"{place}/state", NOT_BEGUN)
    if step.trial_id is not None and step.family in NO_MEDICINE:
        yield Fault(f"{place}/trial_id", _becomes_no(step.family, "medication trial"))
    if step.treatment_id is not None and step.family in MEDICINE_ONLY:
        yield Fault(f"{place}/treatment_id", _becomes_no(step.family, "treatment of this sort"))


def _becomes_no(family: OptionFamily, what: str) -> str:
    return f"A step of the family {family} becomes no {what}. Leave this null, or correct `family`."


def _ids(steps: list[StepEntry]) -> Iterator[Fault]:
    ids = [step.id for step in steps]
    return (Fault(f"/steps/{place}/id", USED_TWICE) for place, each in enumerate(ids) if each and each in ids[:place])


def _tied_twice(steps: list[StepEntry]) -> Iterator[Fault]:
    """Steps that became what an earlier step of the plan became."""
    for field, name in (("trial_id", "medication trial"), ("treatment_id", "treatment")):
        tied = [getattr(step, field) for step in steps]
        for place, each in enumerate(tied):
            if each and each in tied[:place]:
                yield Fault(f"/steps/{place}/{field}", TIED_TWICE.format(name))


def _signature(entry: TreatmentPlanCreate) -> Iterator[Fault]:
    if entry.signed_by is not None and entry.signed_meaning is None:
        yield Fault("/signed_meaning", WITH_MEANING)
    if entry.signed_by is None and entry.signed_meaning is not None:
        yield Fault("/signed_by", WITH_NAME)
