"""Real-shaped records (RECORDS names their folder) are imported, each file with its counts; again, nothing is new."""

import gzip
import os
from pathlib import Path

import asyncpg
import httpx
import orjson
import pytest
from fastapi import FastAPI

from tests.bulk.records import Json, imported, ndjson
from tests.conftest import as_superuser
from tests.dump import TABLES
from tests.interop.validators import faults_by_all
from tests.signed_in import client_of, new_organisation, owner_connection, somebody

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("real records")]
FOLDER = os.environ.get("RECORDS")
SMALL = 5
EXPECTED = {
    "cds_hooks.ndjson": (),
    "clinosim_jp.ndjson": (274, 8, 7, 3, 0, 0, 177),
    "clinosim_us.ndjson": (112, 7, 7, 9, 0, 0, 0),
    "ecqm_cms128.ndjson": (16, 3, 3, 3, 0, 0, 5),
    "ecqm_cms159.ndjson": (101, 18, 17, 0, 19, 0, 25),
    "ecqm_cms2.ndjson": (48, 8, 1, 1, 0, 0, 6),
    "ehds_es_eprescription.ndjson": (247, 5, 4, 12, 0, 0, 3),
    "ehds_es_summary.ndjson": (1145, 9, 7, 22, 91, 0, 21),
    "hl7_examples.ndjson": (5, 0, 0, 0, 0, 0, 4),
    "java_synthea_r4.ndjson": (57, 2, 0, 0, 0, 0, 0),
    "smart_meds.ndjson": (150, 0, 0, 0, 0, 0, 150),
    "smart_ri.ndjson": (603, 9, 0, 2, 0, 0, 0),
    "tietai_us.ndjson.gz": (2658, 15, 23, 39, 171, 0, 31),
    "wild_codes.ndjson": (6, 0, 0, 0, 0, 0, 6),
}
"""By file: resources, patients, episodes, trials, assessments, treatments, rejects; on the first day of 2026."""
KINDS = ("patients", "episodes", "medication_trials", "assessments", "treatments")
FILES = sorted(Path(FOLDER).glob("*.ndjson*")) if FOLDER else []
OF_THE_AUDIT = {"audit_events", "audit_unsealed", "audit_seals", "imports", "import_rejects", "rate_windows"}


EMITTED: list[Json] = []
"""What FHIR says of everybody who was imported."""


def body_of(path: Path) -> bytes:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    cases = [orjson.loads(line) for line in raw.splitlines() if line.strip()]
    return ndjson(*(case["payload"] for case in cases if case["kind"] in {"bundle", "resource"}))


def outcome(said: Json) -> tuple[int, ...]:
    created = (said["records"][kind]["created"] for kind in KINDS)
    return (said["resources"]["total"], *created, said["rejected"])


async def everything(url: str) -> dict[str, list[asyncpg.Record]]:
    """All rows of all tables but the audit and the imports themselves."""
    superuser = await owner_connection(as_superuser(url))
    tables = {row["tablename"] for row in await superuser.fetch(TABLES)} - OF_THE_AUDIT
    found = {table: await superuser.fetch(f'SELECT * FROM "{table}"') for table in tables}  # noqa: S608
    await superuser.close()
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


@pytest.mark.skipif(not FILES, reason="RECORDS names no folder of real-shaped records")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
async def test_a_file_of_records_is_imported_and_again_changes_nothing(
    app: FastAPI, database_url: str, path: Path
) -> None:
    body = body_of(path)
    if not body:
        assert EXPECTED[path.name] == ()
        return
    organisation = await new_organisation(database_url)
    http = client_of(app, await somebody(app, organisation=organisation))
    said = await imported(app, http, body)
    assert said["state"] == "done"
    assert said["resources"]["done"] == said["resources"]["total"]
    assert outcome(said) == EXPECTED[path.name]
    before = await everything(database_url)
    EMITTED.extend(await all_of_fhir(http))
    again = await imported(app, http, body)
    assert {done["created"] + done["updated"] for done in again["records"].values()} == {0}
    assert again["rejects"] == said["rejects"]
    assert await everything(database_url) == before


async def all_of_fhir(http: httpx.AsyncClient) -> list[Json]:
    """Every resource of every patient, and what is made of them: the status, the staging."""
    pages = [(await http.get("/fhir/R4/Patient", params={"_count": 500})).json()]
    patients = [entry["resource"]["id"] for entry in pages[0].get("entry", [])]
    for what in ("$everything", "$trd-status", "$trd-staging"):
        pages.extend([(await http.get(f"/fhir/R4/Patient/{each}/{what}")).json() for each in patients])
    return [part for page in pages for part in parts_of(page)]


def parts_of(page: Json) -> list[Json]:
    """What is in a Bundle, and the Bundle itself where it is small; tests of the edge validate large ones."""
    if page["resourceType"] != "Bundle":
        return [page]
    within = [entry["resource"] for entry in page.get("entry", [])]
    return [page] if len(within) < SMALL else within


@pytest.mark.skipif(not FILES, reason="RECORDS names no folder of real-shaped records")
def test_whatever_fhir_says_of_those_who_were_imported_passes_all_validators() -> None:
    assert EMITTED, "no import ran before this test: run the whole file, in one process"
    faults = faults_by_all(EMITTED)
    assert [found for found in faults if any(found.values())] == []
