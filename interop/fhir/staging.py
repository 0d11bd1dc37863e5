"""What a staging method says as FHIR R4's Observation: the score or the stage, with bounds where it is not known."""

from collections.abc import Iterator

from interop.fhir.elements import (
    Fhir,
    Said,
    concept,
    count,
    extension,
    instant,
    note_of,
    patient_of,
    without_nothing,
    without_value,
)
from interop.fhir.findings import finding
from interop.fhir.observation import safety_of
from interop.fhir.references import is_record
from interop.fhir.trd_status import method_of, question, verdict_of


def all_to_fhir(said: Said) -> list[Fhir]:
    """One Observation for each method; `said` is what `GET .../staging` answers."""
    return [to_fhir(staged, said) for staged in said["staging"]]


def to_fhir(staged: Said, said: Said) -> Fhir:
    """One method's answer, of the patient, the day and the safety that the whole answer `said` names."""
    return without_nothing(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": finding("trd-staging", staged["method"]["title"]),
            "subject": patient_of(said) if said["patient_id"] else None,
            "effectiveDateTime": str(said["on"]),
            "issued": instant(said["known_at"]) if said["known_at"] else None,
            **_value(staged),
            "interpretation": [concept(text=staged["band"])] if staged["band"] else [],
            "note": note_of(staged["sentence"], staged["alternative_reading"], *staged["notes"]),
            "method": method_of("staging-method", staged["method"]),
            "component": [*safety_of(said["safety"]), *_components(staged)],
        }
    )


def _value(staged: Said) -> Fhir:
    """The score, the stage, or the range of scores that is possible; else why there is none."""
    if staged["score"] is not None:
        return {"valueQuantity": count(staged["score"])}
    if staged["stage"] is not None:
        return {"valueCodeableConcept": concept(text=staged["stage"])}
    if staged["bounds"] is not None:
        return {"valueRange": _range(staged["bounds"])}
    applies = staged["applicable"] != "not_met"
    return {"dataAbsentReason": without_value("unknown" if applies else "not-applicable")}


def _range(bounds: Said) -> Fhir:
    return {"low": count(bounds["least"]), "high": count(bounds["most"])}


def _components(staged: Said) -> Iterator[Fhir]:
    """The stages that are possible, each dimension, each cut-off, and what is missing."""
    stages = staged["stage_bounds"]
    if stages and staged["stage"] is None:
        for name in ("least", "most"):
            yield {"code": finding(f"stage-{name}"), "valueString": stages[name]}
    yield from map(_dimension, staged["dimensions"])
    for each in staged["thresholds"]:
        code = finding("threshold", each["name"])
        yield {"code": code, "valueCodeableConcept": verdict_of(each["verdict"], each["sentence"])}
    yield from (question(each, _about(each["trial_id"])) for each in staged["missing_information"])


def _about(record_id: object) -> Fhir:
    """The course that a question is about: a trial or a treatment, the answer does not say which."""
    if not is_record(None if record_id is None else str(record_id)):
        return {}
    return {"extension": extension("course", "Reference", {"identifier": {"value": str(record_id)}})}


def _dimension(scored: Said) -> Fhir:
    """The points of one dimension, or the range of them that is possible."""
    known = scored["points"] is not None
    value = {"valueQuantity": count(scored["points"])} if known else {"valueRange": _range(scored)}
    code = finding("dimension", scored["title"])
    return {"code": code, **value, "interpretation": [concept(text=scored["sentence"])]}
