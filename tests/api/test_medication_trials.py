"""Medication trials through the API."""

import httpx
import pytest

from tests.factories import SERTRALINE

pytestmark = pytest.mark.anyio


async def test_a_trial_is_recorded_and_read_again(client: httpx.AsyncClient, trials: str) -> None:
    created = await client.post(trials, json=SERTRALINE)
    assert created.status_code == 201, created.text
    assert created.headers["ETag"] == '"1"'
    assert created.headers["Location"] == f"{trials}/{created.json()['id']}"
    read = await client.get(created.headers["Location"])
    assert read.json() == created.json()
    assert read.json()["medication"]["ingredient"] == "sertraline"
