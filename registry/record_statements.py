"""The statements of one kind of record: each verb is one round trip."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    update,
)

from models.patient import Patient
from models.record_version import RecordVersion
from registry.statements import Statement

PATIENTS: Table = Patient.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
VERSIONS: Table = RecordVersion.__table__  # type: ignore[attr-defined]
KEPT_BY_DATABASE = frozenset({"version", "created_at", "updated_at", "entered_in_error"})
IDENTITY = frozenset({"organisation_id", "patient_id", "id"})

Beside = Callable[[FromClause], list[ColumnElement[Any]]]
"""Columns that an answer needs besides the row itself, computed beside it."""

ORGANISATION = bindparam("organisation_id", type_=Uuid)
PATIENT = bindparam("patient_id", type_=Uuid)
RECORD = bindparam("record_id", type_=Uuid)


class RecordStatements(NamedTuple):
    """One statement a verb."""

    insert: Statement
    read: Statement
    page: Statement
    update: Statement
    remove: Statement
    history: Statement


def nothing_beside(_row: FromClause) -> list[ColumnElement[Any]]:
    """Most answers need the row alone."""
    return []


def closed(patient: FromClause) -> ColumnElement[bool]:
    """Whether the record of the patient is restricted, and whoever asks may not open it (`models.on_behalf`)."""
    columns = patient.c
    asked = func.is_closed(columns.organisation_id, columns.id, columns.restricted_to, type_=Boolean)
    return case((columns.restricted_to.is_(null()), false()), else_=asked).label("patient_closed")


def _standing() -> Select[Any]:
    """How it stands with the patient: entered in error, or closed to whoever asks."""
    return select(PATIENTS.c.entered_in_error.label("patient_gone"), closed(PATIENTS))


def owner() -> CTE:
    """The patient that the record belongs to, if there is one."""
    found = _standing()
    return found.where(PATIENTS.c.organisation_id == ORGANISATION, PATIENTS.c.id == PATIENT).cte("owner")


def held_owner() -> CTE:
    """The same for writing: whoever writes holds the patient before the record, so that two never wait for each other.

    The lock is the one that the trigger of every record takes (decision 0060). It also looks again at a patient who was
    just marked as entered in error.
    """
    found = _standing()
    mine = found.where(PATIENTS.c.organisation_id == ORGANISATION, PATIENTS.c.id == PATIENT)
    return mine.with_for_update(key_share=True).cte("owner")


def no_owner() -> CTE:
    """For patients themselves, whose owner is never missing."""
    return select(false().label("patient_gone"), false().label("patient_closed")).cte("owner")


def may_be_written(owned_by: CTE) -> ColumnElement[bool]:
    """Whether a record of this patient may be written."""
    return and_(not_(owned_by.c.patient_gone), not_(owned_by.c.patient_closed))


def _not_closed(table: Table) -> list[ColumnElement[bool]]:
    """For patients themselves, that their record is open to whoever asks; for records, their owner says so."""
    return [not_(closed(table))] if "restricted_to" in table.c else []


def of_patient(table: Table) -> ColumnElement[bool]:
    """The rows of the patient asked about; all rows of the organisation for patients themselves."""
    mine = table.c.organisation_id == ORGANISATION
    return and_(mine, table.c.patient_id == PATIENT) if "patient_id" in table.c else mine


def _owner_of(table: Table) -> CTE:
    return owner() if "patient_id" in table.c else no_owner()


def _held_owner_of(table: Table) -> CTE:
    return held_owner() if "patient_id" in table.c else no_owner()


def _beside_owner(owned_by: CTE, row: FromClause, beside: Beside, *, new: bool = False) -> Select[Any]:
    """The row beside its owner: no line is no patient, a line without id is no row."""
    whether_closed = closed(row) if "restricted_to" in row.c and not new else owned_by.c.patient_closed
    columns = (owned_by.c.patient_gone, whether_closed, *row.c, *beside(row))
    return select(*columns).select_from(owned_by.outerjoin(row, true()))


def _written(table: Table, but: frozenset[str]) -> list[Column[Any]]:
    """The columns that a statement sets: all but these and those that the database computes."""
    return [column for column in table.c if column.name not in but and column.computed is None]


def _insert(table: Table, beside: Beside) -> Statement:
    owned_by = _held_owner_of(table)
    columns = _written(table, KEPT_BY_DATABASE)
    values = select(*(bindparam(column.name, type_=column.type) for column in columns))
    allowed = values.select_from(owned_by).where(may_be_written(owned_by))
    row = insert(table).from_select(columns, allowed).returning(*table.c).cte("inserted")
    return Statement(_beside_owner(owned_by, row, beside, new=True), repeatable=False)


def _read(table: Table, beside: Beside) -> Statement:
    found = select(table).where(of_patient(table), table.c.id == RECORD).subquery("found")
    return Statement(_beside_owner(_owner_of(table), found, beside))


def page_of(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Rows in the order of their ids, after one id, at most so many, without those entered in error."""
    after = bindparam("after", type_=Uuid)
    rows = select(table).where(of_patient(table), not_(table.c.entered_in_error), table.c.id > after, *conditions)
    return rows.order_by(table.c.id).limit(bindparam("at_most", type_=Integer))


def _page(table: Table, beside: Beside) -> Statement:
    rows = page_of(table, *_not_closed(table)).subquery("page")
    return Statement(_beside_owner(_owner_of(table), rows, beside).order_by(rows.c.id))


def _update(table: Table, beside: Beside) -> Statement:
    columns = _written(table, KEPT_BY_DATABASE | IDENTITY)
    owned_by = _held_owner_of(table)
    change = update(table).values({column: bindparam(column.name, type_=column.type) for column in columns})
    unchanged = table.c.version == bindparam("expected_version", type_=Integer)
    there = and_(of_patient(table), table.c.id == RECORD, not_(table.c.entered_in_error))
    owned = select(owned_by).where(may_be_written(owned_by)).exists()
    row = change.where(there, unchanged, owned, *_not_closed(table)).returning(*table.c).cte("changed")
    return Statement(select(*row.c, *beside(row)), repeatable=False)


def _remove(table: Table) -> Statement:
    owned_by = _held_owner_of(table)
    versions = bindparam("versions", type_=ARRAY(Integer))
    there = and_(of_patient(table), table.c.id == RECORD)
    standing = [closed(table)] if "restricted_to" in table.c else []
    found = select(table.c.id, table.c.version, table.c.entered_in_error, *standing).where(there).cte("found")
    matching = or_(versions.is_(null()), table.c.version == versions.any_())
    owned = select(owned_by).where(may_be_written(owned_by)).exists()
    allowed = (owned, *_not_closed(table))
    gone = (
        update(table).values(entered_in_error=true()).where(there, matching, not_(table.c.entered_in_error), *allowed)
    )
    removed = gone.returning(table.c.version.label("removed_version")).cte("removed")
    beside = owned_by.outerjoin(found, true()).outerjoin(removed, true())
    whether_closed = [] if standing else [owned_by.c.patient_closed]
    answer = select(owned_by.c.patient_gone, *whether_closed, *found.c, removed.c.removed_version).select_from(beside)
    return Statement(answer, repeatable=False)


def _history(table: Table) -> Statement:
    mine = VERSIONS.c.organisation_id == ORGANISATION
    which = and_(mine, VERSIONS.c.patient_id == PATIENT, VERSIONS.c.record_id == RECORD)
    after = VERSIONS.c.version > bindparam("after", type_=Integer)
    of_whom = select(closed(PATIENTS)).where(PATIENTS.c.organisation_id == ORGANISATION, PATIENTS.c.id == PATIENT)
    rows = select(VERSIONS, of_whom.scalar_subquery().label("patient_closed")).where(
        which, VERSIONS.c.kind == literal_column(f"'{table.name}'"), after
    )
    return Statement(rows.order_by(VERSIONS.c.version).limit(bindparam("at_most", type_=Integer)))


def record_statements(table: Table, beside: Beside = nothing_beside) -> RecordStatements:
    """Build and compile the statements of one kind of record."""
    return RecordStatements(
        insert=_insert(table, beside),
        read=_read(table, beside),
        page=_page(table, beside),
        update=_update(table, beside),
        remove=_remove(table),
        history=_history(table),
    )
