"""What is said of a bulk import."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, WithJsonSchema

from models.base import Answer
from models.bulk_import import ImportForm, ImportState

LARGEST = 2**53 - 1
MOST_WORDS = 200
Count = Annotated[int, WithJsonSchema({"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST})]
Counts = Annotated[
    dict[str, Count],
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_WORDS,
            "additionalProperties": {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST},
        }
    ),
]


class Progress(Answer):
    """How much of how much."""

    total: Count
    """All there is, as far as it is known by now."""
    done: Count
    """What was worked off."""


class RecordsWritten(Answer):
    """What came of the records of one kind."""

    created: Count
    """New here."""
    updated: Count
    """Derived before, and different now; it has a new version."""
    unchanged: Count
    """Derived before, and the same: nothing was written."""
    retracted: Count
    """Derived before, but not any more although all its sources came again: marked as entered in error."""
    kept_as_edited: Count
    """Different now, or not derived any more, but somebody changed the record here since: it stays as it is."""
    found: Count
    """Patients who were here already, by an identifier; nothing of them was changed."""


class Records(Answer):
    """What came of the records, kind by kind."""

    patients: RecordsWritten
    """Patients."""
    episodes: RecordsWritten
    """Depressive episodes."""
    medication_trials: RecordsWritten
    """Medication trials."""
    assessments: RecordsWritten
    """Rating scales."""
    treatments: RecordsWritten
    """Treatments that are not a medicine."""


class ImportPublic(Answer):
    """A bulk import: how far it is, what was in it, and what came of it."""

    id: UUID
    """The identity of the import, a UUID."""
    state: ImportState
    """How far it is."""
    form: ImportForm
    """What the body is."""
    source: Annotated[str, Field(max_length=300)] | None
    """The system that ids of patients without identifiers belong to, as it was named."""
    created_at: datetime
    """When it was sent, in UTC."""
    started_at: datetime | None
    """When work on it began; null before."""
    finished_at: datetime | None
    """When it was over; null before."""
    bytes: Progress
    """Bytes of the body (decompressed), and how many were read."""
    resources: Progress
    """Resources that were found, and how many of them were worked off."""
    kinds: Counts
    """Resources by `resourceType`."""
    fates: Counts
    """Resources by what became of them: `used`, `set_aside` (they say nothing that is recorded here),
    `not_understood` (they are among the rejects)."""
    records: Records
    """What came of it."""
    rejects: Counts
    """Rejects by reason; `GET .../rejects` lists them."""
    rejected: Count
    """Rejects in all."""
    warnings: Counts
    """Parts that were left out of resources which were used, such as a dose that cannot be read, by reason."""
    resources_per_second: Annotated[float, WithJsonSchema({"type": "number", "minimum": 0})] | None
    """Speed from the start to the end, or until now; null before it began."""
    problem: Annotated[str, Field(max_length=1000)] | None
    """Why it was refused; null else."""


_NOTHING = {"created": 0, "updated": 0, "unchanged": 0, "retracted": 0, "kept_as_edited": 0, "found": 0}
EXAMPLE = {
    "id": "0192f0c1-bddd-7c1f-9a3c-5d2e8f4b6a1d",
    "state": "done",
    "form": "ndjson",
    "source": None,
    "created_at": "2025-06-20T08:30:00Z",
    "started_at": "2025-06-20T08:30:01Z",
    "finished_at": "2025-06-20T08:30:02Z",
    "bytes": {"total": 3120, "done": 3120},
    "resources": {"total": 8, "done": 8},
    "kinds": {"Patient": 1, "Condition": 1, "MedicationDispense": 2, "Observation": 4},
    "fates": {"used": 6, "set_aside": 1},
    "records": {
        "patients": _NOTHING | {"created": 1},
        "episodes": _NOTHING | {"created": 1},
        "medication_trials": _NOTHING | {"created": 1},
        "assessments": _NOTHING | {"created": 2},
        "treatments": _NOTHING,
    },
    "rejects": {"unknown_patient": 1},
    "rejected": 1,
    "warnings": {"dose_without_unit": 1},
    "resources_per_second": 8.0,
    "problem": None,
}
