"""The courses that are counted, in order of time: trials, and other treatments that a definition counts as a step."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.care import Modality
from clinical.course import EARLIEST_DAY, Course, course_on
from clinical.dates import Span
from clinical.episodes import CurrentEpisode
from clinical.findings import Frame, Question
from clinical.history import History, Treatment, Trial
from clinical.prescription_rule import Prescriptions, Shifts
from clinical.prescription_trial import Own, had_begun, verdict_of
from clinical.vocabulary import Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
RANK = {MET: 0, UNKNOWN: 1, NOT_MET: 2}


class Taken(NamedTuple):
    """One course as it is counted. `place` is its place among the trials; None for what is no medicine.

    `fit`: whether it counts in its own right; `adequate`: whether another may follow it; `timely`: whether it was begun
    where a shift counts; `begun`: whether it had begun by the day; `added`: it was added, and can only be the last;
    `alongside`: it may be given beside the one before it for any time.
    """

    course: Course
    place: int | None
    start: Span
    fit: Verdict
    begun: Verdict
    adequate: Verdict = MET
    timely: Verdict = MET
    added: bool = False
    alongside: bool = False

    @property
    def key(self) -> str:
        """What makes it different from another."""
        return self.course.trial.ingredient

    @property
    def name(self) -> str:
        """What it is called."""
        return self.course.trial.name


def all_taken(history: History, frame: Frame, rule: Prescriptions, owns: Sequence[Own]) -> list[Taken]:
    """Every course that had begun or may have, in order of time, whatever order they were recorded in."""
    taken = [_medicine(place, course, frame, rule, own) for place, (course, own) in enumerate(_pairs(frame, owns))]
    counted = rule.succession.treatments if rule.succession else ()
    named = {agent for shortcut in rule.shortcuts for agent in shortcut.agents}
    for treatment in history.treatments:
        if treatment.modality in counted or treatment.modality.value in named:
            course = course_on(_as_trial(treatment), frame.on)
            if course is not None:
                taken.append(_treatment(course, frame, rule, counts=treatment.modality in counted))
    return sorted(taken, key=_in_time)


def _pairs(frame: Frame, owns: Sequence[Own]) -> list[tuple[Course, Own]]:
    return list(zip(frame.courses, owns, strict=True))


def _in_time(taken: Taken) -> tuple[Span, Span, str, int, int, bool, str]:
    """By time, then by what is known, so that the order of records does not tell twins apart."""
    end, trial = taken.course.end, taken.course.trial
    return taken.start, end, taken.key, RANK[taken.fit], RANK[taken.adequate], taken.added, trial.id


def _medicine(place: int, course: Course, frame: Frame, rule: Prescriptions, own: Own) -> Taken:
    follows = rule.succession
    last_may_be_any = follows is not None and follows.last_may_be_any
    added = follows is not None and follows.augmentation_may_be_last and course.trial.role is Role.AUGMENTATION
    start = _start_of(course)
    return Taken(
        course,
        place,
        start,
        fit=verdict_of(own.basic if last_may_be_any else (*own.basic, *own.adequacy)),
        begun=MET if had_begun(course, frame) is None else UNKNOWN,
        adequate=NOT_MET if added else verdict_of(own.adequacy) if last_may_be_any else MET,
        timely=begun_early(start, frame.episode, rule.shifts),
        added=added,
        alongside=added,
    )


def _treatment(course: Course, frame: Frame, rule: Prescriptions, *, counts: bool) -> Taken:
    start, begun = _start_of(course), MET if had_begun(course, frame) is None else UNKNOWN
    return Taken(
        course,
        None,
        start,
        fit=begun if counts else NOT_MET,
        begun=begun,
        timely=begun_early(start, frame.episode, rule.shifts),
        alongside=True,
    )


def _start_of(course: Course) -> Span:
    return course.start or Span(EARLIEST_DAY, course.end.last)


def _as_trial(treatment: Treatment) -> Trial:
    """A treatment in the shape of a trial, so that its dates are read in the same way."""
    key, name = treatment.modality.value, name_of(treatment.modality)
    return Trial(treatment.id, key, name, treatment.started, treatment.ended, treatment.running)


def name_of(modality: Modality) -> str:
    """What a treatment is called in a sentence."""
    return modality.meaning.rstrip(".").split(",")[0].lower()


def begun_early(start: Span, episode: CurrentEpisode, rule: Shifts | None) -> Verdict:
    """Whether it was begun within so many days of the onset of the current episode; met where that is not asked."""
    if rule is None:
        return MET
    onset = episode.onset
    if episode.exists is NOT_MET:
        return NOT_MET
    if episode.exists is UNKNOWN or onset is None:
        return UNKNOWN
    if start.last < onset.first or start.first > onset.last + rule.within_days:
        return NOT_MET
    surely = start.first >= onset.last and start.last <= onset.first + rule.within_days
    return MET if surely else UNKNOWN


def question_on(taken: Taken, field: str) -> Question:
    """Which day is asked for: `started` or `ended` of a medicine or of another treatment."""
    name, trial_id = taken.name, taken.course.trial.id
    if taken.place is None:
        did = f"was {name} begun" if field == "started" else f"did {name} end"
        return Question(f"treatments.{field}", f"On which day {did}?", trial_id)
    did = "started" if field == "started" else "last taken"
    return Question(field, f"On which day was {name} {did}?", trial_id)


def vague_date(one: Taken, other: Taken) -> Question | None:
    """The date that would tell how the second stands to the first; None where all of them are known to the day."""
    if not one.course.end.exact:
        return question_on(one, "ended")
    vague = next((each for each in (other, one) if not each.start.exact), None)
    return question_on(vague, "started") if vague else None
