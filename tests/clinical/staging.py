"""Staging a history as clinicians would send it, without a web or a database."""

from typing import Any
from uuid import UUID

from clinical.background import FACTORS_OF, ContributingFactor
from clinical.dates import parse_partial_date
from clinical.history import History
from clinical.library import library
from clinical.staging.answer import Scored, Staged
from clinical.staging.stage import stage
from models.evaluation import HistoryEntry
from registry.desk import Desk
from registry.evaluation import rows_of
from registry.facts import history_of
from tests.clinical.asking import NOWHERE, TODAY, Json
from tests.clinical.trials import day

ON = "2025-12-31"


def facts_of(body: Json) -> History:
    """The facts of a history in the shape of `POST /v1/evaluate`."""
    return history_of(rows_of(HistoryEntry.model_validate(body), Desk(NOWHERE, UUID(int=0), TODAY)))


def staged(slug: str, body: Json, on: str = ON) -> Staged:
    """What one method says of a history."""
    return stage(library().staging[slug], facts_of(body), parse_partial_date(on).first, library())


def dimension(answer: Staged, name: str) -> Scored:
    """One dimension of an answer."""
    return next(each for each in answer.dimensions if each.dimension == name)


def bounds(answer: Staged, name: str) -> tuple[float, float]:
    """The bounds of one dimension."""
    return tuple(dimension(answer, name).bounds)  # type: ignore[return-value]


def ect(start: int = 220, days: int = 28, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """A failed course of bilateral ECT."""
    return {
        "kind": "neuromodulation",
        "modality": "ect",
        "sessions": 8,
        "laterality": "bilateral",
        "started": day(start),
        "ended": day(start + days - 1),
        "outcome": {"response": "none"},
        **more,
    }


def factor(name: str, certainty: str = "confirmed", noted_on: str | None = None) -> Json:
    """A contributing factor under the category where it belongs."""
    category = next(kind for kind, factors in FACTORS_OF.items() if ContributingFactor(name) in factors)
    return {"category": category.value, "factor": name, "certainty": certainty, "noted_on": noted_on}
