"""The one gate of every operation: who asks, how often, whether they may; and the audit of what came of it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from access.caller import Caller
from access.decide import OTHER_PATIENT, is_of_one_patient, refusal
from access.operations import OPERATIONS, Needs, Operation, included
from access.roles import Role
from registry.audit_events import Event
from registry.erasures import refuse_erased
from registry.errors import Forbidden, Gone, InvalidRequest, NotFound, TrialbookError
from web.client_door import client_at_door
from web.deps import SHOWN, Service, bound_to, get_desk, who_in

Handle = Callable[[Request], Awaitable[Response]]
Said = tuple[UUID | None, str, int]
"""A patient, what was done, and what came of it: one event."""
FOUND, UNEXPECTED = 200, 500
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
READS_MORE = "read_patient"
"""The one operation that can be asked for other kinds of records along with its own."""
FINDS, TO_FIND = "create_patient", (("Patient", "s"),)
"""With a condition it answers the patient who is there already."""
BESIDES = "trialbook.besides"
"""Whom parts of a request read or were refused for, with action and outcome: what it wrote has rows of its own."""
DECIDED = "trialbook.decided"
"""Where it is kept that a decision was made again when the patient was known."""
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
        caller, request = await self._caller(request)
        request.scope["trialbook.caller"], request.scope["trialbook.operation"] = caller, self.name
        if service.requests is not None:
            request.scope["trialbook.allowance"] = await service.requests.spend(caller.key)
        try:
            self._decide(request, caller)
            response = await handle(request)
        except Exception as error:
            told = await self._told(request, error)
            await self._record(request, _status_of(told))
            if told is error:
                raise
            raise told from error
        if self.operation.located and is_of_one_patient(caller) and not request.scope.get(DECIDED):
            raise Forbidden(OTHER_PATIENT)  # the handler forgot to say whom it is about
        if not bound_to(request).recorded:
            await self._record(request, response.status_code, response.headers)
        else:
            if besides := request.scope.get(BESIDES):  # what the request wrote has rows that do not name them
                await _store(request, ((patient, action, came) for (patient, action), came in besides.items()))
            service.book.something_to_seal.set()
        return response

    async def _caller(self, request: Request) -> tuple[Caller, Request]:
        """Who asks: by a token, or, where the operation takes that, a client by its assertion in the form."""
        if self.operation.by_assertion and "authorization" not in request.headers:
            client, request = await client_at_door(request, self.name)
            if client is not None:
                return client, request
        service: Service = request.app.state.service
        return await service.doorman.caller(request), request

    def _decide(self, request: Request, caller: Caller) -> None:
        why = refusal(caller, self.operation, _id_in(request, "patient_id"), self._also(request))
        if why is not None:
            raise Forbidden(why)

    def _also(self, request: Request) -> Needs:
        """What a request needs besides: records that are included, and to find whom it would create."""
        if self.name == READS_MORE:
            return included(request.query_params.getlist("include"))
        return TO_FIND if self.name == FINDS and "if-none-exist" in request.headers else ()

    async def _told(self, request: Request, error: Exception) -> Exception:
        """The error as it is told: of a patient who is not there, whether they were erased."""
        patient_id = _id_in(request, "patient_id")
        if type(error) is NotFound and patient_id is not None and self.operation.of_patient:
            try:
                await refuse_erased(await get_desk(request), patient_id)
            except Gone as gone:
                return gone
        return error

    async def _record(self, request: Request, outcome: int, headers: Mapping[str, str] = NO_HEADERS) -> None:
        """One event, or one for each patient who was shown where the path names none."""
        if not self.operation.audited:
            return
        named = _id_in(request, "patient_id")
        shown = request.scope.get(SHOWN) or [named]
        # What answers with what was there already has read, whatever it might have made.
        read = "idempotent-replayed" in headers or (self.name == FINDS and outcome == FOUND)
        action, besides = "R" if read else self.operation.about, request.scope.get(BESIDES, {})
        told = {patient for patient, _ in besides}
        said = [(patient, act, max(came, outcome)) for (patient, act), came in besides.items()]
        said += [(patient, action, outcome) for patient in shown if patient not in told]
        await _store(request, said, _id_in(request, "record_id"))


async def _store(request: Request, said: Iterable[Said], record_id: UUID | None = None) -> None:
    caller: Caller = request.scope["trialbook.caller"]
    service: Service = request.app.state.service
    who, at = who_in(request, caller), service.clock()
    events = (Event(caller.organisation_id, who, at, act, came, patient, record_id) for patient, act, came in said)
    await service.book.record(*events)


def about(request: Request, patient_id: UUID) -> None:
    """From here on the request is about this patient: decide again, and let the audit name them.

    Raises:
        Forbidden: whoever asks may not do this for this patient.
    """
    allowed(request, request.scope["trialbook.operation"], patient_id)
    request.path_params["patient_id"] = str(patient_id)


def allowed(request: Request, operation: str, patient_id: UUID | None) -> None:
    """Decide about a part of a request that is an operation of its own.

    Raises:
        Forbidden: whoever asks may not do this, or not for this patient.
    """
    caller: Caller = request.scope["trialbook.caller"]
    why = refusal(caller, OPERATIONS[operation], patient_id)
    if why is None and patient_id is None and is_of_one_patient(caller) and OPERATIONS[operation].located:
        why = OTHER_PATIENT
    if why is not None:
        raise Forbidden(why)
    request.scope[DECIDED] = True


async def shown_next(request: Request, patients: Iterable[UUID]) -> None:
    """Record that what leaves next of a long answer shows these patients; back when it is stored for good.

    Raises:
        DatabaseUnavailable, DatabaseTooSlow: it could not be stored; what was read must not leave.
    """
    await _store(request, ((each, "R", FOUND) for each in patients))


@contextmanager
def part(request: Request, *, reads: bool) -> Iterator[None]:
    """A part of a request that may write elsewhere: whom it reads, or is refused for, has an event of their own."""
    scope, outcome = request.scope, FOUND if reads else 0
    shown = scope.pop(SHOWN, {})
    try:
        yield
    except Exception as error:
        outcome = _status_of(error)
        raise
    finally:
        mine = scope.pop(SHOWN, {})
        besides = scope.setdefault(BESIDES, {})
        action = "R" if reads else OPERATIONS[scope["trialbook.operation"]].about
        for patient in mine if outcome else ():
            # What was read once was read, whatever was refused besides.
            besides[patient, action] = min(outcome, besides.get((patient, action), outcome))
        scope[SHOWN] = {**shown, **mine}


def own_alone(request: Request, operation: Operation, body: Any) -> Any:  # noqa: ANN401 - any JSON
    """The body as it may be sent: for a patient with the only value of what has one, such as who rated.

    Raises:
        Forbidden: a patient sends other fields than the table lists, or other values.
    """
    caller: Caller = request.scope["trialbook.caller"]
    allowed = operation.alone
    if allowed is None or Role.PATIENT not in caller.roles or not isinstance(body, dict):
        return body
    listed = {name: values for name, values in allowed.items() if values is not None}
    whole = {name: next(iter(values)) for name, values in listed.items() if len(values) == 1} | body
    meant = all(str(whole[name]) in values for name, values in listed.items() if name in whole)
    if not meant or not body.keys() <= allowed.keys():
        raise Forbidden(NOT_YOURS_TO_WRITE.format(", ".join(_listed(allowed))))
    return whole


def _listed(allowed: Mapping[str, frozenset[str] | None]) -> Iterator[str]:
    for name, values in allowed.items():
        yield f"`{name}` ({', '.join(sorted(values))})" if values else f"`{name}`"


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
