"""Rating scales at the JSON edge."""

from typing import Annotated, Any

from fastapi import Path, Query

from api.responses import CATALOGUE, CATALOGUE_ONE
from models.catalogue import ScaleList, ScalePublic
from models.crosswalk import CrosswalkPublic
from registry import catalogue
from registry.crosswalk import corresponding_score
from web.routing import noun_router

router = noun_router("4 Record scales, symptoms and factors")

FROM = "The scale that the score is on: `ids_sr30`, `qids_sr16`, `hamd17`, `hamd21` or `hamd24`."
TO = "The scale to read it on: one of the same."
From = Annotated[str, Query(alias="from", max_length=100, description=FROM, examples=["qids_sr16"])]
To = Annotated[str, Query(max_length=100, description=TO, examples=["hamd17"])]
Score = Annotated[int, Query(ge=0, le=1000, description="The total score.", examples=[14])]
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
    "/scales/crosswalk",
    operation_id="read_crosswalk",
    summary="What does a score correspond to on another scale?",
    response_model=CrosswalkPublic,
    responses=CATALOGUE,
)
async def read_crosswalk(source: From, to: To, score: Score) -> dict[str, Any]:
    """The totals of another scale that a published table puts beside a total: a range, to look at.

    Read `cautions`: the table holds for groups and is doubtful for a single person. No answer of this service rests on
    a converted score; a baseline and an endpoint on different scales leave the improvement unknown.
    """
    return corresponding_score(source, to, score)


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
