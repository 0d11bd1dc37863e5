"""The one entrance: a definition, a history and a day in, an explained assessment out. Pure: no clock, no I/O."""

from collections.abc import Iterator, Sequence

from clinical.answer import Assessment, JudgedTrial
from clinical.continued import wholes
from clinical.conventions import conventions
from clinical.course import course_on
from clinical.credit import Tally, credit, ties_between
from clinical.definition import Definition
from clinical.doubt import combinations_in, continued_in, missing_in, notes_on, reasons_for_pseudo_resistance
from clinical.episodes import CurrentEpisode, current_episode
from clinical.findings import Frame
from clinical.history import History
from clinical.judge import judge_all
from clinical.library import Library
from clinical.patient import asked_of_patient
from clinical.prescriptions import assess_prescriptions
from clinical.required import classes_told_apart, counted_as_medications
from clinical.series import by_scale, in_time
from clinical.status import Weighed, status_of
from clinical.summary import Assessed, summary_of
from clinical.vocabulary import Status

REMISSION_DAYS = conventions().remission_between_episodes.value  # where a definition does not set it itself


def assess(definition: Definition, history: History, on: int, library: Library) -> Assessment:
    """Judge a history as it stood on the day `on` (an ordinal). What happened later does not exist.

    What would change the answer is asked of it with `changes_to`; suicidal thoughts are asked apart with `safety_on`.
    """
    return _assessed(frame_of(definition, history, on, library), history)


def assess_all(definitions: Sequence[Definition], history: History, on: int, library: Library) -> Iterator[Assessment]:
    """Judge the same history by several definitions; what does not depend on one of them is worked out once."""
    shared: Frame | None = None
    for definition in definitions:
        shared = shared or frame_of(definition, history, on, library)
        episode = _episode(definition, history, on)
        yield _assessed(shared._replace(definition=definition, episode=episode), history)


def _assessed(frame: Frame, history: History) -> Assessment:
    """By what was prescribed, or by whether it failed."""
    rule = frame.definition.prescriptions
    if rule is not None:
        return assess_prescriptions(frame, history, rule)
    return _assess_outcomes(frame if frame.wholes else frame._replace(wholes=wholes(frame.courses, frame.on)), history)


def _assess_outcomes(frame: Frame, history: History) -> Assessment:
    """Judge whether the trials failed."""
    trials = judge_all(frame)
    ties = ties_between([whole.course for whole in frame.wholes], classes_told_apart(frame))
    counted = counted_as_medications(trials, frame)
    credited = credit(counted, ties)
    tally = Tally(len(credited.confirmed), len(credited.confirmed) + len(credited.possible))
    required, patient = asked_of_patient(history, frame, trials, tally)
    status = status_of(required, tally, patient)
    return _explained(Weighed(status, required, credited, counted, ties, patient), trials, frame, history)


def _explained(weighed: Weighed, trials: tuple[JudgedTrial, ...], frame: Frame, history: History) -> Assessment:
    """The status with everything that is said about it."""
    status, credited = weighed.status, weighed.credited
    missing, together = missing_in(weighed, trials), combinations_in(trials, weighed.ties)
    assessed = Assessed(status, weighed.required)
    summary = summary_of(assessed, frame.definition, credited, weighed.patient, missing)
    return Assessment(
        definition=frame.definition,
        on=frame.on,
        status=status,
        summary=f"{summary} {together[0]}" if together and status is Status.NOT_RESISTANT else summary,
        required=weighed.required,
        confirmed_names=tuple(each.trial.name for each in credited.confirmed),
        possible_names=tuple(each.trial.name for each in credited.possible),
        possible=len(credited.possible),
        trials=trials,
        patient=tuple(weighed.patient),
        missing=missing,
        pseudo_resistance_reasons=reasons_for_pseudo_resistance(frame.courses, trials),
        notes=(*continued_in(frame.wholes), *together, *notes_on(credited, frame)),
        weighed=weighed,
        frame=frame,
        history=history,
    )


def frame_of(definition: Definition, history: History, on: int, library: Library) -> Frame:
    """All that the trials are judged with; trials in order of time, whatever order they were recorded in."""
    begun = [course for trial in history.trials if (course := course_on(trial, on)) is not None]
    begun.sort(key=lambda course: (course.start or course.end, course.end, course.trial.ingredient, course.trial.id))
    episode = _episode(definition, history, on)
    ratings = tuple(sorted(history.ratings, key=in_time))
    scales = by_scale(ratings, library.scales, on)
    parts = () if definition.prescriptions else wholes(begun, on)
    return Frame(definition, library, on, episode, tuple(begun), parts, ratings, scales)


def _episode(definition: Definition, history: History, on: int) -> CurrentEpisode:
    """The current episode as the definition parts episodes."""
    rule = definition.current_episode
    return current_episode(history.episodes, on, rule.remission_days_between_episodes if rule else REMISSION_DAYS)
