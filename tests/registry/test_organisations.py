"""One organisation never sees, changes or refers to what another keeps."""

from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from models.episode import EpisodeCreate, EpisodeUpdate
from models.patient import PatientCreate
from ops.organisation import add_organisation
from registry import records
from registry.desk import Desk, Ref
from registry.episodes import EPISODES
from registry.errors import NotFound
from registry.patient_search import patients_identified, read_patient_with
from registry.patients import PATIENTS
from registry.records import Stretch
from tests.factories import EPISODE
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio
IDENTIFIER = {"system": "urn:shared", "value": "the same"}


@pytest.fixture
async def elsewhere(app: FastAPI, database_url: str) -> Desk:
    """The desk of another organisation."""
    desk = desk_of(app.state.service.database, await add_organisation(database_url, "Another"))
    return desk._replace(vault=await app.state.service.vaults.of(desk.database, desk.organisation_id))


async def test_another_organisations_records_do_not_exist(
    client: httpx.AsyncClient, patient_id: str, elsewhere: Desk
) -> None:
    episode = (await client.post(f"/v1/patients/{patient_id}/episodes", json=EPISODE)).json()["id"]
    patient, ref = UUID(patient_id), Ref(UUID(patient_id), UUID(episode))
    for attempt in (
        records.read(elsewhere, PATIENTS, Ref(patient, patient)),
        records.read(elsewhere, EPISODES, ref),
        records.page(elsewhere, EPISODES, patient, Stretch(5)),
        records.history(elsewhere, EPISODES, ref, (5, 0)),
        records.create(elsewhere, EPISODES, patient, EpisodeCreate()),
        records.change(elsewhere, EPISODES, ref, None, EpisodeUpdate()),
        records.remove(elsewhere, EPISODES, ref, None),
        read_patient_with(elsewhere, patient, frozenset({"episodes"})),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_identifiers_are_of_one_organisation_each(client: httpx.AsyncClient, elsewhere: Desk) -> None:
    await client.post("/v1/patients", json={"identifiers": [IDENTIFIER]})
    assert await patients_identified(elsewhere, ("urn:shared", "the same"), Stretch(5)) == []
    entry = PatientCreate.model_validate({"identifiers": [IDENTIFIER]})
    own = await records.create(elsewhere, PATIENTS, None, entry)
    found = await patients_identified(elsewhere, ("urn:shared", "the same"), Stretch(5))
    assert [patient["id"] for patient in found] == [own["id"]]
    listed, _ = await records.page(elsewhere, PATIENTS, None, Stretch(50))
    assert [patient["id"] for patient in listed] == [own["id"]]
