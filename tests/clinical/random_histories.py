"""Random histories by the thousand, as facts: each tells one consistent story, then part of it is forgotten.

A story has a true course for every medicine; what is recorded of it agrees with that truth, so that forgetting a fact
takes knowledge away and never corrects an error.
"""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random

from clinical.dates import Span, parse_partial_date
from clinical.history import DoseStep, Episode, History, Outcome, Rating, Trial
from clinical.vocabulary import Indication, Polarity, Response, Role, Severity, StopReason

FIRST = parse_partial_date("2023-01-01").first
ON = parse_partial_date("2025-06-30").first
DRUGS = ("sertraline", "escitalopram", "citalopram", "venlafaxine", "mirtazapine", "bupropion", "amitriptyline")
ADDED = ("aripiprazole", "lithium", "quetiapine")
LENGTHS = (20, 27, 28, 41, 42, 55, 56, 57, 60, 70, 90)
DOSES = (10, 25, 50, 100, 150, 200, 225, 300)
PERCENTS = (-10, 0, 10, 24, 25, 30, 49, 50, 60, 90)
FAILING = PERCENTS[:7]


def exactly(day: int) -> Span:
    """A day that is known."""
    return Span(day, day)


def random_history(random: Random) -> History:
    """A story with up to six trials, of which everything is known."""
    onset = FIRST + random.randrange(-200, 300)
    current = _episode("e1", onset, None, random)
    earlier = _episode("e0", onset - 400, onset - random.choice((30, 59, 60, 61, 90)), random)
    earlier = earlier._replace(polarity=current.polarity)
    episodes = (earlier, current) if random.random() < 0.3 else (current,)
    trials: list[Trial] = []
    day = FIRST + random.randrange(0, 60)
    for number in range(random.randrange(0, 7)):
        if day > ON:
            break
        trial = _trial(f"t{number}", day, trials, random)
        if any(each.running and each.ingredient == trial.ingredient for each in trials):
            break
        trials = [_unjudged(each) if _is_continued(each, trial) else each for each in trials]
        trials.append(trial)
        day = (trial.ended or exactly(ON)).last + random.choice((-20, -5, 1, 1, 1, 10))
    ratings = [_rating(each, random) for each in trials for _ in range(random.randrange(0, 2))]
    return History(episodes=episodes, trials=tuple(trials), ratings=tuple(ratings[: random.randrange(0, 3)]))


def _episode(name: str, onset: int, resolved: int | None, random: Random) -> Episode:
    return Episode(
        name,
        exactly(onset),
        None if resolved is None else exactly(resolved),
        random.choice((Polarity.UNIPOLAR,) * 5 + (Polarity.BIPOLAR,)),
        random.random() < 0.1,
        random.choice([each for each in Severity if each is not Severity.UNKNOWN]),
    )


def _trial(name: str, day: int, before: list[Trial], random: Random) -> Trial:
    start = max(day, FIRST)
    length = random.choice(LENGTHS)
    running = start + length > ON or random.random() < 0.05
    end = ON if running else start + length - 1
    added = bool(before) and random.random() < 0.15
    drug = random.choice(ADDED if added else DRUGS)
    together = [each for each in before if min(each.ended.last if each.ended else ON, end) - start >= 14]
    beside = [each for each in before if not each.ended or each.ended.last >= start]
    role = Role.AUGMENTATION if added else Role.COMBINATION if together else Role.MONOTHERAPY
    steps = [DoseStep(random.choice(DOSES if random.random() < 0.4 else DOSES[-2:]), exactly(start))]
    if random.random() < 0.3 and end > start + 15:
        steps.append(DoseStep(random.choice(DOSES), exactly(start + random.randrange(7, 15))))
    percent = random.choice(PERCENTS if random.random() < 0.3 else FAILING)
    return Trial(
        id=name,
        ingredient=drug,
        name=drug,
        started=exactly(start),
        ended=None if running else exactly(end),
        running=running,
        doses=tuple(steps),
        adherent=random.random() < 0.85,
        indication=Indication.DEPRESSION if random.random() < 0.9 else Indication.OTHER,
        role=role,
        augments=random.choice(beside).id if added and beside and random.random() < 0.5 else None,
        outcome=Outcome(
            _word(percent, random), percent, exactly(end), None, early_failure_confirmed=random.random() < 0.1
        ),
        stop_reason=StopReason.UNKNOWN if running else _reason(percent, random),
    )


def _is_continued(one: Trial, other: Trial) -> bool:
    """Whether a record of the same medicine goes on where this one ended; the outcome is then judged at the end."""
    return one.ingredient == other.ingredient and one.ended is not None


def _unjudged(trial: Trial) -> Trial:
    return trial._replace(outcome=Outcome(), stop_reason=StopReason.OTHER)


def _word(percent: int, random: Random) -> Response:
    """The judged word that agrees with the percentage."""
    if percent < 25:
        return Response.WORSE if percent < 0 else Response.NONE
    if percent < 50:
        return Response.PARTIAL
    return Response.REMISSION if percent > 60 and random.random() < 0.7 else Response.RESPONSE


def _reason(percent: int, random: Random) -> StopReason:
    if percent >= 50:
        return random.choice((StopReason.REMISSION, StopReason.PATIENT_CHOICE, StopReason.LOSS_OF_EFFECT))
    return random.choice((StopReason.LACK_OF_EFFICACY,) * 4 + (StopReason.INTOLERANCE, StopReason.COST))


def _rating(trial: Trial, random: Random) -> Rating:
    started = trial.started or exactly(FIRST)
    return Rating("gad7", exactly(started.first + random.randrange(0, 20)), random.randrange(0, 21))


def _vaguer(day: Span | None, random: Random) -> Span | None:
    """The month or the year of a day, the year of a month."""
    if day is None:
        return None
    text = date.fromordinal(day.first).isoformat()
    coarser = parse_partial_date(text[: random.choice((7, 4))])
    return coarser if coarser.first <= day.first and day.last <= coarser.last else day


Forgetting = Callable[[Trial, Random], Trial]
OF_A_TRIAL: dict[str, Forgetting] = {
    "started": lambda trial, random: trial._replace(started=_vaguer(trial.started, random)),
    "started at all": lambda trial, _: trial._replace(started=None),
    "ended": lambda trial, random: trial._replace(ended=_vaguer(trial.ended, random)),
    "ended at all": lambda trial, _: trial._replace(ended=None),
    "doses": lambda trial, _: trial._replace(doses=(DoseStep(None, None),)),
    "one dose": lambda trial, _: trial._replace(
        doses=(*trial.doses[:-1], trial.doses[-1]._replace(daily_dose_mg=None))
    ),
    "the day of a dose": lambda trial, random: trial._replace(
        doses=tuple(
            step._replace(since=_vaguer(step.since, random) if place else step.since)
            for place, step in enumerate(trial.doses)
        )
    ),
    "adherence": lambda trial, _: trial._replace(adherent=None),
    "outcome": lambda trial, _: trial._replace(
        outcome=Outcome(early_failure_confirmed=trial.outcome.early_failure_confirmed)
    ),
    "percent": lambda trial, _: trial._replace(outcome=trial.outcome._replace(improvement_percent=None)),
    "response": lambda trial, _: trial._replace(outcome=trial.outcome._replace(response=Response.UNKNOWN)),
    "assessed_on": lambda trial, random: trial._replace(
        outcome=trial.outcome._replace(assessed_on=_vaguer(trial.outcome.assessed_on, random))
    ),
    "augments": lambda trial, _: trial._replace(augments=None),
    "indication": lambda trial, _: trial._replace(indication=Indication.UNKNOWN),
    "stop_reason": lambda trial, _: trial._replace(stop_reason=StopReason.UNKNOWN),
}
OF_AN_EPISODE: dict[str, Callable[[Episode, Random], Episode]] = {
    "onset": lambda episode, random: episode._replace(onset=_vaguer(episode.onset, random)),
    "onset at all": lambda episode, _: episode._replace(onset=None),
    "resolved": lambda episode, random: episode._replace(resolved=_vaguer(episode.resolved, random)),
    "polarity": lambda episode, _: episode._replace(polarity=Polarity.UNKNOWN),
    "psychotic": lambda episode, _: episode._replace(psychotic=None),
    "severity": lambda episode, _: episode._replace(severity=Severity.UNKNOWN),
}


def forgotten(history: History, random: Random) -> tuple[str, History]:
    """The history with one fact of one record replaced by unknown, and the name of the fact."""
    if history.trials and random.random() < 0.8:
        fact = random.choice(list(OF_A_TRIAL))
        place = random.randrange(len(history.trials))
        trials = list(history.trials)
        trials[place] = OF_A_TRIAL[fact](trials[place], random)
        return fact, history._replace(trials=tuple(trials))
    fact = random.choice(list(OF_AN_EPISODE))
    place = random.randrange(len(history.episodes))
    episodes = list(history.episodes)
    episodes[place] = OF_AN_EPISODE[fact](episodes[place], random)
    return fact, history._replace(episodes=tuple(episodes))


def shuffled(history: History, random: Random) -> History:
    """The same records in another order."""
    return History(*(tuple(random.sample(each, len(each))) for each in history))


def stories(seed: int, many: int) -> Iterator[tuple[Random, History]]:
    """So many histories, the same for the same seed, each with the chance that made it."""
    for number in range(many):
        random = Random(seed * 1_000_003 + number)  # noqa: S311 - no secret
        yield random, random_history(random)


def vague(history: History, random: Random) -> History:
    """The history with up to four facts forgotten."""
    for _ in range(random.randrange(0, 5)):
        _, history = forgotten(history, random)
    return history
