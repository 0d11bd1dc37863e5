"""A history that is only sent is checked as a stored one is, and every fault points into it."""

from typing import Any
from uuid import UUID

import pytest

from models.evaluation import EvaluationRequest
from registry.desk import Desk
from registry.errors import InvalidRequest
from registry.evaluation import evaluate
from tests.clinical.asking import NOWHERE, TODAY, Json
from tests.factories import ECT, EPISODE, FACTOR, PHQ9, SCORE, SERTRALINE, SYMPTOMS, varied

DESK = Desk(NOWHERE, UUID(int=0), TODAY)
ONE, TWO = str(UUID(int=1)), str(UUID(int=2))


def said(history: Json, **more: Any) -> Json:  # noqa: ANN401 - any JSON
    return evaluate(EvaluationRequest.model_validate({"history": history, **more}), DESK)


def faults(history: Json, **more: Any) -> list[str]:  # noqa: ANN401 - any JSON
    with pytest.raises(InvalidRequest) as refusal:
        said(history, **more)
    return [each.pointer for each in refusal.value.faults]


def test_the_definitions_asked_are_answered_in_their_order_for_today() -> None:
    answers = said({}, definitions=["rybak_2021", "two_failed_medications"])
    assert [each["definition"]["id"] for each in answers["assessments"]] == ["rybak_2021", "two_failed_medications"]
    assert answers["staging"] == []
    assert {each["on"] for each in answers["assessments"]} == {TODAY}
    assert said({})["assessments"][0]["definition"]["id"] == "two_failed_medications"


def test_a_trial_without_an_id_is_named_by_its_place() -> None:
    answer = said({"medication_trials": [varied(SERTRALINE, id=ONE), SERTRALINE]})["assessments"][0]
    assert {each["trial_id"] for each in answer["trials"]} == {ONE, "/history/medication_trials/1"}


@pytest.mark.parametrize(
    ("history", "more", "pointers"),
    [
        ({}, {"definitions": ["rybak_2020"]}, ["/definitions/0"]),
        ({}, {"staging": ["maudsly"]}, ["/staging/0"]),
        (
            {"medication_trials": [varied(SERTRALINE, episode_id=ONE)]},
            {},
            ["/history/medication_trials/0/episode_id"],
        ),
        (
            {"medication_trials": [varied(SERTRALINE, role="augmentation", augments=ONE)]},
            {},
            ["/history/medication_trials/0/augments"],
        ),
        (
            {"episodes": [varied(EPISODE, id=ONE), varied(EPISODE, id=ONE)]},
            {},
            ["/history/episodes/1/id"],
        ),
        (
            {"medication_trials": [SERTRALINE, varied(SERTRALINE, ended="2025-01-01")]},
            {},
            ["/history/medication_trials/1/ended"],
        ),
        (
            {"medication_trials": [varied(SERTRALINE, medication={"text": "zolft"})]},
            {},
            ["/history/medication_trials/0/medication/text"],
        ),
        ({"assessments": [varied(PHQ9, total_score=3)]}, {}, ["/history/assessments/0/total_score"]),
        ({"treatments": [ECT, varied(ECT, modality="cbt")]}, {}, ["/history/treatments/1/modality"]),
        ({"treatments": [varied(ECT, episode_id=ONE)]}, {}, ["/history/treatments/0/episode_id"]),
        ({"treatments": [varied(ECT, id=ONE), varied(ECT, id=ONE)]}, {}, ["/history/treatments/1/id"]),
        ({"symptoms": [varied(SYMPTOMS, absent=["fatigue"])]}, {}, ["/history/symptoms/0/absent/0"]),
        (
            {"contributing_factors": [varied(FACTOR, category="genetics")]},
            {},
            ["/history/contributing_factors/0/factor"],
        ),
        ({"external_scores": [varied(SCORE, score=100)]}, {}, ["/history/external_scores/0/score"]),
    ],
)
def test_every_fault_points_to_its_place_in_the_history(history: Json, more: Json, pointers: list[str]) -> None:
    assert set(pointers) <= set(faults(history, **more))


def test_symptoms_that_are_sent_say_what_is_asked_for_on_safety() -> None:
    sent = {"symptoms": [varied(SYMPTOMS, present=["suicidal_thoughts"], absent=[])]}
    assert said(sent)["assessments"][0]["safety"]["level"] == "review"
    assert said({"symptoms": [SYMPTOMS]})["assessments"][0]["safety"]["level"] == "none_reported"


def test_references_within_the_history_hold() -> None:
    history = {
        "episodes": [varied(EPISODE, id=TWO)],
        "medication_trials": [
            varied(SERTRALINE, id=ONE, episode_id=TWO),
            varied(SERTRALINE, role="augmentation", augments=ONE),
        ],
        "treatments": [varied(ECT, episode_id=TWO)],
    }
    assert len(said(history)["assessments"][0]["trials"]) == 2


def test_an_unknown_definition_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        said({}, definitions=["rybak"])
    assert "rybak_2021" in refusal.value.faults[0].message
    with pytest.raises(InvalidRequest) as refusal:
        said({}, definitions=["@@@@"])
    assert "two_failed_medications" in refusal.value.faults[0].message
