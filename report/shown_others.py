"""What other definitions and staging methods say, and the families of treatment: lists to review, in words."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from clinical.vocabulary import Evidence, Status
from report.letters import clipped
from report.sources import Sources, grade

Said = dict[str, Any]
STATUS = {
    Status.RESISTANT: "resistant",
    Status.NOT_RESISTANT: "not resistant",
    Status.INDETERMINATE: "cannot be said yet",
    Status.NOT_APPLICABLE: "does not apply",
}
LEVELS = {"note": "Note", "caution": "Caution", "contraindication": "Contra-indication"}
MOST_EVIDENCE = 3


def definitions(said: Said) -> Said:
    """The answer of each other definition, and how many say what."""
    own = said["definition"]["id"]
    rows = [
        {
            "title": clipped(each["definition"]["title"], 160),
            "grade": grade(each["definition"]["evidence"]),
            "unverified": each["definition"]["evidence"] == Evidence.UNVERIFIED,
            "status": each["status"].value,
            "words": STATUS[Status(each["status"])],
            "count": f"{each['failed_medications']['confirmed']} / {each['failed_medications']['required']}",
            "summary": clipped(each["summary"]),
        }
        for each in said["answers"]
        if each["definition"]["id"] != own
    ]
    many = Counter(row["words"] for row in rows)
    said_by = ", ".join(f"{number} {words}" for words, number in many.most_common())
    return {"rows": rows, "summary": f"Of {len(rows)} other definitions: {said_by}."}


def staging(methods: Sequence[Said], sources: Sources) -> list[Said]:
    """The result of each staging method, with its dimensions."""
    return [_method(each, sources) for each in methods]


def _method(each: Said, sources: Sources) -> Said:
    return {
        "title": clipped(each["method"]["title"], 160),
        "grade": grade(each["method"]["evidence"]),
        "sentence": clipped(each["sentence"], 800),
        "alternative": clipped(each["alternative_reading"] or "", 800),
        "dimensions": [
            {
                "name": clipped(part["title"], 160),
                "points": _points(part),
                **_cited(part, sources),
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


def options(said: Said, sources: Sources) -> Said:
    """What to review first, then the families of treatment in the order of the history, with evidence and cautions."""
    return {
        "statement": clipped(said["statement"], 800),
        "review": [_cited(each, sources) for each in said["review_first"]],
        "families": [_family(each, sources) for each in said["options"]],
    }


def _family(each: Said, sources: Sources) -> Said:
    return {
        "title": clipped(each["title"], 160),
        "words": each["state"].value.replace("_", " "),
        "sentence": clipped(each["sentence"], 800),
        "cautions": [{**_cited(one, sources), "level": LEVELS[one["level"]]} for one in each["cautions"]],
        "evidence": [_cited(fact, sources) for fact in each["evidence"][:MOST_EVIDENCE]],
    }


def _cited(fact: Said, sources: Sources) -> Said:
    return {"sentence": clipped(fact["sentence"], 800), "number": sources.number(fact["source"], fact["evidence"])}
