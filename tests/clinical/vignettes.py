"""The published and constructed vignettes as histories in the shape of `POST /v1/evaluate`.

A vignette gives lengths in days; here its trials are laid end to end from a fixed first day.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared" / "clinical" / "vignettes.jsonl"
FIRST_DAY = date(2022, 1, 3)
STATUS = {"met": "treatment_resistant", "not_met": "not_treatment_resistant"}
SLUGS = {
    "sforzini_2022_trd": "sforzini_2022",
    "ahrq_gaynes": "ahrq_no_response",
    "ahrq_gaynes_bipolar": "ahrq_no_response",
    "ahrq_gaynes_no_remission": "ahrq_no_remission",
    "ascertain_trd": "ascertain",
}
# Which module answers for which keys of the vignettes; together with NOT_OFFERED they are all of them.
ANSWERED = {
    "test_vignettes": {
        "mgh_atrq",
        "fda_label",
        "ema_2013",
        "sforzini_2022_trd",
        "rybak_2021",
        "rybak_2021_6wk",
        "ahrq_gaynes",
        "ahrq_gaynes_bipolar",
        "ahrq_gaynes_no_remission",
        "transform_atrq",
        "ascertain_trd",
        "canmat_2023",
        "rizvi_2014",
        "vns_label",
    },
    "test_vignettes_staging": {"thase_rush", "mgh_s", "mgh_s_cutoffs", "esm", "msm", "dm_trd"},
    "test_vignettes_prescriptions": {
        "cardinal_two_antidepressants",
        "cepeda_2018",
        "ohdsi_1009",
        "kim_2020",
        "lundberg_2023",
        "zhdanava_2021",
    },
    "test_vignettes_scales": {
        "remission",
        "hamd17_band",
        "phq9_total",
        "madrs_item10_flag",
        "qids_item12_flag",
        "qids_to_hrsd17",
        "adequate_days",
        "days_until_evaluable",
        "pseudo_resistance",
        "sforzini_trial_label",
        "escape_current_ad_nonresponse",
        "thomas_2013",
    },
}
NOT_OFFERED = {
    "athf_heterocyclic": "The rows of the ATHF are known from one incomplete transcription of the long form (Sackeim "
    "2001); its successors (ATHF-SF 2019, ATHF-SF2 2024) are scored by their own forms; their result is kept as given.",
    "athf_adequate": "As above: the rating of 0 to 5 is given by whoever fills in the ATHF, not by this service.",
    "stard_unsuccessful_trials": "Rush et al. 2006 count intolerance as an unsuccessful trial, and are alone in it; "
    "Sforzini et al. 2022 (recommendation 10) and the ATHF do not, and nor does any definition here.",
    "nice_further_line_review": "NICE NG222 does not define resistance; recommendation 1.9.1 says when to review a "
    "treatment. Its four weeks are the caution on duration, its review is among the options.",
    "nice_vortioxetine": "NICE NG222 recommendation 1.9.7 is about the place of one medicine; it is said among the "
    "options, where a clinician reads it beside the count of failed antidepressants.",
    "nice_more_severe": "NICE NG222 parts less from more severe depression at a PHQ-9 of 16; the service shows the "
    "bands of the scale itself (LOINC LL382-3), and no definition asks for the two halves.",
}
SCALES = {"PHQ-9": "phq9", "MADRS": "madrs"}
STOPPED = {"side_effects": "intolerance", "switched": "other", None: "unknown"}
NOT_MEDICINES = {"psychotherapy": ("psychotherapy", "cbt"), "ect": ("neuromodulation", "ect")}

Json = dict[str, Any]


def vignettes() -> list[Json]:
    """All vignettes; none where the material beside the project is not at hand."""
    if not SHARED.exists():
        return []
    return [json.loads(line) for line in SHARED.read_text("utf-8").splitlines()]


def identity(number: int) -> str:
    """A stable id for the n-th record."""
    return f"00000000-0000-7000-8000-{number + 1:012x}"


def history_of(vignette: Json) -> tuple[Json, date]:
    """The history of a vignette and the day on which it is judged."""
    trials = vignette["history"]["trials"]
    other = vignette["history"]["other"]
    body: Json = {"episodes": [], "medication_trials": [], "assessments": [], "treatments": []}
    day, on, breaks = FIRST_DAY, FIRST_DAY, []
    for number, trial in enumerate(trials):
        start = _start(trial, day, body["medication_trials"])
        end = start + timedelta(days=trial["days"] - 1)
        _record(body, trial, number, start, end)
        on = max(on, end)
        day = end + timedelta(days=1)
        if "remission_gap_days_after" in trial:
            breaks.append((end, trial["remission_gap_days_after"]))
            day = end + timedelta(days=trial["remission_gap_days_after"])
    body["episodes"] = list(_episodes(other, breaks))
    return body, on


def _start(trial: Json, day: date, before: list[Json]) -> date:
    """Together with the one it is combined with, at the end of the one it augments, else after the last."""
    if trial.get("combination_group") and before and before[-1]["note"] == trial["combination_group"]:
        return date.fromisoformat(before[-1]["started"])
    if trial["role"] == "augmentation":
        return day - timedelta(days=trial["days"])
    return day


def _record(body: Json, trial: Json, number: int, start: date, end: date) -> None:
    ended = None if trial["ongoing"] else end.isoformat()
    outcome = {"response": "unknown", "assessed_on": end.isoformat(), "improvement_percent": trial["improvement_pct"]}
    outcome |= {"early_failure_confirmed": trial.get("clear_lack_of_response", False)}
    outcome |= {"ever_responded": trial.get("ever_responded")}
    if trial["role"] in NOT_MEDICINES:
        kind, modality = NOT_MEDICINES[trial["role"]]
        row = {"kind": kind, "modality": modality, "started": start.isoformat(), "ended": ended, "outcome": outcome}
        body["treatments"].append(row)
        return
    if "rating" in trial:
        outcome["improvement_percent"] = None
        body["assessments"] += _ratings(trial["rating"], start, end)
    body["medication_trials"].append(
        {
            "id": identity(number),
            "medication": {"text": trial["drug"]},
            "started": start.isoformat(),
            "ended": ended,
            "doses": list(_doses(trial, start)),
            "adherence": {"adequate": trial["adherent"]},
            "indication": "depression" if trial["indication"] == "depression" else "other",
            "role": "augmentation" if trial["role"] == "augmentation" else "monotherapy",
            "augments": _augmented(trial, body["medication_trials"]),
            "outcome": outcome,
            "stop_reason": STOPPED.get(trial["stop_reason"], trial["stop_reason"]),
            "note": trial.get("combination_group"),
        }
    )


def _augmented(trial: Json, before: list[Json]) -> str | None:
    named = (each["id"] for each in before if each["medication"]["text"] == trial.get("augments"))
    return next(named, None)


def _doses(trial: Json, start: date) -> Iterator[Json]:
    for step in trial.get("dose_steps", [{"dose_mg": trial["dose_mg"], "days": 0}]):
        yield {"daily_dose_mg": step["dose_mg"], "from": start.isoformat()}
        start += timedelta(days=step["days"])


def _ratings(rating: Json, start: date, end: date) -> Iterator[Json]:
    last = rating.get("endpoint_scale", rating["scale"])
    yield {"instrument": SCALES[rating["scale"]], "assessed_on": start.isoformat(), "total_score": rating["baseline"]}
    yield {"instrument": SCALES[last], "assessed_on": end.isoformat(), "total_score": rating["endpoint"]}


def _episodes(other: Json, breaks: list[tuple[date, int]]) -> Iterator[Json]:
    """One episode from before the first trial, parted where a remission was recorded."""
    onset = FIRST_DAY - timedelta(days=30)
    features = {
        "polarity": "bipolar" if other.get("bipolar") else "unipolar",
        "psychotic_features": bool(other.get("psychotic")),
        "severity": "moderate",
    }
    for number, (resolved, days) in enumerate(breaks):
        dates = {"onset": onset.isoformat(), "resolved": resolved.isoformat()}
        yield {"id": identity(100 + number), **dates, **features}
        onset = resolved + timedelta(days=days)
    yield {"id": identity(199), "onset": onset.isoformat(), "resolved": None, **features}
