"""Records that are made of evidence: orders, dispenses and forms of one patient, read anew when one of them changes.

A record that somebody changed since stays as they left it. What rests on nothing any more is marked as in error.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError

from intake.course import of_patient
from intake.made import Course, Made
from models.executor import Row
from registry.assessments import ASSESSMENTS
from registry.desk import Desk, Ref
from registry.errors import InvalidRequest
from registry.fhir_shelf import ALONE, Held, of_patients
from registry.fhir_writing import PATCHES
from registry.idempotency import fingerprint
from registry.import_statements import HELD, KEEP
from registry.medication_trials import TRIALS
from registry.noun import Noun
from registry.records import Said, change, create, remove

STATEMENT = "MedicationStatement"
OURS = "fhir:"
"""The keys of what was made here; what an import made has other ones, and is left alone."""
NOUNS: dict[str, tuple[Noun[Any], str]] = {
    TRIALS.table.name: (TRIALS, STATEMENT),
    ASSESSMENTS.table.name: (ASSESSMENTS, "Observation"),
}
"""What is made, with the type that FHIR gives it."""
LONGEST_KEY = 300


class _Patient(NamedTuple):
    """Whose evidence is read, and what was made of it before."""

    desk: Desk
    id: UUID
    known: Mapping[tuple[str, str], Row]


async def derive(desk: Desk, patient_id: UUID) -> None:
    """Bring what was made of a patient's evidence up to the evidence as it is now.

    Raises:
        NotFound, Gone, Conflict: as in `registry.records.create`.
    """
    evidence = [each for kind in ALONE for each in await of_patients(desk, kind, [patient_id])]
    statements = await of_patients(desk, STATEMENT, [patient_id])
    course = of_patient([_resource(each) for each in (*evidence, *statements) if _sent(each)], on=desk.today)
    rows = await HELD.fetch_all(desk.database, organisation_id=desk.organisation_id, patients=[patient_id])
    known = {(row["kind"], row["key"]): row for row in rows if row["key"].startswith(OURS)}
    patient = _Patient(desk, patient_id, known)
    found = {(kind, _key(made)): made for kind, made in _made(course)}
    for (kind, key), made in found.items():
        await _settle(patient, kind, key, made)
    for (kind, key), row in known.items():
        if (kind, key) not in found and not row["in_error"] and row["version"] == row["current"]:
            await remove(desk, NOUNS[kind][0], Ref(patient_id, row["record_id"]), [row["version"]])
            await _note(patient, (kind, key), {"id": row["record_id"], "version": row["version"] + 1}, None)


def _sent(held: Held) -> bool:
    """Whether it came over FHIR: what somebody entered here is evidence of itself alone."""
    return held.alone or held.kept is not None


def _resource(held: Held) -> dict[str, Any]:
    content = held.kept or held.said["content"]
    return {**content["sent"], "id": str(held.id), "subject": {"reference": f"Patient/{held.patient_id}"}}


def _made(course: Course) -> Iterator[tuple[str, Made]]:
    """What rests on evidence, and on no statement that is a record of its own already."""
    for kind, listed in ((TRIALS.table.name, course.medication_trials), (ASSESSMENTS.table.name, course.assessments)):
        for made in listed:
            sources = {source.reference.partition("/")[0] for found in made.provenance.values() for source in found}
            if STATEMENT not in sources:
                yield kind, made


def _key(made: Made) -> str:
    return f"{OURS}{made.key}"[:LONGEST_KEY]


async def _settle(patient: _Patient, kind: str, key: str, made: Made) -> None:
    """Make it, change it, or leave it as somebody left it."""
    noun, shown_as = NOUNS[kind]
    row, digest = patient.known.get((kind, key)), _digest(made)
    if row is not None and (row["digest"] == digest or row["in_error"] or row["version"] != row["current"]):
        return
    try:
        if row is None:
            said = await create(patient.desk, noun, patient.id, noun.entry.model_validate(made.entry))
        else:
            patch = PATCHES[shown_as].model_validate(made.entry)
            said = await change(patient.desk, noun, Ref(patient.id, row["record_id"]), [row["version"]], patch)
    except (ValidationError, InvalidRequest):
        return  # what contradicts itself makes no record; the evidence stays, and `$validate` says why
    await _note(patient, (kind, key), said, made)


def _digest(made: Made) -> str:
    return fingerprint(orjson.dumps(made.entry, option=orjson.OPT_SORT_KEYS, default=str)).hex()


async def _note(patient: _Patient, what: tuple[str, str], said: Said, made: Made | None) -> None:
    """Keep which record was made of what."""
    kind, key = what
    sources = {} if made is None else made.provenance
    row = {
        "patient_id": str(patient.id),
        "kind": kind,
        "key": key,
        "record_id": str(said["id"]),
        "version": said["version"],
        "digest": "" if made is None else _digest(made),
        "provenance": {at: [each._asdict() for each in found] for at, found in sources.items()},
    }
    await KEEP.fetch_all(patient.desk.database, organisation_id=patient.desk.organisation_id, rows=[row])
