"""Every kind of resource that we say, of invented people and at the edges of what can be recorded."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from uuid import uuid5

from clinical.care import MODALITIES_OF
from clinical.library import library, scales
from interop.fhir import audit_event, bundle, outcome, provenance, staging, trd_status
from interop.fhir.canonical import operation_url
from interop.fhir.capability import Served, Service, capability_statement
from interop.fhir.definitions import definitions
from interop.fhir.own_operations import OPERATIONS
from interop.fhir.search_parameters import PARAMETERS
from models.evaluation import EvaluationRequest
from ops.demo_people import Person, people
from registry.errors import Fault, InvalidRequest, NotFound
from registry.evaluation import evaluate
from tests.factories import ECT, EPISODE, FACTOR, PATIENT, PHQ9, SCORE, SERTRALINE, SYMPTOMS, varied
from tests.interop.said import DESK, MOMENT, PATIENT_ID, TODAY, Json, fhir_of, patient_fhir, resources_of

BASE = "https://clinic.example/fhir/R4"
HISTORY = {
    "episodes": "episodes",
    "medication-trials": "medication_trials",
    "assessments": "assessments",
    "treatments": "treatments",
    "symptoms": "symptoms",
    "contributing-factors": "contributing_factors",
}
SERVICE = Service(
    BASE,
    "1.2.3",
    "2026-11-27",
    tuple(Served(kind, ("read", "search-type"), more={"versioning": "versioned-update"}) for kind in PARAMETERS),
    ("transaction", "batch"),
    {name: operation_url(name) for name in OPERATIONS},
    patches=("application/json-patch+json",),
)
EVENT = {
    "id": 7,
    "at": MOMENT,
    "subject": "user-1",
    "roles": "clinician",
    "on_behalf_of": "user-2",
    "source": "192.0.2.1",
    "operation": "create_episode",
    "action": "C",
    "entity": "episodes",
    "patient_id": PATIENT_ID,
    "record_id": uuid5(PATIENT_ID, "episode"),
    "version": 1,
    "outcome": 201,
    "grant_id": None,
}


def answers_on(person: Person) -> Json:
    """The status by every definition and the stage by every method, as the registry answers them."""
    patient_id = uuid5(PATIENT_ID, person.key)
    history: dict[str, list[Json]] = {field: [] for field in HISTORY.values()}
    for kind, body in person.records(str(patient_id)):
        history[HISTORY[kind]].append(body)
    asked = {"history": history, "definitions": [*library().definitions], "staging": [*library().staging]}
    said = evaluate(EvaluationRequest.model_validate({**asked, "on": TODAY.isoformat()}), DESK)
    stored = {"patient_id": patient_id, "known_at": MOMENT}
    statuses = [{**each, **stored} for each in said["assessments"]]
    return {"assessments": statuses, "staging": said["staging"], **stored, "on": TODAY, "safety": statuses[0]["safety"]}


@cache
def answers() -> tuple[Json, ...]:
    """Those of every fourth invented person."""
    return tuple(answers_on(person) for person in people()[::4])


def of_answers() -> Iterator[Json]:
    """All of them in FHIR."""
    for said in answers():
        yield from (trd_status.to_fhir(each, [str(PATIENT_ID)]) for each in said["assessments"])
        yield from staging.all_to_fhir(said)
    sent = {**answers()[0]["assessments"][0], "patient_id": None, "known_at": None}
    yield trd_status.to_fhir({**sent, "trials": [{**each, "trial_id": "/history/x/0"} for each in sent["trials"]]})


BARE: Json = {"medication": {"text": "sertraline"}}
PERIODS = (("2024", "2024-02-29"), ("2024-02-29", "2024"), ("2024-02", "unknown"), (None, "unknown"))
DOSES = [{"daily_dose_mg": None}, {"daily_dose_mg": 50, "from": "2025-02"}, {"daily_dose_mg": 75, "from": "2025"}]
REFERENCES = ("https://ehr.example/MedicationRequest/1", f"MedicationRequest/{PATIENT_ID}", "line 4 of a letter")
CODED = ("icd10cm", "ICD-10", "icd11", "http://hl7.org/fhir/sid/icd-9-cm", "dsm 5", None)


def of_edges() -> Iterator[Json]:
    """Records at the edges: nothing known, everything known, partial dates, what FHIR has no word for."""
    yield patient_fhir({})
    yield patient_fhir(varied(PATIENT, identifiers=[{"system": "a ward", "value": "\x01 7"}], sex="other"))
    yield patient_fhir(varied(PATIENT, identifiers=[{"system": "urn:x:y", "value": "7"}], restricted_to=["a"]))
    yield from of_edges_of_trials()
    for severity in ("subsyndromal", "mild", "moderate", "unknown"):
        yield fhir_of("episodes", varied(EPISODE, severity=severity, psychotic_features=True, resolved="2025"))
    for system in CODED:
        yield fhir_of("episodes", {"diagnosis": {"system": system, "code": "F33.2"}, "polarity": "bipolar"})
    yield from of_every_scale()
    for kind, modalities in MODALITIES_OF.items():
        yield from (fhir_of("treatments", {"kind": kind, "modality": modality}) for modality in sorted(modalities))
    yield fhir_of("treatments", {**ECT, "started": "2025-05-05", "ended": "2025", "outcome": None})
    in_error = (("medication-trials", SERTRALINE), ("assessments", PHQ9), ("treatments", ECT), ("episodes", EPISODE))
    others = (("symptoms", varied(SYMPTOMS, note="seen")), ("contributing-factors", FACTOR), ("external-scores", SCORE))
    for kind, body in (*in_error, *others):
        yield fhir_of(kind, body, entered_in_error=True)


def of_edges_of_trials() -> Iterator[Json]:
    """Trials at the edges."""
    yield fhir_of("medication-trials", BARE)
    yield fhir_of("medication-trials", {"medication": {"system": "snomed", "code": "372594008"}, "note": "a\x0bb"})
    for started, ended in PERIODS:
        yield fhir_of("medication-trials", {**BARE, "started": started, "ended": ended, "daily_dose_mg": 12.5})
    yield fhir_of("medication-trials", {**BARE, "doses": DOSES, "started": "2025-01-01"})
    for kind, reference in product(("patient", "clinician", "claims"), REFERENCES):
        yield fhir_of("medication-trials", varied(SERTRALINE, source={"kind": kind, "reference": reference}))
    yield fhir_of("medication-trials", varied(SERTRALINE, role="augmentation", augments=str(PATIENT_ID)))


def of_every_scale() -> Iterator[Json]:
    """A total, and where the scale has items, all but the first left out."""
    for slug, scale in scales().items():
        yield fhir_of("assessments", {"instrument": slug, "assessed_on": "2025-03", "total_score": scale.range.minimum})
        if scale.items:
            items = [0, *[None] * (len(scale.items.names) - 1)]
            yield fhir_of("assessments", {"instrument": slug, "assessed_on": "2025-03-01", "items": items})


def of_the_service() -> Iterator[Json]:
    """What is not said of a record: errors, bundles, who did what, and what is served."""
    episode = fhir_of("episodes", EPISODE)
    version = {"kind": "Condition", "id": episode["id"], "version": 2, "recorded_at": MOMENT, "entered_in_error": False}
    made = bundle.Done("POST", "Condition", "201 Created", 1, MOMENT, f"{BASE}/Condition/1/_history/1", episode)
    removed = bundle.Done("DELETE", f"Condition/{episode['id']}", "204 No Content", 2, MOMENT)
    refused = outcome.to_fhir(InvalidRequest("No.", (Fault("/onset", "No such day.", ("2025",)),)), "Condition")
    yield outcome.to_fhir(NotFound("There is no such record."))
    yield refused
    yield outcome.outcome([outcome.warning("Passed over."), outcome.information("All is well.")])
    yield bundle.searchset(BASE, [episode], {"self": BASE, "next": f"{BASE}?x"}, included=[refused], total=1)
    yield bundle.searchset(BASE, [], {"self": BASE})
    yield bundle.history(BASE, [removed, made], {"self": BASE}, total=2)
    failed = bundle.Done("PUT", "Condition/1", "422 Unprocessable Entity", outcome=refused)
    yield bundle.responses([made, failed], transaction=False)
    yield bundle.responses([made], transaction=True)
    yield provenance.to_fhir(version)
    yield provenance.to_fhir({**version, "entered_in_error": True, "subject": "user-1", "roles": "clinician auditor"})
    source = {"kind": "ehr", "reference": "MedicationRequest/1"}
    yield provenance.to_fhir({**version, "version": 1, "subject": "client", "on_behalf_of": "user-2", "source": source})
    yield audit_event.to_fhir(EVENT)
    yield capability_statement(SERVICE)


@cache
def every_example() -> tuple[Json, ...]:
    """All of it."""
    of_people = (resource for person in people() for resource in resources_of(person))
    return (*of_people, *of_edges(), *of_answers(), *of_the_service(), *definitions().values())
