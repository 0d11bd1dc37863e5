"""What is made of evidence is brought up to it in the transaction in which the evidence changes, once a patient."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from interop.fhir.calls import Call
from registry.derivation import derive
from registry.fhir_shelf import Located
from registry.statements import transaction

Done = TypeVar("Done")
NO_EVIDENCE = "Patient"
LATER = "trialbook.evidence"
"""Where a Bundle keeps whose evidence changed, until its last entry is done."""


async def settled(call: Call, act: Callable[..., Awaitable[Done]], *given: Any) -> Done:  # noqa: ANN401 - what the act takes
    """Write something, and what follows from it, or nothing."""
    if call.kind == NO_EVIDENCE:
        return await act(call.desk, *given)
    waiting: set[UUID] | None = call.request.scope.get(LATER)
    patient_id = given[0].ref.patient_id if isinstance(given[0], Located) else given[0]
    async with transaction(call.desk.database) as inside:
        desk = call.desk._replace(database=inside)
        done = await act(desk, *given)
        if waiting is None:
            await derive(desk, patient_id)
        else:
            waiting.add(patient_id)
        return done


async def settle_later(call: Call) -> None:
    """Do what was put off until now."""
    for patient_id in sorted(call.request.scope.pop(LATER, ())):
        await derive(call.desk, patient_id)


def put_off(call: Call) -> None:
    """What follows from evidence is done at the end, once a patient."""
    call.request.scope[LATER] = set[UUID]()
