"""Break-glass at the JSON edge."""

from typing import Annotated

from fastapi import Query

from api.responses import CREATES, LISTS_ALL, REVIEWS
from models.emergency_access import EmergencyAccessCreate, EmergencyAccessPublic, EmergencyAccessReview
from models.page import Page
from registry.desk import Desk
from registry.emergency_accesses import list_accesses, open_in_emergency, review_access
from registry.records import Said
from web.calls import Answered, CreatingDep, Done, ListingDep
from web.deps import PatientId, RecordId, ServiceDep, caller_of, open_to_all
from web.routing import noun_router

router = noun_router("9 Service")
Reviewed = Annotated[bool | None, Query(description="Only those that have, or have not, been reviewed.")]


@router.post(
    "/patients/{patient_id}/emergency-access",
    operation_id="create_emergency_access",
    summary="Open a restricted record in an emergency",
    status_code=201,
    response_model=EmergencyAccessPublic,
    responses=CREATES,
)
async def create_emergency_access(
    patient_id: PatientId, body: EmergencyAccessCreate, call: CreatingDep, service: ServiceDep
) -> Answered:
    """Break the glass: open a record that is restricted to others, for one hour, with a reason.

    Everything that is read or written meanwhile is marked in the audit, and the access is listed for review.
    """
    subject = caller_of(call.request).subject

    async def open_it(desk: Desk) -> Done:
        return 201, await open_in_emergency(desk, patient_id, body, subject, service.clock())

    call.desk = call.desk._replace(database=open_to_all(call.request))
    return await call.done(open_it)


@router.get(
    "/emergency-accesses",
    operation_id="list_emergency_accesses",
    summary="List emergency accesses for review",
    response_model=Page[EmergencyAccessPublic],
    responses=LISTS_ALL,
)
async def list_emergency_accesses(call: ListingDep, *, reviewed: Reviewed = None) -> Said:
    """Who opened which restricted record, when and why, page by page. For auditors and administrators."""
    return call.linked(*await list_accesses(call.desk, reviewed, call.stretch))


@router.post(
    "/emergency-accesses/{record_id}/review",
    operation_id="review_emergency_access",
    summary="Review an emergency access",
    response_model=EmergencyAccessPublic,
    responses=REVIEWS,
)
async def review_emergency_access(record_id: RecordId, body: EmergencyAccessReview, call: CreatingDep) -> Answered:
    """Say whether the access was justified. Whoever opened the record cannot review it."""
    reviewer = caller_of(call.request).subject

    async def review(desk: Desk) -> Done:
        return 200, await review_access(desk, record_id, body.review, reviewer)

    return await call.done(review, f"/v1/emergency-accesses/{record_id}")
