"""Records by the type that FHIR gives them: where one is, all of some patients, and all of an organisation in turn."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, String, Uuid, bindparam, not_, select

from models.executor import Row
from registry.assessments import ASSESSMENTS
from registry.desk import Desk, Ref
from registry.episodes import EPISODES
from registry.errors import NotFound
from registry.fhir_resources import FHIR_RESOURCES, kept_beside, kept_versions
from registry.medication_trials import TRIALS
from registry.noun import Noun
from registry.patients import PATIENTS
from registry.record_statements import ORGANISATION, RECORD, VERSIONS, closed
from registry.records import START, Said, history, read
from registry.statements import Statement
from registry.treatments import TREATMENTS

RECORDS: dict[str, Noun[Any]] = {
    "Patient": PATIENTS,
    "Condition": EPISODES,
    "MedicationStatement": TRIALS,
    "Observation": ASSESSMENTS,
    "Procedure": TREATMENTS,
}
"""The types of which records are made. Resources of these types of which none could be made are kept alone."""
ALONE = ("MedicationRequest", "MedicationDispense", "MedicationAdministration", "QuestionnaireResponse")
"""The types that are evidence for records: each is kept as it was sent."""
TYPES = (*RECORDS, *ALONE)
NOT_THERE = "There is no {} of this id."
AFTER, AT_MOST = bindparam("after", type_=Uuid), bindparam("at_most", type_=Integer)
SOME = bindparam("patients", type_=ARRAY(Uuid)).any_()
TYPE = bindparam("resource_type", type_=String)


class Held(NamedTuple):
    """A record as it is said, or a resource that is kept alone, with what is kept beside it."""

    type: str
    patient_id: UUID
    said: Said
    """What the registry says of the record, or the row of the resource."""
    kept: Said | None
    """`sent` and `gave` (`models.fhir_resource.FhirResourceEntry`); None for a record that FHIR never sent."""
    alone: bool

    @property
    def id(self) -> UUID:
        """The identity that FHIR shows."""
        return UUID(str(self.said["id"]))


class Located(NamedTuple):
    """Where a resource is."""

    type: str
    ref: Ref
    noun: Noun[Any]

    @property
    def alone(self) -> bool:
        """Whether it is kept without a record."""
        return self.noun is FHIR_RESOURCES


def _standing(noun: Noun[Any]) -> Select[Any]:
    """Rows of patients whom whoever asks may read, none entered in error."""
    table, patients = noun.table, PATIENTS.table
    found = select(table).where(table.c.organisation_id == ORGANISATION, not_(table.c.entered_in_error))
    if table is not patients:
        same = (patients.c.organisation_id == table.c.organisation_id) & (patients.c.id == table.c.patient_id)
        found = found.join(patients, same)
        found = found.where(patients.c.organisation_id == ORGANISATION, not_(patients.c.entered_in_error))
    if noun is FHIR_RESOURCES:
        found = found.where(table.c.resource_type == TYPE, table.c.held_by.is_(None))
    return found.where(not_(closed(patients)))


def _whole(noun: Noun[Any], found: Select[Any]) -> Statement:
    rows = found.subquery("rows")
    return Statement(select(*rows.c, *noun.beside(rows)).order_by(rows.c.id))


def _across(noun: Noun[Any]) -> Statement:
    """Of the whole organisation, in the order of ids, after one."""
    identity = noun.table.c.id
    return _whole(noun, _standing(noun).where(identity > AFTER).order_by(identity).limit(AT_MOST))


def _of_some(noun: Noun[Any]) -> Statement:
    """All of some patients."""
    table = noun.table
    owner = table.c.patient_id if "patient_id" in table.c else table.c.id
    return _whole(noun, _standing(noun).where(owner == SOME))


PATIENTS_ACROSS, PATIENTS_OF = _across(PATIENTS), _of_some(PATIENTS)
EPISODES_ACROSS, EPISODES_OF = _across(EPISODES), _of_some(EPISODES)
TRIALS_ACROSS, TRIALS_OF = _across(TRIALS), _of_some(TRIALS)
ASSESSMENTS_ACROSS, ASSESSMENTS_OF = _across(ASSESSMENTS), _of_some(ASSESSMENTS)
TREATMENTS_ACROSS, TREATMENTS_OF = _across(TREATMENTS), _of_some(TREATMENTS)
ALONE_ACROSS, ALONE_OF = _across(FHIR_RESOURCES), _of_some(FHIR_RESOURCES)
SHELVES = {
    "Patient": (PATIENTS_ACROSS, PATIENTS_OF),
    "Condition": (EPISODES_ACROSS, EPISODES_OF),
    "MedicationStatement": (TRIALS_ACROSS, TRIALS_OF),
    "Observation": (ASSESSMENTS_ACROSS, ASSESSMENTS_OF),
    "Procedure": (TREATMENTS_ACROSS, TREATMENTS_OF),
}
# The first version says what it is and whose; what is closed to whoever asks is refused when it is read.
LOCATE = Statement(
    select(
        VERSIONS.c.kind,
        VERSIONS.c.patient_id,
        VERSIONS.c.document["resource_type"].astext.label("resource_type"),
        VERSIONS.c.document["held_by"].astext.label("held_by"),
    ).where(VERSIONS.c.organisation_id == ORGANISATION, VERSIONS.c.record_id == RECORD, VERSIONS.c.version == 1)
)


async def locate(desk: Desk, kind: str, record_id: UUID) -> Located:
    """Where the resource of a type and an id is, also one that was removed. One round trip.

    Raises:
        NotFound: there never was one.
    """
    row = await LOCATE.fetch_one(desk.database, organisation_id=desk.organisation_id, record_id=record_id)
    noun = RECORDS.get(kind)
    if row is not None and noun is not None and row["kind"] == noun.table.name:
        return Located(kind, Ref(row["patient_id"], record_id), noun)
    if row is not None and (row["resource_type"], row["held_by"]) == (kind, None):
        return Located(kind, Ref(row["patient_id"], record_id), FHIR_RESOURCES)
    raise NotFound(NOT_THERE.format(kind))


async def read_one(desk: Desk, where: Located) -> Held:
    """The resource as it is now.

    Raises:
        NotFound, Gone, Restricted: as in `registry.records.read`.
    """
    said = await read(desk, where.noun, where.ref)
    if where.alone:
        return _alone(said)
    kept = await kept_beside(desk, [where.ref.record_id])
    return Held(where.type, where.ref.patient_id, said, _content(kept.get(where.ref.record_id)), alone=False)


async def versions_of(desk: Desk, where: Located, stretch: tuple[int, int]) -> tuple[list[Said], int | None]:
    """Versions of a resource from the first on: what `registry.records.history` says, each with a `held`.

    Raises:
        NotFound, Restricted: as there.
    """
    items, after = await history(desk, where.noun, where.ref, stretch)
    if where.alone:
        return [{**item, "held": _alone(item["record"])} for item in items], after
    if not items:
        return [], after
    until = (items[0]["superseded_at"], items[-1]["superseded_at"])
    kept = await kept_versions(desk, where.ref.record_id, *until)

    def held(item: Said) -> Held:
        beside = _kept_with(desk, kept, item["superseded_at"])
        return Held(where.type, where.ref.patient_id, item["record"], beside, alone=False)

    return [{**item, "held": held(item)} for item in items], after


def _kept_with(desk: Desk, kept: Sequence[Row], until: datetime | None) -> Said | None:
    """What was kept beside a version of a record, which ended then: it is written right after the record."""
    before = [each for each in kept if until is None or each["recorded_at"] <= until]
    return FHIR_RESOURCES.said(before[-1]["document"], desk)["content"] if before else None


async def of_patients(desk: Desk, kind: str, patients: Sequence[UUID]) -> list[Held]:
    """All resources of a type of some patients, in the order of their ids; of those whom whoever asks may read."""
    found = await records_of(desk, kind, patients) if kind in SHELVES else []
    given = {"organisation_id": desk.organisation_id, "patients": list(patients), "resource_type": kind}
    rows = await ALONE_OF.fetch_all(desk.database, **given)
    return [*found, *(_alone(FHIR_RESOURCES.said(row, desk)) for row in rows)]


async def records_of(desk: Desk, kind: str, patients: Sequence[UUID]) -> list[Held]:
    """The same without what is kept alone; of a type of which records are made."""
    given = {"organisation_id": desk.organisation_id, "patients": list(patients)}
    return await _beside(desk, kind, await SHELVES[kind][1].fetch_all(desk.database, **given))


async def across(desk: Desk, kind: str, after: tuple[bool, UUID], at_most: int) -> list[Held]:
    """Resources of a type of the whole organisation: first records, then what is kept alone, each in order of ids.

    `after` is where it goes on: whether the records are done, and the last id.
    """
    records_done, last = after
    given: dict[str, Any] = {"organisation_id": desk.organisation_id}
    found: list[Held] = []
    if kind in SHELVES and not records_done:
        rows = await SHELVES[kind][0].fetch_all(desk.database, **given, after=last, at_most=at_most)
        found, last = await _beside(desk, kind, rows), START
    if len(found) < at_most:
        given |= {"after": last, "at_most": at_most - len(found), "resource_type": kind}
        rows = await ALONE_ACROSS.fetch_all(desk.database, **given)
        found = [*found, *(_alone(FHIR_RESOURCES.said(row, desk)) for row in rows)]
    return found


async def _beside(desk: Desk, kind: str, rows: list[Row]) -> list[Held]:
    """Records with what is kept beside them."""
    noun = RECORDS[kind]
    kept = await kept_beside(desk, [row["id"] for row in rows]) if rows else {}
    return [
        Held(kind, row.get("patient_id", row["id"]), noun.said(row, desk), _content(kept.get(row["id"])), alone=False)
        for row in rows
    ]


def _content(kept: Said | None) -> Said | None:
    return None if kept is None else kept["content"]


def _alone(said: Said) -> Held:
    return Held(said["resource_type"], UUID(str(said["patient_id"])), said, said["content"], alone=True)
