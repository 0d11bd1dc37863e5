"""Augmentations and combinations in the episode: which are recorded, which a record leaves open, and of which trial."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.choice import members
from clinical.course import Course
from clinical.findings import Finding, Question
from clinical.medicine import MedicineRole
from clinical.staging.answer import Measured
from clinical.staging.dimension import Bounds
from clinical.staging.logic import every, some
from clinical.staging.view import View
from clinical.summary import listed
from clinical.vocabulary import FOR_SOMETHING_ELSE, Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


class Added(NamedTuple):
    """A course that was, or may have been, an augmentation in the episode, and what would settle it.

    `beside`: for each course, whether it is an antidepressant that was taken on some same day.
    """

    course: Course
    verdict: Verdict
    beside: tuple[Verdict, ...] = ()
    question: Question | None = None


def added_in(view: View) -> list[Added]:
    """Every course that was, or may have been, an augmentation in the episode."""
    found = (_as_added(course, used, view) for course, used in zip(view.frame.courses, view.used, strict=True))
    return [each for each in found if each.verdict is not NOT_MET]


def augmentations(view: View, *, combinations: bool) -> Measured:
    """How many different medicines were added to an antidepressant; with `combinations`, pairs of antidepressants too.

    What is not recorded was not used: the record lists treatments. What is recorded with an unclear role is unknown.
    """
    added = added_in(view)
    pairs = [(each.course.trial.name, each.verdict) for each in added]
    if combinations:
        pairs += [pair for place in range(len(view.trials)) for pair in combinations_of(place, view, before=place)]
    found: dict[str, list[Verdict]] = {}
    for name, verdict in pairs:
        found.setdefault(name, []).append(verdict)
    settled = {name: some(verdicts) for name, verdicts in found.items()}
    sure = [name for name, verdict in settled.items() if verdict is MET]
    perhaps = [name for name, verdict in settled.items() if verdict is UNKNOWN]
    sentence = f"Added to an antidepressant: {listed(sure)}." if sure else "None recorded."
    if not perhaps:
        return Measured(Bounds(len(sure), len(sure)), sentence)
    sentence += f" Not settled: {listed(perhaps)}."
    question = next((each.question for each in added if each.question), None)
    return Measured(Bounds(len(sure), len(sure) + len(perhaps)), sentence, question)


def augmentation_of(place: int, view: View, added: Sequence[Added]) -> Verdict:
    """Whether something was added to this trial: an augmentation, or another antidepressant as a combination."""
    trial = view.frame.courses[place].trial
    verdicts = [every((each.verdict, _added_to(each, place, trial.id))) for each in added if each.course.trial != trial]
    return some((*verdicts, *(verdict for _, verdict in combinations_of(place, view))))


def _as_added(course: Course, used: Finding | None, view: View) -> Added:
    """Whether a course was an augmentation in the episode, and what would settle it."""
    trial, verdict = course.trial, used.verdict if used else MET
    if trial.indication in FOR_SOMETHING_ELSE or verdict is NOT_MET:
        return Added(course, NOT_MET)
    agent = view.frame.library.formulary.medicines[trial.ingredient].role is MedicineRole.AUGMENTATION_AGENT
    if trial.role is not Role.AUGMENTATION and not agent:
        return Added(course, NOT_MET)
    beside = tuple([_beside(each, course, view) for each in view.frame.courses])
    if trial.role is Role.AUGMENTATION:
        question = used.question if used and verdict is UNKNOWN else None
        return Added(course, verdict, beside, question and question._replace(trial_id=trial.id))
    if some(beside) is NOT_MET:
        return Added(course, NOT_MET)
    words = f"Was {trial.name} added to strengthen an antidepressant? Give its role."
    return Added(course, UNKNOWN, beside, Question("role", words, trial.id))


def _added_to(added: Added, place: int, trial_id: str) -> Verdict:
    """Whether an augmentation was of this trial: as it names it, else of the only antidepressant taken meanwhile."""
    named, here = added.course.trial.augments, added.beside[place]
    if named is not None:
        return MET if named == trial_id else NOT_MET
    alone = len(added.beside) - added.beside.count(NOT_MET) == 1
    return here if here is NOT_MET or alone else UNKNOWN


def _beside(course: Course, added: Course, view: View) -> Verdict:
    """Whether a course is an antidepressant that was taken on some same day as what was added."""
    if course is added or not _is_antidepressant(course, view):
        return NOT_MET
    return _together(course, added)


def _is_antidepressant(course: Course, view: View) -> bool:
    """Whether it was given as an antidepressant, or may have been."""
    antidepressant = view.frame.library.formulary.medicines[course.trial.ingredient].antidepressant
    return course.trial.role is not Role.AUGMENTATION and antidepressant is not NOT_MET


def _together(one: Course, other: Course) -> Verdict:
    """Whether both were taken on some same day."""
    first = max(one.start.first if one.start else 0, other.start.first if other.start else 0)
    if first > min(one.end.last, other.end.last):
        return NOT_MET
    if one.start is None or other.start is None:
        return UNKNOWN
    return MET if max(one.start.last, other.start.last) <= min(one.end.first, other.end.first) else UNKNOWN


def combinations_of(place: int, view: View, before: int | None = None) -> list[tuple[str, Verdict]]:
    """The pairs of one antidepressant with others (or with those before it) taken together longer than a cross-taper.

    Names and verdicts; what surely was none is left out.
    """
    courses, ties = view.frame.courses, view.ties
    course, found = courses[place], list[tuple[str, Verdict]]()
    if not _is_antidepressant(course, view):
        return found
    for index in members(ties.perhaps[place] if before is None else ties.perhaps[place] & (1 << before) - 1):
        other = courses[index]
        if other.trial.ingredient == course.trial.ingredient or not _is_antidepressant(other, view):
            continue
        tied = MET if ties.surely[place] >> index & 1 else UNKNOWN
        used = [each.verdict for each in (view.used[place], view.used[index]) if each]
        names = " with ".join(sorted((course.trial.name, other.trial.name)))
        found.append((names, every((tied, *used))))
    return [each for each in found if each[1] is not NOT_MET]
