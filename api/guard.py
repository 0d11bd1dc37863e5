"""The one gate of every operation: who asks, how often, whether they may; and the audit of what came of it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from access.caller import Caller
from access.decide import refusal
from access.operations import OPERATIONS, Operation, included
from access.roles import Role
from api.deps import Service, bound_to, get_desk, who_in
from registry.audit_events import Event
from registry.erasures import refuse_erased
from registry.errors import Forbidden, Gone, InvalidRequest, NotFound, TrialbookError

Handle = Callable[[Request], Awaitable[Response]]
UNEXPECTED = 500
READS_MORE = "read_patient"
"""The one operation that can be asked for other kinds of records along with its own."""
NOT_YOURS_TO_WRITE = "Patients send only {} here."


class UnknownOperation(Exception):
    """An operation is served that access/operations.py does not know: the service does not start."""


class Gate:
    """The gate of one operation."""

    def __init__(self, name: str) -> None:
        """Look the operation up.

        Raises:
            UnknownOperation: it is in no table, so nobody could be allowed to use it.
        """
        if name not in OPERATIONS:
            raise UnknownOperation(f"{name} is not in the table of access/operations.py")
        self.name, self.operation = name, OPERATIONS[name]

    async def through(self, request: Request, handle: Handle) -> Response:
        """Let the request through, if it may, and record what came of it.

        Raises:
            Unauthenticated, Forbidden, TooManyRequests: it may not pass.
        """
        if self.operation.public:
            return await handle(request)
        service: Service = request.app.state.service
        caller = await service.doorman.caller(request)
        request.scope["trialbook.caller"], request.scope["trialbook.operation"] = caller, self.name
        if service.requests is not None:
            request.scope["trialbook.allowance"] = await service.requests.spend(caller.key)
        try:
            self._decide(request, caller)
            response = await handle(request)
        except Exception as error:
            told = await self._told(request, error)
            await self._record(request, caller, _status_of(told))
            if told is error:
                raise
            raise told from error
        if not bound_to(request).recorded:
            await self._record(request, caller, response.status_code)
        else:
            service.book.something_to_seal.set()
        return response

    def _decide(self, request: Request, caller: Caller) -> None:
        also = included(request.query_params.getlist("include")) if self.name == READS_MORE else ()
        why = refusal(caller, self.operation, _id_in(request, "patient_id"), also)
        if why is not None:
            raise Forbidden(why)

    async def _told(self, request: Request, error: Exception) -> Exception:
        """The error as it is told: of a patient who is not there, whether they were erased."""
        patient_id = _id_in(request, "patient_id")
        if type(error) is NotFound and patient_id is not None and self.operation.of_patient:
            try:
                await refuse_erased(await get_desk(request), patient_id)
            except Gone as gone:
                return gone
        return error

    async def _record(self, request: Request, caller: Caller, outcome: int) -> None:
        if not self.operation.audited:
            return
        service: Service = request.app.state.service
        event = Event(
            caller.organisation_id,
            who_in(request, caller),
            service.clock(),
            self.operation.about,
            outcome,
            _id_in(request, "patient_id"),
            _id_in(request, "record_id"),
        )
        await service.book.record(event)


def own_alone(request: Request, operation: Operation, body: Any) -> Any:  # noqa: ANN401 - any JSON
    """The body as it may be sent: for a patient with the only value of what has one, such as who rated.

    Raises:
        Forbidden: a patient sends other fields than the table lists, or other values.
    """
    caller: Caller = request.scope["trialbook.caller"]
    allowed = operation.alone
    if allowed is None or Role.PATIENT not in caller.roles or not isinstance(body, dict):
        return body
    only = {name: value for name, value in allowed.items() if value is not None}
    if not body.keys() <= allowed.keys() or any(body.get(name, value) != value for name, value in only.items()):
        raise Forbidden(NOT_YOURS_TO_WRITE.format(", ".join(_listed(allowed))))
    return body | only


def _listed(allowed: Mapping[str, str | None]) -> Iterator[str]:
    for name, value in allowed.items():
        yield f"`{name}`" if value is None else f"`{name}` (`{value}`)"


def _status_of(error: Exception) -> int:
    if isinstance(error, TrialbookError):
        return error.status
    if isinstance(error, HTTPException):
        return error.status_code
    return InvalidRequest.status if isinstance(error, RequestValidationError) else UNEXPECTED


def _id_in(request: Request, name: str) -> UUID | None:
    """An id that the path names; None if it names none, or what is no id."""
    try:
        return UUID(request.path_params[name])
    except (KeyError, ValueError):
        return None
