"""Suicidal thoughts: which answer stands on a day, beside which milder one, and what a symptom record says of them."""

from itertools import permutations

import pytest

from clinical.background import Symptom
from clinical.conventions import conventions
from clinical.dates import Span, iso, parse_partial_date
from clinical.history import History, Observation, Rating
from clinical.library import scales
from clinical.rating_scales import SafetyFinding
from clinical.safety import GRAVITY, NOTHING_RECORDED, SYMPTOM_BASIS, SYMPTOMS, safety_of_observation, safety_on
from clinical.vocabulary import SafetyLevel

FIRST = parse_partial_date("2025-01-01").first
ON = FIRST + 300
THOUGHTS = frozenset({Symptom.SUICIDAL_THOUGHTS})
OTHERS = frozenset({Symptom.FATIGUE})
NOBODY: frozenset[Symptom] = frozenset()


def on_day(number: int) -> Span:
    return Span(FIRST + number, FIRST + number)


def rated(instrument: str, answer: int | None, number: int | Span) -> Rating:
    """A rating in which only the item on suicidal thoughts was answered, or left out."""
    scale = scales()[instrument]
    assert scale.items is not None
    assert scale.safety is not None
    items = [None] * len(scale.items.names)
    items[scale.safety.item - 1] = answer
    return Rating(instrument, on_day(number) if isinstance(number, int) else number, None, tuple(items))


def seen(present: frozenset[Symptom], absent: frozenset[Symptom], number: int) -> Observation:
    return Observation("one", on_day(number), present, absent)


def found(*records: Rating | Observation, on: int = ON) -> SafetyFinding:
    ratings = tuple(each for each in records if isinstance(each, Rating))
    observations = tuple(each for each in records if isinstance(each, Observation))
    return safety_on(History(ratings=ratings, observations=observations), scales(), on)


def test_a_milder_answer_on_another_instrument_14_days_later_does_not_take_a_graver_one_back() -> None:
    safety = found(rated("phq9", 3, 0), rated("madrs", 0, 14))
    assert safety.level is SafetyLevel.URGENT
    assert safety.sentence == (
        "Item 9 of the Patient Health Questionnaire, 9 items was answered 3. Frequent or serious thoughts were "
        "reported: assess risk today. (2025-01-01) A milder answer on another instrument does not take this back "
        "within 14 days: Item 10 of the Montgomery-Asberg Depression Rating Scale was answered 0. No such thoughts "
        "were reported. This does not rule out risk. (2025-01-15)"
    )


def test_a_milder_answer_on_another_instrument_15_days_later_is_the_one_that_stands() -> None:
    safety = found(rated("phq9", 3, 0), rated("madrs", 0, 15))
    assert safety.level is SafetyLevel.NONE_REPORTED
    assert "PHQ" not in safety.sentence
    assert "answered 3" not in safety.sentence
    assert "This does not rule out risk." in safety.sentence


def test_the_length_of_time_is_the_one_in_the_data() -> None:
    days = conventions().graver_answer_stands.value
    assert found(rated("madrs", 6, 0), rated("phq9", 0, days)).level is SafetyLevel.EMERGENCY
    assert found(rated("madrs", 6, 0), rated("phq9", 0, days + 1)).level is SafetyLevel.NONE_REPORTED


def test_a_milder_answer_on_the_same_instrument_replaces_a_graver_one_at_once() -> None:
    safety = found(rated("phq9", 3, 0), rated("phq9", 0, 1))
    assert safety.level is SafetyLevel.NONE_REPORTED
    assert found(rated("phq9", 3, 0), rated("madrs", 0, 5), rated("phq9", 1, 8)).level is SafetyLevel.REVIEW


def test_two_answers_of_one_day_leave_the_graver_one_and_say_both() -> None:
    safety = found(rated("phq9", 0, 5), rated("phq9", 2, 5))
    assert safety.level is SafetyLevel.URGENT
    assert "Another answer, as recent as far as the dates tell, is milder: Item 9" in safety.sentence


def test_a_graver_answer_that_is_newer_stands_alone() -> None:
    safety = found(rated("phq9", 1, 0), rated("madrs", 6, 3))
    assert safety.level is SafetyLevel.EMERGENCY
    assert "milder" not in safety.sentence


def test_of_several_milder_answers_the_latest_is_said() -> None:
    safety = found(rated("phq9", 3, 0), rated("madrs", 2, 4), rated("qids_sr16", 0, 9))
    assert safety.level is SafetyLevel.URGENT
    assert safety.sentence.count("(2025-01-") == 2
    assert "(2025-01-10)" in safety.sentence


@pytest.mark.parametrize(
    ("graver", "milder", "level"),
    [
        (Span(FIRST, FIRST + 10), on_day(24), "urgent"),  # 14 to 24 days: it may stand
        (Span(FIRST, FIRST + 10), on_day(25), "none_reported"),  # 15 to 25 days: it surely does not
        (on_day(0), Span(FIRST + 14, FIRST + 40), "urgent"),
        (on_day(0), Span(FIRST + 15, FIRST + 40), "none_reported"),
        (on_day(0), Span(FIRST + 15, ON + 1), "urgent"),  # the milder one may be of a day that is still to come
        (Span(ON, ON + 5), on_day(0), "urgent"),  # the graver one may be there already
        (Span(ON + 1, ON + 5), on_day(0), "none_reported"),
    ],
)
def test_a_date_that_leaves_it_open_leaves_the_graver_answer_standing(graver: Span, milder: Span, level: str) -> None:
    assert found(rated("phq9", 3, graver), rated("madrs", 0, milder)).level == level


@pytest.mark.parametrize(
    ("days", "level"),
    [(Span(FIRST + 3, FIRST + 30), "urgent"), (Span(FIRST + 4, FIRST + 30), "none_reported")],
)
def test_a_partial_date_on_the_same_instrument_replaces_only_when_surely_later(days: Span, level: str) -> None:
    assert found(rated("phq9", 2, Span(FIRST, FIRST + 3)), rated("phq9", 0, days)).level == level


def test_an_item_left_out_hides_no_zero_and_lowers_nothing() -> None:
    assert found(rated("phq9", 0, 0), rated("madrs", None, 1)).level is SafetyLevel.UNKNOWN
    assert found(rated("phq9", 1, 0), rated("phq9", None, 1)).level is SafetyLevel.REVIEW
    assert found(rated("phq9", None, 0), rated("madrs", 0, 1)).level is SafetyLevel.NONE_REPORTED
    assert found(rated("phq9", None, 0)).level is SafetyLevel.UNKNOWN
    assert found(Rating("phq9", on_day(0), 12)).level is SafetyLevel.UNKNOWN


def test_what_is_not_asked_says_nothing() -> None:
    assert found() == NOTHING_RECORDED
    assert found(Rating("gad7", on_day(0), 12), Rating("a scale of the future", on_day(0), 3)) == NOTHING_RECORDED
    assert found(seen(OTHERS, NOBODY, 0)) == NOTHING_RECORDED
    assert found(seen(THOUGHTS, NOBODY, 5), on=FIRST + 4) == NOTHING_RECORDED


def test_a_symptom_record_of_suicidal_thoughts_asks_for_a_review() -> None:
    finding = safety_of_observation(seen(THOUGHTS | OTHERS, NOBODY, 0))
    assert finding is not None
    assert finding.level is SafetyLevel.REVIEW
    assert finding.basis == SYMPTOM_BASIS
    assert finding.sentence == (
        "Suicidal thoughts are recorded among the symptoms. Thoughts were reported: review at this contact."
    )


def test_a_symptom_record_without_such_thoughts_rules_out_no_risk() -> None:
    finding = safety_of_observation(seen(OTHERS, THOUGHTS, 0))
    assert finding is not None
    assert finding.level is SafetyLevel.NONE_REPORTED
    assert finding.sentence.endswith("This does not rule out risk.")


def test_a_symptom_record_that_does_not_mention_them_is_no_answer() -> None:
    assert safety_of_observation(seen(OTHERS, NOBODY, 0)) is None


def test_symptoms_are_an_instrument_of_their_own() -> None:
    assert SYMPTOMS not in scales()
    assert found(seen(THOUGHTS, NOBODY, 0)).level is SafetyLevel.REVIEW
    assert found(seen(THOUGHTS, NOBODY, 0), seen(NOBODY, THOUGHTS, 1)).level is SafetyLevel.NONE_REPORTED
    assert found(seen(THOUGHTS, NOBODY, 0), rated("phq9", 0, 14)).level is SafetyLevel.REVIEW
    assert found(seen(THOUGHTS, NOBODY, 0), rated("phq9", 0, 15)).level is SafetyLevel.NONE_REPORTED
    both = found(rated("madrs", 6, 0), seen(NOBODY, THOUGHTS, 14))
    assert both.level is SafetyLevel.EMERGENCY
    assert "Suicidal thoughts are recorded as absent. No such thoughts were reported." in both.sentence
    assert both.sentence.endswith(f"This does not rule out risk. ({iso(FIRST + 14)})")


def test_the_order_of_the_records_never_matters() -> None:
    records = (rated("phq9", 2, 3), rated("bdi2", 2, 3), rated("madrs", 0, 9), seen(NOBODY, THOUGHTS, 9))
    assert len({found(*each) for each in permutations(records)}) == 1


def test_every_level_has_its_place_and_unknown_is_graver_than_a_zero() -> None:
    assert set(GRAVITY) == set(SafetyLevel)
    assert GRAVITY[SafetyLevel.NONE_REPORTED] < GRAVITY[SafetyLevel.UNKNOWN] < GRAVITY[SafetyLevel.REVIEW]
