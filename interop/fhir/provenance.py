"""Who recorded a version of a record, and when, as FHIR R4's Provenance (https://hl7.org/fhir/R4/provenance.html)."""

from interop.fhir.canonical import TERMINOLOGY
from interop.fhir.elements import Fhir, Said, coding, concept, instant, of_hl7, without_nothing, words

CREATED, CHANGED, REMOVED = ("CREATE", "create"), ("UPDATE", "revise"), ("DELETE", "delete")
OPERATIONS = f"{TERMINOLOGY}/v3-DataOperation"
NOT_RECORDED = "Not recorded"


def to_fhir(said: Said) -> Fhir:
    """Where one version comes from.

    `said` has `kind` (the type of the resource), `id`, `version`, `recorded_at` and `entered_in_error` of the version,
    and, as the audit says them, `subject`, `roles` and `on_behalf_of`; those may be missing or None. `source` is the
    source of a medication trial, if it names one.
    """
    what = f"{said['kind']}/{said['id']}"
    return without_nothing(
        {
            "resourceType": "Provenance",
            "id": f"{said['id']}-{said['version']}",
            "meta": {"versionId": "1", "lastUpdated": instant(said["recorded_at"])},
            "target": [{"reference": f"{what}/_history/{said['version']}"}],
            "recorded": instant(said["recorded_at"]),
            "activity": concept(coding(OPERATIONS, *_activity(said))),
            "agent": [_agent(said)],
            "entity": _entities(said),
        }
    )


def _activity(said: Said) -> tuple[str, str]:
    if said["entered_in_error"]:
        return REMOVED
    return CREATED if said["version"] == 1 else CHANGED


def _agent(said: Said) -> Fhir:
    """Who was signed in, in which roles, and on whose behalf a client acted."""
    subject, principal = words(said.get("subject")), words(said.get("on_behalf_of"))
    return without_nothing(
        {
            "type": of_hl7("provenance-participant-type", "enterer", "Enterer"),
            "role": [concept(text=role) for role in (said.get("roles") or "").split()],
            "who": {"identifier": {"value": subject}} if subject else {"display": NOT_RECORDED},
            "onBehalfOf": {"identifier": {"value": principal}} if principal else None,
        }
    )


def _entities(said: Said) -> list[Fhir]:
    """What the record was taken from elsewhere, if it says so."""
    named = words((said.get("source") or {}).get("reference"))
    return [{"role": "source", "what": {"identifier": {"value": named}}}] if named else []
