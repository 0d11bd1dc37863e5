"""What a definition may ask besides, that no shipped one asks, and what it may not say."""

import pytest
from pydantic import ValidationError

from clinical.assess import assess
from clinical.dates import parse_partial_date
from clinical.library import library
from clinical.sections import Failure
from clinical.vocabulary import Evidence, Status
from tests.clinical.asking import Json, ask
from tests.clinical.staging import facts_of
from tests.clinical.trials import ON, day, finding, history, judged, rating, trial, verdict

FIRST = "00000000-0000-7000-8000-0000000000a1"


def status_with(required: int, *added: Json) -> tuple[Status, list[str]]:
    """Two failed antidepressants, and an answer that asks for so many failed augmentations besides."""
    rule = library().definitions["mgh_atrq"]
    assert rule.augmentation
    besides = rule.augmentation.model_copy(update={"required": required})
    asked = rule.model_copy(update={"augmentation": besides})
    two = (trial(id=FIRST, days=90), trial("venlafaxine", start=100))
    answer = assess(asked, facts_of(history(*two, *added)), parse_partial_date(ON).first, library())
    return answer.status, [each.sentence for each in answer.patient if each.criterion == "failed_augmentations"]


def adding(text: str, **more: object) -> Json:
    plain = {"start": 45, "days": 28, "daily_dose_mg": 10, "role": "augmentation", "augments": FIRST}
    return trial(text, **{**plain, **more})  # type: ignore[arg-type]


def test_failed_augmentations_are_asked_besides_the_antidepressants() -> None:
    assert status_with(1, adding("aripiprazole")) == (Status.RESISTANT, ["Failed augmentations: 1; 1 asked."])
    assert status_with(2, adding("aripiprazole")) == (Status.NOT_RESISTANT, ["Failed augmentations: 1; 2 asked."])
    status, sentences = status_with(1, adding("aripiprazole", outcome=None))
    assert (status, sentences) == (Status.INDETERMINATE, ["Failed augmentations: 0 surely, 1 perhaps; 1 asked."])


def test_whether_a_medicine_is_still_taken_may_be_unclear() -> None:
    answer = ask(history(trial(start=200, ended="2025-12")), "escape_current", "2025-12-15")
    assert verdict(answer, "still_taken") == "unknown"


def test_too_many_readings_of_vague_ratings_are_taken_to_disagree() -> None:
    months: Json = {"started": "2025-01", "ended": "2025-12"}
    first = tuple({**rating(0, 20 + place % 3), "assessed_on": "2025-01"} for place in range(50))
    last = tuple({**each, "assessed_on": "2025-12"} for each in first)
    answer = judged(trial(**months, outcome=None), ratings=first + last)
    assert verdict(answer, "failure") == "unknown"
    assert "more than one reading" in finding(answer, "failure")["sentence"]
    zeros = tuple({**each, "total_score": 0} for each in first)
    assert verdict(judged(trial(**months), ratings=zeros + last), "failure") == "met"


def test_a_failure_has_exactly_one_threshold() -> None:
    with pytest.raises(ValidationError, match="give one of"):
        Failure(source="none", evidence=Evidence.LOCAL)
    with pytest.raises(ValidationError, match="needs a larger"):
        Failure(source="none", evidence=Evidence.LOCAL, improvement_below_percent=25, improvement_at_least_percent=25)


def test_a_trial_cannot_end_before_its_last_dose_began_so_no_such_change_is_named() -> None:
    doses = [{"daily_dose_mg": 100, "from": day(0)}, {"daily_dose_mg": 150, "from": day(54)}]
    answer = ask(history(trial(doses=doses, days=56), trial("venlafaxine", start=100)), "rybak_2021", ON)
    named = [each["sentence"] for each in answer["what_would_change_it"] if "ended" in each["change"]["patch"]]
    assert not any("sertraline" in each for each in named)
