"""How long, how large and how many: every text, number, list and object of the OpenAPI document has its bounds.

What is sent states its bounds in the models, where they are kept; here it gets only those that follow from its format.
What is answered as it was sent has the same bounds; the models state what else is known of an answer: days, digests,
versions, names. The rest are sentences that the service composes, counts, and lists of what was recorded, which nobody
bounds but the size of a record: they get the limits of below, which are true by a wide margin, so that a client knows
what it must be ready for. An answer is made from a model, hence it has no field besides those that are named.
"""

from collections.abc import Callable, Iterator
from typing import Any

from models.fields import LARGEST, PATTERN, PATTERN_OR_UNKNOWN
from models.local_definition import SLUG

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"
LONGEST_OF_FORMAT = {"uuid": 36, "date": 10, "date-time": 40}
LONGEST_OF_PATTERN = {PATTERN: 10, PATTERN_OR_UNKNOWN: 10, f"^{SLUG}$": 60}
KEPT_AS_SENT = ("minLength", "maxLength", "maxItems", "minimum", "maximum")
LONGEST_TEXT = 100_000
MOST_ITEMS = 100_000
MOST_KEYS = 1_000
NOT_SCHEMAS = {"example", "examples", "default", "enum", "const"}


def set_bounds(document: Schema) -> None:
    """Give everything in the document its bounds, and leave out the schemas that nothing names."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    sent = [{key: each[key] for key in ("parameters", "requestBody") if key in each} for each in operations]
    answered = [each["responses"] for each in operations]
    of_sent, of_answers = named(sent, schemas), named(answered, schemas)
    _keep_as_sent(schemas)
    for name in of_sent | of_answers:
        _each(schemas[name], bound_sent if name in of_sent else bound_answered)
    _each(sent, bound_sent)
    _each(answered, bound_answered)
    document["components"]["schemas"] = {name: schemas[name] for name in schemas if name in of_sent | of_answers}


def _keep_as_sent(schemas: dict[str, Schema]) -> None:
    """What is answered as it was sent has the bounds with which it was taken."""
    for name, sent in schemas.items():
        if name.endswith("Create") and (said := schemas.get(name.removesuffix("Create") + "Public")):
            _copy_bounds(sent, said, schemas)


def _copy_bounds(sent: Schema, said: Schema, schemas: dict[str, Schema]) -> None:
    sent, said = _resolved(sent, schemas), _resolved(said, schemas)
    if sent is said or set(kinds_of(sent)) - {"null"} != set(kinds_of(said)) - {"null"}:
        return
    said |= {key: sent[key] for key in KEPT_AS_SENT if key in sent and key not in said}
    if "items" in sent and "items" in said:
        _copy_bounds(sent["items"], said["items"], schemas)
    for name, inner in sent.get("properties", {}).items():
        if name in said.get("properties", {}):
            _copy_bounds(inner, said["properties"][name], schemas)


def _resolved(node: Schema, schemas: dict[str, Schema]) -> Schema:
    return schemas[node["$ref"].removeprefix(REFERENCE)] if "$ref" in node else node


def bound_sent(node: Schema) -> None:
    """What the format of a value says of its length and size."""
    kinds = kinds_of(node)
    if "string" in kinds and "enum" not in node:
        longest = LONGEST_OF_FORMAT.get(node.get("format", "")) or LONGEST_OF_PATTERN.get(node.get("pattern", ""))
        if longest:
            node.setdefault("maxLength", longest)
    if "integer" in kinds:
        node |= {key: int(node[key]) for key in ("minimum", "maximum") if key in node}
    if "integer" in kinds and node.get("maximum", LARGEST + 1) <= LARGEST:
        node.setdefault("format", "int32")


def bound_answered(node: Schema) -> None:
    """The same, and the limits of all that the service answers."""
    bound_sent(node)
    kinds = kinds_of(node)
    if "string" in kinds and not node.keys() & {"enum", "const"}:
        node.setdefault("maxLength", LONGEST_TEXT)
    if "integer" in kinds:
        for key, value in (("format", "int32"), ("minimum", 0), ("maximum", LARGEST)):
            node.setdefault(key, value)
    if "array" in kinds:
        node.setdefault("maxItems", MOST_ITEMS)
    if "object" in kinds:
        key, value = ("additionalProperties", False) if "properties" in node else ("maxProperties", MOST_KEYS)
        node.setdefault(key, value)


def kinds_of(node: Schema) -> list[str]:
    """The JSON types that a schema allows."""
    kinds = node.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _each(node: Any, act: Callable[[Schema], None]) -> None:  # noqa: ANN401 - any JSON
    """Do something to every schema below, this one included."""
    if isinstance(node, dict):
        if isinstance(node.get("type"), str | list):
            act(node)
        for key, inner in node.items():
            if key not in NOT_SCHEMAS:
                _each(inner, act)
    elif isinstance(node, list):
        for inner in node:
            _each(inner, act)


def named(node: Any, schemas: dict[str, Schema]) -> set[str]:  # noqa: ANN401 - any JSON
    """The schemas that are named below, and those that these name."""
    found: set[str] = set()
    waiting = list(references(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(schemas[name])
    return found


def references(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """The names of the schemas that are named directly below."""
    if isinstance(node, dict):
        named = node.get("$ref")
        if isinstance(named, str) and named.startswith(REFERENCE):
            yield named.removeprefix(REFERENCE)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(inner)
