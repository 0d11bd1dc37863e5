"""The statements of a bulk import: each verb for the records of many patients at once, never one by one."""

from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    not_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from models.bulk_import import DerivedRecord
from models.patient import PatientIdentifier
from registry.record_statements import (
    IDENTITY,
    KEPT_BY_DATABASE,
    ORGANISATION,
    PATIENTS,
    VERSIONS,
    closed,
)
from registry.statements import Statement

DERIVED: Table = DerivedRecord.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
IDENTIFIERS: Table = PatientIdentifier.__table__  # type: ignore[attr-defined]
OF_PATIENTS: ColumnElement[Any] = literal_column("'patients'")
EXPECTED = Column("expected_version", Integer)


def _sent(columns: list[Column[Any]]) -> FromClause:
    """Rows that are sent as one JSON array."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    named = rows.table_valued(*(column(each.name, each.type) for each in columns), name="sent")
    return named.render_derived(with_types=True)


def _written(table: Table, but: frozenset[str]) -> list[Column[Any]]:
    return [each for each in table.c if each.name not in but and each.computed is None]


class ManyStatements(NamedTuple):
    """Writing many records of one kind."""

    insert: Statement
    update: Statement
    retract: Statement


def many(table: Table) -> ManyStatements:
    """Build the statements for a kind of record."""
    columns = _written(table, KEPT_BY_DATABASE)
    new = _sent([each for each in columns if each.name != "organisation_id"])
    values = [ORGANISATION if each.name == "organisation_id" else new.c[each.name] for each in columns]
    added = insert(table).from_select(columns, select(*values)).returning(table.c.id)
    changing = _written(table, KEPT_BY_DATABASE | IDENTITY)
    sent = _sent([table.c.id, EXPECTED, *changing])
    same = (table.c.organisation_id == ORGANISATION, table.c.id == sent.c.id)
    unchanged = (table.c.version == sent.c.expected_version, not_(table.c.entered_in_error))
    changed = update(table).values({each: sent.c[each.name] for each in changing}).where(*same, *unchanged)
    listed = _sent([table.c.id, EXPECTED])
    known = (table.c.organisation_id == ORGANISATION, table.c.id == listed.c.id)
    standing = (table.c.version == listed.c.expected_version, not_(table.c.entered_in_error))
    gone = update(table).values(entered_in_error=true()).where(*known, *standing)
    return ManyStatements(
        Statement(added, repeatable=False),
        Statement(changed.returning(table.c.id, table.c.version), repeatable=False),
        Statement(gone.returning(table.c.id, table.c.version), repeatable=False),
    )


def _standing(found_by: ColumnElement[str]) -> tuple[ColumnElement[Any], ...]:
    """A patient who is here already, and by what it was found."""
    named = (PATIENTS.c.id, PATIENTS.c.birth_date, PATIENTS.c.entered_in_error)
    return found_by.label("found_by"), *named, closed(PATIENTS)


_listed = bindparam("digests", type_=ARRAY(String))
_of_identifiers = and_(
    PATIENTS.c.organisation_id == IDENTIFIERS.c.organisation_id, PATIENTS.c.id == IDENTIFIERS.c.patient_id
)
_of_sources = and_(PATIENTS.c.organisation_id == DERIVED.c.organisation_id, PATIENTS.c.id == DERIVED.c.patient_id)
_found = union_all(
    select(*_standing(IDENTIFIERS.c.digest))
    .select_from(IDENTIFIERS.join(PATIENTS, _of_identifiers))
    .where(IDENTIFIERS.c.organisation_id == ORGANISATION, IDENTIFIERS.c.digest == _listed.any_()),
    select(*_standing(DERIVED.c.key))
    .select_from(DERIVED.join(PATIENTS, _of_sources))
    .where(DERIVED.c.organisation_id == ORGANISATION, DERIVED.c.kind == OF_PATIENTS, DERIVED.c.key == _listed.any_()),
).subquery("found")
FIND = Statement(select(_found))
"""Patients by the digests of their identifiers, and by those of where they came from."""
_open = and_(
    VERSIONS.c.organisation_id == DERIVED.c.organisation_id,
    VERSIONS.c.record_id == DERIVED.c.record_id,
    VERSIONS.c.superseded_at.is_(None),
)
_kept = ("patient_id", "kind", "key", "record_id", "version", "digest", "provenance")
HELD = Statement(
    select(
        *(DERIVED.c[name] for name in _kept),
        func.coalesce(VERSIONS.c.version, 0).label("current"),
        func.coalesce(VERSIONS.c.entered_in_error, False, type_=Boolean).label("in_error"),
    )
    .select_from(DERIVED.outerjoin(VERSIONS, _open))
    .where(
        DERIVED.c.organisation_id == ORGANISATION,
        DERIVED.c.patient_id == bindparam("patients", type_=ARRAY(Uuid)).any_(),
    )
)
"""What was derived of some patients before, and at which version each record is now."""
_new = _sent([each for each in DERIVED.c if each.name != "organisation_id"])
_values = [ORGANISATION if each.name == "organisation_id" else _new.c[each.name] for each in DERIVED.c]
_keep = upsert(DERIVED).from_select(list(DERIVED.c), select(*_values))
KEEP = Statement(
    _keep.on_conflict_do_update(
        index_elements=["organisation_id", "patient_id", "kind", "key"],
        set_={name: _keep.excluded[name] for name in ("version", "digest", "provenance")},
    ),
    repeatable=False,
    records=False,
)
"""Note of what each record was made."""
