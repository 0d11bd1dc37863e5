"""A slip of unit or decimal point is refused, the highest dose that anybody published never."""

import pytest
from pydantic import TypeAdapter, ValidationError

from clinical.medicines import formulary
from models.fields import DailyDose
from registry.errors import InvalidRequest
from tests.clinical.asking import ask
from tests.clinical.trials import ON, history, trial


def highest(ingredient: str) -> float:
    """The highest published daily dose, in mg."""
    doses = [each for (_, named), each in formulary().doses.items() if named == ingredient]
    return max(each.max_mg or each.min_mg for each in doses)


def test_a_dose_of_twenty_times_the_highest_published_one_is_the_last_that_is_taken() -> None:
    last = 20 * highest("sertraline")
    assert ask(history(trial(daily_dose_mg=last)), "rybak_2021", ON)["trials"]
    with pytest.raises(InvalidRequest, match="cannot be stored as it is") as refusal:
        ask(history(trial(daily_dose_mg=last + 1)), "rybak_2021", ON)
    (fault,) = refusal.value.faults
    assert fault.pointer.endswith("/daily_dose_mg")
    assert "More than 20 times the highest published daily dose" in fault.message


def test_ten_grams_a_day_are_the_last_dose_of_anything() -> None:
    dose: TypeAdapter[float] = TypeAdapter(DailyDose)
    assert dose.validate_python(10_000.0) == 10_000
    with pytest.raises(ValidationError, match="more than 10000 mg a day is not a dose"):
        dose.validate_python(10_000.5)


def test_every_published_dose_can_be_recorded() -> None:
    dose: TypeAdapter[float] = TypeAdapter(DailyDose)
    for each in formulary().doses.values():
        assert dose.validate_python(each.max_mg or each.min_mg)
