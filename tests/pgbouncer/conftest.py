"""A real PgBouncer in transaction mode, with few connections, before the embedded PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.pgbouncer.started import Through, poolers


@pytest.fixture(scope="session")
def through() -> Iterator[Through]:
    """Starts one before the server of an address; answers the address through it."""
    with ExitStack() as stack:
        yield poolers(stack)
