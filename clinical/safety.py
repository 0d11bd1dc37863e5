"""What the record asks for on suicidal thoughts, whatever the answer on resistance. Zero is never reassurance.

An answer stands until a later one takes its place: one on the same instrument at once, one on another instrument only
when more than `DAYS` have passed. Of the answers that stand, the gravest is said. A date that leaves it open whether an
answer was replaced leaves it standing.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from clinical.background import Symptom
from clinical.conventions import conventions
from clinical.dates import Span, said
from clinical.history import History, Observation, Rating
from clinical.rating_scales import SafetyFinding, Scale
from clinical.vocabulary import SafetyLevel

NOTHING_RECORDED = SafetyFinding(
    SafetyLevel.UNKNOWN,
    "No answer about suicidal thoughts is recorded. This is not a zero: ask.",
    "No rating scale with such an item is recorded, and no symptom record says anything of it.",
)
SYMPTOM_BASIS = "This service's choice: a symptom record says whether there are such thoughts, and not how serious."
SYMPTOMS = "symptoms"  # as the name of an instrument; no scale is called so
RISING = (
    SafetyLevel.NONE_REPORTED,
    SafetyLevel.UNKNOWN,
    SafetyLevel.REVIEW,
    SafetyLevel.URGENT,
    SafetyLevel.EMERGENCY,
)
GRAVITY = {level: rank for rank, level in enumerate(RISING)}
DAYS = conventions().graver_answer_stands.value


class _Said(NamedTuple):
    """One record that was asked about suicidal thoughts: by which instrument, on which day, and the level."""

    instrument: str
    on: Span
    level: SafetyLevel
    record: Rating | Observation


class _Latest(NamedTuple):
    """The first day of the latest answer that surely existed: of all, and of each instrument."""

    of_all: int
    of_each: dict[str, int]


def safety_on(history: History, scales: Mapping[str, Scale], on: int) -> SafetyFinding:
    """The gravest answer that stands on the day `on`.

    A later record without the answer never lowers the level, and hides no zero: that is then unknown.
    """
    asked = [*_rated(history, scales, on), *_observed(history, on)]
    latest = _latest(asked, on)
    standing = [each for each in asked if _stands(each, latest)]
    if not standing:
        return NOTHING_RECORDED
    gravest = max(standing, key=_by_gravity)
    finding = _finding(gravest, scales)
    return finding._replace(sentence=f"{_dated(gravest, scales)}{_milder(gravest, standing, scales)}")


def safety_of_observation(observation: Observation) -> SafetyFinding | None:
    """What a symptom record asks for; None where it says nothing of suicidal thoughts."""
    if Symptom.SUICIDAL_THOUGHTS in observation.present:
        level, words = SafetyLevel.REVIEW, "Suicidal thoughts are recorded among the symptoms."
    elif Symptom.SUICIDAL_THOUGHTS in observation.absent:
        level, words = SafetyLevel.NONE_REPORTED, "Suicidal thoughts are recorded as absent."
    else:
        return None
    return SafetyFinding(level, f"{words} {level.meaning}", SYMPTOM_BASIS)


def _rated(history: History, scales: Mapping[str, Scale], on: int) -> Iterator[_Said]:
    """Ratings on scales with an item on suicidal thoughts that may have existed on the day."""
    for rating in history.ratings:
        scale = scales.get(rating.instrument)
        if scale is None or scale.safety is None or rating.on.first > on:
            continue
        score = rating.items[scale.safety.item - 1] if rating.items else None
        level = SafetyLevel.UNKNOWN if score is None else scale.safety.levels[score]
        yield _Said(rating.instrument, rating.on, level, rating)


def _observed(history: History, on: int) -> Iterator[_Said]:
    """Symptom records that say whether there were such thoughts, and may have existed on the day."""
    for observation in history.observations:
        finding = safety_of_observation(observation) if observation.on.first <= on else None
        if finding is not None:
            yield _Said(SYMPTOMS, observation.on, finding.level, observation)


def _latest(asked: list[_Said], on: int) -> _Latest:
    """The latest answers; what may be of a later day than `on`, and what was left unanswered, replaces nothing."""
    of_each: dict[str, int] = {}
    for instrument, span, level, _ in asked:
        if level is not SafetyLevel.UNKNOWN and span.last <= on:
            of_each[instrument] = max(span.first, of_each.get(instrument, 0))
    return _Latest(max(of_each.values(), default=0), of_each)


def _stands(one: _Said, latest: _Latest) -> bool:
    """Whether nothing has surely taken the place of the answer; an item left out is settled by any later answer."""
    last = one.on.last
    if one.level is SafetyLevel.UNKNOWN:
        return latest.of_all <= last
    return latest.of_each.get(one.instrument, 0) <= last and latest.of_all - last <= DAYS


def _by_gravity(one: _Said) -> tuple[int, int, int, str]:
    """The gravest last; of equals the latest, and of those of one day always the same one."""
    return GRAVITY[one.level], one.on.last, one.on.first, one.instrument


def _finding(one: _Said, scales: Mapping[str, Scale]) -> SafetyFinding:
    """What one record asks for, in words."""
    record = one.record
    if isinstance(record, Observation):
        return safety_of_observation(record) or NOTHING_RECORDED
    return scales[one.instrument].safety_of(record.items) or NOTHING_RECORDED


def _dated(one: _Said, scales: Mapping[str, Scale]) -> str:
    return f"{_finding(one, scales).sentence} ({said(one.on)})"


def _milder(gravest: _Said, standing: list[_Said], scales: Mapping[str, Scale]) -> str:
    """The latest milder answer that is not older, said beside the graver one; nothing where there is none."""
    rank, day = GRAVITY[gravest.level], gravest.on
    milder = [each for each in standing if GRAVITY[each.level] < rank and each.on.last >= day.first]
    answered = [each for each in milder if each.level is not SafetyLevel.UNKNOWN]
    if not answered:
        return ""
    newest = max(answered, key=lambda each: (each.on.last, each.on.first, each.instrument))
    words = "Another answer, as recent as far as the dates tell, is milder"
    if newest.on.first > day.last:
        words = f"A milder answer on another instrument does not take this back within {DAYS} days"
    return f" {words}: {_dated(newest, scales)}"
