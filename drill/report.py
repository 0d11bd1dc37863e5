"""What the drills found, on the terminal and as a dated section of docs/measurements.md."""

import os
from datetime import datetime
from typing import NamedTuple

from rich.console import Console

from bench.report import KEPT_IN, commit, processor
from drill.crashes import Crashes
from drill.creating import Creating
from drill.creating_fhir import CreatingFhir
from drill.repeats import Repeats
from drill.service import WORKERS


class Findings(NamedTuple):
    """All that one run found. Nothing is found unless every promise was kept."""

    at: datetime
    repeats: Repeats
    crashes: Crashes
    creating: Creating
    creating_fhir: CreatingFhir


def lines(found: Findings) -> list[str]:
    """The facts, one a line."""
    creating = [_creating(found.creating), _creating_fhir(found.creating_fhir)]
    return [_repeats(found.repeats), _crashes(found.crashes), *creating, machine()]


def _repeats(found: Repeats) -> str:
    return (
        f"{found.requests:,} POSTs at once with {found.keys:,} keys made {found.records:,} records in "
        f"{found.seconds:.1f} s; every client of a key got the same answer ({found.replayed:,} replayed, "
        f"{found.in_flight:,} times in flight, {found.busy:,} times no connection free: each sent again)"
    )


def _crashes(found: Crashes) -> str:
    return (
        f"kill -9 of supervisor and workers {found.kills} times under load, every other time of the database too: "
        f"{found.acknowledged:,} records acknowledged, {found.records:,} there, none lost, none doubled; "
        f"{found.lost_answers:,} times no answer came, {found.replayed:,} repeats found their record made already; "
        f"all keys sent again at the end got the same answers ({found.seconds:.0f} s)"
    )


def _creating(found: Creating) -> str:
    return (
        f"If-None-Exist {found.rounds} times by {found.at_once} at once, in turn with and without Idempotency-Key: "
        f"{found.patients} patients, one 201 each time; {found.replayed:,} replays after kill -9 gave status and "
        f"body as before ({found.seconds:.0f} s)"
    )


def _creating_fhir(found: CreatingFhir) -> str:
    return (
        f"the same by FHIR {found.rounds} times by {found.at_once} at once, in turn by header, by transactions, and by "
        f"both with the JSON edge beside them: {found.patients} patients, one 201 each time, everybody told the same "
        f"one ({found.sent_again:,} times sent again; {found.seconds:.0f} s)"
    )


def machine() -> str:
    """Where it was found."""
    return f"{WORKERS} workers, embedded PostgreSQL with fsync, {os.cpu_count()} cores ({processor()}), {commit()}"


def show(found: Findings) -> None:
    """Print it."""
    for line in lines(found):
        Console().print(f"- {line}", soft_wrap=True)


def keep(found: Findings) -> None:
    """Append it; what others wrote there stays."""
    said = "\n".join(f"- {line}" for line in lines(found))
    before = KEPT_IN.read_text("utf-8").rstrip("\n")
    KEPT_IN.write_text(f"{before}\n\n## Drills (`make drill`), {found.at:%Y-%m-%d %H:%M} UTC\n\n{said}\n", "utf-8")
