"""Each trial with every criterion that was looked at: met or not, in words, with numbers and source."""

from collections.abc import Iterator
from typing import Any

from report.letters import clipped
from report.sources import Sources

Said = dict[str, Any]
ASKED = {
    "polarity": "Unipolar depression",
    "psychotic_features": "No psychotic features",
    "current_severity": "Severe enough now",
    "current_score": "Score high enough now",
    "failed_augmentations": "Enough failed augmentations",
    "antidepressant": "An antidepressant",
    "augmented_drug": "Added to an adequate antidepressant",
    "current_episode": "In the current episode",
    "still_taken": "Still taken",
    "indication": "Given for depression",
    "dose": "Dose high enough",
    "duration": "Taken long enough",
    "stable_dose": "One dose long enough",
    "adherence": "Taken as prescribed",
    "failure": "Failed",
    "failed_medications": "Enough failed medicines",
}
SIGNS = {"met": "✓", "not_met": "\N{MULTIPLICATION SIGN}", "unknown": "?"}
WORDS = {"met": "met", "not_met": "not met", "unknown": "unknown"}


def trials(said: Said, sources: Sources) -> Iterator[Said]:
    """The trials in order of time."""
    drawn = {each["trial_id"]: each for each in said["timeline"]["medications"]}
    for trial in said["status"]["trials"]:
        lane, remark = drawn[trial["trial_id"]], said["remarks"].get(trial["trial_id"], {})
        entered = remark.get("entered_as") or ""
        yield {
            "name": trial["medication"],
            "entered_as": clipped(entered, 200) if entered.casefold() != trial["medication"].casefold() else "",
            "counts": trial["counts"].value,
            "verdict": lane["verdict"],
            "when": lane["when"],
            "dosing": lane["dosing"],
            "role": "" if lane["role"] == "monotherapy" else lane["role"].value,
            "note": clipped(remark.get("note") or ""),
            "findings": [finding(each, sources) for each in trial["findings"]],
        }


def finding(each: Said, sources: Sources) -> Said:
    """One criterion in words. What the definition does not ask is shown as a caution and decides nothing."""
    verdict = each["verdict"].value
    return {
        "name": ASKED.get(each["criterion"], each["criterion"].replace("_", " ").capitalize()),
        "verdict": verdict,
        "sign": SIGNS[verdict],
        "words": WORDS[verdict],
        "asked": each["asked"],
        "sentence": clipped(each["sentence"], 800),
        "number": sources.number(each["source"], each["evidence"]),
    }
