"""A definition that names what there is not is refused with the key and what there is."""

from typing import Any

import pytest

from clinical.definition import Definition
from clinical.library import library
from clinical.names import unknown_names

SOURCE = {"source": "a test", "evidence": "local"}


def keys(**sections: Any) -> list[str]:  # noqa: ANN401 - any section
    base = library().definitions["rybak_2021"].model_dump()
    definition = Definition.model_validate({**base, **sections})
    return [key for key, _ in unknown_names(definition, library().formulary, library().scales)]


@pytest.mark.parametrize("definition", library().definitions.values(), ids=lambda each: each.slug)
def test_every_definition_that_is_shipped_names_only_what_there_is(definition: Definition) -> None:
    assert list(unknown_names(definition, library().formulary, library().scales)) == []


def test_a_dose_table_that_does_not_exist_is_named() -> None:
    assert keys(dose={"table": "mgh_artq", **SOURCE}) == ["dose.table"]
    added = {"at_least_days": 28, "dose_table": "nothing", **SOURCE}
    assert keys(augmentation=added) == ["augmentation.dose_table"]


def test_a_class_that_does_not_exist_is_named() -> None:
    assert keys(still_taken={"classes": ["SSRI", "SNRI"], **SOURCE}) == []
    assert keys(still_taken={"classes": ["SSRI", "snri"], **SOURCE}) == ["still_taken.classes"]


def test_a_medicine_that_does_not_exist_is_named() -> None:
    window = {"days": 365, "before": "the_day", **SOURCE}
    assert keys(failure=None, prescriptions={"antidepressants": ["sertraline"], "window": window, **SOURCE}) == []
    named = {"antidepressants": ["sertraline", "zolft"], "window": window, **SOURCE}
    assert keys(failure=None, prescriptions=named) == ["prescriptions.antidepressants"]


@pytest.mark.parametrize(
    ("instrument", "at_least", "faults"),
    [
        ("phq9", 27, []),
        ("phq9", 28, ["current_score.at_least"]),
        ("phq", 5, ["current_score.instrument"]),
        ("gad7", 5, ["current_score.instrument"]),
    ],
)
def test_a_present_score_is_asked_of_a_scale_of_depression_within_its_range(
    instrument: str, at_least: int, faults: list[str]
) -> None:
    score = {"instrument": instrument, "at_least": at_least, "rating_within_days": 14, **SOURCE}
    assert keys(current_score=score) == faults
