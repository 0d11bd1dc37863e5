"""Nothing that may stand in a document makes reading it fail: every element is replaced by what it should not be."""

from collections.abc import Iterator
from typing import Any

import pytest

from interop.fhir.kept import keep, overlay
from interop.fhir.own_fields import own_fields
from interop.fhir.search import read_search
from interop.fhir.search_parameters import Kind, parameters_of
from tests.factories import ECT, EPISODE, FACTOR, PHQ9, SCORE, SERTRALINE, SYMPTOMS, varied
from tests.interop.said import Json, fhir_of
from tests.interop.test_search import SENT_PATIENT

ODD: tuple[Any, ...] = (7, "x", ["x", None], {"x": 1})
VALUES = {Kind.DATE: "2025", Kind.TOKEN: "a|b", Kind.STRING: "a", Kind.REFERENCE: "Patient/1"}
OTHER = "0192f0c1-a7b8-7c1f-9a3c-00000000000b"


def shortened(observation: Json) -> Json:
    """With two of its components: the others are alike."""
    return {**observation, "component": observation["component"][:2]}


DOCUMENTS = [
    SENT_PATIENT,
    fhir_of("episodes", EPISODE),
    fhir_of("medication-trials", varied(SERTRALINE, role="augmentation", augments=OTHER, episode_id=OTHER)),
    fhir_of("medication-trials", varied(SERTRALINE, ended="2025", outcome=None)),
    shortened(fhir_of("assessments", PHQ9)),
    shortened(fhir_of("symptoms", SYMPTOMS)),
    fhir_of("treatments", ECT),
    fhir_of("contributing-factors", FACTOR),
    fhir_of("external-scores", SCORE),
]


def spoilt(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """The value with each element within replaced in turn."""
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in named:
        for other in (*ODD, *spoilt(inner)):
            changed = value.copy()
            changed[name] = other
            yield changed


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["resourceType"])
def test_a_document_with_an_odd_element_is_read_all_the_same(document: Json) -> None:
    kind, emitted = document["resourceType"], {**document, "id": "1"}
    asked = [(name, VALUES[parameter.kind]) for name, parameter in parameters_of(kind).items()]
    search = read_search(kind, [*asked, ("_sort", "_id,_lastUpdated")])
    for odd in spoilt(document):
        own_fields(odd)
        sorted(search.rank(search.keys(each)) for each in (odd, document))
        for condition in search.conditions:
            condition.matches(odd)
        if odd.get("resourceType") == kind:
            overlay(keep(odd, emitted), {**emitted, "extension": []})
