"""Requests for a token: how each way of signing in is answered."""

from typing import Any
from uuid import UUID

from fastapi import Request

from api.app_tokens import by_code, by_refresh, said_to_app
from api.token_form import TokenForm, lacking
from identity.errors import BadToken, KeysUnavailable
from identity.scopes import parsed
from registry.client_sign_in import Proof, sign_in_client
from registry.oauth_errors import WrongGrant, WrongScope
from registry.sessions import SignedIn, end_session, end_session_by
from registry.sign_in import Asked, sign_in
from web.attempts import count_attempt
from web.client_door import ASSERTION_TYPE
from web.deps import Service
from web.issuer import audiences

SECONDS_FOR_A_MACHINE = 300
"""SMART Backend Services recommends at most five minutes."""
WHICH_GRANT = "Send `grant_type` as `password`, `refresh_token`, `client_credentials` or `authorization_code`."
NO_SCOPE = "A scope has no NUL. Separate scopes by spaces."
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
NOT_HERE = "This service does not keep passwords: sign in at your identity provider."


async def issued(request: Request, form: TokenForm) -> dict[str, Any]:
    """A token for whoever asks, as OAuth answers it.

    Raises:
        TokenRefused, TooManyRequests: as in `attempted`.
    """
    service: Service = request.app.state.service
    signed_in, seconds = await attempted(request, form)
    said = {
        "access_token": service.issuer.issue(signed_in.holder, service.clock(), seconds),
        "token_type": "bearer",
        "expires_in": seconds,
        "scope": " ".join(signed_in.holder.scope),
    }
    if signed_in.holder.client_id is not None:
        return said | said_to_app(signed_in)
    return said | {"refresh_token": signed_in.refresh_token}


async def attempted(request: Request, form: TokenForm) -> tuple[SignedIn, int]:
    """Who is signed in by the form, and for how many seconds a token of theirs is good. Each attempt counts.

    Raises:
        TokenRefused: none is issued.
        TooManyRequests: too many were asked for from this network.
    """
    service: Service = request.app.state.service
    await count_attempt(request, service.sign_ins)
    grant = GRANTS.get(form.grant_type)
    if grant is None:
        raise WrongGrant(WHICH_GRANT)
    if "\0" in (form.scope or ""):
        raise WrongScope(NO_SCOPE)
    return await grant(request, service, form)


async def _by_password(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    if not service.embedded:
        raise WrongGrant(NOT_HERE)
    if not form.username or form.password is None:
        lacking("username` and `password", "password")
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


async def _by_assertion(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    if form.client_assertion_type != ASSERTION_TYPE or not form.client_assertion:
        lacking(f"client_assertion` and `client_assertion_type={ASSERTION_TYPE}", "client_credentials")
    recorder = service.recorder(request, "issue_token", "client")
    proof = Proof(form.client_assertion, form.scope or "", audiences(service.issuer.url))
    holder = await sign_in_client(service.database, proof, recorder, service.clock())
    return SignedIn(holder, None), SECONDS_FOR_A_MACHINE


GRANTS = {
    "password": _by_password,
    "refresh_token": by_refresh,
    "client_credentials": _by_assertion,
    "authorization_code": by_code,
}


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
