"""One history as a staging method reads it: judged trials, and other treatments as courses of the same kind."""

from collections.abc import Iterator
from typing import NamedTuple

from clinical.answer import JudgedTrial
from clinical.assess import frame_of
from clinical.care import Modality
from clinical.course import Course, course_on, longest_run
from clinical.credit import Ties, ties_between
from clinical.criteria import was_in_current_episode
from clinical.failure import failed
from clinical.findings import Finding, Frame, Question
from clinical.history import History, Treatment, Trial
from clinical.judge import judge_all
from clinical.library import Library
from clinical.staging.logic import every
from clinical.staging.method import StagingMethod
from clinical.vocabulary import Counts, Indication, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
FAILED = {Counts.YES: MET, Counts.NO: NOT_MET, Counts.UNKNOWN: UNKNOWN}


class View(NamedTuple):
    """Everything that the dimensions and stages of one method look at.

    `trials` and `used` are in the order of the courses of `frame`; `used` are the findings of `used_in_episode`.
    """

    method: StagingMethod
    history: History
    frame: Frame
    trials: tuple[JudgedTrial, ...]
    ties: Ties
    used: tuple[Finding | None, ...]

    @property
    def failures(self) -> list[Verdict]:
        """Whether each trial was an adequate one that failed."""
        return [FAILED[each.counts] for each in self.trials]


class Care(NamedTuple):
    """One treatment that is no medicine taken day by day: whether it was used in the episode, and whether it failed.

    `question` asks for what is not known of the two.
    """

    treatment: Treatment
    used: Verdict
    failed: Verdict
    question: Question | None


def view_of(method: StagingMethod, history: History, on: int, library: Library) -> View:
    """Judge every trial as the method reads it."""
    frame = frame_of(method.definition, history, on, library)
    trials = judge_all(frame)
    used = tuple([used_in_episode(course, frame) for course in frame.courses])
    return View(method, history, frame, trials, ties_between([whole.course for whole in frame.wholes]), used)


def used_in_episode(course: Course, frame: Frame) -> Finding | None:
    """The finding on the episode, unknown too where the course may have begun only after the day; None: it was."""
    episode, started = was_in_current_episode(course, frame), course.trial.started
    if episode is not None and episode.verdict is NOT_MET:
        return episode
    if started is not None and started.last > frame.on:
        words = f"On which day was {course.trial.name} started?"
        sentence = f"Whether {course.trial.name} had begun by then is not clear."
        question = Question("started", words, course.trial.id)
        return Finding(
            "current_episode",
            UNKNOWN,
            sentence,
            frame.definition.citation,
            frame.definition.evidence,
            question=question,
        )
    return episode


def care(view: View, modalities: frozenset[Modality]) -> Iterator[Care]:
    """Treatments of these modalities that had begun, in order of time, then of their ids."""
    begun = []
    for treatment in view.history.treatments:
        if treatment.modality in modalities:
            course = course_on(_as_trial(treatment), view.frame.on)
            if course is not None:
                begun.append((course.start or course.end, course.end, treatment.id, treatment, course))
    for *_, treatment, course in sorted(begun, key=lambda each: each[:3]):
        yield _care(treatment, course, view.frame)


def _care(treatment: Treatment, course: Course, frame: Frame) -> Care:
    episode, rule = used_in_episode(course, frame), frame.definition.failure
    used = episode.verdict if episode else MET
    outcome = failed(course, longest_run(course, None), frame, rule, 0) if rule else None
    verdict = every((used, outcome.verdict if outcome else UNKNOWN))
    asked = [each.question for each in (episode, outcome) if each is not None and each.verdict is UNKNOWN]
    question = next((each for each in asked if each is not None), None) if verdict is UNKNOWN else None
    return Care(treatment, used, verdict, question and question._replace(trial_id=treatment.id))


def _as_trial(treatment: Treatment) -> Trial:
    """A treatment in the words of a trial, so that dates, episodes and outcomes are read by the same rules."""
    return Trial(
        id=treatment.id,
        ingredient=treatment.modality,
        name=name_of(treatment.modality),
        started=treatment.started,
        ended=treatment.ended,
        running=treatment.running,
        indication=Indication.DEPRESSION,
        episode_id=treatment.episode_id,
        outcome=treatment.outcome,
        stop_reason=treatment.stop_reason,
    )


ABBREVIATED = frozenset({Modality.ECT, Modality.CBT, Modality.IPT, Modality.MBCT, Modality.CBASP})


def name_of(modality: Modality) -> str:
    """What people call it."""
    return modality.upper() if modality in ABBREVIATED else modality.replace("_", " ")
