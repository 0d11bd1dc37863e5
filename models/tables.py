"""All tables, in one import: what the migrations are compared with."""

from sqlmodel import SQLModel

from models.account import Client, Credential, EmergencyAccess, Session, UsedAssertion, User
from models.app_launch import AppLaunch, LaunchContext
from models.assessment import Assessment
from models.audit import AuditEvent, AuditSeal, AuditUnsealed
from models.bulk_import import DerivedRecord, Import, ImportChunk, ImportQueue, ImportReject
from models.card_feedback import CardFeedback, UsedCallToken
from models.contributing_factor import ContributingFactorRecord
from models.data_key import DataKey
from models.episode import Episode
from models.erasure import Erasure
from models.external_score import ExternalScore
from models.fhir_resource import FhirResource
from models.idempotency import IdempotencyKey
from models.kept_answer import KeptAnswer
from models.local_definition import LocalDefinition
from models.medication_trial import MedicationTrial
from models.organisation import Organisation
from models.patient import Patient, PatientIdentifier
from models.rate_window import RateWindow
from models.record_version import RecordVersion
from models.symptoms import SymptomRecord
from models.treatment import Treatment
from models.treatment_plan import TreatmentPlan

TABLES = (
    Organisation,
    DataKey,
    Patient,
    PatientIdentifier,
    Episode,
    MedicationTrial,
    Assessment,
    RecordVersion,
    IdempotencyKey,
    LocalDefinition,
    KeptAnswer,
    Treatment,
    SymptomRecord,
    ContributingFactorRecord,
    ExternalScore,
    TreatmentPlan,
    AuditEvent,
    AuditUnsealed,
    AuditSeal,
    User,
    Credential,
    Session,
    Client,
    UsedAssertion,
    AppLaunch,
    LaunchContext,
    EmergencyAccess,
    Erasure,
    RateWindow,
    FhirResource,
    CardFeedback,
    UsedCallToken,
    Import,
    ImportChunk,
    ImportReject,
    ImportQueue,
    DerivedRecord,
)
METADATA = SQLModel.metadata
