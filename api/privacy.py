"""The rights of a patient at the JSON edge: to have all that is held, and to have it erased."""

from api.responses import ANSWERS, ERASES, LISTS_ALL, TOMBSTONE
from models.erasure import ErasureCreate, ErasurePublic
from models.page import Page
from models.patient_export import PatientExport
from registry.erasures import erase, export, list_erasures, read_erasure
from registry.records import Said
from web.calls import ListingDep
from web.deps import DeskDep, PatientId, ServiceDep
from web.routing import noun_router

router = noun_router("9 Service")


@router.get(
    "/patients/{patient_id}/export",
    operation_id="export_patient",
    summary="Export everything held on a patient",
    response_model=PatientExport,
    responses=ANSWERS,
)
async def export_patient(patient_id: PatientId, desk: DeskDep, service: ServiceDep) -> Said:
    """Every version of every record, and every event of the audit: what a patient may ask for."""
    return await export(desk, patient_id, service.clock())


@router.post(
    "/patients/{patient_id}/erasure",
    operation_id="erase_patient",
    summary="Erase a patient for ever",
    status_code=201,
    response_model=ErasurePublic,
    responses=ERASES,
)
async def erase_patient(patient_id: PatientId, body: ErasureCreate, desk: DeskDep) -> Said:
    """Erase the patient with every record, version, kept answer and user of theirs. Administrators only.

    Nothing brings it back. What is left is a tombstone, and an event in the audit that proves when and by whom. To
    correct a mistake, mark the patient as entered in error instead.
    """
    return await erase(desk, patient_id, body.reason)


@router.get(
    "/erasures",
    operation_id="list_erasures",
    summary="List erased patients",
    response_model=Page[ErasurePublic],
    responses=LISTS_ALL,
)
async def list_erased(call: ListingDep) -> Said:
    """The tombstones of all patients who were erased, page by page."""
    return call.linked(*await list_erasures(call.desk, call.stretch))


@router.get(
    "/erasures/{patient_id}",
    operation_id="read_erasure",
    summary="Read what is left of an erased patient",
    response_model=ErasurePublic,
    responses=TOMBSTONE,
)
async def read_erased(patient_id: PatientId, desk: DeskDep) -> Said:
    """Who erased what, when and why, with the number of the audit's event."""
    return await read_erasure(desk, patient_id)
