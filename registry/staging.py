"""Staging: what is known of a patient by each staging method, and the methods themselves."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from clinical.dates import Span, iso
from clinical.history import ExternalScore, History
from clinical.library import library
from clinical.safety import safety_on
from clinical.sections import Criterion
from clinical.staging.answer import Scored, Staged
from clinical.staging.method import Reading, StagingMethod
from clinical.staging.stage import in_order, scored_elsewhere, stage
from registry.desk import Desk
from registry.errors import Fault, InvalidRequest, NotFound
from registry.status import Moment, history_as_known

Said = dict[str, Any]
UNKNOWN_METHOD = "The staging method is not known; `errors` has the nearest names."
SAME = ("version", "title", "citation", "evidence", "digest", "experimental")


async def staging(desk: Desk, patient_id: UUID, method: str | None, moment: Moment) -> Said:
    """What every method, or the one asked for, says of a patient. One round trip.

    Raises:
        InvalidRequest: no such method.
        NotFound, Gone: as in `registry.records.read`.
    """
    methods = in_order(library()) if method is None else (method_called(method, "#query/method"),)
    history, known_at = await history_as_known(desk, patient_id, moment.known_at)
    day = moment.on or desk.today
    on = day.toordinal()
    return {
        "patient_id": patient_id,
        "on": day,
        "known_at": known_at,
        "staging": staged_by(methods, history, on),
        "externally_scored": [elsewhere(each) for each in scored_elsewhere(history, on)],
        "safety": safety_on(history, library().scales, on)._asdict(),
    }


def method_called(slug: str, pointer: str) -> StagingMethod:
    """The method of that name.

    Raises:
        InvalidRequest: there is none; `errors` has the nearest names.
    """
    found = library().staging.get(slug)
    if found is None:
        known = list(library().staging)
        near = tuple(get_close_matches(slug, known, 3, 0.4)) or tuple(known)
        message = f"No staging method is called so. Nearest: {', '.join(near)}. GET /v1/staging-methods lists all."
        raise InvalidRequest(UNKNOWN_METHOD, (Fault(pointer, message, near),))
    return found


def staged_by(methods: Iterable[StagingMethod], history: History, on: int) -> list[Said]:
    """What these methods say of a history as of the day, as in `models.staging.StagedPublic`."""
    return [said_of(stage(method, history, on, library())) for method in methods]


def said_of(staged: Staged) -> Said:
    """One answer, as in `models.staging.StagedPublic`."""
    bounds, stages = staged.bounds, staged.stage_bounds
    return {
        "method": {"id": staged.method.slug, **{name: getattr(staged.method, name) for name in SAME}},
        "applicable": staged.applicable,
        "score": _number(staged.score),
        "stage": staged.stage,
        "band": staged.band,
        "bounds": bounds and {"least": _number(bounds.least), "most": _number(bounds.most)},
        "stage_bounds": stages and {"least": stages[0], "most": stages[1]},
        "alternative_reading": staged.alternative_reading,
        "sentence": staged.sentence,
        "dimensions": [_dimension(each) for each in staged.dimensions],
        "thresholds": [each._asdict() for each in staged.thresholds],
        "notes": list(staged.notes),
        "missing_information": [
            {
                "trial_id": each.trial_id,
                "field": each.field,
                "question": each.question,
                "could_change_answer": each.could_change,
            }
            for each in staged.missing
        ],
    }


def _number(number: float | None) -> float | None:
    """7 as 7 and not as 7.0."""
    return int(number) if number is not None and number == int(number) else number


def _dimension(scored: Scored) -> Said:
    return {
        "dimension": scored.dimension,
        "title": scored.title,
        "points": _number(scored.points),
        "least": _number(scored.bounds.least),
        "most": _number(scored.bounds.most),
        "sentence": scored.sentence,
        "source": scored.source,
        "evidence": scored.evidence,
        "question": scored.question.words if scored.question else None,
    }


def elsewhere(score: ExternalScore) -> Said:
    """A result that was scored elsewhere, as in `models.staging.ExternallyScored`."""
    scored_on = _partial(score.scored_on)
    by = f", scored by {score.rater}" if score.rater else ""
    words = score.instrument.meaning.partition(",")[0]
    return {
        "id": score.id,
        "instrument": score.instrument,
        "scored_on": scored_on,
        "score": score.score,
        "rater": score.rater,
        "sentence": f"{words}: {score.score} ({scored_on}{by}). Scored elsewhere, not computed here.",
    }


def _partial(span: Span) -> str:
    """A partial date as it was sent: a day, a month or a year."""
    first, last = date.fromordinal(span.first), date.fromordinal(span.last)
    alike = (first.year == last.year, first.month == last.month, first.day == last.day)
    return iso(span.first)[: {(True, True, True): 10, (True, True, False): 7}.get(alike, 4)]


def list_methods() -> Said:
    """All staging methods, experimental ones last."""
    return {"items": [_method(each) for each in in_order(library())], "next_cursor": None}


def read_method(slug: str) -> Said:
    """One staging method.

    Raises:
        NotFound: no method is called so.
    """
    found = library().staging.get(slug)
    if found is None:
        raise NotFound("No staging method is called so. GET /v1/staging-methods lists all.")
    return _method(found)


def _method(method: StagingMethod) -> Said:
    expected = {"name", "on", "history"}
    return {
        "id": method.slug,
        **{name: getattr(method, name) for name in (*SAME, "purpose", "quote", "limits")},
        "parameters": list(_parameters(method)),
        "worked_cases": [
            {
                **case.model_dump(include=expected),
                "expected": case.model_dump(mode="json", exclude=expected, exclude_unset=True),
            }
            for case in method.worked_cases
        ],
    }


def _parameters(method: StagingMethod) -> Iterator[Said]:
    """Every rule of a method, with its source."""
    for name in Reading.model_fields:
        yield _parameter("reading", name, getattr(method.reading, name))
    alone = (("applies_from", method.applies_from), ("bands", method.bands), ("classes", method.classes))
    for name, rule in alone:
        if rule is not None:
            yield _parameter(name, name, rule)
    lists: Sequence[tuple[str, str, Sequence[Criterion]]] = (
        ("dimension", "name", method.dimensions),
        ("threshold", "name", method.thresholds),
        ("stage", "stage", method.stages),
    )
    for kind, key, rules in lists:
        for each in rules:
            yield _parameter(kind, getattr(each, key), each)


def _parameter(kind: str, name: str, rule: Criterion) -> Said:
    hidden = {"source", "evidence", "name"} if rule.evidence_of else {"source", "evidence", "name", "evidence_of"}
    parameters = rule.model_dump(mode="json", by_alias=True, exclude=hidden, exclude_defaults=True)
    return {"kind": kind, "name": name, "parameters": parameters, "evidence": rule.evidence, "source": rule.source}
