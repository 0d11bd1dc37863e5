"""What the registry says of records, by the registry's own functions, without a database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid5

from interop.fhir import (
    condition,
    factor_observation,
    medication_statement,
    observation,
    patient,
    procedure,
    score_observation,
    symptom_observation,
)
from models.patient import PatientCreate
from ops.demo_people import Person
from registry.assessments import ASSESSMENTS
from registry.contributing_factors import CONTRIBUTING_FACTORS
from registry.desk import Desk
from registry.episodes import EPISODES
from registry.external_scores import EXTERNAL_SCORES
from registry.medication_trials import TRIALS
from registry.noun import Noun
from registry.symptoms import SYMPTOMS
from registry.treatments import TREATMENTS

if TYPE_CHECKING:
    from models.executor import Executor

Json = dict[str, Any]
PATIENT_ID = UUID("0192f0c1-a7b8-7c1f-9a3c-000000000001")
TODAY, MOMENT = date(2026, 11, 27), datetime(2026, 11, 27, 9, 30, 0, 123456, tzinfo=UTC)
DESK = Desk(cast("Executor", None), PATIENT_ID, TODAY)
NOUNS: Mapping[str, tuple[Noun[Any], Callable[[Mapping[str, Any]], Json]]] = {
    "episodes": (EPISODES, condition.to_fhir),
    "medication-trials": (TRIALS, medication_statement.to_fhir),
    "assessments": (ASSESSMENTS, observation.to_fhir),
    "treatments": (TREATMENTS, procedure.to_fhir),
    "symptoms": (SYMPTOMS, symptom_observation.to_fhir),
    "contributing-factors": (CONTRIBUTING_FACTORS, factor_observation.to_fhir),
    "external-scores": (EXTERNAL_SCORES, score_observation.to_fhir),
}


def stamped(row: Json, record_id: UUID, patient_id: UUID, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """The row as the database would give it."""
    stamps = {"version": 1, "created_at": MOMENT, "updated_at": MOMENT, "entered_in_error": False}
    return {**row, "id": record_id, "patient_id": patient_id, **stamps, **more}


def said_of(kind: str, body: Json, patient_id: UUID = PATIENT_ID, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """What GET would answer for a record that was sent so."""
    noun, _ = NOUNS[kind]
    entry = noun.entry.model_validate(body)
    record_id = entry.id or uuid5(patient_id, f"{kind} {body}")
    said = noun.to_public(stamped(noun.to_row(entry, DESK), record_id, patient_id, **more))
    return cast("Json", said)


def fhir_of(kind: str, body: Json, patient_id: UUID = PATIENT_ID, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """The same as FHIR."""
    return NOUNS[kind][1](said_of(kind, body, patient_id, **more))


def patient_fhir(body: Json, patient_id: UUID = PATIENT_ID, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """A patient as FHIR."""
    return patient.to_fhir(stamped(PatientCreate.model_validate(body).model_dump(), patient_id, patient_id, **more))


def resources_of(person: Person) -> Iterator[Json]:
    """Everything that is recorded of an invented person, as FHIR."""
    patient_id = uuid5(PATIENT_ID, person.key)
    yield patient_fhir(person.as_patient(), patient_id)
    for kind, body in person.records(str(patient_id)):
        yield fhir_of(kind, body, patient_id)
