"""A client that proves who it is in the form itself (`private_key_jwt`), where an operation takes that for a token."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.types import Message

from access.caller import Caller
from access.roles import Role
from identity.scopes import parsed
from registry.client_sign_in import Proof, sign_in_client
from web.attempts import count_attempt
from web.bodies import MOST_FIELDS, whole_form
from web.issuer import audiences

if TYPE_CHECKING:
    from web.deps import Service

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def client_at_door(request: Request, name: str) -> tuple[Caller | None, Request]:
    """The client whose assertion is in the form, None if there is none; and the request, to be read again.

    Raises:
        WrongClient: the assertion is not believed.
        TooManyRequests, TooLarge, RequestTimeout: as for every form of nobody.
    """
    service: Service = request.app.state.service
    body = await (await whole_form(request, service.seconds_for_a_body)).body()
    again = _again(request, body)
    assertion = _assertion_in(body)
    if assertion is None:
        return None, again
    await count_attempt(request, service.sign_ins)
    url = service.issuer.url
    proof = Proof(assertion, "", (f"{url}{request.scope['path']}", *audiences(url)))
    recorded = service.recorder(request, name, "client")
    holder = await sign_in_client(service.database, proof, recorded, service.clock())
    assert holder.organisation_id is not None  # noqa: S101 - a client is always of one
    roles = frozenset({Role.INTEGRATION})
    return Caller(holder.organisation_id, holder.subject, "client", roles, parsed(holder.scope)), again


def _assertion_in(body: bytes) -> str | None:
    try:
        form = dict(parse_qsl(body.decode("utf-8"), max_num_fields=MOST_FIELDS))
    except ValueError:
        return None
    return form.get("client_assertion") if form.get("client_assertion_type") == ASSERTION_TYPE else None


def _again(request: Request, body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)
