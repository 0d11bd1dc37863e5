"""Cards: what is said, how urgent it is, what it rests on, and by what it is known again."""

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from models.cds_card import LONGEST_SUMMARY

Said = dict[str, Any]
CODES = "urn:trialbook:cds-hooks"
TOPIC = {"system": f"{CODES}:topics", "code": "treatment-resistant-depression", "display": "Treatment resistance"}
REASONS = (
    ("patient-preference", "The patient prefers it so"),
    ("considered", "Already considered for this patient"),
    ("benefit-outweighs-risk", "The benefit outweighs the risk"),
    ("monitored", "It will be monitored"),
    ("record-wrong", "What the record says is not right"),
    ("not-for-depression", "It is not for depression"),
    ("not-relevant", "Not relevant at the moment"),
)
OVERRIDE_REASONS = [{"system": f"{CODES}:override-reasons", "code": code, "display": words} for code, words in REASONS]
REASON_CODES = frozenset(code for code, _ in REASONS)
URGENCY = ("critical", "warning", "info")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~]|:(?=//)|(?<=www)\.)")
"""What Markdown reads, and what its readers make links of without being asked."""
DISCLAIMER = "*This informs; whoever treats decides.*"


class Source(NamedTuple):
    """What a card rests on; `label` may cite."""

    label: str
    url: str | None = None


class Point(NamedTuple):
    """One thing to say.

    Attributes:
        kind: which card it is, such as `already_failed`.
        facts: what it rests on, as JSON: as long as these stay the same, so does the card.
    """

    kind: str
    facts: Any
    summary: str
    detail: str
    indicator: str
    source: Source
    links: tuple[Said, ...] = ()

    @property
    def fingerprint(self) -> bytes:
        """The kind and the facts as bytes, to be hashed with a key."""
        return json.dumps([self.kind, self.facts], sort_keys=True, separators=(",", ":"), default=str).encode()


def card_of(point: Point, uuid: object) -> Said:
    """The card, as in `models.cds_card.Card`."""
    return {
        "uuid": uuid,
        "summary": shortened(point.summary),
        "detail": point.detail or None,
        "indicator": point.indicator,
        "source": {"label": shortened(point.source.label, 200), "url": point.source.url, "topic": TOPIC},
        "links": list(point.links) or None,
        "override_reasons": OVERRIDE_REASONS,
    }


def by_urgency(points: Iterable[Point]) -> list[Point]:
    """The most urgent first; of equals in the order given."""
    return sorted(points, key=lambda point: URGENCY.index(point.indicator))


def shortened(text: str, longest: int = LONGEST_SUMMARY) -> str:
    """The text, cut at a word where it is too long."""
    whole = " ".join(text.split())
    if len(whole) <= longest:
        return whole
    return whole[: longest - 1].rpartition(" ")[0].rstrip(",;:.") + "…"


def plain(text: str) -> str:
    """A text in which nothing is Markdown: what others wrote makes no links, images or headings."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def listed(lines: Iterable[str]) -> str:
    """A list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)


def joined(*parts: str) -> str:
    """Parts of a detail, those that are empty left out."""
    return "\n\n".join(part for part in parts if part)
