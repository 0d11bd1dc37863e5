"""What other definitions and staging methods say, and the families of treatment: lists to review, in words."""

from collections.abc import Sequence
from typing import Any

from clinical.vocabulary import Evidence, Status
from report.letters import clipped

Said = dict[str, Any]
STATUS = {
    Status.RESISTANT: "resistant",
    Status.NOT_RESISTANT: "not resistant",
    Status.INDETERMINATE: "cannot be said yet",
    Status.NOT_APPLICABLE: "does not apply",
}
GRADES = {
    Evidence.PRIMARY: "primary source",
    Evidence.SECONDARY: "secondary source",
    Evidence.UNVERIFIED: "UNVERIFIED",
    Evidence.LOCAL: "local choice",
}
STATES = {
    "helped": "helped",
    "failed": "failed",
    "partly_helped": "helped in part",
    "stopped_for_side_effects": "stopped for side effects",
    "going_on": "going on",
    "tried_outcome_unknown": "tried, outcome unknown",
    "not_tried": "not tried",
}


def grade(evidence: str) -> str:
    """How well something was verified, in two words."""
    return GRADES[Evidence(evidence)]


def definitions(said: Said) -> list[Said]:
    """The answer of each other definition."""
    own = said["definition"]["id"]
    return [
        {
            "title": clipped(each["definition"]["title"], 160),
            "grade": grade(each["definition"]["evidence"]),
            "unverified": each["definition"]["evidence"] == Evidence.UNVERIFIED,
            "status": each["status"].value,
            "words": STATUS[Status(each["status"])],
            "count": f"{each['failed_medications']['confirmed']} of {each['failed_medications']['required']}",
            "summary": clipped(each["summary"]),
        }
        for each in said["answers"]
        if each["definition"]["id"] != own
    ]


def staging(methods: Sequence[Said]) -> list[Said]:
    """The result of each staging method, with its dimensions."""
    return [_method(each) for each in methods]


def _method(each: Said) -> Said:
    return {
        "title": clipped(each["method"]["title"], 160),
        "grade": grade(each["method"]["evidence"]),
        "sentence": clipped(each["sentence"], 800),
        "alternative": clipped(each.get("alternative_reading") or "", 800),
        "dimensions": [
            {
                "name": clipped(part["dimension"]).replace("_", " "),
                "points": _points(part),
                "sentence": clipped(part["sentence"], 800),
            }
            for part in each["dimensions"]
        ],
        "notes": [clipped(note, 800) for note in each["notes"]],
    }


def _points(part: Said) -> str:
    """Points, or the least and the most that are possible."""
    if part["points"] is not None:
        return f"{part['points']:g}"
    if part.get("least") is None:
        return "unknown"
    return f"{part['least']:g} to {part['most']:g}"


def options(families: Sequence[Said]) -> list[Said]:
    """The families of treatment, each with what the history says of it, evidence and cautions."""
    return [
        {
            "title": clipped(each["title"], 160),
            "state": each["state"],
            "words": STATES.get(each["state"], each["state"].replace("_", " ")),
            "sentence": clipped(each["sentence"], 800),
            "evidence": [_cited(fact) for fact in each["evidence"]],
            "cautions": [_cited(fact) for fact in each["cautions"]],
        }
        for each in families
    ]


def _cited(fact: Said) -> Said:
    source = clipped(fact["source"], 300)
    return {"sentence": clipped(fact["sentence"], 800), "source": source, "grade": grade(fact["evidence"])}
