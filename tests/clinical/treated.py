"""Facts of treated patients, to be varied by tests of the options that are left."""

from datetime import date
from typing import Any

from clinical.background import Certainty, ContributingFactor, FactorCategory
from clinical.care import MODALITIES_OF, Laterality, Modality, TreatmentKind
from clinical.dates import parse_partial_date
from clinical.history import DoseStep, Episode, Factor, History, Outcome, Treatment, Trial
from clinical.library import library
from clinical.treatments.options import Option, Options, options_for
from clinical.vocabulary import Indication, Polarity, Response, Severity

ON = date(2025, 6, 20).toordinal()
LIBRARY = library()
DEFAULT = LIBRARY.definitions["two_failed_medications"]
UNIPOLAR = Episode("episode", parse_partial_date("2024-11"), None, Polarity.UNIPOLAR, False, Severity.SEVERE)  # noqa: FBT003 - the field's place


def span(text: str | None) -> Any:  # noqa: ANN401 - a span or None
    return None if text is None else parse_partial_date(text)


def drug(ingredient: str, started: str | None, ended: str | None = None, **more: Any) -> Trial:  # noqa: ANN401 - any field
    """A trial at 150 mg without a recorded outcome; without `ended` it goes on."""
    dose, response = more.pop("mg", 150.0), more.pop("response", Response.UNKNOWN)
    plain: dict[str, Any] = {
        "id": more.pop("id", f"{ingredient}-{started}"),
        "ingredient": ingredient,
        "name": LIBRARY.formulary.medicines[ingredient].name,
        "started": span(started),
        "ended": span(ended),
        "running": ended is None,
        "doses": (DoseStep(dose, span(started)),) if dose else (),
        "adherent": True,
        "indication": Indication.DEPRESSION,
        "outcome": Outcome(response),
    }
    return Trial(**(plain | more))


def failed(ingredient: str, started: str, ended: str, **more: Any) -> Trial:  # noqa: ANN401 - any field
    return drug(ingredient, started, ended, response=Response.NONE, **more)


def course(modality: Modality, sessions: int | None = None, **more: Any) -> Treatment:  # noqa: ANN401 - any field
    """A course in April and May 2025."""
    kinds = [kind for kind, words in MODALITIES_OF.items() if modality in words]
    plain: dict[str, Any] = {
        "id": modality.value,
        "kind": next(kind for kind in kinds if kind is not TreatmentKind.CLINICAL_TRIAL or len(kinds) == 1),
        "modality": modality,
        "started": span(more.pop("started", "2025-04-01")),
        "ended": span(more.pop("ended", "2025-05-31")),
        "running": False,
        "sessions": sessions,
        "laterality": Laterality.UNKNOWN,
    }
    return Treatment(**(plain | more))


def factor(
    which: ContributingFactor, certainty: Certainty = Certainty.CONFIRMED, noted: str | None = "2024", name: str = "f"
) -> Factor:
    return Factor(name, FactorCategory.CO_OCCURRING_DISORDER, which, certainty, span(noted))


def history(*facts: Any, episodes: tuple[Episode, ...] = (UNIPOLAR,)) -> History:  # noqa: ANN401 - any facts
    return History(
        episodes=episodes,
        trials=tuple(each for each in facts if isinstance(each, Trial)),
        treatments=tuple(each for each in facts if isinstance(each, Treatment)),
        factors=tuple(each for each in facts if isinstance(each, Factor)),
    )


def options(facts: History, on: int = ON) -> Options:
    return options_for(DEFAULT, facts, on, LIBRARY)


def option(facts: History, family: str, on: int = ON) -> Option:
    return next(each for each in options(facts, on).options if each.family.slug == family)


SSRI = failed("sertraline", "2024-01-01", "2024-03-01")
SECOND = failed("escitalopram", "2024-04-01", "2024-06-01")
SNRI = failed("venlafaxine", "2024-07-01", "2024-09-01", mg=225.0)
