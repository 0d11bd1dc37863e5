"""Augmentations and combinations in the episode: which are recorded, which a record leaves open, and of which trial."""

from clinical.course import Course
from clinical.findings import Question
from clinical.medicine import MedicineRole
from clinical.staging.answer import Measured
from clinical.staging.dimension import Bounds
from clinical.staging.logic import every, some
from clinical.staging.view import View, used_in_episode
from clinical.summary import listed
from clinical.vocabulary import Indication, Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


def augmentations(view: View, *, combinations: bool) -> Measured:
    """How many different medicines were added to an antidepressant; with `combinations`, pairs of antidepressants too.

    What is not recorded was not used: the record lists treatments. What is recorded with an unclear role is unknown.
    """
    found: dict[str, list[Verdict]] = {}
    question = None
    for course in view.frame.courses:
        verdict, asked = _is_augmentation(course, view)
        found.setdefault(course.trial.name, []).append(verdict)
        question = question or asked
    if combinations:
        for name, verdict in _combinations(view):
            found.setdefault(name, []).append(verdict)
    settled = {name: some(verdicts) for name, verdicts in found.items()}
    sure = [name for name, verdict in settled.items() if verdict is MET]
    perhaps = [name for name, verdict in settled.items() if verdict is UNKNOWN]
    sentence = f"Added to an antidepressant: {listed(sure)}." if sure else "None recorded."
    if perhaps:
        sentence += f" Not settled: {listed(perhaps)}."
    return Measured(Bounds(len(sure), len(sure) + len(perhaps)), sentence, question if perhaps else None)


def augmentation_of(place: int, view: View) -> Verdict:
    """Whether something was added to this trial: an augmentation, or another antidepressant as a combination."""
    course = view.frame.courses[place]
    added = [
        every((_is_augmentation(each, view)[0], _added_to(each, course, view)))
        for each in view.frame.courses
        if each is not course
    ]
    return some((*added, *(verdict for _, verdict in _combinations_of(place, view))))


def _is_augmentation(course: Course, view: View) -> tuple[Verdict, Question | None]:
    """Whether a course was an augmentation in the episode, and what would settle it."""
    trial = course.trial
    if trial.indication is Indication.OTHER:
        return NOT_MET, None
    episode = used_in_episode(course, view.frame)
    used = episode.verdict if episode else MET
    if trial.role is Role.AUGMENTATION:
        question = episode.question if episode and used is UNKNOWN else None
        return used, question and question._replace(trial_id=trial.id)
    agent = view.frame.library.formulary.medicines[trial.ingredient].role is MedicineRole.AUGMENTATION_AGENT
    if not agent or used is NOT_MET or some(_with_antidepressants(course, view)) is NOT_MET:
        return NOT_MET, None
    words = f"Was {trial.name} added to strengthen an antidepressant? Give its role."
    return UNKNOWN, Question("role", words, trial.id)


def _with_antidepressants(course: Course, view: View) -> list[Verdict]:
    """For each trial of an antidepressant whether both were taken on some same day."""
    return [_together(each, course) for each in view.frame.courses if _is_antidepressant(each, view)]


def _added_to(added: Course, course: Course, view: View) -> Verdict:
    """Whether an augmentation was of this trial: as it names it, else of the only antidepressant taken meanwhile."""
    if added.trial.augments is not None:
        return MET if added.trial.augments == course.trial.id else NOT_MET
    here = _together(added, course)
    others = [
        _together(added, each)
        for each in view.frame.courses
        if each is not course and each is not added and _is_antidepressant(each, view)
    ]
    return here if here is NOT_MET or some(others) is NOT_MET else UNKNOWN


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


def _combinations(view: View) -> list[tuple[str, Verdict]]:
    """Every pair of antidepressants that were, or may have been, taken together for longer than a cross-taper."""
    return [pair for place in range(len(view.trials)) for pair in _combinations_of(place, view, before=place)]


def _combinations_of(place: int, view: View, before: int | None = None) -> list[tuple[str, Verdict]]:
    """The combinations of one trial with the others, or with those before it: their names and verdicts."""
    courses, ties = view.frame.courses, view.ties
    course, found = courses[place], []
    used = used_in_episode(course, view.frame)
    for index, other in enumerate(courses[:before]):
        if index == place or other.trial.ingredient == course.trial.ingredient:
            continue
        if not ties.perhaps[place] >> index & 1 or not (
            _is_antidepressant(course, view) and _is_antidepressant(other, view)
        ):
            continue
        beside = used_in_episode(other, view.frame)
        tied = MET if ties.surely[place] >> index & 1 else UNKNOWN
        verdicts = (tied, *(each.verdict for each in (used, beside) if each))
        names = " with ".join(sorted((course.trial.name, other.trial.name)))
        found.append((names, every(verdicts)))
    return found
