"""Methods of stages: the last stage whose every demand is met, on the least and on the most that the record allows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from clinical.choice import largest_choice
from clinical.course import Course
from clinical.credit import standing, ties_between
from clinical.dates import Span
from clinical.required import NO_CLASS
from clinical.staging.answer import Applies, Measured, Scored, Staged, scored
from clinical.staging.augmentations import augmentations
from clinical.staging.dimension import Bounds
from clinical.staging.failures import failed_medications, open_question
from clinical.staging.method import Classes, StagingMethod
from clinical.staging.others import failed_ect
from clinical.staging.rungs import Failures, Reached, last_reached
from clinical.staging.view import View
from clinical.summary import listed
from clinical.vocabulary import Counts, Verdict

OURS = "Classes are those of this service's formulary."
DIFFERENT = "Different classes"


class Looked(NamedTuple):
    """All that the stages of a method ask about, measured."""

    medications: Measured
    classes: Measured
    tricyclic: Measured
    maoi: Measured
    ect: Measured
    days: Measured
    augmentation: Measured


def in_stages(view: View, applies: Applies) -> tuple[Staged, Sequence[Scored]]:
    """The answer of a method of stages, without what is missing, and what it asks about."""
    method, failures = view.method, _failures(view)
    looked = _looked(view, failures)
    found = tuple(_dimensions(method, looked))
    staged = Staged(method, view.frame.on, applies.verdict, applies.sentence, found, (), ())
    if applies.verdict is Verdict.NOT_MET:
        return staged, found
    least, most = (last_reached(method.stages, _reached(failures, looked, place)) for place in (0, 1))
    known = least == most and applies.verdict is Verdict.MET
    return staged._replace(
        sentence=_sentence(method, (least, most), applies),
        stage=method.stages[least].stage if known else None,
        stage_bounds=(method.stages[least].stage, method.stages[most].stage),
        band=method.stages[least].label if least == most else None,
        alternative_reading=_alternative(method, failures, looked, (least, most)) if known else None,
        notes=tuple(_notes(method, least, looked)),
    ), found


def _failures(view: View) -> tuple[Failures, Failures]:
    """The trials that surely failed with all that may tie them, and those that may have with what surely ties them."""
    medicines, classes = view.frame.library.formulary.medicines, view.method.classes
    groups = [medicines[course.trial.ingredient].group for course in view.frame.courses]
    told_apart = [None if group in NO_CLASS else group for group in groups]
    ties = ties_between([whole.course for whole in view.frame.wholes], told_apart)
    tricyclic, maoi = _of_group(groups, classes, "tricyclic"), _of_group(groups, classes, "maoi")
    yes, not_no = standing([each.counts for each in view.trials])
    return Failures(yes, ties.perhaps, tricyclic, maoi), Failures(not_no, ties.surely, tricyclic, maoi)


def _of_group(groups: Sequence[str], classes: Classes | None, kind: str) -> int:
    """The trials of a medicine that the method calls tricyclic or MAOI."""
    named = getattr(classes, kind, ())
    return sum(1 << place for place, group in enumerate(groups) if group in named)


def _looked(view: View, failures: tuple[Failures, Failures]) -> Looked:
    classes = Bounds(*(largest_choice(each.mask, each.ties).bit_count() for each in failures))
    return Looked(
        failed_medications(view),
        Measured(classes, _class_sentence(view), None if classes.known else open_question(view)),
        _any(view, failures, "tricyclic", "A tricyclic"),
        _any(view, failures, "maoi", "An MAOI"),
        failed_ect(view, bilateral=True),
        _days(view),
        augmentations(view, combinations=False),
    )


def _class_sentence(view: View) -> str:
    """Which classes failed, with the medicines."""
    medicines, found = view.frame.library.formulary.medicines, dict[str, list[str]]()
    for trial in view.trials:
        if trial.counts is Counts.YES:
            names = found.setdefault(medicines[trial.ingredient].group, [])
            names.extend([] if trial.medication in names else [trial.medication])
    said = listed([f"{group} ({', '.join(names)})" for group, names in found.items()])
    perhaps = list(dict.fromkeys(each.medication for each in view.trials if each.counts is Counts.UNKNOWN))
    sentence = f"{DIFFERENT} that failed: {said}." if found else "No class has surely failed."
    return f"{sentence}{f' Not settled: {listed(perhaps)}.' if perhaps else ''} {OURS}"


def _any(view: View, failures: tuple[Failures, Failures], kind: str, words: str) -> Measured:
    """Whether a medicine of the kind failed: 0 or 1."""
    least, most = (int(bool(each.mask & getattr(each, kind))) for each in failures)
    said = "has failed" if least else "may have failed" if most else "has not failed an adequate trial"
    return Measured(Bounds(least, most), f"{words} {said}.", None if least == most else open_question(view))


def _days(view: View) -> Measured:
    """Days of the episode on failed adequate trials; days on two at once count once."""
    onset, courses = view.frame.episode.onset, list(zip(view.frame.courses, view.trials, strict=True))
    surely = [_sure(course, onset) for course, trial in courses if trial.counts is Counts.YES]
    perhaps = [_possible(course, onset) for course, trial in courses if trial.counts is not Counts.NO]
    days = Bounds(_covered(surely), _covered(perhaps))
    said = f"{days.least:g}" if days.known else f"Between {days.least:g} and {days.most:g}"
    sentence = f"{said} days of this episode on failed adequate trials; days on two at once count once."
    return Measured(days, sentence, None if days.known else open_question(view))


def _sure(course: Course, onset: Span | None) -> tuple[int, int]:
    start = course.start.last if course.start else course.end.first
    return max(start, onset.last if onset else start), course.end.first


def _possible(course: Course, onset: Span | None) -> tuple[int, int]:
    start = course.start.first if course.start else onset.first if onset else course.end.first
    return max(start, onset.first if onset else start), course.end.last


def _covered(stretches: Sequence[tuple[int, int]]) -> int:
    """How many days lie in at least one stretch of first and last day."""
    days = reached = 0
    for first, last in sorted(stretches):
        days += max(last - max(first, reached + 1) + 1, 0)
        reached = max(reached, last)
    return days


def _reached(failures: tuple[Failures, Failures], looked: Looked, place: int) -> Reached:
    """The least (0) or the most (1) of everything."""
    amounts = (looked.medications, looked.days, looked.augmentation, looked.ect)
    return Reached(failures[place], *(each.amount[place] for each in amounts))


def _alternative(
    method: StagingMethod, failures: tuple[Failures, Failures], looked: Looked, places: tuple[int, int]
) -> str | None:
    """The stage by the more lenient reading of the source, where it is known and another one."""
    lenient = [stage.leniently for stage in method.stages]
    if lenient == [*method.stages]:
        return None
    least, most = (last_reached(lenient, _reached(failures, looked, place)) for place in (0, 1))
    return method.stages[least].stage if least == most and least != places[0] else None


def _sentence(method: StagingMethod, places: tuple[int, int], applies: Applies) -> str:
    """The stage in words, or the first and the last that are possible."""
    least, most = (method.stages[place] for place in places)
    said = f"Stage {least.stage}: {least.label}."
    if least is not most:
        said = f"Between stage {least.stage} ({least.label}) and stage {most.stage} ({most.label})."
    return said if applies.verdict is Verdict.MET else f"{applies.sentence} If the method applies: {said}"


def _notes(method: StagingMethod, place: int, looked: Looked) -> Iterator[str]:
    """Where several failed and the next stage waits only for another class."""
    following = method.stages[place + 1] if place + 1 < len(method.stages) else None
    if following is None or looked.classes.amount.most >= following.classes:
        return
    if following.failed_medications and looked.medications.amount.least >= following.failed_medications:
        yield f"Stage {following.stage} asks for different classes; all that failed are of one class."


def _dimensions(method: StagingMethod, looked: Looked) -> Iterator[Scored]:
    """What the stages of this method ask about, each with the source of the first stage that does."""
    shown = (
        ("failed_medications", "Failed antidepressants", looked.medications, "failed_medications"),
        ("classes", DIFFERENT, looked.classes, "classes"),
        ("tricyclic", "Tricyclic", looked.tricyclic, "tricyclic"),
        ("maoi", "MAOI", looked.maoi, "maoi"),
        ("bilateral_ect", "Bilateral ECT that failed", looked.ect, "bilateral_ect"),
        ("days", "Days on failed trials", looked.days, "days"),
        ("augmentation", "Augmentations used", looked.augmentation, "augmentation"),
    )
    for name, title, measured, key in shown:
        rule = next((stage for stage in method.stages if getattr(stage, key)), None)
        if rule is not None:
            yield scored(rule, name, title, measured)
