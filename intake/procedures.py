"""Procedures as courses of treatment, by codes alone: sessions of one kind that follow each other are one course."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from intake.codings import concept_of
from intake.days import Day
from intake.given import Book, Given, Unusable
from intake.json_parts import mapping
from intake.lines import NEW_COURSE_AFTER_DAYS, date_in
from intake.made import Made, Source
from intake.statuses import refuse_unknown_status, refuse_what_did_not_happen
from intake.words import Reason

HERE = Path(__file__).parent / "procedures.toml"
PERIOD = "performedPeriod"


class Known(NamedTuple):
    """What a code of a procedure stands for."""

    kind: str
    modality: str
    laterality: str | None
    note: str | None


class Session(NamedTuple):
    """One procedure: a session on one day, or a course of several (`sessions` is then not known)."""

    given: Given
    known: Known
    start: Day | None
    end: Day | None
    single: bool
    path: str


@lru_cache(maxsize=1)
def known_codes() -> dict[tuple[str, str], Known]:
    """The codes that are known, from the data file."""
    rows: list[dict[str, Any]] = tomllib.loads(HERE.read_text("utf-8"))["codes"]
    return {
        (row["system"], row["code"]): Known(row["kind"], row["modality"], row.get("laterality"), row.get("note"))
        for row in rows
    }


def treatments_of(givens: Iterable[Given], on: int, book: Book) -> list[Made]:
    """The courses of treatment."""
    sessions: defaultdict[tuple[str, ...], list[Session]] = defaultdict(list)
    for given in givens:
        try:
            session = _session(given, on)
        except Unusable as why:
            book.leave(given, why)
        else:
            book.used(given)
            sessions[tuple(str(each) for each in session.known)].append(session)
    return [_made(course, on) for key in sorted(sessions) for course in _courses(sessions[key])]


def _session(given: Given, on: int) -> Session:
    resource = given.resource
    codes, known = known_codes(), None
    for at, (system, code, _) in enumerate(concept_of(resource.get("code")).codings):
        known = codes.get((system or "", code or ""))
        if known:
            path = f"code.coding[{at}]"
            break
    else:
        raise Unusable(Reason.OTHER_PROCEDURE, "code", set_aside=True)
    refuse_what_did_not_happen("Procedure", resource)
    refuse_unknown_status("Procedure", resource)
    day = date_in(resource.get("performedDateTime"), "performedDateTime", on)
    if day:
        return Session(given, known, day, day, single=True, path=path)
    period = mapping(resource.get(PERIOD))
    start = date_in(period.get("start"), f"{PERIOD}.start", on)
    end = date_in(period.get("end"), f"{PERIOD}.end", on)
    if start and end and end.last < start.first:
        raise Unusable(Reason.ENDS_BEFORE_START, f"{PERIOD}.end")
    same = start is not None and end is not None and start.said == end.said
    return Session(given, known, start, end, single=same, path=path)


def _courses(sessions: list[Session]) -> list[list[Session]]:
    dated = sorted((each for each in sessions if each.start), key=_in_time)
    undated = [[each] for each in sessions if not each.start]
    courses: list[list[Session]] = []
    reach = 0
    for each in dated:
        first, last = _in_time(each)[0], each.end.last if each.end else _in_time(each)[0]
        if not courses or first - reach > NEW_COURSE_AFTER_DAYS:
            courses.append([])
        courses[-1].append(each)
        reach = max(reach, last)
    return [*courses, *undated]


def _in_time(session: Session) -> tuple[int, str]:
    return session.start.first if session.start else 0, session.given.reference


def _made(course: list[Session], on: int) -> Made:
    first = course[0]
    sources = [Source(each.given.reference, each.path, "treatment by its code") for each in course]
    entry: dict[str, Any] = {"kind": first.known.kind, "modality": first.known.modality}
    days = {each.start.said for each in course if each.start and each.single}
    if days and all(each.single for each in course):
        entry["sessions"] = len(days)
    entry["started"] = first.start.said if first.start else None
    entry["ended"] = _end(course, on)
    if first.known.laterality:
        entry["laterality"] = first.known.laterality
    if first.known.note:
        entry["note"] = first.known.note
    provenance = {f"/{key}": sources for key in entry if key != "note"}
    return Made(entry, f"treatment/{first.known.modality}/{first.given.reference}", provenance)


def _end(course: list[Session], on: int) -> str:
    """The last session when it was long ago, or the stated end of a course; else it may go on: unknown."""
    last = max(course, key=lambda each: (each.end.last if each.end else 0, each.given.reference))
    if last.end is None or any(each.end is None for each in course):
        return "unknown"
    long_ago = on - last.end.last > NEW_COURSE_AFTER_DAYS
    return last.end.said if long_ago or not last.single else "unknown"
