"""Requests for a token: what may be sent, and how each way of signing in is answered."""

from typing import Annotated, Any, NoReturn
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from identity.errors import BadToken, KeysUnavailable
from identity.scopes import parsed
from registry.client_sign_in import Proof, sign_in_client
from registry.oauth_errors import TokenRefused, WrongGrant, WrongScope
from registry.rate_limits import network_of
from registry.sessions import SignedIn, end_session, end_session_by, refresh
from registry.sign_in import Asked, sign_in
from web.deps import Service, address_of

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS_FOR_A_MACHINE = 300
"""SMART Backend Services recommends at most five minutes."""
NEEDED = "Send `{}` for `grant_type={}`."
WHICH_GRANT = "Send `grant_type` as `password`, `refresh_token` or `client_credentials`."
NO_SCOPE = "A scope has no NUL. Separate scopes by spaces."
NOT_HERE = "This service does not keep passwords: sign in at your identity provider."
Text = Annotated[str | None, Field(max_length=200)]


class TokenForm(BaseModel):
    """The fields of a request for a token (RFC 6749). Fields that a grant does not need are ignored."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={
            "example": {
                "grant_type": "password",
                "username": "dr.example@clinic.example",
                "password": "three calm otters swim",
            }
        },
    )

    grant_type: Annotated[str, Field(max_length=100, examples=["password"])]
    """`password`, `refresh_token` or `client_credentials`."""
    username: Text = None
    """The user's name, for `password`."""
    password: Annotated[SecretStr | None, Field(max_length=1000)] = None
    """The user's password, for `password`."""
    organisation: UUID | None = None
    """The organisation, where several know the same user name."""
    refresh_token: Annotated[str | None, Field(max_length=500)] = None
    """The refresh token, for `refresh_token`."""
    scope: Annotated[str | None, Field(max_length=2000)] = None
    """SMART scopes to narrow the token to, separated by spaces."""
    client_assertion_type: Text = None
    """`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, for `client_credentials`."""
    client_assertion: Annotated[str | None, Field(max_length=8192)] = None
    """The machine's signed statement of who it is (RS384 or ES384), for `client_credentials`."""


async def issued(request: Request, form: TokenForm) -> dict[str, Any]:
    """A token for whoever asks, as OAuth answers it.

    Raises:
        TokenRefused, TooManyRequests: as in `attempted`.
    """
    service: Service = request.app.state.service
    signed_in, seconds = await attempted(request, form)
    return {
        "access_token": service.issuer.issue(signed_in.holder, service.clock(), seconds),
        "token_type": "bearer",
        "expires_in": seconds,
        "refresh_token": signed_in.refresh_token,
        "scope": " ".join(signed_in.holder.scope),
    }


async def attempted(request: Request, form: TokenForm) -> tuple[SignedIn, int]:
    """Who is signed in by the form, and for how many seconds a token of theirs is good. Each attempt counts.

    Raises:
        TokenRefused: none is issued.
        TooManyRequests: too many were asked for from this network.
    """
    service: Service = request.app.state.service
    await spend_sign_in(request)
    grant = GRANTS.get(form.grant_type)
    if grant is None:
        raise WrongGrant(WHICH_GRANT)
    if "\0" in (form.scope or ""):
        raise WrongScope(NO_SCOPE)
    return await grant(request, service, form)


async def spend_sign_out(request: Request) -> None:
    """Count a sign-out from this network address, apart from the sign-ins: it must not keep anybody from these.

    Raises:
        TooManyRequests: there were too many.
    """
    service: Service = request.app.state.service
    if service.requests is not None:
        key = f"revoke/{network_of(address_of(request))}"
        request.scope["trialbook.allowance"] = await service.requests.spend(key)


async def spend_sign_in(request: Request) -> None:
    """Count an attempt from this network address.

    Raises:
        TooManyRequests: there were too many.
    """
    service: Service = request.app.state.service
    if service.sign_ins is not None:
        request.scope["trialbook.allowance"] = await service.sign_ins.spend(network_of(address_of(request)))


def _lacking(name: str, grant: str) -> NoReturn:
    raise TokenRefused(NEEDED.format(name, grant))


async def _by_password(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    if not service.embedded:
        raise WrongGrant(NOT_HERE)
    if not form.username or form.password is None:
        _lacking("username` and `password", "password")
    asked = Asked(form.username, form.password.get_secret_value(), _narrowing(form.scope), form.organisation)
    recorder = service.recorder(request, "issue_token")
    return await sign_in(service.database, asked, recorder), service.token_seconds


def _narrowing(scope: str | None) -> str:
    """The SMART scopes that a person asks for; words such as `openid` narrow nothing.

    Raises:
        WrongScope: one is not understood, or is for machines.
    """
    asked = parsed(scope or "")
    machines = [word for word in str(asked).split() if word.startswith("system/")]
    if asked.not_understood or machines:
        words = ", ".join([*asked.not_understood, *machines])
        raise WrongScope(f"These scopes are not for persons or not understood: {words[:200]}.")
    return str(asked) if asked.any_smart else ""


async def _by_refresh(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    if not form.refresh_token:
        _lacking("refresh_token", "refresh_token")
    recorder = service.recorder(request, "issue_token")
    return await refresh(service.database, form.refresh_token, recorder), service.token_seconds


async def _by_assertion(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    if form.client_assertion_type != ASSERTION_TYPE or not form.client_assertion:
        _lacking(f"client_assertion` and `client_assertion_type={ASSERTION_TYPE}", "client_credentials")
    audiences = (f"{service.issuer.url}/oauth/token", service.issuer.url)
    recorder = service.recorder(request, "issue_token", "client")
    proof = Proof(form.client_assertion, form.scope or "", audiences)
    holder = await sign_in_client(service.database, proof, recorder, service.clock())
    return SignedIn(holder, None), SECONDS_FOR_A_MACHINE


GRANTS = {"password": _by_password, "refresh_token": _by_refresh, "client_credentials": _by_assertion}


async def end_session_of(request: Request, token: str) -> None:
    """End the session of a refresh or an access token. A token that is of no use is no fault."""
    service: Service = request.app.state.service
    recorder = service.recorder(request, "revoke_token")
    session = await end_session_by(service.database, token, recorder)
    if session is None and (session := await _session_of(service, token)) is not None:
        await end_session(service.database, session, recorder)
    if session is not None:
        service.doorman.standing.forget(str(session))


async def _session_of(service: Service, token: str) -> UUID | None:
    """The session of an access token of our own; None if it is none, or has none."""
    try:
        claims = await service.doorman.tokens.read(token, service.clock())
    except (BadToken, KeysUnavailable):
        return None
    ours = claims.issuer == service.doorman.own_issuer and claims.session_id is not None
    return UUID(claims.session_id) if ours else None
