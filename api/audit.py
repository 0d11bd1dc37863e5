"""The audit at the JSON edge: who did what, and whether it is as it was written."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from api.responses import EVALUATES, LISTS_ALL
from models.audit_public import AuditCheck, AuditEventPublic, AuditHead, AuditVerdict
from models.evaluation import Moment
from models.page import Page
from registry.audit_reading import Filter, list_events, list_heads
from registry.audit_verify import Anchor, verify
from registry.records import Said
from web.calls import ListingDep
from web.deps import DeskDep, ServiceDep
from web.routing import noun_router
from web.worker import COMPOSING

router = noun_router("9 Service")
Patient = Annotated[UUID | None, Query(description="Only what was about this patient.")]
Subject = Annotated[str | None, Query(max_length=200, description="Only what this user or machine did.")]
OperationName = Annotated[str | None, Query(max_length=80, description="Only this operation, by its `operationId`.")]
Since = Annotated[Moment | None, Query(description="Only what happened from this moment on.")]
Until = Annotated[Moment | None, Query(description="Only what happened before this moment.")]


async def _which(
    patient_id: Patient = None,
    subject: Subject = None,
    operation: OperationName = None,
    since: Since = None,
    until: Until = None,
) -> Filter:
    return Filter(patient_id, subject, operation, since, until)


FilterDep = Annotated[Filter, Depends(_which)]


@router.get(
    "/audit/events",
    operation_id="list_audit_events",
    summary="Who did what?",
    response_model=Page[AuditEventPublic],
    responses=LISTS_ALL,
)
async def list_audit_events(call: ListingDep, which: FilterDep) -> Said:
    """Every read, write, refusal and sign-in, the newest first. For auditors and administrators.

    Identities and addresses alone: nothing that a record says. Each event is sealed within a second.
    """
    return call.linked(*await list_events(call.desk, which, call.limit, call.after_version or None))


@router.get(
    "/audit/heads",
    operation_id="list_audit_heads",
    summary="Export the heads of the audit",
    response_model=Page[AuditHead],
    responses=LISTS_ALL,
)
async def list_audit_heads(call: ListingDep) -> Said:
    """The chain's heads, the newest first. Keep one outside: what was sealed before it cannot be rewritten unseen."""
    return call.linked(*await list_heads(call.desk, call.limit, call.after_version or None))


@router.post(
    "/audit/verify",
    operation_id="verify_audit",
    summary="Is the audit as it was written?",
    response_model=AuditVerdict,
    responses=EVALUATES,
)
async def verify_audit(body: AuditCheck, desk: DeskDep, service: ServiceDep) -> Said:
    """Read the whole audit and recompute every digest and every head: whatever was altered, removed or put in is named.

    Send a head that you kept as `anchor`, and a rewritten chain is found as well.
    """
    anchor = Anchor(body.anchor.seal, body.anchor.head) if body.anchor else None
    return await verify(desk, service.clock(), COMPOSING.do, anchor)
