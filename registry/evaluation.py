"""Judging a history that is sent and not stored: the same checks, the same rules, the same answers."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from clinical.answer import Assessment
from clinical.assess import assess_all
from clinical.history import History
from clinical.library import library
from clinical.rating_scales import SafetyFinding
from clinical.safety import safety_on
from models.base import Shape
from models.evaluation import EvaluationRequest, HistoryEntry
from registry.answers import Asker, Said, full
from registry.assessments import ASSESSMENTS
from registry.contributing_factors import CONTRIBUTING_FACTORS
from registry.desk import Desk
from registry.episodes import EPISODES
from registry.errors import Fault, InvalidRequest
from registry.external_scores import EXTERNAL_SCORES
from registry.facts import history_of
from registry.known_definitions import Own, definition_among, own_among
from registry.medication_trials import TRIALS
from registry.noun import Noun, refuse
from registry.staging import method_called, staged_by
from registry.symptoms import SYMPTOMS
from registry.treatments import TREATMENTS
from registry.work import Doing, at_once, where_done


class Part(NamedTuple):
    """One list of a history and the kind of record that it holds."""

    field: str
    noun: Noun[Any]


PARTS = (
    Part("episodes", EPISODES),
    Part("medication_trials", TRIALS),
    Part("assessments", ASSESSMENTS),
    Part("treatments", TREATMENTS),
    Part("symptoms", SYMPTOMS),
    Part("contributing_factors", CONTRIBUTING_FACTORS),
    Part("external_scores", EXTERNAL_SCORES),
)
NO_EPISODE = "No episode of this history has that id. Add it, or leave this null."
NO_TRIAL = "No trial of this history has that id. Add it, or leave this null."


async def evaluate_with_own(request: EvaluationRequest, desk: Desk, beside: Doing = at_once) -> Said:
    """As `evaluate`, by the organisation's own definitions too: one round trip if any is asked, else none.

    Much work is done by `beside`.
    """
    work = partial(evaluate, request, desk, await own_among(desk, request.definitions))
    said: Said = await where_done(_weight(request), beside)(work)
    return said


def _weight(request: EvaluationRequest) -> int:
    """How much there is to judge: by each definition and each method anew."""
    judged = len(request.history.medication_trials) + len(request.history.assessments) // 10
    return judged * (len(request.definitions) + len(request.staging))


def evaluate(request: EvaluationRequest, desk: Desk, own: Mapping[str, Own] = MappingProxyType({})) -> Said:
    """The answers of the definitions asked, in their order. Pure: nothing is read or stored.

    Raises:
        InvalidRequest: a record contradicts itself, an unknown definition or staging method.
        UnknownMedication: a medicine that the formulary does not know.
    """
    found = judged(request, desk, own)
    methods = [method_called(slug, f"/staging/{place}") for place, slug in enumerate(request.staging)]
    asker = Asker(None, None, found.safety)
    return {
        "assessments": [full(each, asker) for each in found.assessments],
        "staging": staged_by(methods, found.history, found.on),
    }


class Judged(NamedTuple):
    """A history that was sent, as facts; the day (an ordinal); each definition's assessment; what safety asks for."""

    history: History
    on: int
    assessments: tuple[Assessment, ...]
    safety: SafetyFinding


def judged(request: EvaluationRequest, desk: Desk, own: Mapping[str, Own] = MappingProxyType({})) -> Judged:
    """What `evaluate` says, before it is put into words for the JSON edge.

    Raises:
        InvalidRequest, UnknownMedication: as in `evaluate`.
    """
    rules = [definition_among(slug, f"/definitions/{place}", own) for place, slug in enumerate(request.definitions)]
    history = facts_sent(request.history, desk)
    on = (request.on or desk.today).toordinal()
    assessments = tuple(assess_all(rules, history, on, library()))
    return Judged(history, on, assessments, safety_on(history, library().scales, on))


def facts_sent(history: HistoryEntry, desk: Desk) -> History:
    """The clinical facts of a history that was sent.

    Raises:
        InvalidRequest: a record contradicts itself or the calendar, or refers to what is not there.
        UnknownMedication: a medicine that the formulary does not know.
    """
    refuse(list(_bad_references(history)))
    return history_of(rows_of(history, desk))


def rows_of(history: HistoryEntry, desk: Desk) -> Iterator[tuple[str, dict[str, Any]]]:
    """The columns that each record would be stored with."""
    for field, noun in PARTS:
        for place, entry in enumerate(getattr(history, field)):
            where = f"/history/{field}/{place}"
            yield field, {**_row(noun, entry, desk, where), "id": entry.id or where}


def _row(noun: Noun[Any], entry: Shape, desk: Desk, where: str) -> dict[str, Any]:
    """The columns of one record; faults point into the history."""
    try:
        return noun.to_row(entry, desk)
    except InvalidRequest as error:
        faults = tuple(fault._replace(pointer=where + fault.pointer) for fault in error.faults)
        raise type(error)(error.detail, faults) from error


def _bad_references(history: HistoryEntry) -> Iterator[Fault]:
    """References to records that the history does not hold, and ids that are used twice."""
    episodes = {entry.id for entry in history.episodes}
    trials = {entry.id for entry in history.medication_trials}
    for field in ("medication_trials", "treatments"):
        for place, each in enumerate(getattr(history, field)):
            if each.episode_id is not None and each.episode_id not in episodes:
                yield Fault(f"/history/{field}/{place}/episode_id", NO_EPISODE)
    for place, entry in enumerate(history.medication_trials):
        if entry.augments is not None and entry.augments not in trials:
            yield Fault(f"/history/medication_trials/{place}/augments", NO_TRIAL)
    for field, _ in PARTS:
        yield from _twice(field, (entry.id for entry in getattr(history, field)))


def _twice(field: str, ids: Iterable[UUID | None]) -> Iterator[Fault]:
    seen: set[UUID] = set()
    for place, each in enumerate(ids):
        if each is not None and each in seen:
            yield Fault(f"/history/{field}/{place}/id", "This id is used twice. Give each record its own.")
        if each is not None:
            seen.add(each)
