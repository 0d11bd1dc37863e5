"""What must hold of every staging: order never matters, and forgetting any fact only widens the bounds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.care import Laterality
from clinical.dates import iso, parse_partial_date
from clinical.history import Episode, Factor, History, Outcome, Treatment, Trial
from clinical.library import library
from clinical.staging.answer import Staged
from clinical.staging.dimension import Bounds
from clinical.staging.method import StagingMethod
from clinical.staging.stage import in_order, stage
from clinical.vocabulary import Polarity, Severity
from tests.clinical.asking import Json
from tests.clinical.staging import ect, factor, facts_of
from tests.clinical.test_properties import FEW, any_history, words
from tests.clinical.trials import EPISODE, ON, day, history, rating, trial

METHODS = in_order(library())
methods = words(METHODS)
days = words([ON, "2025-08-01", "2026-11-01"])


def asked(method: StagingMethod, facts: History, on: str = ON) -> Staged:
    return stage(method, facts, parse_partial_date(on).first, library())


def told(answer: Staged) -> dict[str, Any]:
    """What may not depend on the order of the records."""
    return {
        "score": (answer.applicable, answer.score, answer.stage, answer.band, answer.bounds, answer.stage_bounds),
        "dimensions": [(each.dimension, each.bounds) for each in answer.dimensions],
        "thresholds": answer.thresholds,
        "other reading": answer.alternative_reading,
    }


@st.composite
def any_treatments(draw: Any) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """ECT or psychotherapy with dates, side and outcome as vague as they come."""
    start = draw(st.integers(-100, 330))
    outcome = draw(words([None, {"response": "none"}, {"response": "response"}, {"improvement_percent": 40}]))
    course = ect(start, draw(st.integers(1, 60)), outcome=outcome, stop_reason=draw(words([None, "intolerance"])))
    course["laterality"] = draw(words(["bilateral", "unilateral", "unknown"]))
    course["ended"] = draw(words([course["ended"], course["ended"][:7], None, "unknown"]))
    if course["ended"] is None:
        course["stop_reason"] = None
    if draw(st.booleans()):
        course |= {"kind": "psychotherapy", "modality": draw(words(["cbt", "ipt", "counselling"])), "laterality": None}
    return course


@st.composite
def any_factors(draw: Any) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    return factor(
        draw(words(["anxiety", "personality_disorder", "chronic_stress", "functional_impairment"])),
        draw(words(["suspected", "confirmed", "refuted"])),
        draw(words([None, "2025-03", "2025", "2025-12-01", "2026-02"])),
    )


@settings(FEW, max_examples=100)
@given(
    any_history,
    st.lists(any_treatments(), max_size=3),
    st.lists(any_factors(), max_size=3),
    methods,
    days,
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_records_never_matters_and_numbers_agree(  # noqa: PLR0913, PLR0917 - one of each kind
    body: Json,
    treatments: list[Json],
    factors: list[Json],
    method: StagingMethod,
    on: str,
    random: Any,  # noqa: ANN401 - a Random
) -> None:
    facts = facts_of({**body, "treatments": treatments, "contributing_factors": factors})
    answer = asked(method, facts, on)
    shuffled = facts._replace(**{name: tuple(random.sample(rows, len(rows))) for name, rows in facts._asdict().items()})
    assert told(asked(method, shuffled, on)) == told(answer)
    consistent(answer)


def consistent(answer: Staged) -> None:
    """Points, bounds and words of one answer agree."""
    assert all(each.bounds.least <= each.bounds.most for each in answer.dimensions)
    assert all(each.sentence.endswith((".", "?")) and each.source for each in answer.dimensions)
    assert answer.sentence.endswith(".")
    if answer.applicable == "not_met":
        assert (answer.score, answer.stage, answer.bounds, answer.stage_bounds) == (None,) * 4
        return
    if answer.bounds is not None:
        assert answer.bounds == Bounds(*(sum(each.bounds[place] for each in answer.dimensions) for place in (0, 1)))
    known = answer.bounds.known if answer.bounds else len(set(answer.stage_bounds or ())) == 1
    assert (answer.score is not None or answer.stage is not None) == (known and answer.applicable == "met")
    if not known:
        assert any(each.could_change for each in answer.missing) or answer.method.experimental


# Forgetting: a sure history, then one fact less.


@st.composite
def sure_history(draw: Any) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """Up to four trials, an augmentation, ECT, a therapy and factors of which everything is known.

    Trials that overlap for longer than a cross-taper say that they are a combination: where dates leave that open, two
    that are recorded as monotherapy are taken at their word, in staging as in the definitions.
    """
    doses = {"sertraline": (100, 25), "venlafaxine": (225, 75), "amitriptyline": (150, 100), "phenelzine": (60, 30)}
    trials, start, role = [], 0, draw(words(["monotherapy", "combination"]))
    for text, amounts in list(doses.items())[: draw(st.integers(0, 4))]:
        length, overlap = draw(words([30, 41, 42, 60])), draw(words([0, 10] if role == "monotherapy" else [0, 10, 20]))
        outcome = draw(words([{"response": "none"}, {"improvement_percent": 30}, {"response": "response"}]))
        outcome = {**outcome, "assessed_on": day(start + length - 1)}
        steps = [{"daily_dose_mg": draw(words([*amounts])), "from": day(start)}]
        if draw(st.booleans()):
            steps.append({"daily_dose_mg": 2 * amounts[0], "from": day(start + 7)})
        trials.append(trial(text, start, length, doses=steps, outcome=outcome, role=role))
        start += length - overlap
    if draw(st.booleans()):
        trials.append(trial("aripiprazole", draw(st.integers(0, 60)), 28, daily_dose_mg=10, role="augmentation"))
    episode = {
        **EPISODE,
        "onset": draw(words(["2023-12-31", "2024-06-15", "2024-12-30"])),
        "severity": draw(words([*(each for each in Severity if each != "unknown")])),
        "psychotic_features": draw(st.booleans()),
    }
    therapy = {**ect(100, 60), "kind": "psychotherapy", "modality": "cbt", "laterality": None}
    rated = (rating(350, draw(st.integers(0, 27))),) if draw(st.booleans()) else ()
    return {
        **history(*trials, ratings=rated, episodes=(episode,)),
        "treatments": [ect(laterality=draw(words(["bilateral", "unilateral"])))] * draw(st.booleans())
        + [therapy] * draw(st.booleans()),
        "contributing_factors": [factor("anxiety", draw(words(["confirmed", "refuted"])), "2025-05-05")],
    }


def vaguer(text: str, letters: int) -> Any:  # noqa: ANN401 - a Span
    return parse_partial_date(text[:letters])


def of_trial(**changes: Any) -> Any:  # noqa: ANN401 - a change of facts
    def forget(facts: History) -> History:
        return facts._replace(trials=tuple(_forgotten(each, changes) for each in facts.trials))

    return forget


def of_treatment(**changes: Any) -> Any:  # noqa: ANN401 - a change of facts
    def forget(facts: History) -> History:
        return facts._replace(treatments=tuple(_forgotten(each, changes) for each in facts.treatments))

    return forget


def of_episode(**changes: Any) -> Any:  # noqa: ANN401 - a change of facts
    def forget(facts: History) -> History:
        return facts._replace(episodes=tuple(_forgotten(each, changes) for each in facts.episodes))

    return forget


def of_factor(**changes: Any) -> Any:  # noqa: ANN401 - a change of facts
    def forget(facts: History) -> History:
        return facts._replace(factors=tuple(_forgotten(each, changes) for each in facts.factors))

    return forget


Fact = Trial | Treatment | Episode | Factor


def _forgotten(fact: Any, changes: dict[str, Any]) -> Fact:  # noqa: ANN401 - a named tuple
    """The fact with fields replaced; a number instead of a value is how many letters of a date are remembered."""
    made = {
        name: (
            vaguer(iso(getattr(fact, name).first), value) if isinstance(value, int) and getattr(fact, name) else value
        )
        for name, value in changes.items()
    }
    vague: Fact = fact._replace(**made)
    return vague


FORGET = {
    "doses": of_trial(doses=()),
    "the day of the start": of_trial(started=7),
    "the month of the start": of_trial(started=4),
    "the start": of_trial(started=None),
    "the day of the end": of_trial(ended=7),
    "the end": of_trial(ended=None),
    "the outcome": of_trial(outcome=Outcome()),
    "the side of ECT": of_treatment(laterality=Laterality.UNKNOWN),
    "the outcome of a treatment": of_treatment(outcome=Outcome()),
    "the start of a treatment": of_treatment(started=4),
    "the onset": of_episode(onset=None),
    "the day of the onset": of_episode(onset=7),
    "the month of the onset": of_episode(onset=4),
    "psychotic features": of_episode(psychotic=None),
    "the severity": lambda facts: of_episode(severity=Severity.UNKNOWN)(facts._replace(ratings=())),
    "the polarity": of_episode(polarity=Polarity.UNKNOWN),
    "when a factor was noted": of_factor(noted_on=None),
    "the episode": lambda facts: facts._replace(episodes=()),
    "the factor": lambda facts: facts._replace(factors=()),
}


def places(answer: Staged) -> tuple[float, float] | None:
    """The bounds as numbers; those of stages are places in the ladder."""
    if answer.bounds is not None or answer.stage_bounds is None:
        return answer.bounds
    names = [each.stage for each in answer.method.stages]
    return names.index(answer.stage_bounds[0]), names.index(answer.stage_bounds[1])


@pytest.mark.parametrize("fact", FORGET)
@settings(FEW, max_examples=40)
@given(sure_history(), methods)
def test_forgetting_a_fact_only_widens_the_bounds(fact: str, body: Json, method: StagingMethod) -> None:
    facts = facts_of(body)
    before, after = asked(method, facts), asked(method, FORGET[fact](facts))
    assert after.applicable in {before.applicable, "unknown"}
    first, second = places(before), places(after)
    if first is not None and second is not None:
        assert second[0] <= first[0] <= first[1] <= second[1], (before.dimensions, after.dimensions)
    for one, other in zip(before.dimensions, after.dimensions, strict=True):
        assert other.bounds.least <= one.bounds.least <= one.bounds.most <= other.bounds.most, (one, other)
