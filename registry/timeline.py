"""The timeline of a history as of a day: what is drawn, and the same in words. Nothing of a later day is in it."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from clinical.answer import Assessment
from clinical.assess import assess, frame_of
from clinical.definition import Definition
from clinical.findings import Frame
from clinical.history import History
from clinical.library import library
from clinical.safety import safety_on
from registry.answers import Asker, Said, brief
from registry.desk import Desk
from registry.status import Moment, known_then
from registry.timeline_parts import courses, episodes, factors, medication, ratings, symptoms
from registry.timeline_words import description


class Judged(NamedTuple):
    """A history and what a definition says of it on a day; `frame` has the courses that it judged, in their order."""

    history: History
    assessment: Assessment
    frame: Frame


def judged(definition: Definition, history: History, on: int) -> Judged:
    """The history judged on the day."""
    frame = frame_of(definition, history, on, library())
    return Judged(history, assess(definition, history, on, library()), frame)


async def timeline(desk: Desk, patient_id: UUID, definition: str, moment: Moment) -> Said:
    """The timeline of a patient. One round trip.

    Raises:
        InvalidRequest: no such definition.
        NotFound, Gone: as in `registry.records.read`.
    """
    rule, history, on, known_at = await known_then(desk, patient_id, definition, moment)
    asker = Asker(patient_id, known_at, safety_on(history, library().scales, on))
    return timeline_of(judged(rule, history, on), asker)


def timeline_of(known: Judged, asker: Asker) -> Said:
    """The timeline, as in `models.timeline.Timeline`."""
    history, assessment, frame = known
    trials = zip(frame.courses, assessment.trials, strict=True)
    said: Said = {
        "patient_id": asker.patient_id,
        "on": date.fromordinal(frame.on),
        "known_at": asker.known_at,
        "safety": asker.safety._asdict(),
        **brief(assessment),
        "episodes": episodes(history.episodes, frame.on),
        "medications": [medication(course, trial, frame.definition, frame.on) for course, trial in trials],
        "treatments": courses(history.treatments, frame.on),
        "ratings": ratings(frame),
        "symptoms": symptoms(history.observations, frame.on),
        "factors": factors(history.factors, frame.on),
    }
    return {**said, "description": description(said)}
