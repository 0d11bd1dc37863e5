"""The illness itself: how long the present episode has lasted, and how severe it is."""

from calendar import monthrange
from collections.abc import Set as AbstractSet
from datetime import date

from clinical.dates import Span, said
from clinical.findings import Question
from clinical.history import Rating
from clinical.improvement import Window, last_in
from clinical.series import in_time
from clinical.staging.answer import Measured, Scored
from clinical.staging.dimension import Bounds, EpisodeMonths, EpisodeSeverity
from clinical.staging.view import View
from clinical.vocabulary import Severity

MONTHS_A_YEAR = 12
HOW_SEVERE = Question("episodes.severity", "How severe is the current episode?")
PSYCHOTIC = Question("episodes.psychotic_features", "Does the current episode have psychotic features?")


def months_later(day: int, months: int) -> int:
    """The ordinal of the same day of the month so many months later, or of that month's last day."""
    start = date.fromordinal(day)
    years, month = divmod(start.month - 1 + months, MONTHS_A_YEAR)
    year = min(start.year + years, date.max.year)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal()


def duration(rule: EpisodeMonths, view: View) -> Scored:
    """Points for the months from the onset to the day: up to exactly so many months, by the calendar."""
    onset, on = view.frame.episode.onset, view.frame.on
    if onset is None:
        steps = [step.points for step in rule.steps]
        question = Question("episodes.onset", "When did the current depressive episode begin?")
        return _scored(rule, Measured(Bounds(min(steps), max(steps)), "When it began is not known.", question))
    shortest, longest = (_step(rule, day, on) for day in (min(onset.last, on), onset.first))
    amount = Bounds(rule.steps[shortest].points, rule.steps[longest].points)
    if shortest == longest:
        sentence = f"Began {said(onset)}: {rule.steps[shortest].label}."
        return _scored(rule, Measured(amount, sentence))
    sentence = f"Began {said(onset)}: {rule.steps[shortest].label}, or {rule.steps[longest].label}."
    question = Question("episodes.onset", "On which day did the current depressive episode begin?")
    return _scored(rule, Measured(amount, sentence, question))


def _step(rule: EpisodeMonths, onset: int, on: int) -> int:
    """The place of the first step that the episode has not outlasted on the day."""
    return next(
        place for place, step in enumerate(rule.steps) if step.up_to is None or on <= months_later(onset, step.up_to)
    )


def severity(rule: EpisodeSeverity, view: View) -> Scored:
    """Points for the severity and, where it is severe, for psychotic features."""
    latest = view.frame.episode.latest
    psychotic = latest.psychotic if latest else None
    severities: AbstractSet[Severity]
    if latest is not None and latest.severity is not Severity.UNKNOWN:
        severities, said_so = frozenset({latest.severity}), f"The current episode is recorded as {latest.severity}."
    else:
        severities, said_so = _by_rating(rule, view)
    possible = [points for each in severities for points in _points(rule, each, psychotic=psychotic)]
    amount, question = Bounds(min(possible), max(possible)), None
    if not amount.known:
        question = HOW_SEVERE if len(severities) > 1 else PSYCHOTIC
    return _scored(rule, Measured(amount, said_so + _on_psychosis(severities, psychotic=psychotic), question))


def _points(rule: EpisodeSeverity, severity: Severity, *, psychotic: bool | None) -> tuple[float, ...]:
    """The points that a severity may have; psychotic features count where the episode is severe."""
    if severity is not Severity.SEVERE:
        return (getattr(rule.points, severity),)
    without, psychosis = rule.points.severe, rule.points.severe_with_psychosis
    return (without, psychosis) if psychotic is None else (psychosis if psychotic else without,)


def _on_psychosis(severities: AbstractSet[Severity], *, psychotic: bool | None) -> str:
    """What the table does with psychotic features."""
    if Severity.SEVERE not in severities:
        return " Psychotic features are recorded; the table counts them only where it is severe." if psychotic else ""
    if psychotic is None:
        return " Whether there are psychotic features is not recorded."
    return " With psychotic features." if psychotic else " Without psychotic features."


def _by_rating(rule: EpisodeSeverity, view: View) -> tuple[AbstractSet[Severity], str]:
    """The severities that the latest rating of the episode allows; all of them where there is none of late."""
    known = set(Severity) - {Severity.UNKNOWN}
    frame, onset = view.frame, view.frame.episode.onset
    since, until = frame.on - rule.rating_within_days, frame.on
    sure = Span(max(since, onset.last), until) if onset else Span(until + 1, until)
    window = Window(sure, Span(max(since, onset.first) if onset else since, until))
    rated = sorted((each for series in frame.by_scale.values() for each in series.ratings), key=in_time)
    latest = last_in(rated, window)
    found = {band for each in latest if each is not None and (band := _severity_of(each, view))}
    if not found or None in latest or Severity.UNKNOWN in found:
        return known, "How severe the episode is now is not recorded."
    names = " or ".join(dict.fromkeys(_said(each, view) for each in latest if each is not None))
    return found, f"By the latest rating, {names}, as this service reads its bands."


def _severity_of(rating: Rating, view: View) -> Severity:
    band = view.frame.library.scales[rating.instrument].band(rating.total or 0)
    return band.severity or Severity.UNKNOWN


def _said(rating: Rating, view: View) -> str:
    title = view.frame.library.scales[rating.instrument].title
    return f"{title} {rating.total} on {said(rating.on)}: {_severity_of(rating, view)}"


def _scored(rule: EpisodeMonths | EpisodeSeverity, measured: Measured) -> Scored:
    amount, sentence, question = measured
    return Scored(rule.name, rule.title, amount, sentence, rule.source, rule.evidence, question)
