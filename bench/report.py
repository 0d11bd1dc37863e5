"""What was measured, on the terminal and as a dated section of docs/measurements.md."""

import os
import platform
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.measure import Plan, Result
from bench.processes import ROOT, Memory
from bench.records import Patients

KEPT_IN = ROOT / "docs" / "measurements.md"
TITLE = "# Measurements\n\nWhat was measured, when and how.\n"
LIMIT_MEMORY, LIMIT_EVALUATION = 150, 150  # MiB, µs
LEAST_OF_OPEN, MOST_FOR_AUDIT = 0.60, 25  # a part of the rate, and per cent
NARROWEST = 200
HEADINGS = (
    "hot path",
    "service req/s",
    "without trust req/s",
    "of that",
    "without audit req/s",
    "of that",
    "bare ASGI req/s",
    "pgbench tps",
    "of bare",
    "of pgbench",
    "CPU µs a request",
    "without trust CPU µs",
    "without audit CPU µs",
    "bare CPU µs",
)
Facts = list[tuple[str, str]]


class Findings(NamedTuple):
    """All that one run found."""

    at: datetime
    plan: Plan
    generator: str
    server: str
    patients: Patients
    idle: Memory
    loaded: Memory
    evaluations: dict[str, float]
    busy_before: float
    results: list[Result]
    hooks: str


def cells(result: Result) -> list[str]:
    """One line of the table."""
    fields = ("service", "open", "unaudited", "bare", "pgbench")
    service, without, unaudited, bare, pgbench = (f"{result.middle(field):,.0f}" for field in fields)
    parts = [without, f"{result.to_open:.2f}", unaudited, f"{result.to_unaudited:.2f}"]
    costs = [f"{result.middle(f'{name}_cpu'):.0f}" for name in ("service", "open", "unaudited", "bare")]
    ceilings = [bare, pgbench, f"{result.to_bare:.2f}", f"{result.to_pgbench:.3f}"]
    return [result.path.name, service, *parts, *ceilings, *costs]


def facts(found: Findings) -> Facts:
    """What else there is to know."""
    plan, (read, written) = found.plan, found.patients
    worst = max(found.evaluations.values())
    evaluated = ", ".join(f"{case} {cost:.0f}" for case, cost in found.evaluations.items())
    return [
        ("trust", _trust(found)),
        ("idle worker", f"{_said(found.idle)} ({_kept(found.idle.rss, LIMIT_MEMORY)})"),
        ("worker after load", _said(found.loaded)),
        (
            "pure evaluation",
            f"µs of CPU, default definition, five trials: {evaluated} ({_kept(worst, LIMIT_EVALUATION)})",
        ),
        ("CDS Hooks", found.hooks),
        ("patients", f"{read:,} with an episode, 5 trials and 10 ratings each; {written:,} to write to"),
        ("load", f"{found.generator}, {plan.connections} connections, {plan.rounds} rounds of {plan.seconds} s each"),
        ("machine", f"{os.cpu_count()} cores ({processor()}), shared by service, PostgreSQL and load generator"),
        (
            "others",
            f"load average before the start {found.busy_before:.1f}: more than 0.3 means that others worked too",
        ),
        ("software", f"Python {platform.python_version()}, PostgreSQL {found.server}, {commit()}"),
    ]


def _trust(found: Findings) -> str:
    """What authentication, row-level security and audit cost where they cost most."""
    least = min(result.to_open for result in found.results)
    audit = 100 * (1 - min(result.to_unaudited for result in found.results))
    return (
        f"with authentication, row-level security and audit at the least {least:.2f} of the rate without them (at "
        f"least {LEAST_OF_OPEN:.2f} asked: {'kept' if least >= LEAST_OF_OPEN else 'NOT KEPT'}); the audit takes at "
        f"most {audit:.0f} % of the rate ({_kept(audit, MOST_FOR_AUDIT)})"
    )


def _said(memory: Memory) -> str:
    return f"{memory.rss:.0f} MiB resident, {memory.pss:.0f} MiB proportional"


def _kept(value: float, limit: int) -> str:
    return f"at most {limit} asked: {'kept' if value <= limit else 'NOT KEPT'}"


def show(found: Findings) -> None:
    """Print it."""
    console = Console()
    console.width = max(console.width, NARROWEST)
    table = Table(title=f"Hot paths, {found.at:%Y-%m-%d %H:%M} UTC: medians of interleaved rounds")
    for position, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if position else "left", no_wrap=not position)
    for result in found.results:
        table.add_row(*cells(result))
    console.print(table)
    for name, fact in facts(found):
        console.print(f"[bold]{name}[/bold]: {fact}", soft_wrap=True)


def keep(found: Findings, file: Path = KEPT_IN) -> None:
    """Append it as a dated section; what others wrote there stays."""
    before = file.read_text("utf-8") if file.exists() else TITLE
    lines = [
        _line(HEADINGS),
        _line(["---", *["---:"] * (len(HEADINGS) - 1)]),
        *(_line(cells(r)) for r in found.results),
    ]
    noted = [f"- {name}: {fact}" for name, fact in facts(found)]
    section = [f"## Hot paths (`make bench`), {found.at:%Y-%m-%d %H:%M} UTC", "", *lines, "", *noted]
    file.write_text(before.rstrip("\n") + "\n\n" + "\n".join(section) + "\n", "utf-8")


def _line(words: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(words)} |"


def processor() -> str:
    """The model of the processor, as Linux says it."""
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def commit() -> str:
    """Which state of the code, as far as it is known."""
    git = shutil.which("git")
    if git is None:
        return "no commit known"
    asked = [git, "rev-parse", "--short", "HEAD"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return f"commit {done.stdout.strip()}" if done.returncode == 0 else "no commit known"
