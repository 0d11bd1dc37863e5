"""Trials, ratings and episodes as clinicians would send them, and ways to answer what the service asks."""

from datetime import date, timedelta
from typing import Any

from clinical.library import library
from registry.merge import merged
from tests.clinical.asking import Json, ask

FIRST = date(2025, 1, 1)
ON = "2025-12-31"
EPISODE: Json = {
    "id": "00000000-0000-7000-8000-0000000000e1",
    "onset": "2024-11-01",
    "polarity": "unipolar",
    "severity": "moderate",
    "psychotic_features": False,
}


def day(number: int) -> str:
    """The n-th day from the first of January 2025, which is day 0."""
    return (FIRST + timedelta(days=number)).isoformat()


def trial(text: str = "sertraline", start: int = 0, days: int = 56, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """An adequate trial without response; `more` lays other fields over it as a merge patch."""
    dose = {"sertraline": 100, "venlafaxine": 225, "mirtazapine": 30, "duloxetine": 60, "bupropion": 300}
    plain = {
        "medication": {"text": text},
        "started": day(start),
        "ended": day(start + days - 1),
        "daily_dose_mg": dose.get(text, 150),
        "indication": "depression",
        "adherence": {"adequate": True},
        "outcome": {"response": "none"},
    }
    if "doses" in more:
        plain.pop("daily_dose_mg")
    return {**plain, **more}


def rating(number: int, total: int | None = None, instrument: str = "phq9", **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """A rating on the n-th day."""
    return {"instrument": instrument, "assessed_on": day(number), "total_score": total, **more}


def history(*trials: Json, ratings: tuple[Json, ...] = (), episodes: tuple[Json, ...] = (EPISODE,)) -> Json:
    """A history with one unipolar episode from before the trials."""
    return {"episodes": list(episodes), "medication_trials": list(trials), "assessments": list(ratings)}


def verdict(answer: Json, criterion: str, place: int = 0) -> str:
    """The verdict on one criterion of one trial."""
    return str(finding(answer, criterion, place)["verdict"])


def finding(answer: Json, criterion: str, place: int = 0) -> Json:
    """One finding of one trial, in order of time."""
    found: Json = next(each for each in answer["trials"][place]["findings"] if each["criterion"] == criterion)
    return found


def judged(one: Json, definition: str = "rybak_2021", on: str = ON, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """The answer on a history of one trial."""
    return ask(history(one, **more), definition, on)


def place_of(trial_id: str) -> int:
    """Which trial of an evaluated history it is."""
    return int(str(trial_id).rsplit("/", 1)[1])


def patched(body: Json, trial_id: str, patch: Json, kind: str = "medication_trials") -> Json:
    """The history with a merge patch laid over one trial, or one record of another kind."""
    rows = list(body[kind])
    named = [place for place, row in enumerate(rows) if row.get("id") == trial_id]
    place = named[0] if named else place_of(trial_id)
    rows[place] = merged(rows[place], patch)
    return {**body, kind: rows}


def changed(body: Json, change: Json) -> Json:
    """The history with a change laid over it that the service named."""
    if "trial_id" in change:
        return patched(body, change["trial_id"], change["patch"])
    return patched(body, change["episode_id"], change["patch"], "episodes")


OTHERS = (("venlafaxine", 100), ("mirtazapine", -120), ("bupropion", -60))


def enough_for(slug: str, first: Json) -> Json:
    """A history that meets the definition, with other fields laid over the first trial."""
    rule = library().definitions[slug]
    outcome = {"response": "partial" if rule.failure and rule.failure.floor else "none"}
    others = OTHERS[: rule.required.failed_medications - 1]
    score = rule.current_score
    return history(
        trial(**{"outcome": outcome, **first}),
        *(trial(text, start, outcome=outcome) for text, start in others),
        ratings=(rating(360, score.at_least, score.instrument),) if score else (),
        episodes=({**EPISODE, "onset": "2024-01-01"},),
    )
