"""The table of operations: what each needs. An operation that is not in it cannot be served."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from access.fhir import interactions
from access.roles import FACTS
from clinical.library import library

Needs = tuple[tuple[str, str], ...]
"""Kinds of things with the letter that is needed of each; all of them."""


class Operation(NamedTuple):
    """One operation.

    Attributes:
        needs: what the caller must be allowed, all of it.
        about: what the audit calls it: C create, R read, U update, D remove, E execute.
        of_patient: whether it is about the patient that its path names; others are closed to tokens of one patient.
        located: whether the patient is found on the way, since a resource and not the path names them: the decision is
            made again then (`web.guard.about`), and a token of one patient opens nothing without it.
        public: answered to anybody, signed in or not.
        audited: whether the audit has it; what is the same for everybody says nothing of anybody.
        alone: what a patient may send of it: the only fields of the body, with the only values where not all are meant.
            Without it a patient writes nothing. A field with one value has it, whether it is sent or not.
        by_assertion: whether a client may prove who it is in the form that it sends, instead of by a token.
    """

    needs: Needs = ()
    about: str = "R"
    of_patient: bool = False
    located: bool = False
    public: bool = False
    audited: bool = True
    alone: Mapping[str, frozenset[str] | None] | None = None
    by_assertion: bool = False

    @property
    def writes(self) -> bool:
        """Whether anything that it needs is more than looking."""
        return any(letter not in "rs" for _, letter in self.needs)


PUBLIC = Operation(public=True, audited=False)
SIGNED_IN = Operation(audited=False)
"""Whoever is signed in: what is the same for everybody, and holds nothing of a patient."""
LETTERS = {"create": ("c", "C"), "list": ("s", "R"), "read": ("r", "R"), "change": ("u", "U"), "remove": ("d", "D")}
PLURALS = {
    "episode": "episodes",
    "medication_trial": "medication_trials",
    "treatment": "treatments",
    "assessment": "assessments",
    "symptom_record": "symptoms",
    "contributing_factor": "contributing_factors",
    "external_score": "external_scores",
    "treatment_plan": "treatment_plans",
    "kept_answer": "kept_answers",
}
NEVER_CHANGED = frozenset({"kept_answer"})
"""A kept answer is signed, which is an operation of its own."""
LISTED = {"symptom_record": "symptom_records"}
KINDS = {
    "episode": "Condition",
    "medication_trial": "MedicationStatement",
    "treatment": "Procedure",
    "assessment": "Observation",
    "symptom_record": "Observation",
    "contributing_factor": "Condition",
    "external_score": "Observation",
    "treatment_plan": "CarePlan",
    "kept_answer": "DocumentReference",
}
"""What each record is to FHIR."""
SELF_RATED = frozenset(slug for slug, scale in library().scales.items() if scale.rater == "self")
"""The scales that patients fill in; how severe a depression is by a clinician's scale, a clinician says."""
BY_PATIENTS: Mapping[str, Mapping[str, frozenset[str] | None]] = {
    "create_assessment": {
        **dict.fromkeys(("id", "assessed_on", "total_score", "items")),
        "instrument": SELF_RATED,
        "rater": frozenset({"self"}),
    },
    "change_medication_trial": {"adherence": None},
}
"""What patients may write themselves: their own ratings, and how regularly they took a medicine."""


SHOWN_BESIDE: Mapping[str, Needs] = {"kept_answer": tuple((kind, "r") for kind in FACTS)}
"""What an answer shows besides the record: a conclusion must not tell what could not be read."""


def _of_records() -> Iterator[tuple[str, Operation]]:
    """The verbs of every record of a patient."""
    for noun, kind in KINDS.items():
        for verb, (letter, about) in LETTERS.items():
            if verb == "change" and noun in NEVER_CHANGED:
                continue
            name = f"{verb}_{LISTED.get(noun, PLURALS[noun]) if verb == 'list' else noun}"
            needs = ((kind, letter), *SHOWN_BESIDE.get(noun, ()))
            yield name, Operation(needs, about, of_patient=True, alone=BY_PATIENTS.get(name))
        yield f"list_{noun}_versions", Operation(((kind, "r"), *SHOWN_BESIDE.get(noun, ())), of_patient=True)


def _reads(*kinds: str) -> Operation:
    return Operation(tuple((kind, "r") for kind in kinds), of_patient=True)


ANSWER = _reads(*FACTS)
REPORT = _reads("Patient", *FACTS)
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        **dict(_of_records()),
        "sign_kept_answer": Operation((("DocumentReference", "u"), *SHOWN_BESIDE["kept_answer"]), "U", of_patient=True),
        "create_patient": Operation((("Patient", "c"),), "C"),
        "list_patients": Operation((("Patient", "s"),)),
        "read_patient": _reads("Patient"),
        "change_patient": Operation((("Patient", "u"),), "U", of_patient=True),
        "remove_patient": Operation((("Patient", "d"),), "D", of_patient=True),
        "list_patient_versions": _reads("Patient"),
        **dict.fromkeys(("read_trd_status", "read_trd_status_by_definition", "read_staging"), ANSWER),
        **dict.fromkeys(("read_treatment_options", "read_timeline", "read_timeline_picture"), ANSWER),
        **dict.fromkeys(("read_report", "read_report_pdf"), REPORT),
        # Whoever may see the patient may open an app for them: it is the person who lets it in.
        "prepare_app_launch": Operation((("Patient", "r"),), "C", of_patient=True),
        "evaluate_history": Operation(about="E"),
        **dict.fromkeys(("find_medications", "read_medication", "list_scales", "read_scale"), SIGNED_IN),
        **dict.fromkeys(("read_crosswalk", "list_staging_methods", "read_staging_method"), SIGNED_IN),
        "list_treatments_catalogue": SIGNED_IN,
        **dict.fromkeys(("list_definitions", "read_definition", "list_definition_versions"), SIGNED_IN),
        "create_definition": Operation((("PlanDefinition", "c"),), "C"),
        "withdraw_definition": Operation((("PlanDefinition", "d"),), "D"),
        "create_emergency_access": Operation((("EmergencyAccess", "c"),), "C", of_patient=True),
        "list_emergency_accesses": Operation((("EmergencyAccess", "s"),)),
        "review_emergency_access": Operation((("EmergencyAccess", "u"),), "U"),
        "export_patient": Operation((("Export", "r"),), of_patient=True),
        "erase_patient": Operation((("Erasure", "c"),), "D", of_patient=True),
        "list_erasures": Operation((("Erasure", "r"),)),
        "read_erasure": Operation((("Erasure", "r"),)),
        "create_import": Operation((("Import", "c"),), "C"),
        "list_imports": Operation((("Import", "s"),)),
        "read_import": Operation((("Import", "r"),)),
        "list_import_rejects": Operation((("Import", "r"),)),
        "cancel_import": Operation((("Import", "d"),), "D"),
        "list_users": Operation((("Practitioner", "s"),)),
        "create_user": Operation((("Practitioner", "c"),), "C"),
        "read_user": Operation((("Practitioner", "r"),)),
        "change_user": Operation((("Practitioner", "u"),), "U"),
        "set_password": Operation((("Practitioner", "u"),), "U"),
        "list_user_versions": Operation((("Practitioner", "r"),)),
        "list_clients": Operation((("Device", "s"),)),
        "create_client": Operation((("Device", "c"),), "C"),
        "read_client": Operation((("Device", "r"),)),
        "change_client": Operation((("Device", "u"),), "U"),
        "list_client_versions": Operation((("Device", "r"),)),
        "list_audit_events": Operation((("AuditEvent", "s"),)),
        "list_audit_heads": Operation((("AuditEvent", "r"),)),
        "verify_audit": Operation((("AuditEvent", "r"),), "E"),
        "introspect_token": Operation((("Token", "r"),), by_assertion=True),
        "read_me": SIGNED_IN,
        "change_my_password": Operation(about="U"),
        **{name: Operation(**fields) for name, fields in interactions()},
        # Each entry of a bundle is decided by itself; what is only looked at is stored nowhere.
        **dict.fromkeys(("fhir_bundle", "fhir_validate"), Operation(about="E")),
        **dict.fromkeys(("fhir_metadata", "fhir_definition"), PUBLIC),
        # A card may say that the patient is known here; nothing else of ours is read.
        **dict.fromkeys(("call_cds_service", "give_cds_feedback"), Operation((("Patient", "s"),), "E")),
        "list_cds_services": PUBLIC,
        **dict.fromkeys(("read_health", "read_readiness"), PUBLIC),
        **dict.fromkeys(("issue_token", "revoke_token", "read_jwks", "read_discovery"), PUBLIC),
        **dict.fromkeys(("read_smart_configuration", "read_fhir_smart_configuration"), PUBLIC),
    }
)


def included(names: Iterable[str]) -> Needs:
    """What reading records along with their patient needs besides (`?include=episodes,medication-trials`)."""
    asked = {name.strip().replace("-", "_") for text in names for name in text.split(",")}
    singular = {plural: noun for noun, plural in PLURALS.items()}
    return tuple((KINDS[singular[name]], "r") for name in sorted(asked) if name in singular)
