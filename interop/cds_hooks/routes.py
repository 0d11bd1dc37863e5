"""The CDS services over HTTP: discovery, calls, feedback (CDS Hooks 2.0)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Path, Request

from interop.cds_hooks.answering import Asked, points_of
from interop.cds_hooks.cards import REASON_CODES, card_of
from interop.cds_hooks.examples import CALLS, FEEDBACK
from interop.cds_hooks.report_link import known_here, report_links
from interop.cds_hooks.services import BY_ID, Hook, services_said
from interop.responses import CALLED, FED_BACK
from models.cds_call import Feedback, HookCall, Outcome
from models.cds_card import Cards, FeedbackTaken, Services
from registry import card_feedback
from registry.card_feedback import Deed
from registry.errors import Fault, InvalidRequest, NotFound
from web.deps import DeskDep, ServiceDep, shows
from web.routing import CheckedRoute

DISCOVERY = "/cds-services"
router = APIRouter(prefix=DISCOVERY, tags=["CDS Hooks"], route_class=CheckedRoute)
ServiceId = Annotated[
    str, Path(max_length=40, description="The service's `id`, as discovery names it.", examples=["trd-patient-view"])
]
NO_SERVICE = "There is no such service. GET /cds-services lists all."
OTHER_HOOK = "This service is called on the hook `{}`. Send that, or call the service of the hook that you have."
NO_PATIENT = "`context.patientId` must be the id of the patient, as text."
LONGEST_PATIENT_ID = 200
OTHER_REASON = "other"


@router.get(
    "",
    operation_id="list_cds_services",
    summary="Which services there are",
    response_model=Services,
    response_model_exclude_none=True,
)
async def list_cds_services() -> dict[str, Any]:
    """Discovery: each service with its hook and the FHIR queries whose results are to be sent along."""
    return services_said()


@router.post(
    "/{service_id}",
    operation_id="call_cds_service",
    summary="Ask for cards",
    response_model=Cards,
    response_model_exclude_none=True,
    responses=CALLED,
)
async def call_cds_service(
    request: Request,
    service: ServiceDep,
    desk: DeskDep,
    service_id: ServiceId,
    call: Annotated[HookCall, Body(openapi_examples=CALLS)],
) -> dict[str, Any]:
    """Cards for one hook, from the resources that are sent along. Nothing of the patient is stored or logged.

    Drafts need not be valid R4. A card that was overridden with a reason is not shown again until its facts change.
    """
    hook, patient_id = _hook_of(service_id, call), _patient_of(call)
    known = None if hook.orders else await known_here(desk, call.prefetch or {})
    links = report_links(known, service.issuer.url)
    points = await points_of(Asked(hook, call, patient_id, desk, service.hooks), links)
    ids = [desk.keys.card_id(patient_id.encode() + b"\0" + point.fingerprint) for point in points]
    aside = await card_feedback.set_aside(desk, ids)
    shown = {card: point for card, point in zip(ids, points, strict=True) if card not in aside}
    if known is not None and any(point.links for point in shown.values()):
        shows(request, [known])
    return {"cards": [card_of(point, card) for card, point in shown.items()]}


@router.post(
    "/{service_id}/feedback",
    operation_id="give_cds_feedback",
    summary="Say what became of cards",
    response_model=FeedbackTaken,
    response_model_exclude_none=True,
    responses=FED_BACK,
)
async def give_cds_feedback(
    desk: DeskDep,
    service_id: ServiceId,
    feedback: Annotated[Feedback, Body(openapi_examples=FEEDBACK)],
) -> dict[str, Any]:
    """Whether cards were accepted or overridden. Kept are the outcome and the reason's code, nothing of the patient."""
    _known_hook(service_id)
    deeds = [_deed(outcome, card) for outcome in feedback.feedback if (card := _card_in(outcome))]
    unknown = {str(card) for card in await card_feedback.keep(desk, service_id, deeds)}
    unknown |= {outcome.card for outcome in feedback.feedback if _card_in(outcome) is None}
    received = sum(outcome.card.lower() not in unknown for outcome in feedback.feedback)
    return {"received": received, "not_known": sorted(unknown) or None}


def _known_hook(service_id: str) -> Hook:
    if service_id not in BY_ID:
        raise NotFound(NO_SERVICE)
    return BY_ID[service_id]


def _hook_of(service_id: str, call: HookCall) -> Hook:
    """The service; a call without a hook means the service's own, as examples of the standard leave it out."""
    hook = _known_hook(service_id)
    if call.hook not in {None, hook.hook}:
        message = OTHER_HOOK.format(hook.hook)
        raise InvalidRequest(message, (Fault("/hook", message, (hook.hook,)),))
    return hook


def _patient_of(call: HookCall) -> str:
    found = call.context.get("patientId")
    if not isinstance(found, str) or not 0 < len(found.strip()) <= LONGEST_PATIENT_ID:
        raise InvalidRequest(NO_PATIENT, (Fault("/context/patientId", NO_PATIENT),))
    return found.strip().removeprefix("Patient/")


def _card_in(outcome: Outcome) -> UUID | None:
    try:
        return UUID(outcome.card)
    except ValueError:
        return None


def _deed(outcome: Outcome, card: UUID) -> Deed:
    given = outcome.override_reason
    reason = None
    if outcome.outcome == card_feedback.OVERRIDDEN and given is not None and given.is_given:
        code = given.reason.code if given.reason else None
        reason = code if code in REASON_CODES else OTHER_REASON
    return Deed(card, outcome.outcome, reason, outcome.outcome_timestamp)
