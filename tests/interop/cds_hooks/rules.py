"""What CDS Hooks 2.0 asks of the answer of a service, as far as this service uses it."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

Json = dict[str, Any]
INDICATORS = {"info", "warning", "critical"}
CARD = {"uuid", "summary", "detail", "indicator", "source", "links", "overrideReasons"}
LESS_THAN = 140


def broken(answer: Json) -> list[str]:
    """Every rule that an answer with cards breaks."""
    return [*_empty(answer, ""), *(each for card in answer["cards"] for each in _of_card(card))]


def _empty(value: object, where: str) -> Iterator[str]:
    """Nothing is null or empty, but the list of cards itself."""
    if value is None or (value in ("", [], {}) and where != "/cards"):
        yield f"{where} is empty"
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _empty(inner, f"{where}/{key}")


def _of_card(card: Json) -> Iterator[str]:
    codings = [card["source"]["topic"], *card.get("overrideReasons", ())]
    rules = {
        "the fields": {"summary", "indicator", "source", "uuid"} <= card.keys() <= CARD,
        "the summary": len(card["summary"]) < LESS_THAN and "\n" not in card["summary"],
        "the indicator": card["indicator"] in INDICATORS,
        "the uuid": str(UUID(card["uuid"])) == card["uuid"],
        "the source": bool(card["source"]["label"]) and _is_absolute(card["source"].get("url", "https://x.example")),
        "a coding": all(each["code"] and each["display"] and re.match(r"[a-z]+:", each["system"]) for each in codings),
        "a link": all(
            each["type"] == "absolute" and each["label"] and _is_absolute(each["url"]) for each in card.get("links", ())
        ),
    }
    yield from (f"{name} of a card" for name, kept in rules.items() if not kept)


def _is_absolute(url: str) -> bool:
    return urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).netloc)
