"""The status by one definition as FHIR R4's Observation: the answer, the method, and every reason as a component.

`indeterminate` is an answer and no absent value: what is unknown decides, and the missing questions are listed.
"""

from collections.abc import Iterable, Iterator

from clinical.findings import Asked, PseudoReason
from clinical.vocabulary import Counts, Status, Verdict
from interop.fhir.elements import (
    Fhir,
    Said,
    concept,
    extension,
    instant,
    local,
    note_of,
    patient_of,
    without_nothing,
)
from interop.fhir.findings import finding
from interop.fhir.observation import safety_of
from interop.fhir.references import is_record, reference_to


def to_fhir(said: Said, ratings: Iterable[str] = ()) -> Fhir:
    """The answer; `said` is what `GET .../trd-status` answers, `ratings` are the ids of the assessments used.

    It is computed and not stored, and so has no id. R4 lets an Observation be derived from Observations alone, so the
    trials are named in the components that are about them.
    """
    status = Status(said["status"])
    return without_nothing(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": finding("trd-status"),
            "subject": patient_of(said) if said["patient_id"] else None,
            "effectiveDateTime": str(said["on"]),
            "issued": instant(said["known_at"]) if said["known_at"] else None,
            "valueCodeableConcept": concept(local("trd-status", status, status.meaning), text=said["summary"]),
            "note": note_of(said["summary"], *said["notes"]),
            "method": method_of("definition", said["definition"]),
            "derivedFrom": [reference_to("Observation", each) for each in ratings],
            "component": list(_components(said)),
        }
    )


def method_of(system: str, used: Said) -> Fhir:
    """The definition or the staging method that was applied, exactly: name, version, digest, and where it is from."""
    named = {**local(system, used["id"], used["title"]), "version": used["version"]}
    made = concept(named, text=used["citation"])
    return {"extension": extension("definition-digest", "String", used["digest"]), **made}


def verdict_of(verdict: str, sentence: str) -> Fhir:
    """A verdict, with the sentence that says why."""
    return concept(local("verdict", verdict, Verdict(verdict).meaning), text=sentence)


def question(asked: Said, about: Fhir) -> Fhir:
    """A question whose answer is not recorded; `about` is the extension that says of what, if it is known."""
    return {**about, "code": finding("missing-information"), "valueString": asked["question"]}


def _components(said: Said) -> Iterator[Fhir]:
    """Safety first, then the count, then each trial, then what else was asked, and what is missing."""
    yield from safety_of(said["safety"])
    yield from _count(said["failed_medications"])
    yield from map(_trial, said["trials"])
    for each in said["patient_findings"]:
        asked = Asked(each["criterion"])
        code = concept(local("criterion", asked, asked.meaning))
        yield {"code": code, "valueCodeableConcept": verdict_of(each["verdict"], each["sentence"])}
    for reason in map(PseudoReason, said["pseudo_resistance_reasons"]):
        value = concept(local("pseudo-resistance", reason, reason.meaning))
        yield {"code": finding("pseudo-resistance"), "valueCodeableConcept": value}
    yield from (question(each, _about_trial(each["trial_id"])) for each in said["missing_information"])


def _count(counted: Said) -> Iterator[Fhir]:
    """How many failed, may have failed, and are asked for; with the names."""
    for name in ("required", "confirmed", "possible"):
        code, names = finding(f"failed-{name}"), counted.get(f"{name}_names")
        said = [concept(text=", ".join(names))] if names else []
        yield without_nothing({"code": code, "valueInteger": counted[name], "interpretation": said})


def _trial(trial: Said) -> Fhir:
    """Whether a trial counts as failed, with each criterion that was looked at."""
    counts = Counts(trial["counts"])
    reasons = [verdict_of(each["verdict"], f"{each['criterion']}: {each['sentence']}") for each in trial["findings"]]
    return without_nothing(
        {
            **_about_trial(trial["trial_id"]),
            "code": finding("trial", trial["medication"]),
            "valueCodeableConcept": concept(
                local("counts", counts, counts.meaning), text=f"Counts as failed: {counts}"
            ),
            "interpretation": reasons,
        }
    )


def _about_trial(trial_id: object) -> Fhir:
    """The reference to a trial that is stored; a history that was sent has none."""
    if not is_record(None if trial_id is None else str(trial_id)):
        return {}
    return {"extension": extension("trial", "Reference", reference_to("MedicationStatement", str(trial_id)))}
