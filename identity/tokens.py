"""Access tokens of the service's own: made and read by the embedded issuer, in the form of RFC 9068."""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws

from identity.claims import Claims, Holder, check_audience, name_in, required_text, text_in, times_in, uuid_in, words_in
from identity.errors import BadToken
from identity.jws import LONGEST_TOKEN, Unverified, algorithm_of, check_signature, key_id_of, unverified
from identity.keys import ALGORITHM, Keys

TYPE = "at+jwt"
SKEW = timedelta(seconds=5)
"""Between the clocks of the machines that serve together."""


class Issuer:
    """Makes tokens and believes those that it made."""

    def __init__(self, url: str, audience: str, keys: Keys, skew: timedelta = SKEW) -> None:
        """Issue as `url`, for the service that calls itself `audience`."""
        self.url, self._audience, self._keys, self._skew = url, audience, keys, skew

    def issue(self, holder: Holder, now: datetime, seconds: int) -> str:
        """A signed token for this holder, valid from now for that long.

        Raises:
            ValueError: it would not be believed when it comes back, or is longer than any that is read.
        """
        issued = int(now.timestamp())
        of_token = {"iss": self.url, "aud": self._audience, "iat": issued, "exp": issued + seconds}
        claims = of_token | {"jti": secrets.token_urlsafe(16)} | _said_of(holder)
        header = {"typ": TYPE, "alg": ALGORITHM, "kid": self._keys.signing.kid}
        try:
            _claims_of(claims, now, self._skew)
        except BadToken as error:
            raise ValueError(f"such a token would be refused: {error.reason}") from None
        token = jws.serialize_compact(header, _written(claims), self._keys.signing, [ALGORITHM])
        if len(token) > LONGEST_TOKEN:
            raise ValueError(f"a token with so much in it is longer than {LONGEST_TOKEN} characters")
        return token

    def read(self, token: str, now: datetime) -> Claims:
        """What a token of ours says, if it is valid now.

        Raises:
            BadToken: it is not ours, was changed, is for another service, or is not valid now.
        """
        return self.believed(unverified(token), now)

    def believed(self, token: Unverified, now: datetime) -> Claims:
        """The same of a token that was taken apart already."""
        algorithm = algorithm_of(token, (ALGORITHM,))
        key = self._keys.named(key_id_of(token))
        if key is None:
            raise BadToken("the key that it names is not known here; sign in again")
        check_signature(token, key, algorithm)
        if token.kind != TYPE or required_text(token.claims, "iss") != self.url:
            raise BadToken("it is not an access token of this service (`typ`, `iss`)")
        check_audience(token.claims, (self._audience,))
        return _claims_of(token.claims, now, self._skew)


def _written(claims: dict[str, Any]) -> bytes:
    return json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()


def _said_of(holder: Holder) -> dict[str, Any]:
    """The claims on the holder; what is not known is left out."""
    claims = {
        "sub": holder.subject,
        "client": holder.kind == "client" or None,
        "org": holder.organisation_id and str(holder.organisation_id),
        "roles": sorted(holder.roles) or None,
        "scope": " ".join(holder.scope) or None,
        "patient": holder.patient_id and str(holder.patient_id),
        "sid": holder.session_id,
        "name": holder.name,
        "client_id": holder.client_id,
        "act": holder.actor and {"sub": holder.actor},
    }
    return {name: value for name, value in claims.items() if value is not None}


def _claims_of(claims: dict[str, Any], now: datetime, skew: timedelta) -> Claims:
    issued, expires = times_in(claims, now, skew)
    required_text(claims, "jti")
    return Claims(
        issuer=required_text(claims, "iss"),
        subject=required_text(claims, "sub"),
        kind="client" if claims.get("client") is True else "user",
        organisation_id=uuid_in(claims, "org"),
        roles=frozenset(words_in(claims, "roles")),
        scope=words_in(claims, "scope"),
        patient_id=uuid_in(claims, "patient"),
        session_id=text_in(claims, "sid"),
        name=name_in(claims),
        actor=actor_in(claims),
        client_id=text_in(claims, "client_id"),
        issued_at=issued,
        expires_at=expires,
    )


def actor_in(claims: dict[str, Any]) -> str | None:
    """Who acts for the subject, if anybody.

    Raises:
        BadToken: `act` is not as RFC 8693 has it.
    """
    act = claims.get("act")
    if act is None:
        return None
    if not isinstance(act, dict):
        raise BadToken("its claim `act` is not an object")
    return required_text(act, "sub")
