"""The formulary at the JSON edge: find a medicine by name, brand, code or misspelling."""

from typing import Annotated, Any

from fastapi import Path, Query

from api.responses import READS, Responses
from models.medication import MedicinePublic
from models.page import Page
from registry import medications
from web.routing import noun_router

MOST = 200
router = noun_router("2 Find the medicine")
REFUSALS: Responses = {status: READS[status] for status in (400, 422, 503)}

Question = Annotated[
    str,
    Query(
        max_length=200,
        description="A generic name, a brand, a code (RxNorm, ATC, SNOMED CT, UNII) or a misspelling of a name. "
        "Strengths and forms are ignored. Without it, the whole formulary is listed by name.",
        openapi_examples={
            "brand": {"summary": "A brand with its strength", "value": "Zoloft 50 mg"},
            "misspelt": {"summary": "A misspelling", "value": "zolft"},
            "code": {"summary": "An ATC code", "value": "N06AB06"},
        },
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many medicines to answer at most.", examples=[20])]
Ingredient = Annotated[
    str,
    Path(
        max_length=100, description="The identity of the ingredient, as the search answers it.", examples=["sertraline"]
    ),
]


@router.get(
    "/medications",
    operation_id="find_medications",
    summary="Find a medicine",
    response_model=Page[MedicinePublic],
    responses=REFUSALS,
)
async def find_medications(q: Question = "", limit: Limit = MOST) -> dict[str, Any]:
    """Find a medicine by name, brand, code or misspelling, best match first.

    `match` says what in the question matched and how well. A trial is recorded with an exact name or code only,
    so pick one from here when a name was refused. Each medicine shows its class, its codes, and the minimum daily dose
    by each published table, with the evidence for it. An empty list means that nothing is near.
    """
    items = medications.search(q, limit) if q.strip() else medications.list_all(limit)
    return {"items": items, "next_cursor": None}


@router.get(
    "/medications/{ingredient}",
    operation_id="read_medication",
    summary="Read one medicine",
    response_model=MedicinePublic,
    responses=REFUSALS | {404: READS[404]},
)
async def read_medication(ingredient: Ingredient) -> dict[str, Any]:
    """Everything known of one ingredient: names, codes, class, minimum doses by source, and what to mind."""
    return medications.read(ingredient)
