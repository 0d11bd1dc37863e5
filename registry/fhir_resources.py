"""FHIR resources as they were sent, kept beside the record that was made of them or alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Table, Uuid, bindparam, func, literal_column, not_, null, or_, select

from models import decimals
from models.fhir_resource import FhirResource, FhirResourceEntry
from registry.desk import Desk
from registry.identity import opened
from registry.noun import Noun, Row
from registry.record_statements import ORGANISATION, PATIENT, VERSIONS
from registry.statements import Statement

FIELD = "content"
RESOURCES: Table = FhirResource.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
Said = dict[str, Any]


def _to_row(entry: FhirResourceEntry, _desk: Desk) -> Said:
    return {"resource_type": entry.resource_type, "held_by": entry.held_by, FIELD: entry.content}


def _sealed(columns: Said, desk: Desk, record_id: UUID) -> Said:
    return {**columns, FIELD: desk.keys.sealed(record_id, FIELD, decimals.dumps(columns[FIELD]))}


def opened_resource(row: Row, desk: Desk) -> Row:
    """The row, or that of a kept version, with its content readable.

    Raises:
        DatabaseUnavailable, CannotOpen: as in `registry.identity.opened`.
    """
    return {**row, FIELD: decimals.loads(opened(desk, row["id"], FIELD, row[FIELD]))}


FHIR_RESOURCES = Noun(
    "kept resource",
    RESOURCES,
    FhirResourceEntry,
    _to_row,
    dict,
    lambda row: {name: row[name] for name in ("resource_type", "held_by", FIELD)},
    amend=lambda stored, patch: {**stored, **patch},
    sealed=_sealed,
    opened=opened_resource,
)
_beside = RESOURCES.c.held_by == bindparam("records", type_=ARRAY(Uuid)).any_()
HELD_BY = Statement(select(RESOURCES).where(RESOURCES.c.organisation_id == ORGANISATION, _beside))
"""What is kept beside some records: one for each, also for one that was removed, whose versions are still shown."""
_of_those = (VERSIONS.c.organisation_id == RESOURCES.c.organisation_id) & (VERSIONS.c.record_id == RESOURCES.c.id)
_all_of_it = (VERSIONS.c.organisation_id == ORGANISATION) & (RESOURCES.c.organisation_id == ORGANISATION) & _beside
_kept = _all_of_it & (VERSIONS.c.kind == literal_column(f"'{RESOURCES.name}'"))
_first, _last = (bindparam(name, type_=DateTime(timezone=True)) for name in ("first_until", "last_until"))
_oldest_shown = (
    select(func.max(VERSIONS.c.recorded_at))
    .join(RESOURCES, _of_those)
    .where(_kept, or_(_first.is_(null()), VERSIONS.c.recorded_at <= _first))
    .correlate(None)
    .scalar_subquery()
)
KEPT_VERSIONS = Statement(
    select(VERSIONS.c.recorded_at, VERSIONS.c.document)
    .join(RESOURCES, _of_those)
    .where(
        _kept,
        VERSIONS.c.recorded_at >= func.coalesce(_oldest_shown, literal_column("'-infinity'::timestamptz")),
        or_(_last.is_(null()), VERSIONS.c.recorded_at <= _last),
    )
    .order_by(VERSIONS.c.recorded_at)
)
"""What was kept beside some records, in the versions that stood between two moments, the oldest first; null is now."""


async def kept_versions(desk: Desk, record_id: UUID, first: datetime | None, last: datetime | None) -> list[Row]:
    """`recorded_at` and sealed `document` of the versions of what was kept beside a record. One round trip.

    From the one that stood at the moment `first` to the one that stood at `last`; None is now.
    """
    given = {"organisation_id": desk.organisation_id, "records": [record_id]}
    return list(await KEPT_VERSIONS.fetch_all(desk.database, **given, first_until=first, last_until=last))


OF_ONE = Statement(
    select(RESOURCES)
    .where(RESOURCES.c.organisation_id == ORGANISATION, RESOURCES.c.patient_id == PATIENT)
    .where(RESOURCES.c.held_by.is_(None), not_(RESOURCES.c.entered_in_error))
    .order_by(RESOURCES.c.id)
)
"""What is kept alone of one patient, of every type."""


async def kept_beside(desk: Desk, records: list[UUID]) -> Mapping[UUID, Said]:
    """What is kept beside these records, by record. One round trip."""
    rows = await HELD_BY.fetch_all(desk.database, organisation_id=desk.organisation_id, records=records)
    return {row["held_by"]: dict(opened_resource(row, desk)) for row in rows}
