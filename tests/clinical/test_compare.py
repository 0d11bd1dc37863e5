"""What parts two definitions that answer the same history differently."""

from uuid import UUID

import pytest

from clinical.assess import assess
from clinical.compare import partings
from clinical.dates import parse_partial_date
from clinical.definition import Definition
from clinical.library import library
from clinical.vocabulary import Counts, Status, Verdict
from models.evaluation import HistoryEntry
from registry.desk import Desk
from registry.evaluation import rows_of
from registry.facts import history_of
from tests.clinical.asking import NOWHERE, TODAY, Json
from tests.clinical.trials import EPISODE, ON, history, trial

DEFINITIONS = library().definitions


def parted(body: Json, *rules: Definition) -> list[tuple[str, str | None]]:
    """The criterion and the medicine on which each pair parts."""
    desk = Desk(NOWHERE, UUID(int=0), TODAY)
    facts = history_of(rows_of(HistoryEntry.model_validate(body), desk))
    answers = [assess(each, facts, parse_partial_date(ON).first, library()) for each in rules]
    return [(each.criterion, each.trial.medication if each.trial else None) for each in partings(answers)]


@pytest.mark.parametrize(
    ("changes", "one", "other", "expected"),
    [
        ({"days": 30}, "rybak_2021", "mgh_atrq", ("duration", "venlafaxine")),
        ({"outcome": {"response": "partial"}}, "sforzini_2022", "rybak_2021", ("failure", "venlafaxine")),
        ({"adherence": None}, "fda_label", "rybak_2021", ("adherence", "venlafaxine")),
        ({"daily_dose_mg": 75}, "two_failed_medications", "rybak_2021", ("dose", "venlafaxine")),
        ({"daily_dose_mg": None}, "two_failed_medications", "rybak_2021", ("dose", "venlafaxine")),
    ],
)
def test_the_criterion_of_a_trial_parts_them(changes: Json, one: str, other: str, expected: tuple[str, str]) -> None:
    body = history(trial(), trial("venlafaxine", start=100, **changes))
    for pair in ((one, other), (other, one)):
        assert parted(body, *(DEFINITIONS[each] for each in pair)) == [expected]


def test_a_confirmed_early_failure_parts_an_open_answer_from_a_closed_one() -> None:
    early = {"response": "none", "early_failure_confirmed": True}
    body = history(trial(), trial("venlafaxine", start=100, days=20, outcome=early))
    assert parted(body, DEFINITIONS["sforzini_2022"], DEFINITIONS["rybak_2021"]) == [("duration", "venlafaxine")]


def test_what_is_asked_of_the_patient_parts_them() -> None:
    both = (trial(), trial("venlafaxine", start=100))
    psychotic = history(*both, episodes=({**EPISODE, "psychotic_features": True},))
    assert parted(psychotic, DEFINITIONS["transform_atrq"], DEFINITIONS["fda_label"]) == [("psychotic_features", None)]
    mild = history(*both, episodes=({**EPISODE, "severity": "mild"},))
    assert parted(mild, DEFINITIONS["fda_label"], DEFINITIONS["eu_smpc_esketamine"]) == [("current_severity", None)]


def test_the_number_asked_for_parts_them() -> None:
    rule = DEFINITIONS["rybak_2021"]
    four = rule.model_copy(update={"required": rule.required.model_copy(update={"failed_medications": 4})})
    body = history(trial(), trial("venlafaxine", start=100))
    assert parted(body, rule, four) == [("failed_medications", None)]


def test_a_trial_on_which_the_lenient_one_is_the_harder_is_passed_over() -> None:
    base = "00000000-0000-7000-8000-0000000000a1"
    added: Json = {"role": "augmentation", "augments": base, "daily_dose_mg": 10}
    body = history(
        trial("duloxetine", days=100, id=base, outcome={"response": "response"}),
        trial("aripiprazole", start=60, days=30, **added),
        trial("venlafaxine", start=150, days=30),
        trial("sertraline", start=200, days=30),
    )
    assert parted(body, DEFINITIONS["rybak_2021"], DEFINITIONS["mgh_atrq"]) == [("duration", "venlafaxine")]


def test_agreement_parts_nothing() -> None:
    assert parted(history(), *DEFINITIONS.values()) == []


def test_closed_vocabularies_explain_every_value() -> None:
    for vocabulary in (Verdict, Counts, Status):
        assert all(each.meaning for each in vocabulary)
        assert vocabulary.explained().count("\n- ") == len(vocabulary) - 1
