"""A history that was made of what a hospital sent: single records that are refused are left out and said."""

from datetime import date
from typing import Any

import pytest

from models.database import Database
from registry.errors import InvalidRequest
from registry.sent_history import MOST, judged_of
from settings import FIRST_ORGANISATION
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio
DEFINITION = "two_failed_medications"
GOOD = {"medication": {"text": "sertraline"}, "started": "2025-01-10", "ended": "2025-03-28"}
PHQ9 = {"instrument": "phq9", "assessed_on": "2025-01-09", "total_score": 20}


def judged(database: Database, slug: str = DEFINITION, **sent: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - compared
    return judged_of(sent, slug, desk_of(database, FIRST_ORGANISATION, date(2026, 1, 1)), {})


async def test_what_cannot_be_used_is_left_out_and_the_rest_is_judged(database: Database) -> None:
    backwards, unnamed = GOOD | {"ended": "2024"}, GOOD | {"medication": {"text": "no such medicine"}}
    shapeless, out_of_range = {"started": 7}, PHQ9 | {"total_score": 400}
    found = judged(database, medication_trials=[shapeless, backwards, GOOD, unnamed], assessments=[out_of_range, PHQ9])
    assert found.entries == {"medication_trials": [GOOD], "assessments": [PHQ9]}
    assert [trial.name for trial in found.judged.history.trials] == ["sertraline"]
    assert len(found.left_out) >= 4
    assert "no such medicine" not in " ".join(found.left_out)


async def test_of_more_than_a_history_holds_the_last_are_looked_at(database: Database) -> None:
    found = judged(database, assessments=[PHQ9] * (MOST["assessments"] + 3))
    assert len(found.entries["assessments"]) == MOST["assessments"]
    assert found.left_out == ("Only the last 2000 of 2003 records of the kind `assessments` were looked at.",)


async def test_a_definition_that_nobody_knows_is_refused(database: Database) -> None:
    with pytest.raises(InvalidRequest, match="The definition is not known"):
        judged(database, "no_such_definition", medication_trials=[GOOD])
