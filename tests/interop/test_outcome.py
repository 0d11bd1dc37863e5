"""Errors in the words of FHIR."""

import pytest

from interop.fhir import outcome
from interop.fhir.expressions import expression_of
from registry.errors import Fault, InvalidRequest, NotFound, TrialbookError
from registry.oauth_errors import TokenRefused
from tests.interop.validators import validated
from web import errors as of_the_web


def every_error(kind: type[TrialbookError] = TrialbookError) -> set[type[TrialbookError]]:
    return {kind}.union(*map(every_error, kind.__subclasses__()))


def test_each_fault_is_an_issue_with_its_place_and_what_to_send_instead() -> None:
    error = InvalidRequest(
        "No.", (Fault("/medication/text", "Not known.", ("sertraline",)), Fault("#query/code", "No."))
    )
    said = outcome.to_fhir(error, "MedicationStatement")
    assert said["issue"][0] == {
        "severity": "error",
        "code": "invalid",
        "details": {"text": "Not known. Did you mean sertraline?"},
        "diagnostics": "At #/medication/text.",
        "expression": ["MedicationStatement.medication.text"],
    }
    assert "expression" not in said["issue"][1]
    assert validated(said) == []


def test_an_error_without_faults_is_one_issue_with_its_sentence() -> None:
    said = outcome.to_fhir(NotFound("There is no patient of this id."))
    assert said["issue"] == [
        {
            "severity": "error",
            "code": "not-found",
            "details": {"text": "There is no patient of this id."},
            "diagnostics": "Not found",
        }
    ]
    assert outcome.is_failure(said)


def test_every_error_has_a_word_of_fhir() -> None:
    served = {kind for kind in every_error() if kind.__module__.split(".")[0] in {"registry", "web", "interop"}}
    ours = served - every_error(TokenRefused)
    assert len(ours) > 20
    assert of_the_web.TooLarge in ours
    without = {kind.slug for kind in ours} - outcome.CODES.keys() - {"request-refused"}
    assert without == set()
    for kind in ours:
        assert (
            validated({**outcome.outcome([outcome.issue("error", outcome.CODES.get(kind.slug, "processing"), "No.")])})
            == []
        )


def test_only_what_is_the_fault_of_the_service_is_fatal() -> None:
    assert outcome.to_fhir(TrialbookError("Something."))["issue"][0]["severity"] == "fatal"


def test_many_faults_are_counted_and_not_all_listed() -> None:
    said = outcome.to_fhir(InvalidRequest("No.", tuple(Fault(f"/doses/{place}/from", "No.") for place in range(60))))
    assert len(said["issue"]) == 51
    assert said["issue"][50]["details"]["text"] == "10 more faults are not listed."


def test_a_warning_is_no_failure() -> None:
    assert not outcome.is_failure(
        outcome.outcome([outcome.warning("Passed over."), outcome.information("All is well.")])
    )


@pytest.mark.parametrize(
    ("pointer", "kind", "expression"),
    [
        ("/doses/1/from", "MedicationStatement", "MedicationStatement.dosage[1]"),
        ("/doses/1/from", "MedicationRequest", "MedicationRequest.dosage[1]"),
        ("/identifiers/0", "Patient", "Patient.identifier[0]"),
        ("/diagnosis/code", "Condition", "Condition.code.coding"),
        ("/outcome/response", "Procedure", "Procedure.extension"),
        ("/else", "Condition", "Condition"),
        ("", "Condition", "Condition"),
        ("/code", "Basic", "Basic"),
        ("/code", "Observation", "Observation.code"),
        ("/name/0/family", "Patient", "Patient.name[0].family"),
        ("/effectiveDateTime", "Observation", "Observation.effective"),
        ("/status", "QuestionnaireResponse", "QuestionnaireResponse.status"),
        ("/code/no name", "Observation", "Observation.code"),
        ("#query/code", "Condition", None),
        ("/entry/2/resource/doses/1", "Bundle", "Bundle.entry[2].resource"),
        ("/entry/2/request/url", "Bundle", "Bundle.entry[2].request.url"),
        ("/entry/2", "Bundle", "Bundle.entry[2]"),
        ("/entry", "Bundle", "Bundle.entry"),
        ("/type", "Bundle", "Bundle.type"),
        ("", "Bundle", "Bundle"),
    ],
)
def test_a_pointer_into_our_body_is_a_path_into_the_resource(pointer: str, kind: str, expression: str | None) -> None:
    assert expression_of(pointer, kind) == expression
