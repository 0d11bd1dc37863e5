"""Judging a history that was made of what a hospital sent: what cannot be used of it is left out, and said."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from models.evaluation import EvaluationRequest, HistoryEntry
from registry.desk import Desk
from registry.errors import InvalidRequest
from registry.evaluation import Judged, judged
from registry.known_definitions import Own

Lists = dict[str, list[dict[str, Any]]]
Place = tuple[str, int]
MOST = {name: field.metadata[0].max_length for name, field in HistoryEntry.model_fields.items()}
"""How many records of a kind a history has at most."""
TOO_MANY = "Only the last {} of {} records of the kind `{}` were looked at."


class JudgedSent(NamedTuple):
    """The facts as they were judged, the records that they were made from, and why others were left out."""

    judged: Judged
    entries: Lists
    left_out: tuple[str, ...]


def judged_of(sent: Mapping[str, list[dict[str, Any]]], slug: str, desk: Desk, own: Mapping[str, Own]) -> JudgedSent:
    """Judge by one definition, as `POST /v1/evaluate` does. Pure.

    Raises:
        InvalidRequest: no definition is called so.
    """
    left_out = [TOO_MANY.format(MOST[kind], len(each), kind) for kind, each in sent.items() if len(each) > MOST[kind]]
    entries = {kind: each[-MOST[kind] :] for kind, each in sent.items()}
    while True:
        try:
            request = EvaluationRequest.model_validate({"history": entries, "definitions": [slug]})
            return JudgedSent(judged(request, desk, own), entries, tuple(left_out))
        except (ValidationError, InvalidRequest) as refused:
            faults = dict(_faults_of(refused))
            if None in faults:
                raise  # it is about the question and not about a record
        left_out += faults.values()
        entries = {kind: list(_without(kind, each, faults)) for kind, each in entries.items()}


def _faults_of(refused: ValidationError | InvalidRequest) -> Iterator[tuple[Place | None, str]]:
    """Each fault with the record that it is in; None where it is in none."""
    if isinstance(refused, ValidationError):
        yield from ((_place(fault["loc"]), fault["msg"]) for fault in refused.errors(include_url=False))
    else:
        yield from ((_place(fault.pointer.split("/")[1:]), fault.message) for fault in refused.faults)


def _place(steps: Any) -> Place | None:  # noqa: ANN401 - steps of a path, as pydantic or a JSON pointer has them
    """The kind and the number of the record that a fault is in."""
    if len(steps) < len(("history", "kind", "number")) or steps[0] != "history":
        return None
    return str(steps[1]), int(steps[2])


def _without(kind: str, listed: list[dict[str, Any]], faults: Mapping[Place | None, str]) -> Iterator[dict[str, Any]]:
    return (each for number, each in enumerate(listed) if (kind, number) not in faults)
