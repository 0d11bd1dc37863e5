"""A patient of very many resources is read beside the loop, so that the import stays with its runner meanwhile."""

import threading
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from registry import import_derived, import_job
from registry.import_jobs import RENEW
from tests.bulk.records import chart, imported, ndjson, patient, rating

pytestmark = pytest.mark.anyio
DAYS = [date.fromordinal(number).isoformat() for number in range(date(2025, 1, 1).toordinal(), date.max.toordinal())]


def large(name: str, resources: int) -> list[dict[str, Any]]:
    return [patient(name), *(rating(f"{name}-{on}", name, 9, on) for on in DAYS[: resources - 1])]


async def test_an_import_is_renewed_while_a_large_patient_is_read(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, renew, renewed = import_derived.of_patient, RENEW.fetch_one, threading.Event()

    async def renewing(*given: Any, **values: Any) -> Any:  # noqa: ANN401 - as it is called
        row = await renew(*given, **values)
        assert row is not None
        renewed.set()
        return row

    def slow(resources: Sequence[Any], *, on: date) -> object:
        renewed.clear()
        assert renewed.wait(10), "nobody said that the runner lives"
        return whole(resources, on=on)

    monkeypatch.setattr(import_job, "SECONDS_BETWEEN_BEATS", 0.01)
    monkeypatch.setattr(RENEW, "fetch_one", renewing)
    monkeypatch.setattr(import_derived, "of_patient", slow)
    said = await imported(app, client, ndjson(*large(uuid4().hex, 151)))
    assert (said["state"], said["rejects"], said["records"]["assessments"]["created"]) == ("done", {}, 150)


async def test_a_small_patient_needs_no_thread_and_both_come_out_the_same(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, here, read = import_derived.of_patient, threading.get_ident(), []

    def noting(resources: Sequence[Any], *, on: date) -> object:
        read.append((len(resources), threading.get_ident() == here))
        return whole(resources, on=on)

    monkeypatch.setattr(import_derived, "of_patient", noting)
    charts = [large(uuid4().hex, 150), large(uuid4().hex, 151), chart(uuid4().hex)]
    body = ndjson(*(each for one in charts for each in one))
    said = await imported(app, client, body)
    assert sorted(read) == [(6, True), (150, True), (151, False)]
    assert (said["rejects"], said["records"]["assessments"]["created"]) == ({}, 149 + 150 + 2)
    monkeypatch.setattr(import_job, "MUCH", 1_000)
    again = await imported(app, client, body)
    assert {kind: done["unchanged"] for kind, done in again["records"].items()} == {
        kind: done["created"] for kind, done in said["records"].items()
    }


async def test_a_fault_of_ours_in_a_large_patient_stops_nobody_else(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = import_derived.of_patient

    def broken(resources: Sequence[Any], *, on: date) -> object:
        if len(resources) > import_job.MUCH:
            raise RuntimeError(on)
        return whole(resources, on=on)

    monkeypatch.setattr(import_derived, "of_patient", broken)
    said = await imported(app, client, ndjson(*large(uuid4().hex, 151), *chart(uuid4().hex)))
    assert (said["state"], said["rejects"]) == ("done", {"unexpected": 1})
    assert said["records"]["patients"]["created"] == 1
