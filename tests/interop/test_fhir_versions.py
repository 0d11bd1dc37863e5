"""Old versions of what was sent, as they were."""

import httpx
import pytest

from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement

pytestmark = pytest.mark.anyio


async def test_each_version_is_shown_with_what_was_sent_then(client: httpx.AsyncClient) -> None:
    patient = f"Patient/{(await made(client, person('old versions of what was sent'))).json()['id']}"
    trial = f"/v1/{patient.replace('Patient', 'patients')}/medication-trials"
    first = (await made(client, statement(patient, note=[{"text": "First."}]))).json()
    at = f"{BASE}/MedicationStatement/{first['id']}"
    second = {**first, "note": [{"text": "Second."}], "category": {"text": "inpatient"}}
    assert (await client.put(at, json=second, headers=JSON)).status_code == 200
    change = {"stop_reason": "lack_of_efficacy"}
    assert (await client.patch(f"{trial}/{first['id']}", json=change, headers={"If-Match": '"2"'})).status_code == 200
    third = {**(await client.get(at)).json(), "note": [{"text": "Fourth."}]}
    assert (await client.put(at, json=third, headers=JSON)).status_code == 200
    each = [(await client.get(f"{at}/_history/{number}")).json() for number in (1, 2, 3, 4)]
    assert [version["note"][0]["text"] for version in each] == ["First.", "Second.", "Second.", "Fourth."]
    assert ["category" in version for version in each] == [False, True, True, True]
    assert ["statusReason" in version for version in each] == [False, False, True, True]
    listed = [entry["resource"] for entry in (await client.get(f"{at}/_history")).json()["entry"]]
    assert listed == each[::-1]
    ours = (await client.post(trial, json={"medication": {"text": "sertraline"}, "started": "2025-01"})).json()
    at = f"{BASE}/MedicationStatement/{ours['id']}"
    sent = {**(await client.get(at)).json(), "note": [{"text": "Sent."}]}
    assert (await client.put(at, json=sent, headers=JSON)).status_code == 200
    assert "note" not in (await client.get(f"{at}/_history/1")).json()
