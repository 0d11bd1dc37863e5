"""`make audit-verify`: recomputes every digest and every head of the audit, past the service, which may run meanwhile.

Exit code 0: all is as it was written; 1: something is not, and is named. `ANCHOR=number:head` is a head that was kept
elsewhere (of the first organisation, or of the one that `--organisation` names).
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import asyncpg
import orjson
from rich.console import Console

from models.database import Database
from models.on_behalf import system
from ops.cluster import VERSION
from ops.postgres import EmbeddedPostgres, address_of_running
from ops.say import say
from registry.audit_fhir import as_fhir
from registry.audit_verify import Anchor, all_events, verify
from registry.desk import Desk
from registry.work import at_once
from settings import Settings, read_settings


@contextmanager
def owner_address(settings: Settings) -> Iterator[str]:
    """The database as the owner of its tables; an embedded one that does not run is started for the while."""
    running = address_of_running(settings.data_dir / f"postgres-{VERSION}")
    if settings.database_url is not None:
        yield settings.owner_dsn
    elif running is not None:
        yield running
    else:
        with EmbeddedPostgres(settings.data_dir) as embedded:
            yield embedded.url()


async def organisations(dsn: str) -> dict[UUID, str]:
    """The organisations by name; the owner of the tables may list them."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return {
            row["id"]: row["name"] for row in await connection.fetch("SELECT id, name FROM organisations ORDER BY id")
        }
    finally:
        await connection.close()


async def verdicts(dsn: str, only: UUID | None, anchor: Anchor | None) -> dict[str, dict[str, Any]]:
    """What is found of each organisation's audit."""
    found: dict[str, dict[str, Any]] = {}
    async with Database(dsn, 1) as database:
        for organisation_id, name in (await organisations(dsn)).items():
            if only in {None, organisation_id}:
                now = datetime.now(UTC)
                desk = Desk(database.bound(system(organisation_id, "audit")), organisation_id, now.date())
                found[f"{name} ({organisation_id})"] = await verify(desk, now, at_once, anchor)
                anchor = None
    return found


async def export(dsn: str, only: UUID | None, out: TextIO) -> int:
    """Write every event as a FHIR AuditEvent, one a line; how many that were."""
    written = 0
    async with Database(dsn, 1) as database:
        for organisation_id in await organisations(dsn):
            if only in {None, organisation_id}:
                today = datetime.now(UTC).date()
                desk = Desk(database.bound(system(organisation_id, "audit")), organisation_id, today)
                async for rows in all_events(desk):
                    out.writelines(f"{orjson.dumps(as_fhir(row)).decode()}\n" for row in rows)
                    written += len(rows)
    return written


def show(found: dict[str, dict[str, Any]], seconds: float) -> bool:
    """Print what was found; whether all is intact."""
    console = Console(soft_wrap=True, highlight=False)
    for name, verdict in found.items():
        word = "[green]intact[/]" if verdict["intact"] else "[bold red]NOT as it was written[/]"
        console.print(f"{name}: {word}. {verdict['events']} events, {verdict['seals']} seals.")
        for flaw in verdict["flaws"]:
            console.print(f"  [red]{flaw['kind']}[/]: {flaw['sentence']}")
        if verdict["more_flaws"]:
            console.print(f"  and {verdict['more_flaws']} more")
        if verdict["last_head"]:
            console.print(f"  Keep elsewhere: {verdict['last_seal']}:{verdict['last_head']}")
    console.print(f"Read in {seconds:.1f} s.")
    return all(verdict["intact"] for verdict in found.values())


def _anchor(text: str) -> Anchor:
    number, _, head = text.partition(":")
    return Anchor(int(number), head.strip().lower())


def main() -> None:
    """Verify, print, and leave with 0 or 1."""
    parser = argparse.ArgumentParser(prog="make audit-verify", description=__doc__)
    parser.add_argument("--anchor", type=_anchor, help="number:head of a seal, as kept elsewhere")
    parser.add_argument("--organisation", type=UUID, help="only this one")
    parser.add_argument("--fhir", type=Path, help="write every event to this file as FHIR AuditEvents (NDJSON) instead")
    asked, started = parser.parse_args(), time.monotonic()
    with owner_address(read_settings()) as dsn:
        if asked.fhir is not None:
            with asked.fhir.open("w", encoding="utf-8") as out:
                say(f"Wrote {asyncio.run(export(dsn, asked.organisation, out))} events to {asked.fhir}.")
            return
        found = asyncio.run(verdicts(dsn, asked.organisation, asked.anchor))
    sys.exit(0 if show(found, time.monotonic() - started) else 1)


if __name__ == "__main__":
    main()
