"""Whether a token is good (RFC 7662): asked by a client with keys, a machine or an administrator, of their own."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.responses import INTROSPECTS
from api.token_requests import NO_STORE
from models.token import Introspection
from web.deps import ServiceDep, caller_of
from web.issuer import INTROSPECT
from web.routing import CheckedRoute

INACTIVE = {"active": False}
router = APIRouter(tags=["0 Sign in"], route_class=CheckedRoute)


class IntrospectionForm(BaseModel):
    """What is sent to ask about a token (RFC 7662). Who asks may prove it here, by `client_assertion`."""

    model_config = ConfigDict(
        use_attribute_docstrings=True, json_schema_extra={"example": {"token": "header.claims.signature"}}
    )

    token: Annotated[str, Field(max_length=8192)]
    """The access token that is asked about."""
    token_type_hint: Annotated[str | None, Field(max_length=200)] = None
    """Taken and without effect: only access tokens are known here."""
    client_assertion_type: Annotated[str | None, Field(max_length=200)] = None
    """`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with `client_assertion`."""
    client_assertion: Annotated[str | None, Field(max_length=8192)] = None
    """A client's signed statement of who it is, instead of a token in `Authorization`."""
    client_id: Annotated[str | None, Field(max_length=200)] = None
    """Taken and without effect: the assertion says who it is."""


@router.post(
    INTROSPECT,
    operation_id="introspect_token",
    summary="Ask whether a token is good",
    response_model=Introspection,
    response_model_exclude_unset=True,
    responses=INTROSPECTS,
)
async def introspect_token(
    request: Request, response: Response, service: ServiceDep, form: Annotated[IntrospectionForm, Form()]
) -> dict[str, Any]:
    """Whether an access token of this service is good now, whose it is, and for what.

    Ask as an administrator or a machine with a token of your own, or as a client with a `client_assertion` in the
    form. Of a token of another organisation, of one that has ended, and of what is no token, the answer is the same:
    `{"active": false}`.
    """
    response.headers.update(NO_STORE)
    claims = await service.doorman.stands_now(form.token, caller_of(request).organisation_id)
    if claims is None:
        return INACTIVE
    client_id = claims.subject if claims.kind == "client" else claims.client_id
    said = {
        "active": True,
        "scope": " ".join(claims.scope),
        "client_id": client_id,
        "sub": claims.subject,
        "iss": claims.issuer,
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
        "token_type": "Bearer",
        "patient": claims.patient_id and str(claims.patient_id),
        "need_patient_banner": True if claims.client_id and claims.patient_id else None,
    }
    return {name: value for name, value in said.items() if value is not None}
