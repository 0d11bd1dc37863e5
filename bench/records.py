"""What the measured patients have: an episode, five trials, ten ratings. One shape for all, so that rounds compare."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from models.assessment import AssessmentCreate
from models.base import Shape, new_id
from models.episode import EpisodeCreate
from models.executor import Executor
from models.medication_trial import MedicationTrialCreate
from models.patient import PatientCreate
from registry.assessments import ASSESSMENTS
from registry.desk import Desk
from registry.episodes import EPISODES
from registry.medication_trials import TRIALS
from registry.noun import Noun
from registry.patients import PATIENTS
from vault.vault import Vault

Json = dict[str, Any]
PATIENT_ID = "00000000-0000-7000-8000-{:012x}"
EPISODE: Json = {
    "onset": "2024-11",
    "diagnosis": {"system": "icd10", "code": "F33.2", "text": "Recurrent depressive disorder, severe"},
    "polarity": "unipolar",
    "psychotic_features": False,
    "severity": "severe",
}
COURSES = (
    ("Zoloft", "2024-11-18", "2025-01-20", 50, 100, 15),
    ("Effexor XR", "2025-01-21", "2025-04-02", 75, 150, 20),
    ("escitalopram", "2025-04-03", "2025-04-24", 10, 20, 5),
    ("mirtazapine", "2025-04-25", "2025-07-10", 15, 45, 30),
    ("Wellbutrin XL", "2025-07-11", None, 150, 300, None),
)
INGREDIENTS = ("sertraline", "venlafaxine", "escitalopram", "mirtazapine", "bupropion")
TITRATION = timedelta(days=14)
RATED_ON = tuple(f"2025-{month:02}-15" for month in range(1, 11))


def _trial(course: tuple[str, str, str | None, int, int, int | None]) -> Json:
    name, started, ended, first_dose, later_dose, improvement = course
    outcome = {"response": "none", "improvement_percent": improvement, "assessed_on": ended, "basis": "scale"}
    return {
        "medication": {"text": name},
        "started": started,
        "ended": ended,
        "doses": [
            {"daily_dose_mg": first_dose, "from": started},
            {"daily_dose_mg": later_dose, "from": (date.fromisoformat(started) + TITRATION).isoformat()},
        ],
        "adherence": {"adequate": True, "taken_fraction": 0.9},
        "indication": "depression",
        "outcome": outcome if ended else None,
        "stop_reason": "lack_of_efficacy" if ended else "unknown",
        "source": {"kind": "ehr", "reference": "MedicationRequest/123"},
    }


TRIALS_SENT = tuple(_trial(course) for course in COURSES)
ENTRIES: tuple[tuple[Noun[Any], Shape], ...] = (
    (EPISODES, EpisodeCreate.model_validate(EPISODE)),
    *((TRIALS, MedicationTrialCreate.model_validate(sent)) for sent in TRIALS_SENT),
    *(
        (ASSESSMENTS, AssessmentCreate(instrument="phq9", assessed_on=day, total_score=20 - position % 4))
        for position, day in enumerate(RATED_ON)
    ),
)


class Patients(NamedTuple):
    """Patients by number: the first `read` have records and are read, the next `written` have none and get trials."""

    read: int
    written: int


def patient_id(number: int) -> UUID:
    """The id of a patient: known beforehand, so that a load generator can choose at random."""
    return UUID(PATIENT_ID.format(number))


def desk_of(database: Executor, organisation_id: UUID, today: date, vault: Vault | None = None) -> Desk:
    """The registry's desk for records that the bench makes."""
    return Desk(database, organisation_id, today, vault)


def rows_of(patients: Patients, desk: Desk) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """Every insert of the service with the values of all its rows, in an order that foreign keys allow."""
    everyone = range(1, patients.read + patients.written + 1)
    said = PATIENTS.to_row(PatientCreate(display_name="Measured", birth_date="1984-03"), desk)
    sealed = (PATIENTS.sealed(said, desk, patient_id(number)) | {"id": patient_id(number)} for number in everyone)
    yield _rows(PATIENTS, list(sealed), desk)
    for noun, entry in ENTRIES:
        said = noun.to_row(entry, desk)
        owners = map(patient_id, range(1, patients.read + 1))
        yield _rows(noun, [{**said, "id": new_id(), "patient_id": owner} for owner in owners], desk)


def _rows(noun: Noun[Any], rows: list[Json], desk: Desk) -> tuple[str, list[Sequence[Any]]]:
    statement = noun.statements.insert
    given = {**statement.constants, "organisation_id": desk.organisation_id}
    return statement.sql, [[{**given, **row}[name] for name in statement.order] for row in rows]
