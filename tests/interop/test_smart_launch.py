"""SMART App Launch: an app is let in by a person, for one patient, with a code that is good once."""

import httpx
import pytest

from tests.interop.conftest import Launching
from tests.interop.launching import BACK, returned
from tests.signed_in import ADDRESS

pytestmark = pytest.mark.anyio


async def test_an_app_is_let_in_for_one_patient_and_opens_that_record_alone(
    launching: Launching, client: httpx.AsyncClient, browser: httpx.AsyncClient, patient_id: str
) -> None:
    launch = await launching()
    form = await launch.ask()
    assert "A growth chart" in form.text
    question = await launch.sign_in()
    assert "read and search all that is in the record of the one patient" in question.text
    led = await launch.answer(question, patient=patient_id)
    assert led.headers["Location"].startswith(f"{BACK}?")
    assert returned(led).keys() == {"code", "state", "iss"}
    assert (returned(led)["state"], returned(led)["iss"]) == ("a state", ADDRESS)
    token = (await launch.exchange(returned(led)["code"])).json()
    assert token.keys() == {"access_token", "token_type", "expires_in", "scope", "patient", "need_patient_banner"}
    assert (token["patient"], token["scope"]) == (patient_id, "launch/patient patient/*.rs")
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    other = (await client.post("/v1/patients", json={})).json()["id"]
    assert (await browser.get(f"/v1/patients/{patient_id}", headers=bearer)).status_code == 200
    assert (await browser.get(f"/v1/patients/{other}", headers=bearer)).status_code == 403
    assert (await browser.get("/v1/patients", headers=bearer)).status_code == 403
    assert (await browser.patch(f"/v1/patients/{patient_id}", json={}, headers=bearer)).status_code == 403
