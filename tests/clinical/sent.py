"""A history of facts as the body that a client would send to have it judged."""

from datetime import date
from typing import Any

from clinical.dates import Span
from clinical.history import Episode, History, Outcome, Rating, Trial
from tests.clinical.asking import Json

MONTH, YEAR = 7, 4


def _id(name: str) -> str:
    """A UUID for a name of two characters, such as `t3`."""
    return f"00000000-0000-7000-8000-{ord(name[0]):010x}{int(name[1:]):02x}"


def said(span: Span | None) -> str | None:
    """A day, a month or a year as it would be sent."""
    if span is None:
        return None
    text = date.fromordinal(span.first).isoformat()
    if span.exact:
        return text
    return text[:MONTH] if span.last - span.first < 31 else text[:YEAR]


def body_of(history: History) -> Json:
    """The history as the body of `POST /v1/evaluate`."""
    return {
        "episodes": [_episode(each) for each in history.episodes],
        "medication_trials": [_trial(each) for each in history.trials],
        "assessments": [_rating(each) for each in history.ratings],
    }


def named_as_sent(change: dict[str, Any]) -> dict[str, Any]:
    """A change that names its record as the body does."""
    return {key: _id(value) if key.endswith("_id") else value for key, value in change.items()}


def _episode(episode: Episode) -> Json:
    return {
        "id": _id(episode.id),
        "onset": said(episode.onset),
        "resolved": said(episode.resolved),
        "polarity": episode.polarity,
        "psychotic_features": episode.psychotic,
        "severity": episode.severity,
    }


def _trial(trial: Trial) -> Json:
    return {
        "id": _id(trial.id),
        "medication": {"text": trial.name},
        "started": said(trial.started),
        "ended": None if trial.running else said(trial.ended) or "unknown",
        "doses": [{"daily_dose_mg": dose, "from": said(since)} for dose, since in trial.doses],
        "adherence": {"adequate": trial.adherent, "taken_fraction": trial.taken_fraction},
        "indication": trial.indication,
        "role": trial.role,
        "augments": trial.augments and _id(trial.augments),
        "outcome": _outcome(trial.outcome),
        "stop_reason": None if trial.running else trial.stop_reason,
    }


def _outcome(outcome: Outcome) -> Json:
    return {
        "response": outcome.response,
        "improvement_percent": outcome.improvement_percent,
        "assessed_on": said(outcome.assessed_on),
        "early_failure_confirmed": outcome.early_failure_confirmed,
        "ever_responded": outcome.ever_responded,
    }


def _rating(rating: Rating) -> Json:
    return {"instrument": rating.instrument, "assessed_on": said(rating.on), "total_score": rating.total}
