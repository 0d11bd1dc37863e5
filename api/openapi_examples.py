"""Examples of addresses, headers and answers: tried in the order of work, each works on what the one before made."""

import json
from pathlib import Path
from typing import Any

from models import bulk_import_public, medication, timeline
from web.bodies import JSON

Schema = dict[str, Any]
PATIENT = "0192f0c1-a7b8-7c1f-9a3c-5d2e8f4b6a10"
RECORDS = {
    "episodes": ("EpisodeCreate", "0192f0c1-b111-7c1f-9a3c-5d2e8f4b6a11"),
    "medication-trials": ("MedicationTrialCreate", "0192f0c1-b222-7c1f-9a3c-5d2e8f4b6a12"),
    "assessments": ("AssessmentCreate", "0192f0c1-b333-7c1f-9a3c-5d2e8f4b6a13"),
    "treatments": ("TreatmentCreate", "0192f0c1-b444-7c1f-9a3c-5d2e8f4b6a14"),
    "symptoms": ("SymptomRecordCreate", "0192f0c1-b555-7c1f-9a3c-5d2e8f4b6a15"),
    "contributing-factors": ("ContributingFactorCreate", "0192f0c1-b666-7c1f-9a3c-5d2e8f4b6a16"),
    "external-scores": ("ExternalScoreCreate", "0192f0c1-b777-7c1f-9a3c-5d2e8f4b6a17"),
    "kept-answers": ("KeptAnswerCreate", "0192f0c1-b999-7c1f-9a3c-5d2e8f4b6a19"),
    "treatment-plans": ("TreatmentPlanCreate", "0192f0c1-b888-7c1f-9a3c-5d2e8f4b6a18"),
    "users": ("UserCreate", "0192f0c1-baaa-7c1f-9a3c-5d2e8f4b6a1a"),
    "clients": ("ClientCreate", "0192f0c1-bbbb-7c1f-9a3c-5d2e8f4b6a1b"),
    "emergency-accesses": ("EmergencyAccessCreate", "0192f0c1-bccc-7c1f-9a3c-5d2e8f4b6a1c"),
}
ANY_VERSION = "*"
FORMS = {"Body_revoke_token": {"token": "header.claims.signature"}}
"""Examples of forms that the framework makes a shape of by itself."""
WHOLE = {"MedicinePublic": medication.EXAMPLE, "Timeline": timeline.EXAMPLE}
"""Examples of answers, once more: the framework leaves out of them whatever is null."""
_DONE = bulk_import_public.EXAMPLE
_WAITING = _DONE | {"state": "waiting", "started_at": None, "finished_at": None, "resources_per_second": None}
OF_IMPORTS: Schema = {
    "create_import": {"202": _WAITING},
    "list_imports": {"200": {"items": [_DONE], "next_cursor": None}},
    "read_import": {"200": _DONE},
    "cancel_import": {"200": _WAITING | {"state": "cancelled"}},
}
"""An import takes time, so these are not asked for."""
SHOWN = "As it was answered to the examples; of a long list, the first entries."
ANSWERED = Path(__file__).with_name("response_examples.json")
"""What the service answers to the examples, by operationId and status; `make examples` writes it."""


def give_examples(paths: dict[str, Schema], schemas: dict[str, Schema]) -> None:
    """Let creations name the ids that the other operations ask for, and changes take any version."""
    schemas["PatientCreate"]["example"]["id"] = PATIENT
    for shape, example in {**WHOLE, **FORMS}.items():
        schemas[shape]["example"] = example
    for shape, record in RECORDS.values():
        schemas[shape]["example"]["id"] = record
    for path, operations in paths.items():
        ours = next((each for noun, (_, each) in RECORDS.items() if f"/{noun}/" in path), None)
        known = {"patient_id": PATIENT, "record_id": ours, "if-match": ANY_VERSION}
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if known.get(parameter["name"]):
                    parameter["example"] = known[parameter["name"]]
    _give_answers(paths)


def _give_answers(paths: dict[str, Schema]) -> None:
    """Show what each operation answers. One that may answer two successes answers the same shape by both."""
    answered = json.loads(ANSWERED.read_text("utf-8")) if ANSWERED.exists() else {}  # none yet, before it is first made
    for operations in paths.values():
        for operation in operations.values():
            responses = operation["responses"]
            if {"200", "201"} <= responses.keys():
                responses["200"]["content"] = {JSON: {**responses["201"]["content"][JSON]}}
            for status, said in (answered | OF_IMPORTS).get(operation["operationId"], {}).items():
                shown = {"summary": SHOWN, "value": said}
                responses[status]["content"][JSON]["examples"] = {"answered": shown}
