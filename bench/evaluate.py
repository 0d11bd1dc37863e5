"""CPU time of one pure evaluation: a patient with five trials, without and with ratings, under each definition.

Run `python -m bench.evaluate`. Each number is the best of many rounds, in microseconds of this process's CPU.
"""

from collections.abc import Callable
from time import process_time_ns

from clinical.assess import assess
from clinical.dates import Span, parse_partial_date
from clinical.definition import Definition
from clinical.history import DoseStep as Step
from clinical.history import Episode, History, Outcome, Rating, Trial
from clinical.library import library
from clinical.vocabulary import Indication, Polarity, Response, Severity

ON = parse_partial_date("2025-12-31").first
FIRST = parse_partial_date("2025-01-01").first
ROUNDS, CALLS = 60, 50
TAKEN = (("sertraline", 100), ("venlafaxine", 225), ("mirtazapine", 30), ("bupropion", 300), ("duloxetine", 60))
CASES = {
    "outcomes stated": (2, False),
    "rated, none failed": (0, True),
    "two failed": (2, True),
    "five failed": (5, True),
}


def history(failed: int, *, rated: bool = True) -> History:
    """Five trials of eight weeks one after the other; the first `failed` without response.

    `rated`: each was begun at half the dose and rated at both ends; else its outcome is only stated.
    """
    episode = Episode(
        "e", parse_partial_date("2024-11"), None, Polarity.UNIPOLAR, psychotic=False, severity=Severity.SEVERE
    )
    trials, ratings = [], []
    for number, (ingredient, dose) in enumerate(TAKEN):
        first = FIRST + 56 * number
        trials.append(_trial(str(number), ingredient, dose, first, response=number >= failed))
        if rated:
            ratings += [_rating(first, 20), _rating(first + 55, 8 if number >= failed else 19)]
        else:
            trials[-1] = trials[-1]._replace(doses=(Step(dose, _span(first)),))
    return History((episode,), tuple(trials), tuple(ratings))


def _span(day: int) -> Span:
    return Span(day, day)


def _rating(day: int, total: int) -> Rating:
    return Rating("phq9", _span(day), total, (2, 2, 2, 2, 2, 2, 2, 2, 1))


def _trial(number: str, ingredient: str, dose: float, first: int, *, response: bool) -> Trial:
    steps = (Step(dose / 2, _span(first)), Step(dose, _span(first + 7)))
    judged = Outcome(Response.RESPONSE if response else Response.NONE, assessed_on=_span(first + 55))
    return Trial(
        number,
        ingredient,
        ingredient,
        _span(first),
        _span(first + 55),
        running=False,
        doses=steps,
        adherent=True,
        indication=Indication.DEPRESSION,
        outcome=judged,
    )


def best_microseconds(call: Callable[[], object], rounds: int = ROUNDS, calls: int = CALLS) -> float:
    """CPU time of one call: the best round of several, so that what else runs on the machine hardly shows."""
    best = float("inf")
    for _ in range(rounds):
        begun = process_time_ns()
        for _ in range(calls):
            call()
        best = min(best, (process_time_ns() - begun) / calls)
    return best / 1000


def evaluation(definition: Definition, failed: int, *, rated: bool = True, rounds: int = ROUNDS) -> float:
    """Microseconds of CPU that one evaluation takes."""
    facts, shelf = history(failed, rated=rated), library()
    return best_microseconds(lambda: assess(definition, facts, ON, shelf), rounds)


def main() -> None:
    """Print one line a definition."""
    print(f"{'µs of CPU, five trials':26}" + "".join(f"{case:>20}" for case in CASES))
    for slug, definition in library().definitions.items():
        figures = [evaluation(definition, failed, rated=rated) for failed, rated in CASES.values()]
        print(f"{slug:26}" + "".join(f"{figure:20.1f}" for figure in figures))


if __name__ == "__main__":
    main()
