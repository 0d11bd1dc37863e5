"""Rows to clinical facts: the only bridge between what is stored and what is true.

A row is a mapping of column names to values as JSON gives them, whether it comes from the version history or from a
history that is only being evaluated and never stored.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from clinical.dates import Span, parse_partial_date
from clinical.history import DoseStep, Episode, History, Outcome, Rating, Trial
from clinical.medicines import formulary
from clinical.vocabulary import Basis, Indication, Polarity, Response, Role, Severity, StopReason

Row = Mapping[str, Any]


def _span(text: str | None) -> Span | None:
    return None if text is None or text == "unknown" else parse_partial_date(text)


def _number(value: Any) -> float | None:  # noqa: ANN401 - a JSON number
    return None if value is None else float(value)


def trial_of(row: Row) -> Trial:
    """One row of medication_trials."""
    return Trial(
        id=str(row["id"]),
        ingredient=row["ingredient"],
        name=formulary().medicines[row["ingredient"]].name,
        started=_span(row["started"]),
        ended=_span(row["ended"]),
        running=row["ended"] is None,
        doses=tuple(DoseStep(_number(step["daily_dose_mg"]), _span(step["from"])) for step in row["doses"]),
        adherent=row["adherence_adequate"],
        taken_fraction=_number(row["adherence_taken_fraction"]),
        indication=Indication(row["indication"]),
        role=Role(row["role"]),
        augments=str(row["augments"]) if row["augments"] else None,
        episode_id=str(row["episode_id"]) if row["episode_id"] else None,
        outcome=_outcome_of(row),
        stop_reason=StopReason(row["stop_reason"]),
    )


def _outcome_of(row: Row) -> Outcome:
    basis = row["outcome_basis"]
    return Outcome(
        response=Response(row["outcome_response"]),
        improvement_percent=_number(row["outcome_improvement_percent"]),
        assessed_on=_span(row["outcome_assessed_on"]),
        basis=Basis(basis) if basis else None,
        early_failure_confirmed=bool(row["outcome_early_failure_confirmed"]),
        ever_responded=row["outcome_ever_responded"],
    )


def episode_of(row: Row) -> Episode:
    """One row of episodes."""
    return Episode(
        id=str(row["id"]),
        onset=_span(row["onset"]),
        resolved=_span(row["resolved"]),
        polarity=_polarity_of(row),
        psychotic=row["psychotic_features"],
        severity=Severity(row["severity"]),
    )


def _polarity_of(row: Row) -> Polarity:
    """The polarity as recorded; where it is not, a coded bipolar disorder (ICD-10 F31) says it."""
    polarity, diagnosis = Polarity(row["polarity"]), row.get("diagnosis") or {}
    coded = str(diagnosis.get("system") or "").lower().startswith("icd10")
    if polarity is Polarity.UNKNOWN and coded and str(diagnosis.get("code") or "").upper().startswith("F31"):
        return Polarity.BIPOLAR
    return polarity


def rating_of(row: Row) -> Rating:
    """One row of assessments. Its day is always recorded."""
    items = row["items"]
    on = parse_partial_date(row["assessed_on"])
    return Rating(row["instrument"], on, row["total_score"], None if items is None else tuple(items))


READERS: Mapping[str, Callable[[Row], Trial | Episode | Rating]] = {
    "episodes": episode_of,
    "medication_trials": trial_of,
    "assessments": rating_of,
}


def history_of(rows: Iterable[tuple[str, Row]]) -> History:
    """All facts of one patient from (kind, row) pairs; kinds that hold no clinical fact are passed over."""
    facts = [READERS[kind](row) for kind, row in rows if kind in READERS]
    return History(
        episodes=tuple(fact for fact in facts if isinstance(fact, Episode)),
        trials=tuple(fact for fact in facts if isinstance(fact, Trial)),
        ratings=tuple(fact for fact in facts if isinstance(fact, Rating)),
    )
