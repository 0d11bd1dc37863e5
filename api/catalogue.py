"""Rating scales at the JSON edge."""

from typing import Annotated, Any

from fastapi import Path

from api.responses import CATALOGUE, CATALOGUE_ONE
from api.routing import noun_router
from models.catalogue import ScaleList, ScalePublic
from registry import catalogue

router = noun_router("4 Record rating scales")

ScaleId = Annotated[str, Path(max_length=100, description="The scale's name.", examples=["phq9"])]


@router.get(
    "/scales",
    operation_id="list_scales",
    summary="Which rating scales are there?",
    response_model=ScaleList,
    responses=CATALOGUE,
)
async def list_scales() -> dict[str, Any]:
    """Every rating scale with its items, ranges, bands, remission cut-off and sources."""
    return catalogue.list_scales()


@router.get(
    "/scales/{scale_id}",
    operation_id="read_scale",
    summary="Read one rating scale",
    response_model=ScalePublic,
    responses=CATALOGUE_ONE,
)
async def read_scale(scale_id: ScaleId) -> dict[str, Any]:
    """One rating scale with its items, ranges, bands, remission cut-off and sources."""
    return catalogue.read_scale(scale_id)
