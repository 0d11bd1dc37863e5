"""Staging at the JSON edge: how far treatment has failed, in points and in stages, and the methods themselves."""

from typing import Annotated, Any

from fastapi import Path, Query

from api.answers import MomentDep
from api.responses import ANSWERS, CATALOGUE, CATALOGUE_ONE
from clinical.library import library
from clinical.staging.stage import in_order
from models.staging import Staging, StagingMethodList, StagingMethodPublic
from registry import staging
from web.deps import DeskDep, PatientId
from web.routing import noun_router

router = noun_router("5 Ask for the TRD status")

METHODS = in_order(library())
MethodAsked = Annotated[
    str | None,
    Query(
        max_length=100,
        json_schema_extra={"enum": [method.slug for method in METHODS]},
        description="Which staging method to apply; all of them if left out:\n\n"
        + "\n".join(f"- `{method.slug}`: {method.title}" for method in METHODS),
        examples=["maudsley"],
    ),
]
MethodId = Annotated[str, Path(max_length=100, description="The method's name.", examples=["maudsley"])]


@router.get(
    "/patients/{patient_id}/staging",
    operation_id="read_staging",
    summary="How far has treatment failed, in points and stages?",
    response_model=Staging,
    responses=ANSWERS,
)
async def read_staging(
    patient_id: PatientId, desk: DeskDep, moment: MomentDep, method: MethodAsked = None
) -> dict[str, Any]:
    """The Maudsley, Thase-Rush, MGH-S, European and Dutch methods, with a sentence for every point.

    Read `safety` first. Where something is not recorded, `score` or `stage` is null, the bounds say what is still
    possible, and `missing_information` says what to ask. Results that were scored elsewhere, such as the ATHF-SF2, are
    shown beside. Staging describes a history; it recommends no treatment.
    """
    return await staging.staging(desk, patient_id, method, moment)


@router.get(
    "/staging-methods",
    operation_id="list_staging_methods",
    summary="Which staging methods are there?",
    response_model=StagingMethodList,
    responses=CATALOGUE,
)
async def list_staging_methods() -> dict[str, Any]:
    """Every staging method with its purpose, source, numbers, how well they were verified, limits and worked cases."""
    return staging.list_methods()


@router.get(
    "/staging-methods/{method_id}",
    operation_id="read_staging_method",
    summary="Read one staging method",
    response_model=StagingMethodPublic,
    responses=CATALOGUE_ONE,
)
async def read_staging_method(method_id: MethodId) -> dict[str, Any]:
    """One staging method with its purpose, source, numbers, limits and worked cases."""
    return staging.read_method(method_id)
