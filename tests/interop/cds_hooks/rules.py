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
    if not {"summary", "indicator", "source", "uuid"} <= card.keys() <= CARD:
        yield f"a card has the fields {sorted(card)}"
    if len(card["summary"]) >= LESS_THAN or "\n" in card["summary"]:
        yield "the summary is too long"
    if card["indicator"] not in INDICATORS:
        yield f"{card['indicator']} is no indicator"
    if str(UUID(card["uuid"])) != card["uuid"]:
        yield "the uuid is none"
    if not card["source"]["label"] or not _is_absolute(card["source"].get("url", "https://example.org")):
        yield "the source has no label, or an address that is not absolute"
    codings = [card["source"]["topic"], *card.get("overrideReasons", ())]
    if not all(each["code"] and each["display"] and re.match(r"[a-z]+:", each["system"]) for each in codings):
        yield "a coding lacks its code, its words or its system"
    for link in card.get("links", ()):
        if link["type"] != "absolute" or not link["label"] or not _is_absolute(link["url"]):
            yield "a link is not as it should be"


def _is_absolute(url: str) -> bool:
    return urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).netloc)
