"""Which attempts belong to which family of options."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose
from clinical.care import OptionFamily
from clinical.credit import as_one
from clinical.findings import Finding, Frame
from clinical.medicine import MedicineRole
from clinical.sections import Duration
from clinical.treatments.attempts import Attempt, capital, rules_for
from clinical.treatments.words import OptionState
from clinical.vocabulary import Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
ByFamily = Mapping[OptionFamily, Sequence[Attempt]]
Placed = Sequence[tuple[OptionFamily, Attempt]]


class Unfinished(NamedTuple):
    """What is running and has not been tried fairly yet: the family that would mend it, and why."""

    family: OptionFamily
    sentence: str
    attempt: Attempt


def by_family(attempts: Sequence[Attempt], frame: Frame) -> ByFamily:
    """The attempts of each family, in order of time. The first antidepressant of all is no switch."""
    found: defaultdict[OptionFamily, list[Attempt]] = defaultdict(list)
    antidepressants = [each for each in attempts if each.antidepressant]
    placed = (
        *_switches(antidepressants),
        *((OptionFamily.COMBINATION, each) for each in _combined(antidepressants)),
        *((OptionFamily.DOSE_OPTIMISATION, each) for each in antidepressants if _was_raised(each, frame)),
        *((OptionFamily.LONGER_TRIAL, each) for each in _longer(antidepressants, frame)),
        *(pair for attempt in attempts for pair in _by_kind(attempt, frame)),
    )
    for family, attempt in placed:
        found[family].append(attempt)
    return found


def _switches(antidepressants: Sequence[Attempt]) -> Iterator[tuple[OptionFamily, Attempt]]:
    """Each further antidepressant as a switch; what helped before also where going back to it would be one."""
    tried = _as_tried(antidepressants)
    for attempt in antidepressants:
        yield from dict.fromkeys((*tried.get(attempt.id, ()), *_way_back(attempt, antidepressants)))


def _as_tried(antidepressants: Sequence[Attempt]) -> Mapping[str, Placed]:
    """As a switch within a class that had been tried or to another; repeats go along, and the first is no switch."""
    kinds: dict[str, OptionFamily | None] = {}
    placed: dict[str, Placed] = {}
    groups: set[str] = set()
    for attempt in antidepressants:
        ingredient, group = attempt.course.trial.ingredient, attempt.group
        if ingredient not in kinds:
            another = OptionFamily.SWITCH_TO_ANOTHER_CLASS if groups else None
            kinds[ingredient] = OptionFamily.SWITCH_WITHIN_CLASS if group in groups else another
            groups.add(group)
        family = kinds[ingredient]
        placed[attempt.id] = [(family, attempt)] if family is not None else []
    return placed


def _way_back(attempt: Attempt, antidepressants: Sequence[Attempt]) -> Iterator[tuple[OptionFamily, Attempt]]:
    """Where going back to it would belong, if it helped and is not taken: seen from what is taken, else was last."""
    taken = [each for each in antidepressants if each.course.running]
    ingredient = attempt.course.trial.ingredient
    if attempt.state is not OptionState.HELPED or any(each.course.trial.ingredient == ingredient for each in taken):
        return
    same = any(each.group == attempt.group for each in taken or antidepressants[-1:])
    if same:
        yield OptionFamily.SWITCH_WITHIN_CLASS, attempt
    if not (same and taken):
        yield OptionFamily.SWITCH_TO_ANOTHER_CLASS, attempt


def _combined(antidepressants: Sequence[Attempt]) -> Iterator[Attempt]:
    """Each pair that was, or may have been, taken together beyond a cross-taper; the later of the two decides."""
    paired: set[str] = set()
    for one, other in combinations(antidepressants, 2):
        surely, perhaps = as_one(one.course, other.course)
        if one.course.trial.ingredient == other.course.trial.ingredient or not perhaps:
            continue
        paired |= {one.id, other.id}
        name = f"{one.name} with {other.name}"
        if surely:
            yield other._replace(name=name, sentence=f"Together with {one.name}: {other.sentence}")
        else:
            sentence = f"{capital(one.name)} and {other.name} may have been taken together; their dates leave it open."
            yield other._replace(name=name, state=OptionState.TRIED_OUTCOME_UNKNOWN, sentence=sentence)
    for attempt in antidepressants:
        if attempt.course.trial.role is Role.COMBINATION and attempt.id not in paired:
            yield attempt


def _was_raised(attempt: Attempt, frame: Frame) -> bool:
    """Whether the dose was raised, to more than the least adequate one where that is known."""
    doses = [step.daily_dose_mg for step in attempt.course.steps if step.daily_dose_mg is not None]
    least = _dose_of(attempt, frame).required or 0
    return any(before < after and after > least for before, after in pairwise(doses))


def _longer(antidepressants: Sequence[Attempt], frame: Frame) -> Iterator[Attempt]:
    """Those that lasted as long as a longer trial, those that may have, and those on the way to it."""
    rule = frame.library.treatments.longer
    for attempt in antidepressants:
        verdict = _duration_of(attempt, rule, frame).verdict
        settled = attempt.state in (OptionState.HELPED, OptionState.PARTLY_HELPED)
        if verdict is MET or (verdict is UNKNOWN and settled):
            yield attempt
        elif verdict is UNKNOWN:
            running = attempt.course.running
            state = OptionState.GOING_ON if running else OptionState.TRIED_OUTCOME_UNKNOWN
            yield attempt._replace(state=state)


def _by_kind(attempt: Attempt, frame: Frame) -> Iterator[tuple[OptionFamily, Attempt]]:
    """Families that follow from what was given, not from what was given before."""
    if attempt.medicine is not None:
        if attempt.medicine.role is MedicineRole.RAPID_ACTING:
            yield OptionFamily.RAPID_ACTING, attempt
        elif attempt.added:
            yield OptionFamily.AUGMENTATION, attempt
        return
    entry = frame.library.treatments.member(attempt.modality)
    if entry is not None:
        yield entry[0].slug, attempt
    if attempt.in_study and (entry is None or entry[0].slug is not OptionFamily.CLINICAL_TRIAL):
        yield OptionFamily.CLINICAL_TRIAL, attempt


def unfinished_in(attempts: Sequence[Attempt], frame: Frame) -> Iterator[Unfinished]:
    """Medicines that are taken at too low a dose, or not yet for long enough, and have not helped."""
    for attempt in attempts:
        taken = attempt.course.running and (attempt.antidepressant or attempt.added)
        if not taken or attempt.state is OptionState.HELPED:
            continue
        dose = _dose_of(attempt, frame)
        duration = _duration_of(attempt, rules_for(attempt.course, frame)[1], frame)
        if dose.verdict is NOT_MET:
            yield Unfinished(
                OptionFamily.DOSE_OPTIMISATION, f"{capital(attempt.name)} is taken now. {dose.sentence}", attempt
            )
        elif duration.verdict is UNKNOWN:
            yield Unfinished(
                OptionFamily.LONGER_TRIAL, f"{capital(attempt.name)} is taken now. {duration.sentence}", attempt
            )


def _dose_of(attempt: Attempt, frame: Frame) -> Finding:
    return dose_was_adequate(attempt.course, rules_for(attempt.course, frame)[0], frame)


def _duration_of(attempt: Attempt, rule: Duration, frame: Frame) -> Finding:
    """The days at or above the least adequate dose, by any rule of duration."""
    dose = _dose_of(attempt, frame)
    return lasted_long_enough(attempt.course, run_at_dose(attempt.course, dose, frame), dose, rule)
