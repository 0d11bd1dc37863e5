"""Definitions and rating scales at the JSON edge."""

from typing import Annotated, Any

from fastapi import Path

from api.responses import CATALOGUE, CATALOGUE_ONE
from api.routing import noun_router
from models.catalogue import DefinitionList, DefinitionPublic, ScaleList, ScalePublic
from registry import catalogue

router = noun_router("5 Ask for the TRD status")
scales_router = noun_router("4 Record rating scales")

DefinitionId = Annotated[
    str, Path(max_length=100, description="The definition's name.", examples=["two_failed_medications"])
]
ScaleId = Annotated[str, Path(max_length=100, description="The scale's name.", examples=["phq9"])]


@router.get(
    "/definitions",
    operation_id="list_definitions",
    summary="Which definitions are there?",
    response_model=DefinitionList,
    responses=CATALOGUE,
)
async def list_definitions() -> dict[str, Any]:
    """Every definition with its source, its numbers, how well they were verified, and worked cases.

    The first is the default. `criteria` lists all that a definition asks; what is not listed it does not ask.
    """
    return catalogue.list_definitions()


@router.get(
    "/definitions/{definition_id}",
    operation_id="read_definition",
    summary="Read one definition",
    response_model=DefinitionPublic,
    responses=CATALOGUE_ONE,
)
async def read_definition(definition_id: DefinitionId) -> dict[str, Any]:
    """One definition with its source, its numbers and its worked cases."""
    return catalogue.read_definition(definition_id)


@scales_router.get(
    "/scales",
    operation_id="list_scales",
    summary="Which rating scales are there?",
    response_model=ScaleList,
    responses=CATALOGUE,
)
async def list_scales() -> dict[str, Any]:
    """Every rating scale with its items, ranges, bands, remission cut-off and sources."""
    return catalogue.list_scales()


@scales_router.get(
    "/scales/{scale_id}",
    operation_id="read_scale",
    summary="Read one rating scale",
    response_model=ScalePublic,
    responses=CATALOGUE_ONE,
)
async def read_scale(scale_id: ScaleId) -> dict[str, Any]:
    """One rating scale with its items, ranges, bands, remission cut-off and sources."""
    return catalogue.read_scale(scale_id)
