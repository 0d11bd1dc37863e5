"""All tables, in one import: what the migrations are compared with."""

from sqlmodel import SQLModel

from models.assessment import Assessment
from models.episode import Episode
from models.idempotency import IdempotencyKey
from models.kept_answer import KeptAnswer
from models.local_definition import LocalDefinition
from models.medication_trial import MedicationTrial
from models.organisation import Organisation
from models.patient import Patient, PatientIdentifier
from models.record_version import RecordVersion

TABLES = (
    Organisation,
    Patient,
    PatientIdentifier,
    Episode,
    MedicationTrial,
    Assessment,
    RecordVersion,
    IdempotencyKey,
    LocalDefinition,
    KeptAnswer,
)
METADATA = SQLModel.metadata
