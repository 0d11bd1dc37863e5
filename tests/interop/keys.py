"""A client with a key of its own, in tests: its key set, and what it signs to prove who it is."""

import time
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.signed_in import ADDRESS

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Signer:
    """A key and what is signed by it."""

    def __init__(self) -> None:
        self._key = ECKey.generate_key("P-384", {"kid": "1", "alg": "ES384", "use": "sig"})

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def proof(self, client_id: str, audience: str = f"{ADDRESS}/oauth/token") -> dict[str, str]:
        """The fields of a form that prove it, good once."""
        claims = {"iss": client_id, "sub": client_id, "aud": audience, "jti": uuid4().hex, "exp": int(time.time()) + 60}
        signed = jwt.encode({"alg": "ES384", "kid": "1"}, claims, self._key, algorithms=["ES384"])
        return {"client_assertion_type": TYPE, "client_assertion": signed}
