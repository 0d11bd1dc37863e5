"""The embedded issuer: tokens for users and machines, signing out, and what others need to verify a token."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api.responses import REVOKES, TOKENS
from api.token_form import TokenForm
from api.token_requests import NO_STORE, end_session_of, issued
from models.token import JsonWebKeySet, ServerMetadata, TokenAnswer
from web.attempts import count_attempt
from web.deps import Service, ServiceDep
from web.issuer import ALGORITHMS, SCOPES, endpoints, grants
from web.routing import CheckedRoute

router = APIRouter(tags=["0 Sign in"], route_class=CheckedRoute)
REVOKED = "The refresh token or the access token whose session ends."


@router.post(
    "/oauth/token",
    operation_id="issue_token",
    summary="Sign in",
    response_model=TokenAnswer,
    response_model_exclude_unset=True,
    responses=TOKENS,
)
async def issue_token(request: Request, response: Response, form: Annotated[TokenForm, Form()]) -> dict[str, Any]:
    """Sign in with a name and a password, go on with a refresh token, sign in as a machine, or as an app with its code.

    At /docs the button Authorize does this. `grant_type=password` needs `username` and `password`; `refresh_token`
    the token of that name, which is good once; `client_credentials` a `client_assertion` (SMART Backend Services);
    `authorization_code` the `code` that a person gave the app at `/oauth/authorize`, with `redirect_uri`,
    `code_verifier` and `client_id`, and a `client_assertion` from an app that has keys (SMART App Launch).
    """
    response.headers.update(NO_STORE)
    return await issued(request, form)


@router.post(
    "/oauth/revoke", operation_id="revoke_token", summary="Sign out", status_code=200, responses=REVOKES,
    response_class=Response,
)  # fmt: skip
async def revoke_token(request: Request, token: Annotated[str, Form(max_length=8192, description=REVOKED)]) -> Response:
    """End the session of a refresh token or an access token (RFC 7009). A token that is of no use is no fault."""
    service: Service = request.app.state.service
    await count_attempt(request, service.requests, "revoke/")
    await end_session_of(request, token)
    return Response(status_code=200, headers=NO_STORE)


@router.get("/oauth/jwks", operation_id="read_jwks", summary="Read the issuer's keys", response_model=JsonWebKeySet)
async def read_jwks(service: ServiceDep) -> dict[str, Any]:
    """The public keys that verify access tokens of the embedded issuer."""
    return {"keys": service.keys.public_jwks()["keys"]}


@router.get(
    "/.well-known/oauth-authorization-server",
    operation_id="read_discovery",
    summary="Discover where to sign in",
    response_model=ServerMetadata,
    response_model_exclude_unset=True,
)
async def read_discovery(service: ServiceDep) -> dict[str, Any]:
    """Where tokens are issued and revoked, and what is supported."""
    base, apps = service.issuer.url, service.embedded
    return {
        "issuer": base,
        **endpoints(base, embedded=apps),
        "grant_types_supported": grants(embedded=apps),
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"] if apps else [],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }
