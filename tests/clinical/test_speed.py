"""One pure evaluation of five trials and ten ratings stays within its budget, measured against this machine's pace."""

import pytest

from bench.evaluate import best_microseconds, evaluation
from clinical.library import library

BUDGET_MICROSECONDS = 150
PACE_MICROSECONDS = 5.0  # what `_pace` takes on the machine that the budget was set for


def _pace() -> float:
    """A loop of plain Python; its time says how fast this machine is just now."""
    return best_microseconds(lambda: sum(each & 1 for each in range(100)), rounds=30)


@pytest.mark.parametrize("failed", [0, 2, 5])
def test_an_evaluation_stays_within_its_budget(failed: int) -> None:
    taken = evaluation(library().definitions["transform_atrq"], failed)
    assert taken <= BUDGET_MICROSECONDS * max(_pace() / PACE_MICROSECONDS, 1)
