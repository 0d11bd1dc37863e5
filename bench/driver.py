"""A plain asyncpg pool with the settings of the service's own, and nothing of the service around it."""

import asyncpg

from models.pool import prepare


async def _keep(_connection: asyncpg.Connection) -> None:
    """Send no reset query at release, as the service does not."""


def pool(dsn: str, size: int) -> asyncpg.Pool:
    """A pool of exactly so many connections."""
    settings = {"timezone": "UTC", "application_name": "trialbook-bare", "jit": "off"}
    return asyncpg.create_pool(
        dsn, min_size=size, max_size=size, init=prepare, reset=_keep, command_timeout=10, server_settings=settings
    )
