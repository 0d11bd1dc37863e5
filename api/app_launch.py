"""An EHR opens an app for the patient whose record is open in it (SMART EHR launch), at the JSON edge."""

from typing import Annotated, Any

from fastapi import Header

from api.responses import PREPARES
from models.app_launch import AppLaunchEntry, AppLaunchPublic
from registry.launch_contexts import GOOD_FOR, prepare_launch
from web.call_parameters import KeyForm
from web.deps import DeskDep, PatientId, ServiceDep
from web.issuer import fhir_base
from web.routing import noun_router

router = noun_router("6 Read the timeline and the report")
Key = Annotated[
    KeyForm | None,
    Header(alias="idempotency-key", description="Accepted and without effect: each launch is another one."),
]


@router.post(
    "/patients/{patient_id}/app-launch",
    operation_id="prepare_app_launch",
    summary="Open an app for this patient",
    response_model=AppLaunchPublic,
    responses=PREPARES,
)
async def prepare_app_launch(
    patient_id: PatientId, body: AppLaunchEntry, desk: DeskDep, service: ServiceDep, _key: Key = None
) -> dict[str, Any]:
    """Prepare a launch of an app from an EHR: then open the app's own launch address with `iss` and `launch`.

    The app sends the person to `/oauth/authorize` with the same `launch`. Nobody picks a patient then: it is this one,
    if it is open to whoever signs in.
    """
    launch = await prepare_launch(desk, patient_id, body.client_id)
    return {"launch": launch, "iss": fhir_base(service.issuer.url), "expires_in": int(GOOD_FOR.total_seconds())}
