"""Runs the migrations: online through asyncpg, or as SQL on paper (`--sql`)."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models.tables import METADATA
from settings import get_settings

MIGRATION_LOCK = 7_262_001
"""Two services that start at once migrate one after the other."""


async def connect() -> asyncpg.Connection:
    """A connection by asyncpg itself, which reads every option of an address (`sslmode` and the like)."""
    dsn: str = context.config.attributes.get("database_url") or get_settings().database_dsn
    return await asyncpg.connect(dsn)


def run(connection: Connection) -> None:
    """Migrate on this connection, alone."""
    context.configure(connection=connection, target_metadata=METADATA, compare_server_default=True)
    with context.begin_transaction():
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        context.run_migrations()


async def run_online() -> None:
    """Connect and migrate."""
    # The address is a stand-in: `connect` knows the real one. Tests pass theirs through the configuration's attributes.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def run_offline() -> None:
    """Write the SQL instead of running it."""
    context.configure(dialect_name="postgresql", target_metadata=METADATA, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_online())
