"""Rules are data: a definition that asks something else is judged as it says, a scale that cannot be is refused."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from clinical.answer import Assessment
from clinical.assess import assess
from clinical.dates import Span, iso, parse_partial_date
from clinical.library import library
from clinical.rating_scales import Scale
from clinical.sections import Failure, Required
from clinical.vocabulary import Evidence, Polarity, Verdict
from models.evaluation import HistoryEntry
from registry.desk import Desk
from registry.evaluation import rows_of
from registry.facts import history_of
from tests.clinical.asking import NOWHERE, TODAY, Json, ask
from tests.clinical.trials import EPISODE, ON, day, finding, history, rating, trial

RYBAK = library().definitions["rybak_2021"]


def judged(body: Json, **changed: object) -> Assessment:
    """The answer of a definition in which something is changed."""
    facts = history_of(rows_of(HistoryEntry.model_validate(body), Desk(NOWHERE, UUID(int=0), TODAY)))
    return assess(RYBAK.model_copy(update=changed), facts, parse_partial_date(ON).first, library())


def test_a_word_that_straddles_the_threshold_asks_for_the_percentage() -> None:
    thirty = Failure(improvement_below_percent=30, source="a test", evidence=Evidence.LOCAL)
    body = history(trial(outcome={"response": "partial"}), trial("venlafaxine", start=100))
    answer = judged(body, failure=thirty)
    assert answer.status == "indeterminate"
    assert answer.missing[0].field == "outcome.improvement_percent"
    below = history(trial(outcome={"improvement_percent": 29}), trial("venlafaxine", start=100))
    assert judged(below, failure=thirty).status == "treatment_resistant"


def test_a_definition_that_excludes_nobody_asks_nothing_of_the_patient() -> None:
    body = history(trial(), trial("venlafaxine", start=100), episodes=({**EPISODE, "polarity": "bipolar"},))
    assert judged(body, exclusions=None).patient == ()
    exclusions = RYBAK.exclusions
    assert exclusions is not None
    only_psychotic = exclusions.model_copy(update={"polarities": (), "psychotic_features": True})
    assert [each.criterion for each in judged(body, exclusions=only_psychotic).patient] == ["psychotic_features"]
    assert Polarity.BIPOLAR in exclusions.polarities


def test_an_unverified_definition_says_so() -> None:
    assert "has not been checked" in judged(history(), evidence=Evidence.UNVERIFIED).notes[0]


def test_a_number_of_failures_beyond_ten_is_said_in_figures() -> None:
    many = RYBAK.required.model_copy(update={"failed_medications": 12})
    assert "12 are asked" in judged(history(), required=many).summary


def test_a_definition_may_ask_for_time_and_no_dose() -> None:
    answer = judged(history(trial(daily_dose_mg=25)), dose=None)
    assert answer.trials[0].counts == "yes"


def test_a_severity_that_no_band_names_is_unknown() -> None:
    smpc = library().definitions["eu_smpc_esketamine"].current_severity
    shelf = library()
    bands = shelf.scales["phq9"].bands
    bare = bands.model_copy(update={"steps": tuple(each.model_copy(update={"severity": None}) for each in bands.steps)})
    scale = shelf.scales["phq9"].model_copy(update={"bands": bare})
    body = history(ratings=(rating(360, 16),), episodes=({**EPISODE, "severity": None},))
    facts = history_of(rows_of(HistoryEntry.model_validate(body), Desk(NOWHERE, UUID(int=0), TODAY)))
    rule = RYBAK.model_copy(update={"current_severity": smpc})
    answer = assess(rule, facts, parse_partial_date(ON).first, shelf._replace(scales={"phq9": scale}))
    assert answer.patient[-1].verdict is Verdict.UNKNOWN


def test_ratings_of_years_after_the_trial_are_not_looked_at() -> None:
    later = {**rating(0, 3), "assessed_on": "2026-10-01"}
    latest = {**rating(0, 3), "assessed_on": "2026-11-01"}
    body = history(trial(outcome=None), ratings=(rating(0, 20), rating(50, 18), later, latest))
    facts = history_of(rows_of(HistoryEntry.model_validate(body), Desk(NOWHERE, UUID(int=0), TODAY)))
    answer = assess(RYBAK, facts, parse_partial_date("2026-11-20").first, library())
    assert answer.trials[0].counts == "yes"


PHQ9 = library().scales["phq9"].model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.parametrize(
    ("group", "changes", "said"),
    [
        ("items", {"maximum": [3] * 8}, "every item needs one maximum"),
        ("items", {"domains": [[1], [1]]}, "every item needs one maximum"),
        ("bands", {"steps": [{"from": 0, "label": "a"}, {"from": 0, "label": "b"}]}, "bands must rise"),
        ("bands", {"steps": [{"from": 1, "label": "a"}]}, "bands must start at the minimum"),
        ("bands", {"steps": [{"from": 0, "label": "a"}, {"from": 28, "label": "b"}]}, "bands must start"),
        ("range", {"maximum": 30}, "do not add up"),
        ("safety", {"levels": ["none_reported"]}, "safety needs one level"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(group: str, changes: dict[str, Any], said: str) -> None:
    assert Scale.model_validate(PHQ9)
    with pytest.raises(ValidationError, match=said):
        Scale.model_validate({**PHQ9, group: {**PHQ9[group], **changes}})


def test_a_total_follows_from_items_only_when_all_that_matter_are_there() -> None:
    scale = library().scales["qids_sr16"]
    items: list[int | None] = [3, 0, 0, None, *[1] * 12]
    assert scale.total_of(tuple(items)) == 3 + 8
    assert scale.total_of((None, *items[1:])) is None
    assert library().scales["cgi_i"].possible_totals(()) == (1, 7)
    assert library().scales["cgi_i"].safety_of(None) is None


def test_every_closed_vocabulary_explains_itself_where_the_schema_is_read() -> None:
    schema = TypeAdapter(Verdict).json_schema()
    assert "`unknown`: What is recorded does not settle it" in schema["description"]


@pytest.mark.parametrize("text", ["2025-01-01-01", "2025-13", "2025-02-30", "soon", ""])
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_partial_date(text)


def test_a_partial_date_is_the_days_that_it_spans() -> None:
    assert parse_partial_date("2024-02").last - parse_partial_date("2024-02").first == 28
    assert parse_partial_date("2025").last - parse_partial_date("2025").first == 364
    assert parse_partial_date(day(0)) == Span(*(parse_partial_date("2025-01-01").first,) * 2)
    assert (iso(0), iso(10**9)) == ("0001-01-01", "9999-12-31")


def test_a_number_may_have_a_grade_of_its_own_beside_that_of_the_rule() -> None:
    fda = library().definitions["fda_label"].adherence
    assert fda is not None
    assert (fda.evidence, fda.evidence_of) == (Evidence.PRIMARY, {"taken_fraction_at_least": Evidence.LOCAL})
    taken: tuple[Json, Json] = ({"adequate": True}, {"taken_fraction": 0.9})
    answers = [ask(history(trial(adherence=each)), "fda_label", ON) for each in taken]
    stated, measured = (finding(each, "adherence") for each in answers)
    assert (stated["evidence"], measured["evidence"]) == ("primary", "local")


@pytest.mark.parametrize(
    "strange", ["failed_medicines", "failed_medications_if_bipolar", "different_classes", "source"]
)
def test_a_grade_of_a_number_that_is_not_there_is_refused(strange: str) -> None:
    given = {"failed_medications": 2, "different_classes": True, "source": "a test", "evidence": "local"}
    with pytest.raises(ValidationError, match=f"evidence_of grades `{strange}`"):
        Required.model_validate({**given, "evidence_of": {strange: "primary"}})
    assert Required.model_validate({**given, "evidence_of": {"failed_medications": "primary"}})
