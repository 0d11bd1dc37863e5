"""Rows to clinical facts: the only bridge between what is stored and what is true.

A row is a mapping of column names to values as JSON gives them, whether it comes from the version history or from a
history that is only being evaluated and never stored.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from clinical.background import Certainty, ContributingFactor, FactorCategory, ScoredInstrument, Symptom
from clinical.care import Laterality, Modality, TreatmentKind
from clinical.dates import Span, parse_partial_date
from clinical.history import (
    DoseStep,
    Episode,
    ExternalScore,
    Factor,
    History,
    Observation,
    Outcome,
    Rating,
    Treatment,
    Trial,
)
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


def treatment_of(row: Row) -> Treatment:
    """One row of treatments; `ended` as for a trial: `unknown` was stopped, nobody knows when."""
    return Treatment(
        id=str(row["id"]),
        kind=TreatmentKind(row["kind"]),
        modality=Modality(row["modality"]),
        started=_span(row["started"]),
        ended=_span(row["ended"]),
        running=row["ended"] is None,
        sessions=row["sessions"],
        laterality=Laterality(row["laterality"]),
        outcome=_outcome_of(row),
        stop_reason=StopReason(row["stop_reason"]),
        episode_id=str(row["episode_id"]) if row["episode_id"] else None,
    )


def observation_of(row: Row) -> Observation:
    """One row of symptoms. Its day is always recorded; what is in neither list is unknown."""
    on = parse_partial_date(row["observed_on"])
    return Observation(
        str(row["id"]), on, frozenset(map(Symptom, row["present"])), frozenset(map(Symptom, row["absent"]))
    )


def factor_of(row: Row) -> Factor:
    """One row of contributing_factors."""
    category, factor = FactorCategory(row["category"]), ContributingFactor(row["factor"])
    return Factor(str(row["id"]), category, factor, Certainty(row["certainty"]), _span(row["noted_on"]))


def score_of(row: Row) -> ExternalScore:
    """One row of external_scores. Its day is always recorded."""
    on = parse_partial_date(row["scored_on"])
    return ExternalScore(str(row["id"]), ScoredInstrument(row["instrument"]), on, row["score"], row["rater"])


class Reader(NamedTuple):
    """The list of a history that a kind of record belongs to, and how a row of it is read."""

    into: str
    read: Callable[[Row], Any]


READERS: Mapping[str, Reader] = {
    "episodes": Reader("episodes", episode_of),
    "medication_trials": Reader("trials", trial_of),
    "assessments": Reader("ratings", rating_of),
    "treatments": Reader("treatments", treatment_of),
    "symptoms": Reader("observations", observation_of),
    "contributing_factors": Reader("factors", factor_of),
    "external_scores": Reader("scores", score_of),
}


def history_of(rows: Iterable[tuple[str, Row]]) -> History:
    """All facts of one patient from (kind, row) pairs; kinds that hold no clinical fact are passed over."""
    facts: dict[str, list[Any]] = {}
    for kind, row in rows:
        if kind in READERS:
            into, read = READERS[kind]
            facts.setdefault(into, []).append(read(row))
    return History(**{into: tuple(listed) for into, listed in facts.items()})
