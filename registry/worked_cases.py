"""The worked cases of a definition: what it must say of a few histories, run before it is accepted."""

import asyncio
from collections.abc import Iterator, Sequence

from clinical.assess import assess
from clinical.definition import Definition
from clinical.library import library
from clinical.vocabulary import Status
from models.local_definition import OwnWorkedCase
from registry.desk import Desk
from registry.errors import Fault, InvalidRequest
from registry.evaluation import facts_sent

MOST_FAULTS = 10
BOTH_SIDES = (Status.RESISTANT, Status.NOT_RESISTANT)
CANNOT_KEEP = "The definition does not say what its worked cases promise; `errors` says where and what came out."


async def refuse_broken_promises(definition: Definition, cases: Sequence[OwnWorkedCase], desk: Desk) -> None:
    """Refuse a definition of which a worked case comes out otherwise, or that shows one side alone.

    Raises:
        InvalidRequest: with a pointer for each fault; at most ten are shown.
    """
    faults = list(_missing_sides(cases))
    for place, case in enumerate(cases):
        faults += _wrong(definition, case, f"/worked_cases/{place}", desk)
        if len(faults) >= MOST_FAULTS:
            break
        await asyncio.sleep(0)  # a case may take a while: others are answered in between
    if faults:
        raise InvalidRequest(CANNOT_KEEP, tuple(faults[:MOST_FAULTS]))


def _missing_sides(cases: Sequence[OwnWorkedCase]) -> Iterator[Fault]:
    shown = {each.status for each in cases}
    for status in BOTH_SIDES:
        if status not in shown:
            yield Fault("/worked_cases", f"At least one worked case must come out as `{status}`.")


def _wrong(definition: Definition, case: OwnWorkedCase, where: str, desk: Desk) -> list[Fault]:
    """What cannot be read of a worked case, or what came out of it if it is something else."""
    try:
        facts = facts_sent(case.history, desk)
    except InvalidRequest as error:
        return [fault._replace(pointer=where + fault.pointer) for fault in error.faults]
    said = assess(definition, facts, case.on.toordinal(), library())
    found = (said.status, len(said.confirmed_names), said.possible)
    if found == (case.status, case.confirmed, case.possible):
        return []
    came = "`{}` with {} confirmed and {} possible".format(*found)
    return [Fault(f"{where}/status", f"It comes out as {came}: {said.summary} Correct the case or the rule.")]
