"""A refusal speaks of JSON, not of the language that the service is written in."""

from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from models.assessment import AssessmentCreate
from models.evaluation import Day, EvaluationRequest
from models.fields import Name, PartialDate, PartialDateOrUnknown
from models.kept_answer import KeptAnswerCreate
from models.local_definition import LocalDefinitionCreate
from models.patient import PatientCreate
from registry.wording import wrong

WRONG: dict[str, tuple[Any, Any, str]] = {
    "a list for an object": (PatientCreate, [], "Send an object in braces here"),
    "a number for an object within": (EvaluationRequest, {"history": 1}, "Send an object in braces here"),
    "an object for a list": (PatientCreate, {"identifiers": {}}, "Send a list in square brackets here"),
    "text for a list": (
        AssessmentCreate,
        {"instrument": "phq9", "assessed_on": "2025", "items": "2"},
        "Send a list in",
    ),
    "too long a list": (
        EvaluationRequest,
        {"history": {}, "definitions": ["a"] * 51},
        "This list may have at most 50 of them; it has 51.",
    ),
    "too short a list": (
        EvaluationRequest,
        {"history": {}, "definitions": []},
        "This list needs at least 1 of them; it has 0.",
    ),
    "a number for text": (PatientCreate, {"display_name": 1}, "Send text in quotation marks here."),
    "a word that is none": (PatientCreate, {"sex": "x"}, "Send 'female', 'male'"),
    "no UUID": (PatientCreate, {"id": "7"}, "Send a UUID here"),
    "no day": (TypeAdapter(Day), "2025-13-45", "Send a whole day here"),
    "no moment": (TypeAdapter(AwareDatetime), "yesterday", "Send a moment here"),
    "a moment without a zone": (TypeAdapter(AwareDatetime), "2025-06-01T10:00:00", "Send a moment here"),
    "a fraction for a whole number": (TypeAdapter(int), 1.5, "Send a whole number here"),
    "no number": (TypeAdapter(float), "x", "Send a number here"),
    "no truth": (TypeAdapter(bool), "maybe", "Send true or false here"),
    "above": (TypeAdapter(Annotated[float, Field(le=100)]), 101, "Send a number that is 100 or less here."),
    "blank": (TypeAdapter(Name), "", "This text is too short. Characters needed, spaces around it not counted: 1."),
    "long": (TypeAdapter(Name), "x" * 201, "This text is too long. Characters allowed: 200."),
    "no date": (TypeAdapter(PartialDate), "June", "A date as precise as it is known"),
    "no date and not unknown": (TypeAdapter(PartialDateOrUnknown), "June", "A date as precise as it is known"),
    "a sentence of our own": (TypeAdapter(PartialDate), "2025-02-30", "There is no such day."),
}


@pytest.mark.parametrize(("shape", "sent", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_in_plain_words(shape: Any, sent: Any, words: str) -> None:  # noqa: ANN401 - any shape
    assert said_of(shape, sent)[0].startswith(words)


def said_of(shape: Any, sent: Any) -> list[str]:  # noqa: ANN401 - any shape
    with pytest.raises(ValidationError) as refused:
        shape.model_validate(sent) if isinstance(shape, type) else shape.validate_python(sent)
    return [wrong(error) for error in refused.value.errors()]


@pytest.mark.parametrize("shape", [EvaluationRequest, PatientCreate, KeptAnswerCreate, LocalDefinitionCreate])
@pytest.mark.parametrize("sent", [[], {}, "x", 1, 1.5, True, None, {"a": 1}], ids=str)
def test_the_checkers_own_words_are_never_passed_on(shape: type[BaseModel], sent: object) -> None:
    for body in (sent, dict.fromkeys(shape.model_fields, sent)):
        try:
            shape.model_validate(body)
        except ValidationError as refused:
            said = [wrong(error) for error in refused.errors()]
            assert not [words for words in said if "nput should" in words or "valid" in words or "should have" in words]
