"""Single facts that might give another answer: each in words, as a merge patch, and laid over the history."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any, NamedTuple

from clinical.answer import Assessment, JudgedTrial
from clinical.course import Course
from clinical.credit import CROSS_TAPER_DAYS, as_one
from clinical.dates import Span, iso
from clinical.findings import Finding, plain
from clinical.history import DoseStep, Episode, History, Trial
from clinical.vocabulary import Counts, Indication, Polarity, Response, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
ANOTHER_KIND = 1.0  # the size of a change that is of no amount: yes instead of no
LAST = 2.0  # what is asked of the patient comes after what is asked of a trial


class Edit(NamedTuple):
    """One fact. `size` is how large the change is, as a share of what is asked; `history` has it laid over."""

    words: str
    change: dict[str, Any]
    history: History
    size: float


def edits_of_trial(assessment: Assessment, trial: JudgedTrial, course: Course, turn: Counts) -> Iterator[Edit]:
    """Facts of one trial that alone might make it count (`turn` yes), or not count (`turn` no)."""
    found: Iterator[tuple[str, dict[str, Any], Trial, float]] = iter(())
    if turn is Counts.YES:
        against = [each for each in trial.findings if each.asked and each.verdict is not MET]
        if len(against) == 1:
            found = _to_meet(against[0], course)
    elif trial.counts is not Counts.NO:
        rule = assessment.definition.failure
        found = _to_miss(trial, course, asks_remission=bool(rule and rule.anything_short_of_remission))
    for words, patch, edited, size in found:
        change = {"trial_id": trial.trial_id, "patch": patch}
        yield Edit(words, change, _with_trial(assessment.history, edited), size)


def _with_trial(history: History, edited: Trial) -> History:
    return history._replace(trials=tuple([edited if each.id == edited.id else each for each in history.trials]))


def _to_meet(finding: Finding, course: Course) -> Iterator[tuple[str, dict[str, Any], Trial, float]]:
    """The fact that would meet the one criterion that is still open; nothing where no one field does it."""
    trial, asked = course.trial, finding.required
    if finding.criterion == "dose" and asked is not None:
        size = abs(finding.margin) / asked if finding.margin else ANOTHER_KIND
        yield _at_dose(trial, asked, f"Had {trial.name} reached {plain(asked)} mg a day throughout,", size)
    elif finding.criterion == "duration":
        yield from _longer(finding, course)
    elif finding.criterion == "adherence":
        words = f"Had {trial.name} been taken as prescribed,"
        yield words, {"adherence": {"adequate": True}}, trial._replace(adherent=True), ANOTHER_KIND
    elif finding.criterion == "indication":
        words, edited = f"Had {trial.name} been given for depression,", trial._replace(indication=Indication.DEPRESSION)
        yield words, {"indication": "depression"}, edited, ANOTHER_KIND
    elif finding.criterion == "failure":
        outcome = trial.outcome._replace(response=Response.NONE, improvement_percent=None, ever_responded=None)
        patch = {"response": "none", "improvement_percent": None, "ever_responded": None}
        when = "" if course.outcome_stands is MET else f" on {iso(course.end.last)}"
        words = f"Had there been no response to {trial.name}{when},"
        yield _with_outcome(course, words, patch, trial._replace(outcome=outcome))


def _to_miss(
    trial: JudgedTrial, course: Course, *, asks_remission: bool
) -> Iterator[tuple[str, dict[str, Any], Trial, float]]:
    """Facts that would fail a criterion that is met, the smallest step beyond its threshold."""
    given = course.trial
    for finding in trial.findings:
        if not finding.asked or finding.verdict is NOT_MET:
            continue
        asked = finding.required
        if finding.criterion == "dose" and asked is not None and asked > 1 and finding.margin is not None:
            words = f"Had {given.name} stayed below {plain(asked)} mg a day,"
            yield _at_dose(given, asked - 1, words, (finding.margin + 1) / asked)
        elif finding.criterion == "duration":
            yield from _shorter(finding, course)
        elif finding.criterion == "adherence":
            words = f"Had {given.name} not been taken as prescribed,"
            yield words, {"adherence": {"adequate": False}}, given._replace(adherent=False), ANOTHER_KIND
        elif finding.criterion == "failure":
            yield _helped(course, asks_remission=asks_remission)


def _helped(course: Course, *, asks_remission: bool) -> tuple[str, dict[str, Any], Trial, float]:
    """That the depression had once responded; where only a remission is enough, that it had remitted."""
    trial = course.trial
    if asks_remission:
        edited = trial._replace(outcome=trial.outcome._replace(response=Response.REMISSION))
        return _with_outcome(course, f"Had the depression remitted on {trial.name},", {"response": "remission"}, edited)
    edited = trial._replace(outcome=trial.outcome._replace(ever_responded=True))
    words = f"Had the depression ever responded to {trial.name},"
    return _with_outcome(course, words, {"ever_responded": True}, edited)


def _with_outcome(
    course: Course, words: str, patch: dict[str, Any], edited: Trial
) -> tuple[str, dict[str, Any], Trial, float]:
    """An outcome is dated where it would not stand on the day without a date."""
    if course.outcome_stands is not MET:
        last = course.end.last
        edited = edited._replace(outcome=edited.outcome._replace(assessed_on=Span(last, last)))
        patch = {**patch, "assessed_on": iso(last)}
    return words, {"outcome": patch}, edited, ANOTHER_KIND


def _at_dose(trial: Trial, dose: float, words: str, size: float) -> tuple[str, dict[str, Any], Trial, float]:
    edited = trial._replace(doses=(DoseStep(dose, trial.started),))
    return words, {"doses": None, "daily_dose_mg": dose}, edited, size


def _longer(finding: Finding, course: Course) -> Iterator[tuple[str, dict[str, Any], Trial, float]]:
    """So many days more that the duration is reached."""
    if finding.verdict is NOT_MET and finding.margin is not None and course.exact:
        yield from _ending(course, int(-finding.margin), finding.required or 1)


def _shorter(finding: Finding, course: Course) -> Iterator[tuple[str, dict[str, Any], Trial, float]]:
    """So many days less that the duration is just missed."""
    if finding.verdict is MET and finding.margin is not None and course.exact and course.ended is MET:
        yield from _ending(course, -int(finding.margin) - 1, finding.required or 1)


def _ending(course: Course, days: int, asked: float) -> Iterator[tuple[str, dict[str, Any], Trial, float]]:
    """The trial as if it had ended so many days later, or earlier."""
    trial, last = course.trial, course.end.last + days
    first = max([course.end.first if course.start is None else course.start.last, *_dated_steps(course)])
    if last < first:
        return
    amount = f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'longer' if days > 0 else 'less'}"
    words = f"Had {trial.name} been taken {amount}, until {iso(last)},"
    yield words, {"ended": iso(last)}, trial._replace(ended=Span(last, last)), abs(days) / asked


def _dated_steps(course: Course) -> list[int]:
    """The first day of each dose: a trial does not end before one."""
    return [since.last for _, since in course.steps if since is not None]


def edits_of_pairs(assessment: Assessment) -> Iterator[Edit]:
    """Of two medicines that count and are credited once as a combination: the first ended just early enough."""
    counting = [
        course
        for course, each in zip(assessment.frame.courses, assessment.trials, strict=True)
        if each.counts is not Counts.NO and course.exact and course.ended is MET and course.start
    ]
    for one, other in permutations(counting, 2):
        if one.trial.ingredient == other.trial.ingredient or not as_one(one, other)[0] or not other.start:
            continue
        days = one.end.last - other.start.first + 1 - CROSS_TAPER_DAYS
        if days > 0 and one.start and one.start.first < other.start.first:
            for words, patch, edited, size in _ending(one, -days, CROSS_TAPER_DAYS):
                change = {"trial_id": one.trial.id, "patch": patch}
                yield Edit(words, change, _with_trial(assessment.history, edited), size)


def edits_of_patient(assessment: Assessment) -> Iterator[Edit]:
    """Facts of the current episode that are held against the definition's speaking of it, each turned round."""
    latest = assessment.frame.episode.latest
    if latest is None:
        return
    for finding in assessment.patient:
        if finding.verdict is not NOT_MET:
            continue
        if finding.criterion == "polarity":
            edited = latest._replace(polarity=Polarity.UNIPOLAR)
            yield _of_episode(assessment, "Had the depression been unipolar,", {"polarity": "unipolar"}, edited)
        elif finding.criterion == "psychotic_features":
            edited = latest._replace(psychotic=False)
            patch = {"psychotic_features": False}
            yield _of_episode(assessment, "Had there been no psychotic features,", patch, edited)
        elif finding.criterion == "current_severity" and assessment.definition.current_severity:
            asked = assessment.definition.current_severity.one_of[0]
            edited = latest._replace(severity=asked)
            yield _of_episode(assessment, f"Had the episode been {asked},", {"severity": asked.value}, edited)


def _of_episode(assessment: Assessment, words: str, patch: dict[str, Any], edited: Episode) -> Edit:
    history = assessment.history
    episodes = tuple([edited if each.id == edited.id else each for each in history.episodes])
    return Edit(words, {"episode_id": edited.id, "patch": patch}, history._replace(episodes=episodes), LAST)
