"""Finding patients by an identifier, and a patient together with its records, each in one round trip."""

from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Select, String, Table, bindparam, func, literal_column, not_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from models.patient import PatientIdentifier
from registry.assessments import ASSESSMENTS
from registry.contributing_factors import CONTRIBUTING_FACTORS
from registry.desk import Desk
from registry.episodes import EPISODES
from registry.external_scores import EXTERNAL_SCORES
from registry.medication_trials import TRIALS
from registry.noun import Noun
from registry.patients import PATIENTS
from registry.record_statements import ORGANISATION, PATIENT, closed, page_of
from registry.records import Said, Stretch, found, refuse_closed
from registry.statements import Statement
from registry.symptoms import SYMPTOMS
from registry.treatment_plans import TREATMENT_PLANS
from registry.treatments import TREATMENTS

IDENTIFIERS: Table = PatientIdentifier.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
INCLUDABLE: dict[str, Noun[Any]] = {
    "episodes": EPISODES,
    "medication_trials": TRIALS,
    "treatments": TREATMENTS,
    "assessments": ASSESSMENTS,
    "symptoms": SYMPTOMS,
    "contributing_factors": CONTRIBUTING_FACTORS,
    "external_scores": EXTERNAL_SCORES,
    "treatment_plans": TREATMENT_PLANS,
}


def _identified() -> ColumnElement[bool]:
    """Patients who carry the identifier, by its keyed hash."""
    carried = select(IDENTIFIERS.c.patient_id).where(
        IDENTIFIERS.c.organisation_id == ORGANISATION,
        IDENTIFIERS.c.digest == bindparam("digest", type_=String),
    )
    return PATIENTS.table.c.id.in_(carried)


FIND = Statement(page_of(PATIENTS.table, _identified()).add_columns(closed(PATIENTS.table)))


async def patients_identified(desk: Desk, identifier: tuple[str, str], stretch: Stretch) -> list[Said]:
    """The patient who carries the identifier (system, value), as a list of one or none. One round trip.

    Raises:
        Restricted: the patient's record is not open to whoever asks.
    """
    given = {"organisation_id": desk.organisation_id, "after": stretch.after, "at_most": stretch.at_most}
    rows = await FIND.fetch_all(desk.database, **given, digest=desk.keys.digest(*identifier))
    for row in rows:
        refuse_closed(row)
    return [PATIENTS.said(row, desk) for row in rows]


def _records(noun: Noun[Any]) -> ColumnElement[Any]:
    """All records of a kind of the patient asked about, as one JSON list."""
    table: FromClause = noun.table
    mine = (table.c.organisation_id == ORGANISATION, table.c.patient_id == PATIENT, not_(table.c.entered_in_error))
    rows = select(table, *noun.beside(table)).where(*mine).subquery()
    each = func.to_jsonb(rows.table_valued())
    listed = func.jsonb_agg(aggregate_order_by(each, rows.c.id), type_=JSONB)
    return select(func.coalesce(listed, literal_column("'[]'::jsonb"))).select_from(rows).scalar_subquery()


def _with_records(names: tuple[str, ...]) -> Select[Any]:
    table = PATIENTS.table
    patient = select(
        table,
        literal_column("false").label("patient_gone"),
        closed(table),
        *(_records(INCLUDABLE[name]).label(name) for name in names),
    )
    return patient.where(table.c.organisation_id == ORGANISATION, table.c.id == PATIENT)


class WithRecords(dict[frozenset[str], Statement]):
    """One statement for each choice of kinds; there are hundreds, so most are compiled when they are first asked."""

    def __missing__(self, names: frozenset[str]) -> Statement:
        """The statement, compiled now and kept."""
        self[names] = Statement(_with_records(tuple(name for name in INCLUDABLE if name in names)))
        return self[names]


WITH_RECORDS = WithRecords()
for _names in (*((name,) for name in INCLUDABLE), tuple(INCLUDABLE)):
    WITH_RECORDS[frozenset(_names)]  # compiled at the start: each kind alone, and all of them


async def read_patient_with(desk: Desk, patient_id: UUID, kinds: frozenset[str]) -> Said:
    """The patient with its records of the kinds named. One round trip.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
    """
    statement = WITH_RECORDS[kinds]
    row = await statement.fetch_one(desk.database, organisation_id=desk.organisation_id, patient_id=patient_id)
    said = PATIENTS.said(found(PATIENTS, row), desk)
    for kind in kinds:
        said[kind] = [INCLUDABLE[kind].said(record, desk) for record in said[kind]]
    return said
