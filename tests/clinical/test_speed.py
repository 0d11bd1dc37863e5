"""One pure evaluation of five trials and ten ratings keeps its pace, whatever the machine's own pace is just now."""

import pytest

from bench.evaluate import best_microseconds, evaluation
from clinical.library import library

# Measured at about 65 when the machine is quiet; far more would be a new cost in every evaluation.
MOST_LOOPS = 110


def _loop() -> float:
    """A loop of plain Python over a hundred numbers; its time says how fast this machine is just now."""
    return best_microseconds(lambda: sum(each & 1 for each in range(100)), rounds=15)


@pytest.mark.parametrize("failed", [0, 2, 5])
def test_an_evaluation_keeps_its_pace(failed: int) -> None:
    rule, ratios = library().definitions["transform_atrq"], []
    for _ in range(5):
        before, taken, after = _loop(), evaluation(rule, failed, rounds=10), _loop()
        ratios.append(taken / max(before, after))
    assert min(ratios) <= MOST_LOOPS
