"""The nouns of an answer: each trial with its findings, what is missing, what would change it, and the status."""

from typing import Any, NamedTuple

from clinical.definition import Definition
from clinical.findings import Finding, Frame, PseudoReason
from clinical.history import History
from clinical.status import Weighed
from clinical.vocabulary import Counts, Status


class JudgedTrial(NamedTuple):
    """One trial, whether it counts, and why."""

    trial_id: str
    medication: str
    ingredient: str
    counts: Counts
    findings: tuple[Finding, ...]


class Missing(NamedTuple):
    """A question whose answer is not recorded. `could_change_status` False: it is worth asking all the same.

    `settles_alone`: this one answer could give another status, whatever else stays unknown.
    """

    trial_id: str | None
    field: str
    question: str
    could_change_status: bool
    settles_alone: bool


class Change(NamedTuple):
    """One fact that would give another status; `change` names the trial and the fields to set."""

    sentence: str
    change: dict[str, Any]
    status: Status


class Assessment(NamedTuple):
    """The answer of one definition on one history as of one day.

    `frame` and `history` are what it was judged with, so that it can be asked again with one fact changed; `weighed`
    is how the status was reached.
    """

    definition: Definition
    on: int
    status: Status
    summary: str
    required: int
    confirmed_names: tuple[str, ...]
    possible_names: tuple[str, ...]
    possible: int
    trials: tuple[JudgedTrial, ...]
    patient: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    pseudo_resistance_reasons: tuple[PseudoReason, ...]
    notes: tuple[str, ...]
    weighed: Weighed
    frame: Frame
    history: History
