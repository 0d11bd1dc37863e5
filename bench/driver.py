"""A plain asyncpg pool with the settings of the service's own, and nothing of the service around it."""

import asyncpg
import orjson


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


async def prepare(connection: asyncpg.Connection) -> None:
    """JSON through orjson and numbers as text, as the service has them."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text")


async def _keep(_connection: asyncpg.Connection) -> None:
    """Send no reset query at release, as the service does not."""


def pool(dsn: str, size: int) -> asyncpg.Pool:
    """A pool of exactly so many connections."""
    settings = {"timezone": "UTC", "application_name": "trialbook-bare", "jit": "off"}
    return asyncpg.create_pool(
        dsn, min_size=size, max_size=size, init=prepare, reset=_keep, command_timeout=10, server_settings=settings
    )
