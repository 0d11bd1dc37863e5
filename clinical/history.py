"""The facts of one history. Named tuples: they are built by the thousand, never change, and compare by value."""

from typing import NamedTuple

from clinical.background import Certainty, ContributingFactor, FactorCategory, ScoredInstrument, Symptom
from clinical.care import Laterality, Modality, TreatmentKind
from clinical.dates import Span
from clinical.vocabulary import Basis, Indication, Polarity, Response, Role, Severity, StopReason


class DoseStep(NamedTuple):
    """One daily dose in mg of the active ingredient (None: not known), and the days among which it began."""

    daily_dose_mg: float | None
    since: Span | None


class Outcome(NamedTuple):
    """What came of a trial, as stated."""

    response: Response = Response.UNKNOWN
    improvement_percent: float | None = None
    assessed_on: Span | None = None
    basis: Basis | None = None
    early_failure_confirmed: bool = False
    ever_responded: bool | None = None


class Trial(NamedTuple):
    """One course of one medicine. `ended` None with `running` False: it was stopped, nobody knows when."""

    id: str
    ingredient: str
    name: str
    started: Span | None
    ended: Span | None
    running: bool
    doses: tuple[DoseStep, ...] = ()
    adherent: bool | None = None
    taken_fraction: float | None = None
    indication: Indication = Indication.UNKNOWN
    role: Role = Role.MONOTHERAPY
    augments: str | None = None
    episode_id: str | None = None
    outcome: Outcome = Outcome()
    stop_reason: StopReason = StopReason.UNKNOWN


class Episode(NamedTuple):
    """One depressive episode."""

    id: str
    onset: Span | None
    resolved: Span | None
    polarity: Polarity = Polarity.UNKNOWN
    psychotic: bool | None = None
    severity: Severity = Severity.UNKNOWN


class Rating(NamedTuple):
    """One filled-in scale."""

    instrument: str
    on: Span
    total: int | None
    items: tuple[int | None, ...] | None = None


class Treatment(NamedTuple):
    """One course of anything that is not a medicine taken day by day. `ended` and `running` as for a trial."""

    id: str
    kind: TreatmentKind
    modality: Modality
    started: Span | None
    ended: Span | None
    running: bool
    sessions: int | None = None
    laterality: Laterality = Laterality.UNKNOWN
    outcome: Outcome = Outcome()
    stop_reason: StopReason = StopReason.UNKNOWN
    episode_id: str | None = None


class Observation(NamedTuple):
    """The symptoms found present and found absent on one day; of all others nothing was said."""

    id: str
    on: Span
    present: frozenset[Symptom]
    absent: frozenset[Symptom]


class Factor(NamedTuple):
    """Something that may contribute to the depression; refuted is an answer too."""

    id: str
    category: FactorCategory
    factor: ContributingFactor
    certainty: Certainty
    noted_on: Span | None


class ExternalScore(NamedTuple):
    """The result of an instrument that somebody scored outside this service."""

    id: str
    instrument: ScoredInstrument
    scored_on: Span
    score: int
    rater: str | None


class History(NamedTuple):
    """All that is known of one patient, in any order."""

    episodes: tuple[Episode, ...] = ()
    trials: tuple[Trial, ...] = ()
    ratings: tuple[Rating, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    observations: tuple[Observation, ...] = ()
    factors: tuple[Factor, ...] = ()
    scores: tuple[ExternalScore, ...] = ()
