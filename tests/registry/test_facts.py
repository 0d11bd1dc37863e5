"""Rows become clinical facts: nothing is added, nothing is lost, and unknown stays unknown."""

from uuid import UUID

from clinical.background import Certainty, ContributingFactor, ScoredInstrument, Symptom
from clinical.care import Laterality, Modality, TreatmentKind
from clinical.dates import Span, parse_partial_date
from clinical.history import DoseStep, Episode, History, Observation, Outcome, Rating, Trial
from clinical.vocabulary import Basis, Response, Role, StopReason
from models.evaluation import HistoryEntry
from registry.desk import Desk
from registry.evaluation import rows_of
from registry.facts import READERS, Row, history_of
from tests.clinical.asking import NOWHERE, TODAY, Json
from tests.factories import ECT, EPISODE, FACTOR, PHQ9, SCORE, SERTRALINE, SYMPTOMS

DESK = Desk(NOWHERE, UUID(int=0), TODAY)


def rows(**history: list[Json]) -> list[tuple[str, Row]]:
    return list(rows_of(HistoryEntry.model_validate(history), DESK))


def the_trial(**changes: object) -> Trial:
    (trial,) = history_of(rows(medication_trials=[{**SERTRALINE, **changes}])).trials
    return trial


def test_a_full_trial_keeps_all_that_decides() -> None:
    trial = the_trial()
    assert (trial.ingredient, trial.name, trial.running) == ("sertraline", "sertraline", False)
    assert trial.started == parse_partial_date("2025-01-10")
    assert trial.doses[1] == DoseStep(100.0, parse_partial_date("2025-01-24"))
    assert (trial.adherent, trial.taken_fraction) == (True, 0.9)
    assert (trial.outcome.response, trial.outcome.basis) == (Response.NONE, Basis.SCALE)
    assert trial.stop_reason is StopReason.LACK_OF_EFFICACY


def test_what_is_not_known_stays_unknown() -> None:
    (trial,) = history_of(rows(medication_trials=[{"medication": {"text": "sertraline"}, "ended": "unknown"}])).trials
    assert (trial.started, trial.ended, trial.running, trial.doses) == (None, None, False, ())
    assert (trial.adherent, trial.taken_fraction, trial.augments, trial.episode_id) == (None, None, None, None)
    assert (trial.outcome.response, trial.outcome.basis, trial.role) == (Response.UNKNOWN, None, Role.MONOTHERAPY)


def test_no_end_is_still_taken_and_a_vague_end_is_an_interval() -> None:
    assert the_trial(ended=None, stop_reason=None).running
    february = Span(parse_partial_date("2025-02-01").first, parse_partial_date("2025-02-28").last)
    assert the_trial(ended="2025-02", outcome=None).ended == february


def test_references_are_ids() -> None:
    episode, base = str(UUID(int=1)), str(UUID(int=2))
    first = {**SERTRALINE, "id": base}
    added = {**SERTRALINE, "role": "augmentation", "augments": base, "episode_id": episode}
    facts = history_of(rows(episodes=[{**EPISODE, "id": episode}], medication_trials=[first, added]))
    assert (facts.trials[1].augments, facts.trials[1].episode_id) == (base, episode)
    assert facts.episodes[0].id == episode


def test_episodes_and_ratings_are_read_and_other_kinds_passed_over() -> None:
    total_only = {"instrument": "phq9", "assessed_on": "2025", "total_score": 5}
    found = rows(episodes=[EPISODE], assessments=[PHQ9, total_only])
    facts = history_of([*found, ("patients", {"id": "x"})])
    assert isinstance(facts.episodes[0], Episode)
    assert facts.episodes[0].psychotic is False
    assert facts.ratings[0] == Rating("phq9", parse_partial_date("2025-02-01"), 17, tuple(PHQ9["items"]))
    assert facts.ratings[1].items is None


def test_a_coded_bipolar_disorder_says_the_polarity_that_was_left_out() -> None:
    for system, code, polarity in (
        ("icd10", "F31.3", "bipolar"),
        ("icd10", "F33.2", "unknown"),
        ("snomed", "F31", "unknown"),
    ):
        (episode,) = history_of(
            rows(episodes=[{"onset": "2024", "diagnosis": {"system": system, "code": code}}])
        ).episodes
        assert episode.polarity == polarity


def test_a_treatment_keeps_what_decides_and_an_unknown_end_is_stopped() -> None:
    bare = {"kind": "psychotherapy", "modality": "cbt"}
    facts = history_of(rows(treatments=[ECT, {**bare, "started": "2025-02", "ended": "unknown"}, bare]))
    ect, stopped, running = facts.treatments
    assert (ect.kind, ect.modality, ect.sessions) == (TreatmentKind.NEUROMODULATION, Modality.ECT, 12)
    assert (ect.laterality, ect.running, ect.stop_reason) == (Laterality.BILATERAL, False, StopReason.LACK_OF_EFFICACY)
    assert ect.started == parse_partial_date("2025-05-05")
    assert (ect.outcome.response, ect.outcome.improvement_percent) == (Response.PARTIAL, 35)
    assert (stopped.started, stopped.ended, stopped.running) == (parse_partial_date("2025-02"), None, False)
    assert (running.started, running.ended, running.running, running.sessions) == (None, None, True, None)
    assert (running.outcome, running.laterality) == (Outcome(), Laterality.UNKNOWN)


def test_symptoms_factors_and_scores_are_read_as_they_are() -> None:
    own = str(UUID(int=3))
    facts = history_of(
        rows(
            symptoms=[{**SYMPTOMS, "id": own}],
            contributing_factors=[FACTOR, {**FACTOR, "noted_on": None}],
            external_scores=[SCORE],
        )
    )
    present = frozenset({Symptom.FATIGUE, Symptom.LOSS_OF_INTEREST})
    absent = frozenset({Symptom.SUICIDAL_THOUGHTS})
    assert facts.observations == (Observation(own, parse_partial_date("2025-03"), present, absent),)
    assert [factor.noted_on for factor in facts.factors] == [parse_partial_date("2025"), None]
    assert (facts.factors[0].factor, facts.factors[0].certainty) == (ContributingFactor.ANXIETY, Certainty.SUSPECTED)
    (score,) = facts.scores
    assert (score.instrument, score.score, score.rater) == (ScoredInstrument.ATHF_SF2, 2, "Nurse")
    assert score.scored_on == parse_partial_date("2025-06-20")


def test_every_list_of_a_history_is_read_from_a_kind_of_record() -> None:
    assert {reader.into for reader in READERS.values()} == set(History._fields)
    assert history_of([]) == History()
