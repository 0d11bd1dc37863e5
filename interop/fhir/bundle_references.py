"""References within a transaction: to its other entries, and by a condition (https://hl7.org/fhir/R4/http.html#trules).

`Patient?identifier=system|value` stands for the one resource that is found by it, also if the transaction made it.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from interop.fhir import searching
from interop.fhir.calls import Call
from registry.errors import Fault, InvalidRequest
from registry.fhir_shelf import TYPES

CONDITIONAL = re.compile(rf"({'|'.join(TYPES)})\?(.+)", re.DOTALL)
MOST = 100
NOT_ONE = "A reference by a condition stands for exactly one resource; of this {}, {} found. Refer to it by its id."
"""Without the condition, which may name somebody."""
TOO_MANY = f"A transaction may refer by at most {MOST} conditions. Refer by `fullUrl`, or send several."


async def look_up(call: Call, known: dict[str, str]) -> None:
    """Find what the references in the body stand for, each once in a transaction; what is found is added to `known`.

    References to types that are not held here stay as they are.

    Raises:
        InvalidRequest: nothing is found, or more than one, or the condition names no patient; or there are too many.
    """
    listed = {match[0]: match for match in _conditional_in(call.body) if match[0] not in known}
    if sum(map(bool, map(CONDITIONAL.fullmatch, known))) + len(listed) > MOST:
        raise InvalidRequest(TOO_MANY)
    for reference, match in listed.items():
        kind, pairs = match[1], parse_qsl(match[2], keep_blank_values=True)
        found = await searching.found_by(call._replace(kind=kind, id="", pairs=pairs))
        if len(found) != 1:
            message = NOT_ONE.format(kind, "several were" if found else "none was")
            raise InvalidRequest(message, (Fault("", message),))
        known[reference] = f"{kind}/{found[0].id}"


def _conditional_in(value: Any) -> Iterator[re.Match[str]]:  # noqa: ANN401 - any JSON
    """Every reference by a condition within a value."""
    if isinstance(value, dict):
        said = value.get("reference")
        if isinstance(said, str) and (match := CONDITIONAL.fullmatch(said)):
            yield match
        for inner in value.values():
            yield from _conditional_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _conditional_in(inner)


def resolved(value: Any, known: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """The value with every reference to another entry in its place; nested as deeply as a body may be, and no more."""
    if isinstance(value, dict):
        return {name: _resolved_at(name, inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(each, known) for each in value]
    return value


def _resolved_at(name: str, inner: Any, known: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    if name == "reference" and isinstance(inner, str):
        return known.get(inner, inner)
    return resolved(inner, known)
