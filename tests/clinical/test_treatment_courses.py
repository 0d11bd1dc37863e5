"""What counts as a fair course of a treatment: each threshold from both sides, and what is left open."""

from datetime import date

import pytest

from clinical.care import Laterality, Modality, OptionFamily
from clinical.treatments.adequate import adequate_course
from clinical.vocabulary import Evidence, Verdict
from tests.clinical.treated import LIBRARY, ON, course

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
BILATERAL, UNILATERAL = Laterality.BILATERAL, Laterality.UNILATERAL


@pytest.mark.parametrize(
    ("modality", "sessions", "verdict"),
    [
        (Modality.CBT, 11, NOT_MET),
        (Modality.CBT, 12, MET),
        (Modality.IPT, 11, NOT_MET),
        (Modality.IPT, 12, MET),
        (Modality.MBCT, 7, NOT_MET),
        (Modality.MBCT, 8, MET),
        (Modality.COUNSELLING, 11, NOT_MET),
        (Modality.COUNSELLING, 12, MET),
        (Modality.RTMS, 19, NOT_MET),
        (Modality.RTMS, 20, MET),
        (Modality.ITBS, 19, NOT_MET),
        (Modality.ITBS, 20, MET),
        (Modality.ESKETAMINE, 7, NOT_MET),
        (Modality.ESKETAMINE, 8, MET),
        (Modality.PSILOCYBIN, 1, MET),
        (Modality.CBT, None, UNKNOWN),
    ],
)
def test_sessions_are_counted_from_the_threshold_on(modality: Modality, sessions: int | None, verdict: Verdict) -> None:
    assert adequate_course(course(modality, sessions), ON, LIBRARY).verdict is verdict


@pytest.mark.parametrize(
    ("sessions", "laterality", "verdict"),
    [
        (5, BILATERAL, NOT_MET),
        (6, BILATERAL, UNKNOWN),
        (7, BILATERAL, MET),
        (5, UNILATERAL, NOT_MET),
        (6, UNILATERAL, MET),
        (5, Laterality.UNKNOWN, NOT_MET),
        (6, Laterality.UNKNOWN, UNKNOWN),
        (7, Laterality.UNKNOWN, MET),
    ],
)
def test_where_sources_part_on_ect_it_is_left_open(sessions: int, laterality: Laterality, verdict: Verdict) -> None:
    found = adequate_course(course(Modality.ECT, sessions, laterality=laterality), ON, LIBRARY)
    assert found.verdict is verdict
    assert ("Sources part here" in found.sentence) is (verdict is UNKNOWN)


def test_an_unknown_placement_that_decides_is_asked_for() -> None:
    found = adequate_course(course(Modality.ECT, 6), ON, LIBRARY)
    assert found.question is not None
    assert found.question.field == "laterality"
    assert adequate_course(course(Modality.ECT, 6, laterality=BILATERAL), ON, LIBRARY).question is None


@pytest.mark.parametrize(
    ("ended", "verdict"),
    [
        ("2025-03-03", NOT_MET),
        ("2025-03-04", UNKNOWN),
        ("2025-03-10", UNKNOWN),
        ("2025-03-11", MET),
        ("2025-03", UNKNOWN),
    ],
)
def test_exercise_is_counted_in_days_and_two_guidelines_part_between_63_and_70(ended: str, verdict: Verdict) -> None:
    exercise = course(Modality.EXERCISE, started="2025-01-01", ended=ended)
    assert adequate_course(exercise, ON, LIBRARY).verdict is verdict


@pytest.mark.parametrize(("ended", "verdict"), [("2023-12-30", NOT_MET), ("2023-12-31", MET)])
def test_a_year_of_vagus_nerve_stimulation_is_365_days(ended: str, verdict: Verdict) -> None:
    implant = course(Modality.VNS, started="2023-01-01", ended=ended)
    assert adequate_course(implant, ON, LIBRARY).verdict is verdict


def test_a_course_of_unclear_dates_asks_for_them() -> None:
    found = adequate_course(course(Modality.EXERCISE, started="2025-01", ended="2025-03"), ON, LIBRARY)
    assert found.question is not None
    assert found.question.field == "started"
    assert found.observed is None
    assert "Between" in found.sentence


def test_a_course_that_goes_on_may_yet_become_adequate_and_may_already_be() -> None:
    short = course(Modality.CBT, 5, ended=None, running=True)
    assert adequate_course(short, ON, LIBRARY).verdict is UNKNOWN
    assert "still going on" in adequate_course(short, ON, LIBRARY).sentence
    assert adequate_course(short._replace(sessions=12), ON, LIBRARY).verdict is MET
    exercise = course(Modality.EXERCISE, started="2025-06-01", ended=None, running=True)
    assert adequate_course(exercise, ON, LIBRARY).question is None


def test_sessions_of_a_course_that_ended_later_are_not_all_given_yet() -> None:
    on = date(2025, 4, 20).toordinal()
    found = adequate_course(course(Modality.CBT, 16), on, LIBRARY)
    assert found.verdict is UNKNOWN
    assert "At most 16 sessions by then" in found.sentence


def test_a_course_that_had_not_begun_is_no_course() -> None:
    found = adequate_course(course(Modality.CBT, 16), date(2025, 3, 31).toordinal(), LIBRARY)
    assert found.verdict is UNKNOWN
    assert "not begun" in found.sentence


@pytest.mark.parametrize("modality", [Modality.KETAMINE, Modality.PROBLEM_SOLVING, Modality.FAMILY_OR_COUPLE])
def test_a_figure_that_was_not_verified_is_shown_and_never_decides(modality: Modality) -> None:
    found = adequate_course(course(modality, 100), ON, LIBRARY)
    assert found.verdict is UNKNOWN
    assert found.evidence is Evidence.UNVERIFIED
    assert "not verified" in found.sentence


@pytest.mark.parametrize("modality", [Modality.TDCS, Modality.DBS, Modality.MST, Modality.LIGHT, Modality.OTHER])
def test_where_no_source_gives_a_number_none_is_made_up(modality: Modality) -> None:
    assert "No source read" in adequate_course(course(modality, 100), ON, LIBRARY).sentence


def test_every_modality_has_one_family_but_those_that_name_nothing() -> None:
    treatments = LIBRARY.treatments
    placed = [member.modality for family in treatments.families.values() for member in family.members]
    assert sorted(placed) == sorted(set(Modality) - {Modality.OTHER, Modality.OTHER_NEUROMODULATION})
    assert set(treatments.families) == set(OptionFamily)


def test_every_class_of_the_formulary_is_in_the_catalogue() -> None:
    listed = {(each.role, each.group) for each in LIBRARY.treatments.classes}
    assert {(each.role, each.group) for each in LIBRARY.formulary.medicines.values()} <= listed
