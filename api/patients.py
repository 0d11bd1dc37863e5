"""Patients at the JSON edge."""

from typing import Annotated

from fastapi import Header, Query, Response
from pydantic import StringConstraints

from api.patient_identity import KINDS, create_if_absent, identifier_in, read_with_records
from api.responses import CHANGES, CREATES_FIRST, HISTORIES, LISTS_ALL, READS, REMOVES
from models.page import Page
from models.patient import PatientCreate, PatientPublic, PatientUpdate
from models.patient_record import PatientWithRecords
from models.record_version import VersionPublic
from registry.care_teams import refuse_another_team, refuse_shutting_oneself_out
from registry.patient_search import patients_identified
from registry.patients import PATIENTS
from registry.records import Said, Stretch
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, caller_of, shows
from web.routing import noun_router

router = noun_router("1 Find or add the patient")
ALL = "/patients"
ONE = f"{ALL}/{{patient_id}}"

IdentifierQuery = Annotated[
    str | None,
    Query(
        max_length=501,
        description="Find the patient who carries this identifier: `system|value`.",
        examples=["urn:oid:1.2.36.146.595.217.0.1|MRN-1042"],
        json_schema_extra={"pattern": r"^.*[^\s|].*\|.*[^\s|].*$"},
    ),
]
IfNoneExist = Annotated[
    str | None,
    Header(
        max_length=600,
        description="`identifier=system|value`: create the patient only if nobody carries this identifier; else the "
        "answer is 200 with the patient who does.",
        json_schema_extra={"pattern": r"^identifier=.*[^\s|].*\|.*[^\s|].*$"},
    ),
]
Include = Annotated[
    list[Annotated[str, StringConstraints(max_length=300)]] | None,
    Query(
        max_length=10,
        description="Kinds of records to answer along with the patient, one or several, separated by commas: "
        f"{', '.join(f'`{kind}`' for kind in KINDS)}.",
    ),
]


@router.post(
    ALL,
    operation_id="create_patient",
    summary="Add a patient",
    status_code=201,
    response_model=PatientPublic,
    responses=CREATES_FIRST,
)
async def create_patient(body: PatientCreate, call: CreatingDep, if_none_exist: IfNoneExist = None) -> Answered:
    """Add a patient, with identifiers of other systems if there are any.

    A pseudonym is enough: nothing is required. An identifier belongs to one patient, so a second patient with the
    same one is refused (409). With `If-None-Exist` the patient who carries it is answered instead.
    """
    refuse_shutting_oneself_out(caller_of(call.request), body.restricted_to)
    return await create_if_absent(call, body, if_none_exist)


@router.get(
    ALL,
    operation_id="list_patients",
    summary="Find a patient, or list all",
    response_model=Page[PatientPublic],
    responses=LISTS_ALL,
)
async def list_patients(call: ListingDep, identifier: IdentifierQuery = None) -> Said:
    """Find the patient who carries an identifier, or list all patients page by page.

    An empty list means that nobody carries the identifier. Patients entered in error are not listed.
    """
    if identifier is None:
        said = await call.page(PATIENTS, None)
    else:
        found = await patients_identified(call.desk, identifier_in(identifier), Stretch(call.limit))
        said = call.linked(found, None)
    shows(call.request, (patient["id"] for patient in said["items"]))
    return said


@router.get(
    ONE,
    operation_id="read_patient",
    summary="Read a patient, with records if wanted",
    response_model=PatientWithRecords,
    responses=READS,
)
async def read_patient(patient_id: PatientId, call: ReadingDep, include: Include = None) -> Answered:
    """One patient as it is now; with `include`, its records as well (kinds that were not asked for are null).

    The `ETag` is that of the patient alone, so with `include` the whole is always answered.
    """
    return await read_with_records(call, patient_id, include)


@router.patch(
    ONE, operation_id="change_patient", summary="Change a patient", response_model=PatientPublic, responses=CHANGES
)
async def change_patient(patient_id: PatientId, body: PatientUpdate, call: ChangingDep) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412.
    """
    caller = caller_of(call.request)
    if "restricted_to" in body.model_fields_set:
        await refuse_another_team(call.desk, patient_id, caller)
        refuse_shutting_oneself_out(caller, body.restricted_to)
    return await call.change(PATIENTS, patient_id, patient_id, body)


@router.delete(
    ONE,
    operation_id="remove_patient",
    summary="Mark a patient as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_patient(patient_id: PatientId, call: ChangingDep) -> None:
    """Mark the patient as entered in error; all its records are then out of reach, and its identifiers are free.

    Nothing is destroyed: the histories can still be read. Needs `If-Match`.
    """
    await refuse_another_team(call.desk, patient_id, caller_of(call.request))
    await call.remove(PATIENTS, patient_id, patient_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_patient_versions",
    summary="List the versions of a patient",
    response_model=Page[VersionPublic[PatientPublic]],
    responses=HISTORIES,
)
async def list_patient_versions(patient_id: PatientId, call: ListingDep) -> Said:
    """Every version of the patient from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(PATIENTS, patient_id, patient_id)
