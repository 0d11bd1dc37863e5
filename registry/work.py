"""Work that may take long: whoever asks the registry says where it is done, so that others are answered meanwhile."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

Doing = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Does a piece of pure work and hands back what it returns."""
MUCH = 60
"""Trials, with ten other records as one, from which on judging takes longer than the loop should be held."""
TRIALS = "medication_trials"


async def at_once(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work returns
    """Do it here and now."""
    return work()


def weight_of(kinds: Iterable[str | None]) -> int:
    """How much there is to judge among records of these kinds."""
    listed = list(kinds)
    trials = listed.count(TRIALS)
    return trials + (len(listed) - trials) // 10


def where_done(weight: int, beside: Doing) -> Doing:
    """Where work of this weight is done: beside the loop if it is much, else at once."""
    return beside if weight > MUCH else at_once
