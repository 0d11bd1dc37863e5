"""An app and a browser in tests: what both do, step by step, each step open to being done wrongly."""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.signed_in import ADDRESS

PASSWORD = "nine patient geese walk"  # noqa: S105 - of tests
BACK = "https://app.example/callback"
ASK, SIGN_IN, CONSENT = "/oauth/authorize", "/oauth/authorize/sign-in", "/oauth/authorize/consent"
TOKEN = "/oauth/token"  # noqa: S105 - an address
PAGE = re.compile(r'name="page" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
CHOICES = re.compile(r'name="patient" value="([^"]+)"')
VERIFIER = "a-verifier-of-tests-that-is-long-enough-for-it"


def challenge_of(verifier: str) -> str:
    """Written as RFC 7636 has it, not by what is tested."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class Launch:
    """One app in one browser."""

    browser: httpx.AsyncClient
    client_id: str
    username: str
    address: str = ADDRESS
    back: str = BACK

    def parameters(self, **other: str | None) -> dict[str, str]:
        """What the app asks; None leaves one out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": "launch/patient patient/*.rs",
            "state": "a state",
            "aud": f"{self.address}/fhir/R4",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | other).items() if value is not None}

    async def ask(self, **other: str | None) -> httpx.Response:
        return await self.browser.get(ASK, params=self.parameters(**other))

    async def sign_in(self, password: str = PASSWORD, **other: str | None) -> httpx.Response:
        form = self.parameters(**other) | {"username": self.username, "password": password}
        return await self.browser.post(SIGN_IN, data=form)

    async def answer(self, page: httpx.Response, answer: str = "allow", **more: str) -> httpx.Response:
        return await self.browser.post(CONSENT, data={"page": page_in(page), "answer": answer, **more})

    async def code(self, patient: str = "", **other: str | None) -> str:
        """The code that a whole launch ends with."""
        led = await self.answer(await self.sign_in(**other), patient=patient)
        return returned(led)["code"]

    async def exchange(self, code: str, **other: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back}
        whole = form | {"client_id": self.client_id, "code_verifier": VERIFIER} | other
        return await self.browser.post(TOKEN, data={name: value for name, value in whole.items() if value})


def page_in(answer: httpx.Response) -> str:
    found = PAGE.search(answer.text)
    assert found is not None, answer.text
    return found[1]


def patients_in(answer: httpx.Response) -> list[str]:
    return CHOICES.findall(answer.text)


def returned(led: httpx.Response) -> dict[str, str]:
    """What somebody brings along who is sent back to the app."""
    assert led.status_code == 303, (led.status_code, led.text)
    return {name: values[0] for name, values in parse_qs(urlsplit(led.headers["Location"]).query).items()}


def app_body(**other: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {"name": "A growth chart", "scope": "patient/*.cruds user/*.rs", "redirect_uris": [BACK], **other}
