"""The TRD status at the JSON edge: of a stored patient, by every definition, and of a history that is only sent."""

from typing import Annotated, Any

from fastapi import Body, Depends, Query

from api.responses import ANSWERS, EVALUATES
from clinical.library import library
from models.answer import Evaluation, StatusByDefinition, TrdStatus
from models.evaluation import DEFAULT_DEFINITION, Day, EvaluationRequest
from models.evaluation import Moment as AnyMoment
from registry import evaluation, status
from registry.known_definitions import built_in
from registry.status import Moment
from web.call_parameters import KeyWithoutEffect
from web.deps import DeskDep, PatientId
from web.routing import noun_router
from web.worker import COMPOSING

router = noun_router("5 Ask for the TRD status")

SLUGS = [definition.slug for definition in built_in()]
DefinitionAsked = Annotated[
    str,
    Query(
        max_length=100,
        description="Which definition to apply: one of these, or one of your organisation's own "
        "(`GET /v1/definitions` lists all):\n\n"
        + "\n".join(f"- `{slug}`: {library().definitions[slug].title}" for slug in SLUGS),
        examples=[DEFAULT_DEFINITION],
    ),
]
On = Annotated[
    Day | None,
    Query(
        description="The day asked about; today if left out. What happened later does not exist: a trial that ended "
        "later is still going on. A day in the future assumes that nothing changes until then.",
        examples=["2025-06-01"],
    ),
]
KnownAt = Annotated[
    AnyMoment | None,
    Query(
        description="The moment of knowledge, with its time zone; now if left out. What was recorded or corrected "
        "later does not exist for the answer, nor does a later version of a definition of your organisation's own.",
        examples=["2025-06-02T10:00:00Z"],
    ),
]

EXAMPLE: dict[str, Any] = {
    "history": {
        "episodes": [{"onset": "2024-11", "polarity": "unipolar", "severity": "moderate"}],
        "medication_trials": [
            {
                "medication": {"text": "Zoloft"},
                "started": "2025-01-10",
                "ended": "2025-03-28",
                "daily_dose_mg": 100,
                "adherence": {"adequate": True},
                "indication": "depression",
                "outcome": {"response": "none", "assessed_on": "2025-03-28", "basis": "clinician"},
                "stop_reason": "lack_of_efficacy",
            },
            {
                "medication": {"text": "Effexor XR"},
                "started": "2025-04-01",
                "ended": "2025-06-15",
                "doses": [
                    {"daily_dose_mg": 75, "from": "2025-04-01"},
                    {"daily_dose_mg": 150, "from": "2025-04-15"},
                ],
                "adherence": {"adequate": True},
                "indication": "depression",
                "stop_reason": "lack_of_efficacy",
            },
        ],
        "assessments": [
            {"instrument": "phq9", "assessed_on": "2025-04-01", "total_score": 20},
            {"instrument": "phq9", "assessed_on": "2025-06-15", "total_score": 16},
        ],
    },
    "definitions": ["two_failed_medications", "transform_atrq"],
    "staging": ["maudsley"],
    "on": "2025-06-20",
}


async def _moment(on: On = None, known_at: KnownAt = None) -> Moment:
    """The day asked about and the moment of knowledge."""
    return Moment(on, known_at)


MomentDep = Annotated[Moment, Depends(_moment)]


@router.get(
    "/patients/{patient_id}/trd-status",
    operation_id="read_trd_status",
    summary="Is this depression treatment-resistant, and why?",
    response_model=TrdStatus,
    responses=ANSWERS,
)
async def read_trd_status(
    patient_id: PatientId, desk: DeskDep, moment: MomentDep, definition: DefinitionAsked = DEFAULT_DEFINITION
) -> dict[str, Any]:
    """Whether the recorded history meets a definition of treatment-resistant depression, with every reason.

    Read `safety` first, then `status` and `summary`. `trials` says of each trial why it counts or not, with numbers
    and their source. If the status is `indeterminate`, `missing_information` says what to ask; record the answer
    and ask again. Unknown is never read as no. This is information for a clinician, not a treatment decision.
    """
    return await status.trd_status(desk, patient_id, definition, moment)


@router.get(
    "/patients/{patient_id}/trd-status/by-definition",
    operation_id="read_trd_status_by_definition",
    summary="What do all definitions say, and what parts them?",
    response_model=StatusByDefinition,
    responses=ANSWERS,
)
async def read_trd_status_by_definition(patient_id: PatientId, desk: DeskDep, moment: MomentDep) -> dict[str, Any]:
    """The same history under every definition that the service knows.

    For each pair of definitions that answer differently, `disagreements` names the criterion that parts them.
    """
    return await status.status_by_definition(desk, patient_id, moment, COMPOSING.do)


@router.post(
    "/evaluate",
    operation_id="evaluate_history",
    summary="Judge a history without storing it",
    response_model=Evaluation,
    responses=EVALUATES,
)
async def evaluate_history(
    desk: DeskDep,
    request: Annotated[
        EvaluationRequest,
        Body(openapi_examples={"two trials": {"summary": "Two trials in one episode", "value": EXAMPLE}}),
    ],
    _key: KeyWithoutEffect = None,
) -> dict[str, Any]:
    """The same answers from a history in the body. Nothing of it is stored or logged.

    Records have the same shapes as the stored ones and are checked in the same way.
    """
    return await evaluation.evaluate_with_own(request, desk, COMPOSING.do)
