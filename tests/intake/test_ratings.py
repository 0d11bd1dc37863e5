"""Observations and questionnaires as ratings."""

from typing import Any

import pytest

from clinical.library import scales
from tests.intake.resources import LOINC, fates, faults, observation, read, resource, warnings

ITEMS = scales()["phq9"].loinc_items
MOMENT = "2025-02-01T10:00:00Z"
CODES = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")


def ratings(*resources: object) -> list[dict[str, Any]]:
    return [made.entry for made in read(*resources).assessments]


@pytest.mark.parametrize(
    ("value", "total"),
    [
        ({"valueInteger": 12}, 12),
        ({"valueQuantity": {"value": 12.0, "unit": "{score}"}}, 12),
        ({"valueDecimal": 12.0}, 12),
        ({"valueString": " 12 "}, 12),
        ({"valueInteger": 0}, 0),
        ({"valueInteger": 27}, 27),
    ],
)
def test_a_total_is_read_however_it_is_written(value: dict[str, Any], total: int) -> None:
    assert ratings(observation("1", "44261-6", value)) == [
        {"instrument": "phq9", "assessed_on": "2025-02-01", "total_score": total}
    ]


@pytest.mark.parametrize(("code", "slug"), [("44261-6", "phq9"), ("70274-6", "gad7"), ("89209-1", "bdi2")])
def test_the_scale_is_known_by_its_code(code: str, slug: str) -> None:
    assert ratings(observation("1", code, 12))[0]["instrument"] == slug


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (observation("1", "55758-7", 3), "other_observation"),  # PHQ-2
        (observation("1", "89204-2", 3), "other_observation"),  # PHQ-9M
        (observation("1", "44250-9", 3), "item_without_scale"),
        (observation("1", "44249-1", {}), "no_value"),
        (observation("1", "44261-6", {}), "no_value"),
        (observation("1", "44261-6", 12, status="cancelled"), "cancelled"),
        (observation("1", "44261-6", 12, status="entered-in-error"), "entered_in_error"),
        (observation("1", "44261-6", 12, status="preliminary"), "not_final"),
        (
            resource("Observation", "1", code={"text": "Patient Health Questionnaire 9 item total score"}),
            "other_observation",
        ),
        (resource("QuestionnaireResponse", "1", item=[{"linkId": "/1"}]), "other_questionnaire"),
    ],
)
def test_what_is_no_total_is_set_aside(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    assert list(fates(course).values()) == [reason]
    assert (course.assessments, course.not_understood) == ([], [])


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (observation("1", "44261-6", 12, status="unknown"), ("unknown_status", "Observation.status")),
        (observation("1", "44261-6", 28), ("out_of_range", "Observation.valueInteger")),
        (observation("1", "44261-6", -1), ("out_of_range", "Observation.valueInteger")),
        (observation("1", "44261-6", {"valueQuantity": {"value": 12.5}}), ("not_a_score", "Observation.valueQuantity")),
        (
            observation("1", "44261-6", {"valueQuantity": {"value": 12, "comparator": ">"}}),
            ("not_a_score", "Observation.valueQuantity"),
        ),
        (observation("1", "44261-6", {"valueString": "twelve"}), ("not_a_score", "Observation.valueString")),
        (observation("1", "44261-6", {"valueInteger": True}), ("not_a_score", "Observation.valueInteger")),
        (observation("1", "44261-6", {"valueBoolean": True}), ("not_a_score", "Observation.value[x]")),
        (observation("1", "44261-6", 12, None), ("no_date", "Observation.effective[x]")),
        (observation("1", "44261-6", 12, "yesterday"), ("unreadable_date", "Observation.effectiveDateTime")),
        (observation("1", "44250-9", 4), ("out_of_range", "Observation.valueInteger")),
        (
            observation("1", "44250-9", {"valueCodeableConcept": {"coding": [{"code": "x"}]}}),
            ("unreadable_answer", "Observation.valueCodeableConcept"),
        ),
    ],
)
def test_what_cannot_be_read_is_a_fault(given: dict[str, Any], fault: tuple[str, str]) -> None:
    course = read(given)
    assert faults(course) == [fault]
    assert course.assessments == []


def test_a_period_is_read_by_its_end() -> None:
    period = {"start": "2025-01-31", "end": "2025-02-02"}
    assert ratings(observation("1", "44261-6", 12, None, effectivePeriod=period))[0]["assessed_on"] == "2025-02-02"


def answers(*points: int, day: str = MOMENT) -> list[dict[str, Any]]:
    return [observation(f"i{at}", ITEMS[at], value, day) for at, value in enumerate(points)]


FULL = (1, 2, 3, 1, 2, 3, 0, 1, 2)


def test_items_of_one_moment_are_a_rating_when_all_are_there() -> None:
    course = read(*answers(*FULL))
    assert course.assessments[0].entry == {
        "instrument": "phq9",
        "assessed_on": "2025-02-01",
        "total_score": 15,
        "items": list(FULL),
    }
    assert set(fates(course).values()) == {"used"}
    assert set(fates(read(*answers(*FULL[:8]))).values()) == {"item_without_scale"}


def test_a_total_and_its_items_are_one_rating() -> None:
    course = read(observation("t", "44261-6", 15), *answers(*FULL))
    assert [made.entry["items"] for made in course.assessments] == [list(FULL)]
    assert course.assessments[0].key == "assessment/phq9/Observation/t"
    assert [each.reference for each in course.assessments[0].provenance["/total_score"]] == ["Observation/t"]
    partly = read(observation("t", "44261-6", 15), *answers(1, 2))
    assert partly.assessments[0].entry["items"] == [1, 2, *[None] * 7]


def test_items_that_do_not_fit_the_total_are_left_out() -> None:
    course = read(observation("t", "44261-6", 14), *answers(*FULL))
    assert course.assessments[0].entry == {"instrument": "phq9", "assessed_on": "2025-02-01", "total_score": 14}
    assert {code for code, _ in faults(course)} == {"items_and_total_disagree"}
    twice = read(observation("t", "44261-6", 15), *answers(*FULL), observation("again", ITEMS[0], 2))
    assert "items" not in twice.assessments[0].entry
    assert read(*answers(*FULL), observation("again", ITEMS[0], 2)).assessments == []


def test_a_total_and_the_items_of_another_hour_are_one_rating_if_they_add_up() -> None:
    later = "2025-02-01T11:00:00Z"
    assert len(ratings(observation("t", "44261-6", 15), *answers(*FULL, day=later))) == 1
    assert len(ratings(observation("t", "44261-6", 14), *answers(*FULL, day=later))) == 2
    assert len(ratings(observation("t", "44261-6", 15), observation("u", "44261-6", 15, later))) == 2
    assert len(ratings(observation("t", "44261-6", 15), observation("u", "44261-6", 15))) == 1
    assert [
        each["total_score"] for each in ratings(observation("t", "44261-6", 15), observation("u", "44261-6", 9))
    ] == [9, 15]
    assert (
        len(ratings(*answers(*FULL[:3]), *[{**each, "id": each["id"] + "b"} for each in answers(*FULL[:3], day=later)]))
        == 0
    )


def components(*points: object, code: str = "44249-1", **more: object) -> dict[str, Any]:
    parts = [
        {
            "code": {"coding": [{"system": LOINC, "code": ITEMS[at]}]},
            "valueCodeableConcept": {"coding": [{"code": CODES[value]}]},
        }
        for at, value in enumerate(points)
        if isinstance(value, int)
    ]
    return observation(
        "p", code, more or {}, component=[*parts, {"code": {"coding": [{"system": LOINC, "code": "1-1"}]}}]
    )


def test_components_are_items() -> None:
    assert ratings(components(*FULL))[0]["total_score"] == 15
    assert ratings(components(*FULL, code="44261-6", valueInteger=15))[0]["items"] == list(FULL)
    total = {"code": {"coding": [{"system": LOINC, "code": "44261-6"}]}, "valueInteger": 15}
    panel = components(*FULL)
    assert ratings({**panel, "component": [*panel["component"], total]})[0]["items"] == list(FULL)
    assert ratings({**panel, "component": [total]})[0] == {
        "instrument": "phq9",
        "assessed_on": "2025-02-01",
        "total_score": 15,
    }
    assert faults(read({**panel, "component": [{**total, "valueInteger": 99}]})) == [
        ("out_of_range", "Observation.component[0].valueInteger")
    ]
    course = read(components(*FULL, code="44261-6", valueInteger=14))
    assert course.assessments[0].entry["total_score"] == 14
    assert warnings(course) == [("items_and_total_disagree", "Observation.valueInteger")]


def coded_here(*parts: dict[str, Any], **more: object) -> dict[str, Any]:
    code = {"coding": [{"system": "urn:of-this-house", "code": "PHQ9"}], "text": "PHQ-9"}
    return {**observation("p", "", {}, component=list(parts)), "code": code, **more}


def component(code: str, value: object) -> dict[str, Any]:
    answer = (
        {"valueCodeableConcept": {"coding": [{"code": value}]}} if isinstance(value, str) else {"valueInteger": value}
    )
    return {"code": {"coding": [{"system": LOINC, "code": code}]}, **answer}


def test_a_panel_with_a_code_of_the_house_is_read_by_its_components() -> None:
    nearly_every_day = [component(code, "LA6571-9") for code in ITEMS]
    total = component("44261-6", 27)
    assert ratings(coded_here(*nearly_every_day, total)) == [
        {"instrument": "phq9", "assessed_on": "2025-02-01", "total_score": 27, "items": [3] * 9}
    ]
    assert ratings(coded_here(*nearly_every_day))[0]["items"] == [3] * 9
    assert ratings(coded_here(component("70274-6", 12))) == [
        {"instrument": "gad7", "assessed_on": "2025-02-01", "total_score": 12}
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (coded_here(component("44261-6", 12), status="cancelled"), "cancelled"),
        (coded_here(component("44261-6", 12), status="unknown"), "unknown_status"),
        (coded_here(component("44261-6", 28)), "out_of_range"),
        (coded_here(component("44261-6", 12), component("70274-6", 12)), "several_scales"),
        (coded_here(component("44250-9", 3)), "item_without_scale"),
        (coded_here(component("55758-7", 3)), "other_observation"),
        (coded_here(valueInteger=12), "other_observation"),
        (components(*FULL, code="89204-2"), "other_observation"),  # by its code a PHQ-9M
    ],
)
def test_a_panel_with_another_code_that_is_no_rating(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    assert (list(fates(course).values()), course.assessments) == ([reason], [])


def test_a_value_under_the_code_of_a_panel_is_no_total_and_said_to_be() -> None:
    course = read(observation("1", "44249-1", 17))
    assert faults(course) == [("value_of_panel", "Observation.valueInteger")]
    assert course.assessments == []


def form(*points: object, total: object = None, **more: object) -> dict[str, Any]:
    items: list[dict[str, Any]] = [
        {"linkId": f"/{ITEMS[at]}", "answer": [value if isinstance(value, dict) else {"valueInteger": value}]}
        for at, value in enumerate(points)
        if value is not None
    ]
    if total is not None:
        items.append({"linkId": "44261-6", "answer": [{"valueDecimal": total}]})
    given = {"status": "completed", "authored": MOMENT, "item": [{"linkId": "g", "item": items}]}
    return resource("QuestionnaireResponse", "q", **{**given, **more})


def coded(code: str, ordinal: object = None) -> dict[str, Any]:
    extension = [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": ordinal}]
    return {"valueCoding": {"code": code, "extension": extension if ordinal is not None else []}}


def test_a_form_is_read_by_the_codes_of_its_items() -> None:
    assert ratings(form(*FULL))[0] == {
        "instrument": "phq9",
        "assessed_on": "2025-02-01",
        "total_score": 15,
        "items": list(FULL),
    }
    assert ratings(form(*[coded(CODES[points]) for points in FULL], total=15.0))[0]["items"] == list(FULL)
    assert ratings(form(*[coded("x", points) for points in FULL]))[0]["total_score"] == 15
    assert ratings(form(*FULL[:3]))[0]["items"] == [1, 2, 3, *[None] * 6]
    assert ratings(form(total=15))[0] == {"instrument": "phq9", "assessed_on": "2025-02-01", "total_score": 15}
    assert ratings(form(None, 2, 3))[0]["items"][:3] == [None, 2, 3]
    nested = {"linkId": "a", "answer": [{"item": [{"linkId": f"/{ITEMS[2]}", "answer": [{"valueInteger": 1}]}]}]}
    assert ratings(form(item=[nested]))[0]["items"][2] == 1
    assert ratings(observation("t", "44261-6", 15, "2025-02-01"), form(*FULL))[0]["items"] == list(FULL)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (form(1, 2), "item_without_scale"),  # all that the PHQ-2 asks
        (form(*FULL, status="in-progress"), "not_final"),
        (form(*FULL, status="unknown"), "unknown_status"),
        (form(*FULL, authored=None), "no_date"),
        (form(*FULL, total=28), "out_of_range"),
        (form(*FULL, total=14), "items_and_total_disagree"),
        (form(4), "out_of_range"),
        (form({"valueString": "often"}), "unreadable_answer"),
        (form({"valueCoding": {"code": "x"}}), "unreadable_answer"),
        (form(item=[{"linkId": ITEMS[0], "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}]), "unreadable_answer"),
        (form(item=[{"linkId": ITEMS[0]}]), "no_value"),
        (form(item=[{"linkId": ITEMS[0]}, {"linkId": "70274-6"}]), "unreadable_answer"),
        (form(item=[{"linkId": str(at)} for at in range(2001)]), "too_deep"),
    ],
)
def test_a_form_that_is_no_rating(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    used = [made.entry for made in course.assessments if "items" in made.entry]
    assert used == []
    assert reason in [*fates(course).values(), *(code for code, _ in warnings(course))]


def test_a_form_that_is_nested_too_deeply_is_a_fault() -> None:
    item: dict[str, Any] = {"linkId": ITEMS[0]}
    for _ in range(20_000):
        item = {"linkId": "g", "item": [item]}
    assert faults(read(form(item=[item])))[0][0] == "too_deep"
