"""Erasing a patient, and what is left of it; exporting all that is held of one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, String, Table, Uuid, bindparam, column, func, select

from models.audit import AuditEvent
from models.erasure import Erasure
from models.patient import Patient
from models.record_version import RecordVersion
from registry.desk import Desk
from registry.errors import Gone, NotFound
from registry.fhir_resources import FHIR_RESOURCES
from registry.patients import PATIENTS
from registry.record_statements import ORGANISATION, PATIENT, closed
from registry.records import NO_PATIENT, Said, Stretch, refuse_closed
from registry.statements import Statement

ERASURES: Table = Erasure.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
EVENTS: Table = AuditEvent.__table__  # type: ignore[attr-defined]
VERSIONS: Table = RecordVersion.__table__  # type: ignore[attr-defined]
STANDING: Table = Patient.__table__  # type: ignore[attr-defined]
COLUMNS = tuple(each.name for each in ERASURES.c if each.name != "organisation_id")
NO_ERASURE = "No patient of this id was erased here."
ERASED = "The patient of this id was erased on {}. What is left is at /v1/erasures/{}."
SEALED = {noun.table.name: noun for noun in (PATIENTS, FHIR_RESOURCES)}
HIDDEN = {"organisation_id", "identity", "identifier_digests"}
_erased = func.erase_patient(ORGANISATION, PATIENT, bindparam("reason", type_=String)).table_valued(
    *(column(each.name, each.type) for each in ERASURES.c)
)
ERASE = Statement(select(*(_erased.c[name] for name in COLUMNS)), repeatable=False)
_listed = select(*(ERASURES.c[name] for name in COLUMNS)).where(ERASURES.c.organisation_id == ORGANISATION)
READ = Statement(_listed.where(ERASURES.c.patient_id == PATIENT))
PAGE = Statement(
    _listed.where(ERASURES.c.patient_id > bindparam("after", type_=Uuid))
    .order_by(ERASURES.c.patient_id)
    .limit(bindparam("at_most", type_=Integer))
)
OF_PATIENT = Statement(
    select(closed(STANDING)).where(STANDING.c.organisation_id == ORGANISATION, STANDING.c.id == PATIENT)
)
HELD = Statement(
    select(VERSIONS)
    .where(VERSIONS.c.organisation_id == ORGANISATION, VERSIONS.c.patient_id == PATIENT)
    .order_by(VERSIONS.c.kind, VERSIONS.c.record_id, VERSIONS.c.version)
)
AUDITED = Statement(
    select(EVENTS).where(EVENTS.c.organisation_id == ORGANISATION, EVENTS.c.patient_id == PATIENT).order_by(EVENTS.c.id)
)


def _of(desk: Desk, patient_id: UUID) -> Said:
    return {"organisation_id": desk.organisation_id, "patient_id": patient_id}


async def erase(desk: Desk, patient_id: UUID, reason: str) -> Said:
    """Erase all that is held of a patient, for ever, and leave a tombstone: in one transaction.

    Raises:
        NotFound: no such patient.
    """
    row = await ERASE.fetch_one(desk.database, **_of(desk, patient_id), reason=reason)
    if row is None:
        raise NotFound(NO_PATIENT)
    return dict(row)


async def read_erasure(desk: Desk, patient_id: UUID) -> Said:
    """The tombstone of a patient.

    Raises:
        NotFound: none of this id was erased.
    """
    row = await READ.fetch_one(desk.database, **_of(desk, patient_id))
    if row is None:
        raise NotFound(NO_ERASURE)
    return dict(row)


async def list_erasures(desk: Desk, stretch: Stretch) -> tuple[list[Said], UUID | None]:
    """All tombstones, in the order of the patients' ids. One round trip."""
    given = {"organisation_id": desk.organisation_id, "after": stretch.after, "at_most": stretch.at_most + 1}
    rows = await PAGE.fetch_all(desk.database, **given)
    items = [dict(row) for row in rows[: stretch.at_most]]
    return items, items[-1]["patient_id"] if len(rows) > stretch.at_most else None


async def refuse_erased(desk: Desk, patient_id: UUID) -> None:
    """Say of a patient who is not there if that is because of an erasure.

    Raises:
        Gone: it is.
    """
    row = await READ.fetch_one(desk.database, **_of(desk, patient_id))
    if row is not None:
        raise Gone(ERASED.format(row["erased_at"].date().isoformat(), patient_id))


async def export(desk: Desk, patient_id: UUID, now: datetime) -> Said:
    """Everything that is held of a patient: each version of each record, and who looked at it. Three round trips.

    Raises:
        NotFound: no such patient.
        Restricted: the record is open to others only.
    """
    standing = await OF_PATIENT.fetch_one(desk.database, **_of(desk, patient_id))
    if standing is None:
        raise NotFound(NO_PATIENT)
    refuse_closed(standing)
    versions = await HELD.fetch_all(desk.database, **_of(desk, patient_id))
    events = await AUDITED.fetch_all(desk.database, **_of(desk, patient_id))
    return {
        "patient_id": patient_id,
        "exported_at": now,
        "versions": [{**row, "record": _record(desk, row["kind"], row["document"])} for row in versions],
        "audit": [dict(event) for event in events],
    }


def _record(desk: Desk, kind: str, document: Said) -> Said:
    opened = SEALED[kind].opened(document, desk) if kind in SEALED else document
    return {name: value for name, value in opened.items() if name not in HIDDEN}
