"""Tokens of apps: for a code, and again for a refresh token; and which client it is that asks."""

from typing import Any
from uuid import UUID

from fastapi import Request

from api.token_form import TokenForm, lacking
from registry.app_clients import NOT_THIS_APP, ByClient
from registry.client_sign_in import NO_CLIENT, Proof, prove_client
from registry.code_exchange import Exchange, exchange
from registry.oauth_errors import WrongClient
from registry.sessions import SignedIn, refresh
from web.client_door import ASSERTION_TYPE
from web.deps import Service
from web.issuer import audiences

CODE = "authorization_code"


async def client_in(request: Request, service: Service, form: TokenForm) -> ByClient:
    """The client that asks: proved by an assertion, or only named, or neither.

    Raises:
        WrongClient: it cannot be one, or the assertion is not believed.
    """
    named = _named(form.client_id)
    if form.client_assertion is None:
        return ByClient(named)
    if form.client_assertion_type != ASSERTION_TYPE:
        lacking(f"client_assertion_type={ASSERTION_TYPE}", form.grant_type)
    proof = Proof(form.client_assertion, "", audiences(service.issuer.url))
    recorder = service.recorder(request, "issue_token", "client")
    proved = await prove_client(service.database, proof, recorder, service.clock())
    if named not in {None, proved.client_id}:
        raise WrongClient(NOT_THIS_APP)
    return proved


def _named(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise WrongClient(NO_CLIENT) from None


async def by_code(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    """Whom a code stands for.

    Raises:
        TokenRefused: something is lacking, or is not as it was when the code was asked for.
    """
    by = await client_in(request, service, form)
    if not form.code or not form.redirect_uri or not form.code_verifier or by.client_id is None:
        lacking("code`, `redirect_uri`, `code_verifier` and `client_id", CODE)
    sent = Exchange(form.code, form.redirect_uri, form.code_verifier, by, service.token_seconds)
    outcome = await exchange(service.database, sent, service.recorder(request, "issue_token"))
    if outcome.ended is not None:
        service.doorman.standing.forget(str(outcome.ended))
    if outcome.refused is not None:
        raise outcome.refused
    assert outcome.signed_in is not None  # noqa: S101 - it is one or the other
    return outcome.signed_in, service.token_seconds


async def by_refresh(request: Request, service: Service, form: TokenForm) -> tuple[SignedIn, int]:
    """Who goes on with a session.

    Raises:
        TokenRefused: the token is of no use, or is of an app and another asks.
    """
    if not form.refresh_token:
        lacking("refresh_token", "refresh_token")
    by = await client_in(request, service, form)
    recorder = service.recorder(request, "issue_token")
    return await refresh(service.database, form.refresh_token, by, recorder), service.token_seconds


def said_to_app(signed_in: SignedIn) -> dict[str, Any]:
    """What an app is told besides: the patient, and a refresh token if it may go on."""
    said: dict[str, Any] = {"token_type": "Bearer"}
    if signed_in.refresh_token is not None:
        said["refresh_token"] = signed_in.refresh_token
    if signed_in.holder.patient_id is not None:
        said |= {"patient": str(signed_in.holder.patient_id), "need_patient_banner": True}
    return said
