"""Staging in the words of the API: one answer a method, what is not known as null with bounds, and the methods."""

from typing import Any
from uuid import UUID

import pytest

from clinical.background import ScoredInstrument
from clinical.dates import parse_partial_date
from clinical.history import ExternalScore
from clinical.library import library
from models.evaluation import EvaluationRequest
from models.staged import StagedPublic
from models.staging import StagingMethodList
from registry.desk import Desk
from registry.errors import InvalidRequest, NotFound
from registry.evaluation import evaluate
from registry.staging import elsewhere, list_methods, method_called, read_method
from tests.clinical.asking import NOWHERE, TODAY, Json
from tests.clinical.staging import ON
from tests.clinical.trials import EPISODE, history, trial

DESK = Desk(NOWHERE, UUID(int=0), TODAY)


def said(body: Json, *methods: str, on: str = ON) -> list[Json]:
    request = EvaluationRequest.model_validate({"history": body, "staging": methods, "on": on})
    answers: list[Json] = evaluate(request, DESK)["staging"]
    return answers


def test_the_methods_asked_are_answered_in_their_order_and_shape() -> None:
    answers = said(history(trial()), "thase_rush", "maudsley", "dutch")
    assert [each["method"]["id"] for each in answers] == ["thase_rush", "maudsley", "dutch"]
    for each in answers:
        assert StagedPublic.model_validate(each).method.digest.startswith("sha256:")
        assert set(each) == set(StagedPublic.model_fields)
    assert said(history(trial())) == []


def test_a_known_score_is_a_whole_number_where_it_is_one() -> None:
    (answer,) = said(history(trial()), "maudsley")
    assert (answer["score"], answer["bounds"]) == (6, {"least": 6, "most": 6})
    assert all(isinstance(each["points"], int) for each in answer["dimensions"])
    assert answer["stage_bounds"] is None


def test_what_is_not_known_is_null_with_bounds_and_a_question() -> None:
    (answer,) = said(history(trial(), episodes=({**EPISODE, "severity": None},)), "maudsley")
    assert (answer["score"], answer["bounds"]) == (None, {"least": 4, "most": 7})
    severity = next(each for each in answer["dimensions"] if each["dimension"] == "severity")
    assert (severity["points"], severity["least"], severity["most"]) == (None, 1, 4)
    assert severity["question"] == "How severe is the current episode?"
    assert answer["missing_information"][0] == {
        "trial_id": None,
        "field": "episodes.severity",
        "question": severity["question"],
        "could_change_answer": True,
    }


def test_a_stage_that_is_not_known_has_a_first_and_a_last_that_are_possible() -> None:
    (answer,) = said(history(trial(), trial("venlafaxine", start=60, outcome=None)), "thase_rush")
    assert (answer["stage"], answer["stage_bounds"]) == (None, {"least": "I", "most": "II"})
    assert answer["bounds"] is None


def test_an_unknown_method_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        method_called("maudsly", "#query/method")
    assert refusal.value.faults[0].suggestions == ("maudsley",)
    assert refusal.value.faults[0].pointer == "#query/method"
    with pytest.raises(InvalidRequest) as refusal:
        method_called("@@@@", "/staging/0")
    assert set(refusal.value.faults[0].suggestions) == set(library().staging)


def test_every_method_is_listed_with_all_its_numbers_and_sources() -> None:
    listed = list_methods()
    assert StagingMethodList.model_validate(listed)
    assert [each["id"] for each in listed["items"]][-1] == "dutch"
    for each in listed["items"]:
        assert all(rule["source"] and rule["evidence"] for rule in each["parameters"])
        assert each["purpose"]
        assert each["limits"]
        assert each["worked_cases"]


def test_one_method_is_read_with_its_steps_bands_and_cut_offs() -> None:
    rules: dict[tuple[str, str], Any] = {
        (each["kind"], each["name"]): each for each in read_method("maudsley")["parameters"]
    }
    assert rules["dimension", "duration"]["parameters"]["steps"][0]["up_to"] == 12
    assert rules["bands", "bands"]["parameters"]["steps"][1] == {"from": 7.0, "label": "moderate"}
    assert rules["threshold", "cut_off_7_5"]["parameters"]["above"] == 7.5
    assert rules["reading", "duration"]["evidence"] == "local"
    assert rules["dimension", "severity"]["parameters"]["evidence_of"] == {"rating_within_days": "local"}
    stages = [each["name"] for each in read_method("thase_rush")["parameters"] if each["kind"] == "stage"]
    assert stages == ["0", "I", "II", "III", "IV", "V"]
    with pytest.raises(NotFound):
        read_method("nothing")


@pytest.mark.parametrize("text", ["2025", "2025-03", "2025-03-07", "2024-02", "2025-12"])
def test_a_result_scored_elsewhere_keeps_its_date_as_it_was_given(text: str) -> None:
    score = ExternalScore("one", ScoredInstrument.ATHF_SF2, parse_partial_date(text), 3, "Dr Example")
    answer = elsewhere(score)
    assert (answer["scored_on"], answer["score"]) == (text, 3)
    assert answer["sentence"] == (
        f"ATHF-SF2: the number of failed adequate treatments of the current episode: 3 ({text}, scored by Dr Example). "
        "Scored elsewhere, not computed here."
    )
    assert "scored by" not in elsewhere(score._replace(rater=None))["sentence"]
