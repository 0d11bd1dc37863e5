"""Records that are made of evidence: what FHIR sent of one patient and is no record itself, read anew when it changes.

A record that somebody changed or removed stays as they left it. What rests on nothing any more is marked as in error.
"""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from intake.course import MUCH, of_patient
from intake.made import Course, Made
from models.executor import Row
from registry.assessments import ASSESSMENTS
from registry.desk import Desk, Ref
from registry.episodes import EPISODES
from registry.errors import InvalidRequest
from registry.fhir_resources import FHIR_RESOURCES, OF_ONE
from registry.fhir_shelf import Held, records_of
from registry.fhir_writing import PATCHES
from registry.idempotency import fingerprint
from registry.import_statements import HELD, KEEP
from registry.medication_trials import TRIALS
from registry.noun import Noun, validated
from registry.records import Said, change, create, remove
from registry.treatments import TREATMENTS

STATEMENT, RATING = "MedicationStatement", "Observation"
OURS, AGAIN = "fhir:", "~"
"""What the keys of what was made here begin with; a record that was made anew has a number after its key."""
NOUNS: dict[str, tuple[Noun[Any], str]] = {
    TRIALS.table.name: (TRIALS, STATEMENT),
    ASSESSMENTS.table.name: (ASSESSMENTS, RATING),
    EPISODES.table.name: (EPISODES, "Condition"),
    TREATMENTS.table.name: (TREATMENTS, "Procedure"),
}
"""What is made, with the type that FHIR gives it."""
LONGEST_KEY = 280
Keys = Mapping[tuple[str, str], Row]


class _Patient(NamedTuple):
    """Whose evidence is read."""

    desk: Desk
    id: UUID


async def derive(desk: Desk, patient_id: UUID) -> None:
    """Bring what was made of a patient's evidence up to the evidence as it is now.

    Raises:
        NotFound, Gone, Conflict: as in `registry.records.create`.
    """
    mine = {"organisation_id": desk.organisation_id, "patient_id": patient_id}
    alone = [FHIR_RESOURCES.said(row, desk) for row in await OF_ONE.fetch_all(desk.database, **mine)]
    known = await HELD.fetch_all(desk.database, organisation_id=desk.organisation_id, patients=[patient_id])
    rows = sorted((row for row in known if row["key"].startswith(OURS)), key=lambda row: str(row["key"]))
    if not alone and not rows:
        return
    ours = {str(row["record_id"]) for row in rows}
    records = [
        _of_record(each)
        for kind in (STATEMENT, RATING)
        for each in await records_of(desk, kind, [patient_id])
        if str(each.id) not in ours
    ]
    read = partial(of_patient, [*map(_as_sent, alone), *records], on=desk.today)
    course = read() if len(alone) < MUCH else await asyncio.to_thread(read)
    absorbing = {f"{each['resourceType']}/{each['id']}" for each in records}
    await _follow(_Patient(desk, patient_id), course, absorbing, rows)


async def _follow(patient: _Patient, course: Course, absorbing: set[str], rows: list[Row]) -> None:
    """Make, change and remove; what a record of its own already stands for is made no second time."""
    found = {(kind, f"{OURS}{made.key}"[:LONGEST_KEY]): made for kind, made in _made(course, absorbing)}
    latest: dict[tuple[str, str], Row] = {(row["kind"], row["key"].partition(AGAIN)[0]): row for row in rows}
    orphans = {what: row for what, row in latest.items() if what not in found}
    for what, made in found.items():
        before = what if what in latest else _same_sources(what[0], made, orphans)
        row = latest[before] if before else None
        if before is not None:
            orphans.pop(before, None)
        await _settle(patient, before or what, row, made)
    for (kind, _), row in orphans.items():
        if not row["in_error"] and row["version"] == row["current"]:
            await remove(patient.desk, NOUNS[kind][0], Ref(patient.id, row["record_id"]), [row["version"]])
            await _note(patient, row, {"id": row["record_id"], "version": row["version"] + 1}, None)


def _as_sent(said: Said) -> dict[str, Any]:
    subject = {"reference": f"Patient/{said['patient_id']}"}
    return {**said["content"]["sent"], "id": str(said["id"]), "subject": subject}


def _of_record(held: Held) -> dict[str, Any]:
    """A record as it is now, as far as it tells which course or which rating it stands for."""
    if held.type == RATING:
        return {**(held.kept["sent"] if held.kept else {}), "resourceType": RATING, "id": str(held.id)}
    said = held.said
    ended = said["ended"] if said["ended"] != "unknown" else None
    period = {name: day for name, day in (("start", said["started"]), ("end", ended)) if day}
    return {
        "resourceType": STATEMENT,
        "id": str(held.id),
        "status": "active" if said["ended"] is None else "completed",
        "medicationCodeableConcept": {"text": said["medication"]["name"]},
        "subject": {"reference": f"Patient/{held.patient_id}"},
        **({"effectivePeriod": period} if period else {}),
    }


def _made(course: Course, absorbing: set[str]) -> Iterator[tuple[str, Made]]:
    """What rests on evidence alone."""
    for kind in NOUNS:
        for made in getattr(course, kind):
            if not _sources(made) & absorbing:
                yield kind, made


def _sources(made: Made) -> set[str]:
    return {source.reference for found in made.provenance.values() for source in found}


def _same_sources(kind: str, made: Made, orphans: Keys) -> tuple[str, str] | None:
    """What was made before of some of the same sources, under another key; None where that is not one alone."""
    sources = _sources(made)
    same = [
        what
        for what, row in orphans.items()
        if what[0] == kind and sources & {each["reference"] for found in row["provenance"].values() for each in found}
    ]
    return same[0] if len(same) == 1 else None


async def _settle(patient: _Patient, what: tuple[str, str], row: Row | None, made: Made) -> None:
    """Make it, make it anew where it was taken away with its evidence, change it, or leave it as somebody left it."""
    kind, key = what
    noun, shown_as = NOUNS[kind]
    taken_away = row is not None and row["in_error"] and not row["digest"]
    if row is not None and not taken_away and (row["digest"] == _digest(made) or _is_somebodys(row)):
        return
    try:
        if row is None or taken_away:
            said = await create(patient.desk, noun, patient.id, validated(noun.entry, made.entry))
        else:
            patch = validated(PATCHES[shown_as], made.entry)
            said = await change(patient.desk, noun, Ref(patient.id, row["record_id"]), [row["version"]], patch)
    except InvalidRequest:
        return  # what contradicts itself makes no record; the evidence stays, and `$validate` says why
    again = f"{key}{AGAIN}{_times(row) + 1:04}" if row is not None and taken_away else None
    await _note(patient, {"kind": kind, "key": again or (row["key"] if row else key)}, said, made)


def _is_somebodys(row: Row) -> bool:
    """Whether somebody changed or removed it since."""
    return bool(row["in_error"] or row["version"] != row["current"])


def _times(row: Row) -> int:
    return int(row["key"].partition(AGAIN)[2] or 0)


def _digest(made: Made) -> str:
    return fingerprint(orjson.dumps(made.entry, option=orjson.OPT_SORT_KEYS, default=str)).hex()


async def _note(patient: _Patient, what: Mapping[str, Any], said: Said, made: Made | None) -> None:
    """Keep which record was made of what; of what was taken away, of what it had been made."""
    sources = {at: [each._asdict() for each in found] for at, found in made.provenance.items()} if made else None
    row = {
        "patient_id": str(patient.id),
        "kind": what["kind"],
        "key": what["key"],
        "record_id": str(said["id"]),
        "version": said["version"],
        "digest": _digest(made) if made else "",
        "provenance": what["provenance"] if sources is None else sources,
    }
    await KEEP.fetch_all(patient.desk.database, organisation_id=patient.desk.organisation_id, rows=[row])
