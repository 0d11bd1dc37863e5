"""What handlers ask for: the running service, who asks, and the desk of the request."""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Depends, Path, Request

from access.caller import Caller
from identity.keys import Keys
from identity.tokens import Issuer
from models.database import Bound, Database
from models.on_behalf import ANYBODY, OnBehalf
from registry.audit_book import AuditBook
from registry.audit_events import Event, Who
from registry.desk import Desk
from registry.rate_limits import Limiter
from registry.sessions import Recorded
from registry.vaults import Vaults
from web.cursors import Cursors
from web.doorman import Doorman
from web.hooks import Hooks

SHOWN = "trialbook.shown"
"""Where a request keeps whom it shows, for the audit."""


class Service(NamedTuple):
    """What one running service has; kept in `app.state.service`."""

    database: Database
    cursors: Cursors
    clock: Callable[[], datetime]
    max_body_bytes: int
    max_bundle_bytes: int
    """The same for FHIR, whose Bundles are many records at once."""
    seconds_for_a_body: float
    doorman: Doorman
    issuer: Issuer
    keys: Keys
    book: AuditBook
    vaults: Vaults
    token_seconds: int
    embedded: bool
    """Whether users sign in here, or at an identity provider alone."""
    requests: Limiter | None
    """How often each client may ask; None is without limit."""
    sign_ins: Limiter | None
    """How often a token may be asked for from one network address."""
    hooks: Hooks
    max_import_bytes: int
    something_to_import: asyncio.Event
    """Set when an import was sent."""

    def recorder(self, request: Request, operation: str, kind: str = "user") -> Recorded:
        """Makes the audit events of a sign-in, before anybody is signed in."""
        source, request_id = address_of(request), str(request.scope["trialbook.request_id"])

        def recorded(organisation_id: UUID, subject: str, outcome: int) -> Event:
            who = Who(subject, kind, "", None, source, request_id, operation)
            return Event(organisation_id, who, self.clock(), "E", outcome)

        return recorded


def caller_of(request: Request) -> Caller:
    """Who asks: the gate has let them through."""
    caller: Caller = request.scope["trialbook.caller"]
    return caller


def who_in(request: Request, caller: Caller) -> Who:
    """Who acts, as the audit says it."""
    return Who(
        caller.subject,
        caller.kind,
        " ".join(sorted(caller.roles)),
        caller.on_behalf_of,
        address_of(request),
        str(request.scope["trialbook.request_id"]),
        request.scope["trialbook.operation"],
    )


def address_of(request: Request) -> str:
    """The network address of whoever asks; behind a proxy that is trusted, the one that it names."""
    return request.client.host[:64] if request.client else ""


def _who_writes(request: Request, caller: Caller) -> str:
    return json.dumps(who_in(request, caller)._asdict())


def bound_to(request: Request) -> Bound:
    """The database as the caller's organisation sees it; one for the whole request."""
    found: Bound | None = request.scope.get("trialbook.bound")
    if found is None:
        caller, service = caller_of(request), request.app.state.service
        subject = caller.subject if caller.is_bound else ANYBODY
        found = service.database.bound(OnBehalf(caller.organisation_id, subject, partial(_who_writes, request, caller)))
        request.scope["trialbook.bound"] = found
    return found


def open_to_all(request: Request) -> Bound:
    """From here on the request is not bound by restrictions of a record: it is about opening one."""
    caller, service = caller_of(request), request.app.state.service
    whose = OnBehalf(caller.organisation_id, ANYBODY, partial(_who_writes, request, caller))
    found: Bound = service.database.bound(whose)
    request.scope["trialbook.bound"] = found
    return found


def shows(request: Request, patients: Iterable[UUID]) -> None:
    """Say whom an answer shows whose path names nobody: the audit has an event for each."""
    request.scope[SHOWN] = dict.fromkeys(patients)


def shows_also(request: Request, patient_id: UUID) -> None:
    """Say of one patient more that the answer, or a part of it, shows them."""
    request.scope.setdefault(SHOWN, {})[patient_id] = None


async def get_desk(request: Request) -> Desk:
    """The registry's desk for this request: which database, which organisation, today (UTC), and its opened keys."""
    service: Service = request.app.state.service
    database, organisation_id = bound_to(request), caller_of(request).organisation_id
    vault = await service.vaults.of(database, organisation_id)
    return Desk(database, organisation_id, service.clock().date(), vault)


async def get_service(request: Request) -> Service:
    """The running service."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(get_service)]
DeskDep = Annotated[Desk, Depends(get_desk)]
PatientId = Annotated[UUID, Path(description="The patient's `id`.")]
RecordId = Annotated[UUID, Path(description="The record's `id`.")]
