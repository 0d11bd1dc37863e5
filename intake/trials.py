"""A course of lines as one medication trial, each value with its sources."""

from collections.abc import Sequence
from typing import Any

from clinical.vocabulary import SourceKind
from intake.adherence import adherence_of
from intake.days import Day
from intake.denials import Denial
from intake.doses import as_entries, steps_of
from intake.ends import end_of
from intake.given import Book
from intake.indications import indication_of, warn_of_unread_reasons
from intake.json_parts import sayable
from intake.lines import Line, Value
from intake.made import Made, Source
from intake.medicines import entry_for
from intake.references import Index
from intake.stop_reasons import stop_reason_of
from intake.words import Reason

BEST_SOURCE = (SourceKind.EHR, SourceKind.CLINICIAN, SourceKind.CLAIMS, SourceKind.PATIENT)
LONGEST_REFERENCE = 200
DENIED = "It says that the medicine was not taken on days for which other resources say that it was."


def trial_of(course: list[Line], denials: Sequence[Denial], index: Index, on: int, book: Book) -> Made:
    """One trial. What no resource says is left out, or the word `unknown`; no outcome is ever inferred."""
    denied = [denial for denial in denials if denial.is_of(course)]
    for denial in denied:
        book.used(denial.given)
        book.warn(denial.given, Reason.NOT_TAKEN, f"{denial.given.kind}.status", DENIED)
    first = course[0]
    started, ended = start_of(course), end_of(course, on)
    entry: dict[str, Any] = {"medication": entry_for(first.ingredient), "started": started.said, "ended": ended.said}
    provenance = {
        "/medication": [Source(line.given.reference, line.medicine.path, line.medicine.rule) for line in course],
        "/started": started.sources,
        "/ended": ended.sources,
    }
    values = {
        "/indication": indication_of(course, index),
        "/stop_reason": stop_reason_of(course) if ended.said is not None else None,
        "/adherence": adherence_of(course, [each for each in denied if each.is_of_all(course, on)]),
    }
    for pointer, value in values.items():
        if value:
            entry[pointer[1:]], provenance[pointer] = value
    warn_of_unread_reasons(course, index, book)
    _add_doses(entry, provenance, course, book)
    entry["source"], provenance["/source"] = source_of(course)
    others = tuple(dict.fromkeys(name for line in course for name in line.medicine.others))
    if others:
        entry["note"] = f"Taken as a product that also holds {' and '.join(others)}."
    kept = {pointer: sources for pointer, sources in provenance.items() if sources}
    return Made(entry, f"medication-trial/{first.ingredient}/{first.given.reference}", kept)


def _add_doses(entry: dict[str, Any], provenance: dict[str, list[Source]], course: list[Line], book: Book) -> None:
    started = min((line.taken.started for line in course if line.taken.started), default=None, key=_latest_possible)
    steps = steps_of(course, started if entry["started"] else None, book)
    if steps:
        entry["doses"] = as_entries(steps)
        for at, step in enumerate(steps):
            provenance[f"/doses/{at}/daily_dose_mg"] = step.sources


def start_of(course: list[Line]) -> Value:
    """The first day: unknown where the earliest resource only says that it was taken on its day."""
    started = [line for line in course if line.taken.started]
    if not started:
        return Value(None, [])
    first = min(started, key=lambda line: (_latest_possible(line.taken.started), line.given.reference))
    day = first.taken.started
    seen = [line.day.last for line in course if line.day and not line.taken.started]
    if day is None or (seen and min(seen) < day.first):
        return Value(None, [])
    sources = [
        Source(line.given.reference, line.taken.started_path, line.taken.started_rule)
        for line in started
        if line.taken.started == day
    ]
    return Value(day.said, sources)


def _latest_possible(day: Day | None) -> tuple[int, int]:
    """By the last day that is meant, the more precise one first: `2025` and a day in 2025 are no contradiction."""
    return (day.last, -day.first) if day else (0, 0)


def source_of(course: list[Line]) -> Value:
    """The best kind of source, and the first resource of that kind."""
    kind = next(kind for kind in BEST_SOURCE if any(line.kind is kind for line in course))
    first = next(line for line in course if line.kind is kind)
    entry = {"kind": kind.value}
    if sayable(first.given.reference, LONGEST_REFERENCE) == first.given.reference:
        entry["reference"] = first.given.reference
    return Value(entry, [Source(first.given.reference, "resourceType", "kind of resource and who informed")])
