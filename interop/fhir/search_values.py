"""Whether a value of a resource is what a search asks for: tokens, strings, references."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

NAME_PARTS = ("text", "family", "given", "prefix", "suffix")


def values_at(resource: Any, path: str) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """Every value at a path of elements; lists on the way are gone through."""
    found: list[Any] = [resource]
    for step in path.split("."):
        found = [inner for value in found if isinstance(value, Mapping) for inner in _each(value.get(step))]
    yield from found


def _each(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, list) else [] if value is None else [value]


def split_token(text: str) -> tuple[str | None, str | None]:
    """`system|code` as the two; None is any, and an empty system is none at all."""
    system, bar, code = text.partition("|")
    return (system, code or None) if bar else (None, text)


def has_token(value: Any, asked: str, implied: str | None = None) -> bool:  # noqa: ANN401 - any JSON
    """True when a code, a Coding, a CodeableConcept, an Identifier or a truth value is the one that is asked for.

    Case does not matter in a code: FHIR would rather have too much found than too little.
    """
    system, code = split_token(asked)
    return any(
        (system is None or system == theirs) and (code is None or code.casefold() == said.casefold())
        for theirs, said in _tokens(value, implied)
    )


def _tokens(value: Any, implied: str | None) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Every (system, code) that a value has."""
    if isinstance(value, Mapping):
        for each in [value, *(part for part in _each(value.get("coding")) if isinstance(part, Mapping))]:
            said = each.get("code", each.get("value"))
            if isinstance(said, str):
                yield each.get("system", ""), said
    elif isinstance(value, bool):
        yield "", str(value).lower()
    elif isinstance(value, str):
        yield implied or "", value


def has_string(value: Any, asked: str, modifier: str | None) -> bool:  # noqa: ANN401 - any JSON
    """True when a text, or a part of a name, begins with what is asked for, whatever the case and the accents.

    `exact` is the whole as it stands; `contains` is anywhere. In the text of a name each word may begin so.
    """
    texts = [*_texts(value)]
    if modifier == "exact":
        return asked in texts
    wanted, plain = folded(asked), [folded(text) for text in texts]
    if modifier == "contains":
        return any(wanted in text for text in plain)
    return any(f" {text}".find(f" {wanted}") >= 0 for text in plain)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for part in NAME_PARTS for text in _each(value.get(part)) if isinstance(text, str))


def folded(text: str) -> str:
    """Text without case, accents and needless spaces."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join(plain.casefold().split())


def has_reference(value: Any, asked: str, targets: tuple[str, ...]) -> bool:  # noqa: ANN401 - any JSON
    """True when a Reference leads to what is asked for: an id, `Type/id`, or a whole address."""
    said = value.get("reference") if isinstance(value, Mapping) else None
    if not isinstance(said, str):
        return False
    kind, _, name = unversioned(said).rpartition("/")
    if "/" not in asked and ":" not in asked:
        return name == asked and (not targets or kind.rpartition("/")[2] in targets)
    wanted = unversioned(asked)
    return unversioned(said) == wanted and (not targets or kind.rpartition("/")[2] in targets)


def unversioned(reference: str) -> str:
    """A reference without the version that it may name."""
    return reference.partition("/_history/")[0]
