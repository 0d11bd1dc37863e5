"""`make audit-verify`: recomputes every digest and every head of the audit, past the service, which may run meanwhile.

Exit code 0: all is as it was written; 1: something is not, and is named. `ANCHOR=number:head` is a head that was kept
elsewhere, of the organisation that `ORGANISATION=` names; if it names none, of any.
"""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from uuid import UUID

import orjson
from rich.console import Console
from rich.markup import escape

from models.database import Database
from models.on_behalf import system
from ops.owner_address import chosen, organisations, owner_address
from ops.say import say
from registry.audit_fhir import as_fhir
from registry.audit_verify import SEALS_AFTER, Anchor, all_events, verify
from registry.desk import Desk
from registry.work import at_once
from settings import read_settings

HEAD = re.compile(r"(\d{1,9}):([0-9a-fA-F]{64})")
WRONG_ANCHOR = "an anchor is the number of a seal, a colon and its head of 64 hexadecimal digits: ANCHOR=12:9f86d0..."
WRONG_ID = "an organisation is named by its id, as `make audit-verify` lists them"


class NotWritten(SystemExit):
    """The file of the export cannot be written. The message says why."""


class Found(NamedTuple):
    """What was found of the audit of one organisation."""

    organisation_id: UUID
    name: str
    verdict: dict[str, Any]
    head: str | None
    """The head of the seal that the anchor is of; None if there is no such seal, or no anchor."""


def _desk(database: Database, organisation_id: UUID) -> Desk:
    return Desk(database.bound(system(organisation_id, "audit")), organisation_id, datetime.now(UTC).date())


async def verdicts(dsn: str, only: UUID | None, anchor: Anchor | None) -> list[Found]:
    """What is found of each organisation's audit.

    Raises:
        NoSuchOrganisation: the one that is named is not there.
    """
    found: list[Found] = []
    among = chosen(await organisations(dsn), only)
    async with Database(dsn, 1) as database:
        for organisation_id, name in among.items():
            desk = _desk(database, organisation_id)
            verdict = await verify(desk, datetime.now(UTC), at_once)
            head = None if anchor is None else await head_of_seal(desk, anchor.seal)
            found.append(Found(organisation_id, name, verdict, head))
    return found


async def head_of_seal(desk: Desk, number: int) -> str | None:
    """The head of one seal, if there is one of this number."""
    row = await SEALS_AFTER.fetch_one(desk.database, organisation_id=desk.organisation_id, after=number - 1, at_most=1)
    return None if row is None or row["number"] != number else bytes(row["head"]).hex()


async def export(dsn: str, only_these: Iterable[UUID], out: TextIO) -> int:
    """Write every event as a FHIR AuditEvent, one a line; how many that were."""
    written = 0
    async with Database(dsn, 1) as database:
        for organisation_id in only_these:
            async for rows in all_events(_desk(database, organisation_id)):
                out.writelines(f"{orjson.dumps(as_fhir(row)).decode()}\n" for row in rows)
                written += len(rows)
    return written


def write(dsn: str, only: UUID | None, to: Path) -> None:
    """Write the events to a file, whose folder is made.

    Raises:
        NoSuchOrganisation: the one that is named is not there.
        NotWritten: the file cannot be written.
    """
    among = chosen(asyncio.run(organisations(dsn)), only)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("w", encoding="utf-8") as out:
            say(f"Wrote {asyncio.run(export(dsn, among, out))} events to {to}.")
    except OSError as error:
        raise NotWritten(f"{to} cannot be written: {error.strerror}.") from None


def show(found: Iterable[Found], console: Console) -> bool:
    """Print what was found; whether all is intact."""
    intact = True
    for each in found:
        _show(each, console)
        intact = intact and each.verdict["intact"]
    return intact


def _show(each: Found, console: Console) -> None:
    verdict = each.verdict
    word = "[green]intact[/]" if verdict["intact"] else "[bold red]NOT as it was written[/]"
    counted = f"{verdict['events']} events, {verdict['seals']} seals."
    console.print(f"{escape(each.name)} ({each.organisation_id}): {word}. {counted}")
    for flaw in verdict["flaws"]:
        console.print(f"  [red]{flaw['kind']}[/]: {flaw['sentence']}")
    if verdict["more_flaws"]:
        console.print(f"  and {verdict['more_flaws']} more")
    if verdict["last_head"]:
        console.print("  Keep this line elsewhere, and run it later:")
        anchor = f"{verdict['last_seal']}:{verdict['last_head']}"
        console.print(f"  make audit-verify ORGANISATION={each.organisation_id} ANCHOR={anchor}")


def show_anchor(found: Sequence[Found], anchor: Anchor, console: Console) -> bool:
    """Print whose head the anchor is; whether it is anybody's of those that were looked at."""
    for each in found:
        if each.head == anchor.head:
            console.print(f"The anchor is a head of {escape(each.name)}: what was sealed until then is unchanged.")
            return True
    where = "" if len(found) == 1 else " in any organisation"
    if any(each.head for each in found):
        sentence = f"The head of seal {anchor.seal} is not the one that was kept elsewhere{where and ','}{where}."
    else:
        sentence = f"There is no seal {anchor.seal}{where}. If there was one, the end of the audit is missing."
    console.print(f"[red]not_the_anchor[/]: {sentence}")
    return False


def _anchor(text: str) -> Anchor:
    matched = HEAD.fullmatch(text.strip())
    if matched is None or int(matched[1]) == 0:
        raise argparse.ArgumentTypeError(WRONG_ANCHOR)
    return Anchor(int(matched[1]), matched[2].lower())


def _organisation(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(WRONG_ID) from None


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make audit-verify", description=__doc__)
    parser.add_argument("--anchor", type=_anchor, help="number:head of a seal, as kept elsewhere")
    parser.add_argument("--organisation", type=_organisation, help="only the one of this id")
    parser.add_argument("--fhir", type=Path, help="write every event to this file as FHIR AuditEvents (NDJSON) instead")
    return parser.parse_args()


def main() -> None:
    """Verify, print, and leave with 0 or 1."""
    asked, started = _asked(), time.monotonic()
    with owner_address(read_settings()) as dsn:
        if asked.fhir is not None:
            write(dsn, asked.organisation, asked.fhir)
            return
        found = asyncio.run(verdicts(dsn, asked.organisation, asked.anchor))
    console = Console(soft_wrap=True, highlight=False)
    good = show(found, console)
    good = (asked.anchor is None or show_anchor(found, asked.anchor, console)) and good
    console.print(f"Read in {time.monotonic() - started:.1f} s.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
