"""What names another subject is not this patient's, in whichever way it names them."""

from typing import Any

import httpx
import pytest

from tests.interop.cds_hooks.sent import FAILED_TWO, PATIENT_ID, depression, prefetch, view

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
SERVER = "https://ehr.example/fhir"
MRN = {"system": "urn:example:hospital", "value": "1"}
ANOTHER = MRN | {"value": "2"}
HELD = [
    {"resourceType": "Patient", "id": "mine", "identifier": [MRN]},
    {"resourceType": "Patient", "id": "another", "identifier": [ANOTHER]},
    {"resourceType": "Patient", "id": "anybody"},
    {"resourceType": "Group", "id": "many"},
]


async def failed_by(client: httpx.AsyncClient, **whose: object) -> Json:
    """The card, where all that shows resistance names its subject so."""
    facts = [{key: value for key, value in each.items() if key != "subject"} | whose for each in FAILED_TWO]
    person = {"resourceType": "Patient", "id": PATIENT_ID, "identifier": [MRN]}
    call = view(prefetch(depression(), *facts, patient=person), fhirServer=f"{SERVER}/")
    answer = await client.post("/cds-services/trd-patient-view", json=call)
    assert answer.status_code == 200, answer.text
    [card] = answer.json()["cards"]
    found: Json = card
    return found


@pytest.mark.parametrize(
    "whose",
    [
        {"reference": f"{SERVER}/Patient/{PATIENT_ID}"},
        {"reference": f"Patient/{PATIENT_ID}/_history/3"},
        {"reference": f"urn:uuid:{PATIENT_ID}"},
        {"identifier": MRN},
        {"reference": "#mine"},
        {"reference": "#anybody"},
        {"display": "the patient"},
    ],
)
async def test_what_names_the_patient_or_nobody_counts(client: httpx.AsyncClient, whose: Json) -> None:
    card = await failed_by(client, subject=whose, contained=HELD)
    assert card["summary"].startswith("Treatment-resistant depression: ")
    assert "left out" not in card["detail"]


@pytest.mark.parametrize(
    "whose",
    [
        {"reference": "urn:uuid:someone-else"},
        {"reference": "Group/9"},
        {"reference": f"Group/{PATIENT_ID}"},
        {"reference": f"https://other.example/fhir/Patient/{PATIENT_ID}"},
        {"reference": f"{SERVER}/Patient/other"},
        {"reference": f"Patient/{PATIENT_ID}/Patient/other"},
        {"identifier": ANOTHER},
        {"identifier": {"value": "1"}},
        {"reference": "#another"},
        {"reference": "#many"},
    ],
)
async def test_what_names_another_subject_is_left_out_and_counted(client: httpx.AsyncClient, whose: Json) -> None:
    card = await failed_by(client, subject=whose, contained=HELD)
    assert card["summary"].startswith("Not treatment-resistant: ")
    assert f"{len(FAILED_TWO)} resources that name another subject were left out." in card["detail"]


async def test_what_names_the_patient_and_another_is_left_out(client: httpx.AsyncClient) -> None:
    mine, other = {"reference": f"Patient/{PATIENT_ID}"}, {"reference": "Patient/other"}
    card = await failed_by(client, subject=mine, patient=other)
    assert card["summary"].startswith("Not treatment-resistant: ")
