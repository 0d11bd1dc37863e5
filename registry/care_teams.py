"""Whom a restricted record is open to: only those who are in its care team change that, never under an emergency."""

from uuid import UUID

from access.caller import Caller
from registry.desk import Desk, Ref
from registry.errors import Fault, Forbidden, InvalidRequest
from registry.patients import PATIENTS
from registry.records import read

NOT_IN_TEAM = (
    "An emergency opens the record to read and to write; whom it is restricted to, and whether it is marked as entered "
    "in error, is left to its care team."
)
NOT_ONESELF = "You would shut yourself out. Name your own id (GET /v1/me) among `restricted_to`, or ask a colleague."


async def refuse_another_team(desk: Desk, patient_id: UUID, caller: Caller) -> None:
    """Refuse whoever opened a restricted record in an emergency alone.

    Raises:
        Forbidden: the record is restricted to others.
        NotFound, Gone, Restricted: as in `registry.records.read`.
    """
    if caller.is_bound:
        team = (await read(desk, PATIENTS, Ref(patient_id, patient_id)))["restricted_to"]
        if team is not None and caller.subject not in team:
            raise Forbidden(NOT_IN_TEAM)


def refuse_shutting_oneself_out(caller: Caller, team: list[str] | None) -> None:
    """Refuse a care team without the person who names it: most likely an id was mistyped.

    Raises:
        InvalidRequest: they are not in it.
    """
    if team is not None and caller.is_bound and caller.subject not in team:
        raise InvalidRequest(NOT_ONESELF, (Fault("/restricted_to", NOT_ONESELF),))
