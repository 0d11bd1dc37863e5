"""A service that believes an EHR and may ask a FHIR server, both real and on this machine."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from settings import FIRST_ORGANISATION
from settings_hooks import CdsClient
from tests.identity.forging import by_ec, ec_jwk, ec_key, seconds, signed
from tests.identity.provider_server import KEYS, ProviderServer
from tests.signed_in import ADDRESS, client_of

Json = dict[str, Any]
EC = ec_key("hospital's EHR")
VIEW, SIGN = "/cds-services/trd-patient-view", "/cds-services/trd-order-sign"
ANOTHER, STRANGE, AWAY = "/another", "/strange", "/away"
"""Issuers besides the first: of another organisation, of one that is not known, and of keys that nobody publishes."""


class FhirServer(ProviderServer):
    """A FHIR server that gives what is put into `bodies`, and publishes the keys of the EHR."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = [ec_jwk(EC)]

    def give(self, address: str, resource: Json) -> None:
        self.bodies[address] = json.dumps(resource).encode()

    def forget(self) -> None:
        """Be as at the beginning."""
        self.asked.clear()
        self.bodies.clear()
        self.status, self.head, self.pause, self.heard = "200 OK", "", 0.0, ""

    @property
    def asked_for(self) -> set[str]:
        """What was asked for of patients."""
        return {path for path in self.asked if path != KEYS}


def told(server: FhirServer, another: UUID) -> Json:
    """Settings in which the EHR is believed and its FHIR server may be asked."""
    keys, away = f"{server.issuer}{KEYS}", "http://127.0.0.1:9/keys"
    whose = {"": FIRST_ORGANISATION, ANOTHER: another, STRANGE: UUID(int=7), AWAY: FIRST_ORGANISATION}
    ehrs = [
        CdsClient(iss=f"{server.issuer}{name}", organisation_id=organisation, jwks_url=away if name == AWAY else keys)
        for name, organisation in whose.items()
    ]
    return {"cds_clients": tuple(ehrs), "cds_fhir_servers": (f"{server.issuer}/fhir",)}


def token(server: FhirServer, path: str = VIEW, **changes: Any) -> str:  # noqa: ANN401 - any claim
    now = datetime.now(UTC)
    claims = {
        "iss": server.issuer,
        "aud": f"{ADDRESS}{path}",
        "iat": seconds(now),
        "exp": seconds(now + timedelta(minutes=4)),
        "jti": str(uuid4()),
        **changes,
    }
    return signed({"alg": "ES384", "typ": "JWT", "kid": "e1"}, claims, by_ec(EC, "ES384"))


async def call(app: FastAPI, bearer: str, body: Json, path: str = VIEW) -> httpx.Response:
    async with client_of(app, bearer) as http:
        return await http.post(path, json=body)
