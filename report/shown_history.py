"""Ratings, symptoms and contributing factors over time, in words."""

from collections.abc import Sequence
from typing import Any

from clinical.background import Symptom
from report.letters import clipped

Said = dict[str, Any]
MOST_DAYS = 8
CERTAINTY = {"suspected": "suspected", "confirmed": "confirmed", "refuted": "looked for and not found"}
PRESENT, ABSENT, NOT_SAID = "present", "absent", "not said"


def episodes(said: Said) -> list[Said]:
    """Each depressive episode, with the diagnosis as somebody entered it."""
    return [
        {
            "when": each["when"],
            "words": each["words"],
            "diagnosis": clipped(_remark(said, each["episode_id"], "diagnosis")),
        }
        for each in said["timeline"]["episodes"]
    ]


def treatments(said: Said) -> list[Said]:
    """Each treatment beyond medicines taken day by day, with the remark in the record."""
    return [
        {
            "name": each["title"],
            "when": each["when"],
            "words": each["words"],
            "note": clipped(_remark(said, each["treatment_id"], "note")),
        }
        for each in said["timeline"]["treatments"]
    ]


def _remark(said: Said, record: str, name: str) -> str:
    return str(said["remarks"].get(record, {}).get(name) or "")


def ratings(scales: Sequence[Said]) -> list[Said]:
    """The first, the best and the last rating on each scale."""
    return [
        {
            "title": scale["title"],
            "many": len(scale["points"]),
            "first": _point(scale["points"][0]),
            "lowest": _point(min(scale["points"], key=lambda point: point["total"])),
            "last": _point(scale["points"][-1]),
        }
        for scale in scales
    ]


def _point(point: Said) -> str:
    return f"{point['total']} ({point['band']}), {point['when']}"


def symptoms(records: Sequence[Said]) -> Said:
    """The last days on which symptoms were recorded, and for each symptom what was found on each of them."""
    latest = records[-MOST_DAYS:]
    rows = [
        {"name": symptom.value.replace("_", " "), "found": [_found(symptom, each) for each in latest]}
        for symptom in Symptom
    ]
    left = len(records) - len(latest)
    return {"days": [each["when"] for each in latest], "rows": rows if latest else [], "left_out": left}


def _found(symptom: Symptom, record: Said) -> str:
    if symptom in record["present"]:
        return PRESENT
    return ABSENT if symptom in record["absent"] else NOT_SAID


def factors(known: Sequence[Said]) -> list[Said]:
    """What may contribute, and how sure it is."""
    return [
        {
            "name": each["factor"].meaning.rstrip("."),
            "category": each["category"].value.replace("_", " "),
            "certainty": CERTAINTY[each["certainty"]],
            "when": clipped(each["when"]),
        }
        for each in known
    ]
