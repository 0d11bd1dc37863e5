"""The drills in short, on a real service with two workers; `make drill` does the whole."""

from collections.abc import AsyncIterator

import pytest
from rich.console import Console
from rich.progress import Progress

from drill.crashes import crashes
from drill.creating import creating
from drill.creating_fhir import creating_fhir
from drill.failed import PromiseBroken, expect
from drill.progress import Steps
from drill.repeats import repeats
from drill.service import Service
from tests.conftest import own_folder

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("drill")]  # one service for all of them


@pytest.fixture(scope="module")
async def service() -> AsyncIterator[Service]:
    with own_folder() as folder:
        async with Service(folder) as started:
            yield started


@pytest.fixture
def steps() -> Steps:
    return Steps(Progress(console=Console(quiet=True)), "", 1)


async def test_many_posts_at_once_with_few_keys_make_one_record_a_key(service: Service, steps: Steps) -> None:
    found = await repeats(service, 300, 30, steps)
    assert found.records == 30
    assert found.replayed + found.in_flight > 0


async def test_a_service_that_is_killed_under_load_loses_and_doubles_nothing(service: Service, steps: Steps) -> None:
    found = await crashes(service, 2, steps)
    assert found.records == found.acknowledged > 0
    assert found.lost_answers > 0, "nobody noticed that it was killed"


async def test_create_if_absent_by_many_at_once_creates_one_and_is_replayed_after_a_crash(
    service: Service, steps: Steps
) -> None:
    found = await creating(service, 5, 64, steps)
    assert (found.patients, found.replayed) == (5, 3 * 64)


async def test_create_if_absent_by_fhir_by_many_at_once_creates_one(service: Service, steps: Steps) -> None:
    found = await creating_fhir(service, 3, 64, steps)
    assert (found.rounds, found.patients) == (3, 3)


def test_a_promise_that_is_not_kept_ends_the_drill() -> None:
    with pytest.raises(PromiseBroken, match="lost"):
        expect(False, "lost")  # noqa: FBT003 - the point
