"""All that a report shows, as plain text in the order in which it is read. The page and the PDF print the same."""

from collections.abc import Iterator
from typing import Any

from clinical.vocabulary import Evidence, SafetyLevel, Status
from report.letters import clipped
from report.shown_history import episodes, factors, ratings, symptoms, treatments
from report.shown_others import definitions, options, staging
from report.shown_trials import finding, trials
from report.sources import Sources

Said = dict[str, Any]
STATUS = {
    Status.RESISTANT: "Treatment-resistant",
    Status.NOT_RESISTANT: "Not treatment-resistant",
    Status.INDETERMINATE: "Cannot be said yet",
    Status.NOT_APPLICABLE: "The definition does not apply",
}
SAFETY = {
    SafetyLevel.NONE_REPORTED: "No suicidal thoughts reported; 0 does not rule out risk",
    SafetyLevel.REVIEW: "Suicidal thoughts reported: review at this contact",
    SafetyLevel.URGENT: "Suicidal thoughts: assess the risk today",
    SafetyLevel.EMERGENCY: "Suicidal thoughts with plans or preparation: act now",
    SafetyLevel.UNKNOWN: "Suicidal thoughts: no answer recorded. Ask.",
}
UNVERIFIED = (
    "This definition has not been checked against its source. Do not decide by it; see what the verified ones say."
)
NO_NAME = "Name not recorded"
MOST_LISTED, MOST_EXPLAINED, MOST_CIRCLES = 8, 4, 12
IN_ORDER = ("yes", "unknown", "no")


def shown(said: Said) -> Said:
    """The whole report in words."""
    status, sources = said["status"], Sources()
    listed = {
        "patient": _patient(said["patient"]),
        "asked": list(_asked(said)),
        "unverified": UNVERIFIED if said["definition"]["evidence"] == Evidence.UNVERIFIED else "",
        "safety": _safety(status["safety"]),
        "answer": _answer(status),
        "why": list(_why(said)),
        "questions": [_question(each) for each in status["missing_information"]],
        "trials": list(trials(said, sources)),
        "treatments": treatments(said),
        "episodes": episodes(said),
        "patient_findings": [finding(each, sources) for each in status["patient_findings"]],
        "changes": [clipped(each["sentence"]) for each in status["what_would_change_it"]],
        "pseudo": [each.meaning for each in status["pseudo_resistance_reasons"]],
        "notes": [clipped(each) for each in status["notes"]],
        "definitions": definitions(said),
        "staging": staging(said["staging"], sources),
        "options": options(said["options"], sources),
        "ratings": ratings(said["timeline"]["ratings"]),
        "symptoms": symptoms(said["timeline"]["symptoms"]),
        "factors": factors(said["timeline"]["factors"]),
        "limits": [clipped(each, 800) for each in said["definition"]["limits"]],
        "rests_on": list(_rests_on(said)),
        "description": said["timeline"]["description"],
    }
    return {**listed, "sources": sources.listed()}


def _patient(patient: Said) -> Said:
    identifiers = [f"{each['value']} ({each['system']})" for each in patient["identifiers"] or ()]
    facts = [
        ("Born", patient["birth_date"] or "not recorded"),
        ("Sex", patient["sex"] or "not recorded"),
        *[("Identifier", clipped(each, 160)) for each in identifiers[:3]],
    ]
    name = clipped(patient["display_name"] or NO_NAME, 200)
    return {"name": name, "facts": [(what, clipped(text)) for what, text in facts]}


def _asked(said: Said) -> Iterator[tuple[str, str]]:
    """What was asked: the day, the definition, and how sure its numbers are."""
    definition, status = said["definition"], said["status"]
    yield "As of", status["on"].isoformat()
    yield "Definition", clipped(definition["title"])
    yield "Source", clipped(definition["citation"])
    yield "How sure", Evidence(definition["evidence"]).meaning


def _safety(safety: Said) -> Said:
    level = SafetyLevel(safety["level"])
    heading = SAFETY[level]
    sentence, basis = clipped(safety["sentence"], 800), clipped(safety["basis"], 800)
    return {"level": level.value, "heading": heading, "sentence": sentence, "basis": basis}


def _answer(status: Said) -> Said:
    count = status["failed_medications"]
    required, confirmed, possible = count["required"], count["confirmed"], count["possible"]
    circles = ["yes"] * confirmed + ["unknown"] * possible
    circles += ["none"] * (required - len(circles))
    sure = f"{confirmed} failed; {required} are asked" if confirmed > required else f"{confirmed} of {required} failed"
    unsure = f", {possible} more possible" if possible else ""
    return {
        "status": status["status"].value,
        "words": STATUS[Status(status["status"])],
        "summary": clipped(status["summary"], 800),
        "circles": circles[:MOST_CIRCLES],
        "count": sure + unsure,
    }


def _why(said: Said) -> Iterator[Said]:
    """Each trial in one line, those that count first, no more than can be taken in at once."""
    against = [each for each in said["status"]["patient_findings"] if each["asked"] and each["verdict"] != "met"]
    for each in against:
        counts = "no" if each["verdict"] == "not_met" else "unknown"
        yield {"counts": counts, "name": "", "verdict": clipped(each["sentence"]), "because": ""}
    medicines = said["timeline"]["medications"]
    ordered = sorted(medicines, key=lambda each: IN_ORDER.index(each["counts"]))
    judged = {trial["trial_id"]: trial for trial in said["status"]["trials"]}
    for each in ordered[:MOST_LISTED]:
        because = _because(judged[each["trial_id"]]) if len(ordered) <= MOST_EXPLAINED else ""
        yield {
            "counts": each["counts"].value,
            "name": each["medication"],
            "verdict": each["verdict"],
            "because": because,
        }
    if len(ordered) > MOST_LISTED:
        left = len(ordered) - MOST_LISTED
        yield {"counts": "", "name": "", "verdict": f"and {left} more, each below", "because": ""}


def _because(trial: Said) -> str:
    """The sentence of the criterion that decides: what failed, or the first that is against it or open."""
    wanted = {"yes": "met", "no": "not_met", "unknown": "unknown"}[trial["counts"]]
    deciding = [each for each in trial["findings"] if each["asked"] and each["verdict"] == wanted]
    return clipped(deciding[-1 if wanted == "met" else 0]["sentence"], 300)


def _question(missing: Said) -> Said:
    return {"words": clipped(missing["question"]), "matters": missing["could_change_status"]}


def _rests_on(said: Said) -> Iterator[tuple[str, str]]:
    status, definition = said["status"], said["definition"]
    yield "Records known at", f"{status['known_at']:%Y-%m-%d %H:%M:%S} UTC; what was recorded later is not in it."
    yield "Day asked about", f"{status['on'].isoformat()}; what happened later is not in it."
    yield "Definition", f"{definition['id']}, version {definition['version']}, {definition['digest']}"
    yield "Purpose of the definition", clipped(definition["purpose"], 800)
    if definition["quote"]:
        yield "In the words of its source", clipped(definition["quote"], 800)
