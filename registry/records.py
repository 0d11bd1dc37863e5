"""The verbs that every kind of record shares: create, read, list, change, remove, history."""

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from models.base import Shape, new_id
from registry.desk import Desk, Ref
from registry.errors import Gone, NotFound, PreconditionFailed, Restricted
from registry.faults import REFUSED, explained
from registry.noun import Entry, Noun, Row
from registry.statements import Statement

CLOSED = (
    "The record of this patient is restricted to its care team. In an emergency, POST /v1/patients/{patient_id}/"
    "emergency-access with a reason opens it for a while; whoever reviews such accesses will see it."
)
START = UUID(int=0)
NO_PATIENT = "There is no patient of this id. Find the patient with GET /v1/patients?identifier=system|value."
PATIENT_GONE = "The patient was marked as entered in error. Its history can still be read under `/history`."
Said = dict[str, Any]
Versions = Sequence[int] | None
"""The versions that a change may be made from; None is any."""


class Stretch(NamedTuple):
    """A stretch of a list: how many at most, and after which id."""

    at_most: int
    after: UUID = START


def _miss(noun: Noun[Any], row: Row | None) -> NoReturn:
    """Say why there is no such record to be had."""
    if row is None:
        raise NotFound(NO_PATIENT)
    if row["patient_gone"]:
        raise Gone(PATIENT_GONE)
    refuse_closed(row)
    if row["id"] is None:
        raise NotFound(f"There is no {noun.name} of this id.")
    raise Gone(f"This {noun.name} was marked as entered in error. Its history can still be read under `/history`.")


def refuse_closed(row: Row) -> None:
    """Refuse the record of a patient that is open to others only.

    Raises:
        Restricted: it is, and whoever asks is not among them.
    """
    if row["patient_closed"]:
        raise Restricted(CLOSED)


def found(noun: Noun[Any], row: Row | None) -> Row:
    """The row, if it is there and not entered in error.

    Raises:
        NotFound: no such patient or record.
        Gone: it or its patient was entered in error.
    """
    if row is None or row["patient_gone"] or row["patient_closed"] or row["id"] is None or row["entered_in_error"]:
        _miss(noun, row)
    return row


async def _write(statement: Statement, desk: Desk, values: Said) -> Row | None:
    """Run a statement that writes; what the database refuses is said in the client's words."""
    try:
        return await statement.fetch_one(desk.database, organisation_id=desk.organisation_id, **values)
    except REFUSED as error:
        raise explained(error) from error


async def create(desk: Desk, noun: Noun[Entry], patient_id: UUID | None, entry: Entry) -> Said:
    """Record it. One round trip.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
        InvalidRequest: it contradicts itself, the calendar or what is stored.
        Conflict: its id or identifier is taken.
    """
    record_id = getattr(entry, "id", None) or new_id()
    values = {**noun.sealed(noun.to_row(entry, desk), desk, record_id), "id": record_id}
    if patient_id is not None:
        values["patient_id"] = patient_id
    return noun.said(found(noun, await _write(noun.statements.insert, desk, values)), desk)


async def read(desk: Desk, noun: Noun[Any], ref: Ref) -> Said:
    """The record as it is now. One round trip.

    Raises:
        NotFound: no such patient or record.
        Gone: it or its patient was entered in error.
    """
    return noun.said(await _row(desk, noun, ref), desk)


async def _row(desk: Desk, noun: Noun[Any], ref: Ref) -> Row:
    given = _where(desk, noun, ref)
    return found(noun, await noun.statements.read.fetch_one(desk.database, **given))


def _where(desk: Desk, noun: Noun[Any], ref: Ref) -> Said:
    where: Said = {"organisation_id": desk.organisation_id, "record_id": ref.record_id}
    if "patient_id" in noun.table.c:
        where["patient_id"] = ref.patient_id
    return where


async def page(
    desk: Desk, noun: Noun[Any], patient_id: UUID | None, stretch: Stretch
) -> tuple[list[Said], UUID | None]:
    """A stretch of the list, in the order of ids, and the id after which it goes on. One round trip.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
    """
    given: Said = {"organisation_id": desk.organisation_id, "after": stretch.after, "at_most": stretch.at_most + 1}
    if patient_id is not None:
        given["patient_id"] = patient_id
    rows = await noun.statements.page.fetch_all(desk.database, **given)
    if not rows or rows[0]["patient_gone"] or (patient_id is not None and rows[0]["patient_closed"]):
        _miss(noun, rows[0] if rows else None)
    items = [noun.said(row, desk) for row in rows[: stretch.at_most] if row["id"] is not None]
    return items, items[-1]["id"] if len(rows) > stretch.at_most else None


async def change(desk: Desk, noun: Noun[Entry], ref: Ref, versions: Versions, patch: Shape) -> Said:
    """Lay a merge patch over the record, if it still is one of these versions.

    Raises:
        NotFound, Gone: as in `read`.
        PreconditionFailed: somebody else changed it meanwhile.
        InvalidRequest, Conflict: as in `create`.
    """
    row = await _row(desk, noun, ref)
    if versions is not None and row["version"] not in versions:
        _stale(row["version"])
    sent = patch.model_dump(mode="json", by_alias=True, exclude_unset=True)
    columns = noun.to_row(noun.amended(noun.opened(row, desk), sent), desk)
    values = {**noun.sealed(columns, desk, ref.record_id), **_where(desk, noun, ref)}
    values["expected_version"] = row["version"]
    del values["organisation_id"]
    changed = await _write(noun.statements.update, desk, values)
    if changed is None:
        _stale(None)
    return noun.said(changed, desk)


def _stale(version: int | None) -> NoReturn:
    current = "" if version is None else f' Its version is now "{version}".'
    raise PreconditionFailed(
        f"The record was changed since you read it.{current} Read it again, make your change on what you find, and send"
        " its ETag as If-Match."
    )


async def remove(desk: Desk, noun: Noun[Any], ref: Ref, versions: Versions) -> int:
    """Mark it as entered in error, if it still is one of these versions. One round trip.

    Returns:
        The version that says so.

    Raises:
        NotFound, Gone, PreconditionFailed: as in `change`.
    """
    where = _where(desk, noun, ref)
    del where["organisation_id"]
    listed = None if versions is None else list(versions)
    row = found(noun, await _write(noun.statements.remove, desk, {**where, "versions": listed}))
    if row["removed_version"] is None:
        _stale(row["version"])
    return int(row["removed_version"])


async def history(desk: Desk, noun: Noun[Any], ref: Ref, stretch: tuple[int, int]) -> tuple[list[Said], int | None]:
    """Versions of the record from the first on, also of one entered in error; `stretch` is (at most, after version).

    Raises:
        NotFound: there never was such a record.
    """
    at_most, after = stretch
    rows = await noun.statements.history.fetch_all(
        desk.database,
        organisation_id=desk.organisation_id,
        patient_id=ref.patient_id,
        record_id=ref.record_id,
        after=after,
        at_most=at_most + 1,
    )
    if not rows and after == 0:
        raise NotFound(f"There never was a {noun.name} of this id.")
    if rows:
        refuse_closed(rows[0])
    items = [{**row, "record": noun.said(row["document"], desk)} for row in rows[:at_most]]
    return items, items[-1]["version"] if len(rows) > at_most else None
