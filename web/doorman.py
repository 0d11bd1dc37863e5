"""Who is at the door: the bearer token of a request, verified, and whether its session still stands."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar
from uuid import UUID

from fastapi import Request

from access.caller import Caller
from access.roles import Role
from identity.claims import Claims
from identity.errors import BadToken, KeysUnavailable, TokenExpired
from identity.scopes import parsed
from identity.trust import Tokens
from registry.errors import SessionExpired, Unauthenticated
from registry.oauth_errors import ProviderAway
from registry.standing import Standing
from web.ehr_door import EhrDoor

T = TypeVar("T")
CHALLENGE = 'Bearer realm="trialbook"'
NO_TOKEN = (
    "Sign in first: send `Authorization: Bearer <token>` with a token of POST /oauth/token (at /docs: Authorize)."  # noqa: S105 - a sentence
)
EXPIRED = "The access token has expired. Sign in again, or use the refresh token. At /docs: press Authorize."
NO_ORGANISATION = "The token names no organisation, so there is nothing that it could open."
NO_SUCH_ORGANISATION = "The organisation that the token names is not known here."
NO_ROLE = "The token names none of the roles that are known here."
ENDED = "The session has ended, or the user or client may not sign in any more. Sign in again."
COOKIE = "trialbook"
PAGES = ("/report", "/report.pdf", "/timeline.svg")
"""What a browser opens by its address: there the cookie of /sign-in does for a token."""
ROLES = {role.value: role for role in Role}


class Doorman(NamedTuple):
    """Knows whose tokens are believed."""

    tokens: Tokens
    standing: Standing
    own_issuer: str
    clock: Callable[[], datetime]
    ehrs: EhrDoor

    async def caller(self, request: Request) -> Caller:
        """Who asks.

        Raises:
            Unauthenticated: no token, or one that is not believed; `SessionExpired` when its time is over.
            ProviderAway: the identity provider cannot be asked at the moment.
        """
        token = _token_in(request)
        ehr = await self._told(self.ehrs.caller(request, token))
        if ehr is not None:
            return ehr
        claims = await self._told(self.tokens.read(token, self.clock()))
        caller = _caller_of(claims)
        if claims.issuer != self.own_issuer:
            if not await self.standing.knows(caller.organisation_id):
                raise _refused(Unauthenticated, NO_SUCH_ORGANISATION)
        elif not await self.standing.stands(caller):
            raise _refused(Unauthenticated, ENDED)
        return caller

    async def stands_now(self, token: str, organisation_id: UUID) -> Claims | None:
        """What a token of our own says, if it is of that organisation and good at this moment; else None.

        What is remembered for ten seconds is looked up anew: whoever asks wants to know.
        """
        try:
            claims = await self.tokens.read(token, self.clock())
            caller = _caller_of(claims)
        except (BadToken, KeysUnavailable, Unauthenticated):
            return None
        if claims.issuer != self.own_issuer or claims.organisation_id != organisation_id:
            return None
        self.standing.forget(claims.session_id or "")
        return claims if await self.standing.stands(caller) else None

    async def close(self) -> None:
        """Stop what is being fetched of keys."""
        await self.tokens.close()
        await self.ehrs.ehrs.close()

    async def _told(self, reading: Awaitable[T]) -> T:
        """What was read of a token, or why it is of no use."""
        try:
            return await reading
        except TokenExpired:
            raise _refused(SessionExpired, EXPIRED) from None
        except BadToken as error:
            raise _refused(Unauthenticated, str(error)) from None
        except KeysUnavailable as error:
            raise ProviderAway(str(error), headers={"Retry-After": "10"}) from None


def _token_in(request: Request) -> str:
    """The token of a request.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    held = request.cookies.get(COOKIE) if request.scope["path"].endswith(PAGES) else None
    if held is None or request.method != "GET":
        raise Unauthenticated(NO_TOKEN, headers={"WWW-Authenticate": CHALLENGE})
    return held


@lru_cache(maxsize=4096)
def _caller_of(claims: Claims) -> Caller:
    """The caller that verified claims speak of; the same claims are of the same caller.

    Raises:
        Unauthenticated: they name no organisation, or no role that is known.
    """
    if claims.organisation_id is None:
        raise _refused(Unauthenticated, NO_ORGANISATION)
    roles = frozenset(ROLES[name] for name in claims.roles if name in ROLES)
    if not roles:
        raise _refused(Unauthenticated, NO_ROLE)
    return Caller(
        organisation_id=claims.organisation_id,
        subject=claims.actor or claims.subject,
        kind=claims.kind,
        roles=roles,
        scopes=parsed(claims.scope),
        patient_id=claims.patient_id,
        on_behalf_of=claims.subject if claims.actor else None,
        session_id=claims.session_id,
        issued_at=claims.issued_at,
    )


def _refused(kind: type[Unauthenticated], sentence: str) -> Unauthenticated:
    return kind(sentence, headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
