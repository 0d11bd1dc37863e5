"""FHIR resources are sealed whole, sealed anew with the keys, and gone with their patient."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from models.fhir_resource import FhirResourceEntry
from ops import rotate_keys
from ops.owner import connected, within
from registry.desk import Desk, Ref
from registry.erasures import erase, export
from registry.fhir_resources import FHIR_RESOURCES, HELD_BY, kept_beside
from registry.fhir_shelf import across, of_patients
from registry.records import create, read
from settings import FIRST_ORGANISATION
from tests.conftest import as_superuser
from tests.dump import files_with, masters_of_tests, rotated_at_once, rows_of
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio
NAME = "Zanzibarwood"
REWRITTEN = """
UPDATE record_versions SET document = document || '{"resource_type": "Patient"}' WHERE kind = 'fhir_resources'
"""
SENT = {"resourceType": "MedicationRequest", "note": [{"text": f"For {NAME}"}]}


@pytest.fixture
async def desk(app: FastAPI) -> Desk:
    plain = desk_of(app.state.service.database)
    return plain._replace(vault=await app.state.service.vaults.of(plain.database, FIRST_ORGANISATION))


async def kept(desk: Desk, patient_id: str, **more: Any) -> UUID:  # noqa: ANN401 - fields of an entry
    entry = FhirResourceEntry(resource_type="MedicationRequest", content={"sent": SENT, "gave": {}}, **more)
    made: UUID = (await create(desk, FHIR_RESOURCES, UUID(patient_id), entry))["id"]
    return made


async def test_a_resource_is_read_as_it_was_sent_and_stands_nowhere_in_plain_text(
    desk: Desk, patient_id: str, superuser: asyncpg.Connection
) -> None:
    resource = await kept(desk, patient_id)
    beside = await kept(desk, patient_id, held_by=UUID(int=9))
    said = await read(desk, FHIR_RESOURCES, Ref(UUID(patient_id), resource))
    assert said["content"]["sent"] == SENT
    assert {key: held["id"] for key, held in (await kept_beside(desk, [UUID(int=9)])).items()} == {UUID(int=9): beside}
    assert [held.id for held in await of_patients(desk, "MedicationRequest", [UUID(patient_id)])] == [resource]
    assert resource in [held.id for held in await across(desk, "MedicationRequest", (False, UUID(int=0)), 99)]
    assert NAME not in await rows_of(superuser)
    assert await files_with(superuser, NAME) == []
    record = f"SELECT 1 FROM fhir_resources WHERE content LIKE '1:%' AND id = '{resource}'"  # noqa: S608 - an id of ours
    assert await superuser.fetchval(record) == 1


async def test_resources_are_sealed_anew_without_a_new_version_and_only_what_is_sealed_is_rewritten(
    desk: Desk, patient_id: str, database_url: str
) -> None:
    resource = await kept(desk, patient_id, held_by=UUID(int=8))
    state = "SELECT id, version, updated_at FROM fhir_resources ORDER BY id"
    async with connected(database_url) as owner, connected(as_superuser(database_url)) as superuser:
        before = await superuser.fetch(state)
        sealed = await superuser.fetchval("SELECT content FROM fhir_resources WHERE id = $1", resource)
        await rotated_at_once(owner)
        assert await rotate_keys.reseal(owner, masters_of_tests()) >= 2
        assert await superuser.fetch(state) == before
        assert await superuser.fetchval("SELECT content FROM fhir_resources WHERE id = $1", resource) != sealed
        kept_version = "SELECT document ->> 'content' FROM record_versions WHERE record_id = $1"
        assert await superuser.fetchval(kept_version, resource) != sealed
        for change in (
            "UPDATE fhir_resources SET resource_type = 'Patient'",
            REWRITTEN,
        ):
            async with within(owner, FIRST_ORGANISATION):
                await owner.execute("SELECT set_config('app.rewriting', 'identities', true)")
                with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="rewritten"):
                    await owner.execute(change)


async def test_resources_are_in_the_export_and_gone_after_an_erasure(
    desk: Desk, patient_id: str, superuser: asyncpg.Connection
) -> None:
    resource = await kept(desk, patient_id, held_by=UUID(int=7))
    versions = (await export(desk, UUID(patient_id), None))["versions"]  # type: ignore[arg-type]
    (held,) = [each["record"] for each in versions if each["kind"] == "fhir_resources"]
    assert (held["id"], held["content"]["sent"]) == (str(resource), SENT)
    await erase(desk, UUID(patient_id), "Asked for")
    left = (
        "SELECT (SELECT count(*) FROM fhir_resources WHERE id = $1) "
        "+ (SELECT count(*) FROM record_versions WHERE record_id = $1)"
    )
    assert await superuser.fetchval(left, resource) == 0
    given = {"organisation_id": FIRST_ORGANISATION, "records": [UUID(int=7)]}
    assert await HELD_BY.fetch_all(desk.database, **given) == []
