"""The entrance: a staging method, a history and a day in, points or a stage with every reason out. Pure."""

from collections.abc import Iterator, Sequence

from clinical.credit import standing, tally
from clinical.findings import Finding
from clinical.history import ExternalScore, History
from clinical.library import Library
from clinical.patient import is_spoken_of
from clinical.staging.answer import Applies, Open, Scored, Staged
from clinical.staging.ladder import in_stages
from clinical.staging.method import StagingMethod
from clinical.staging.points import in_points
from clinical.staging.view import View, view_of
from clinical.vocabulary import Counts, Evidence, Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
SPEAKS = Applies(MET, "There is a current episode.")
RESOLVED = Applies(NOT_MET, "Every recorded episode had resolved by then; staging speaks of a current episode.")
BIPOLAR = Applies(NOT_MET, "The depression is recorded as bipolar; the method speaks of unipolar depression.")
PERHAPS_RESOLVED = Applies(UNKNOWN, "Whether the episode had resolved by then cannot be told from its dates.")
NO_EPISODE = Applies(UNKNOWN, "No depressive episode is recorded.")
UNVERIFIED = "The points of this method have not been checked against their source; do not decide by them."
COMBINED = (
    "A combination of antidepressants is recorded; no source read says that this method scores it as augmentation."
)


def stage(method: StagingMethod, history: History, on: int, library: Library) -> Staged:
    """What one method says of a history as it stood on the day `on` (an ordinal).

    What happened later does not exist.
    """
    view = view_of(method, history, on, library)
    patient = is_spoken_of(history, view.frame)
    applies = _applies(view, patient)
    staged, found = in_points(view, applies) if method.dimensions else in_stages(view, applies)
    settled = staged.score is not None or staged.stage is not None or applies.verdict is NOT_MET
    return staged._replace(
        notes=(*staged.notes, *_notes(view, patient)),
        missing=tuple(_missing(view, patient, found, settled=settled)),
    )


def stage_all(history: History, on: int, library: Library) -> tuple[Staged, ...]:
    """What every method says."""
    return tuple(stage(method, history, on, library) for method in in_order(library))


def in_order(library: Library) -> tuple[StagingMethod, ...]:
    """All methods by name, those that are not checked against their source last."""
    return tuple(sorted(library.staging.values(), key=lambda each: (each.experimental, each.slug)))


def scored_elsewhere(history: History, on: int) -> tuple[ExternalScore, ...]:
    """Results that somebody scored outside this service by the day, the latest first."""
    known = [each for each in history.scores if each.scored_on.first <= on]
    return tuple(sorted(known, key=lambda each: (-each.scored_on.last, -each.scored_on.first, each.id)))


def _applies(view: View, patient: Sequence[Finding]) -> Applies:
    """Whether the method speaks of this patient on this day."""
    episode = view.frame.episode
    if any(each.criterion == "polarity" and each.verdict is NOT_MET for each in patient):
        return BIPOLAR
    if episode.exists is NOT_MET:
        return RESOLVED
    failures = _enough_failed(view)
    if failures.verdict is NOT_MET:
        return failures
    if episode.exists is UNKNOWN:
        return PERHAPS_RESOLVED if episode.latest else NO_EPISODE
    return failures


def _enough_failed(view: View) -> Applies:
    """Whether as many antidepressants failed as the method begins with."""
    rule = view.method.applies_from
    if rule is None:
        return SPEAKS
    counted = tally(*standing([each.counts for each in view.trials]), view.ties)
    asked = f"the method begins with {rule.failed_medications}"
    if counted.most < rule.failed_medications:
        return Applies(NOT_MET, f"No failed adequate trial of an antidepressant in this episode; {asked}.")
    if counted.confirmed < rule.failed_medications:
        return Applies(UNKNOWN, f"Whether an adequate trial failed in this episode is not settled; {asked}.")
    return SPEAKS


def _notes(view: View, patient: Sequence[Finding]) -> Iterator[str]:
    """What a careful reader should know besides."""
    if view.method.evidence is Evidence.UNVERIFIED:
        yield UNVERIFIED
    for each in patient:
        if each.verdict is UNKNOWN:
            yield each.sentence
    scores_augmentation = any(
        getattr(rule, "measures", "") == "augmentations" and not rule.combinations  # type: ignore[union-attr]
        for rule in view.method.dimensions
    )
    if scores_augmentation and any(course.trial.role is Role.COMBINATION for course in view.frame.courses):
        yield COMBINED


def _missing(view: View, patient: Sequence[Finding], found: Sequence[Scored], *, settled: bool) -> Iterator[Open]:
    """Every open question once, those of the dimensions first. Once score or stage is settled, none could change it."""
    asked = [(each.question, each.question.trial_id) for each in found if each.question]
    asked += [
        (each.question, each.question.trial_id or trial.trial_id)
        for trial in view.trials
        if trial.counts is Counts.UNKNOWN
        for each in trial.findings
        if each.asked and each.verdict is UNKNOWN and each.question
    ]
    rows = [
        Open(None if question.field.startswith("episodes.") else trial_id, question.field, question.words, not settled)
        for question, trial_id in asked
    ]
    rows += [
        Open(None, each.question.field, each.question.words, could_change=True) for each in patient if each.question
    ]
    seen = set[tuple[str | None, str]]()
    for row in rows:
        if (row.trial_id, row.question) not in seen:
            seen.add((row.trial_id, row.question))
            yield row
