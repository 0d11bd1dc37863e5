"""CPU time of one pure evaluation: a patient with five trials and ten ratings, under each definition.

Run `python -m bench.evaluate`. Each number is the best of many rounds, in microseconds of this process's CPU.
"""

from collections.abc import Callable
from time import process_time_ns

from clinical.assess import assess
from clinical.dates import Span, parse_partial_date
from clinical.definition import Definition
from clinical.library import library
from clinical.vocabulary import DoseStep as Step
from clinical.vocabulary import Episode, History, Indication, Outcome, Polarity, Rating, Response, Severity, Trial

ON = parse_partial_date("2025-12-31").first
FIRST = parse_partial_date("2025-01-01").first
ROUNDS, CALLS = 60, 50
TAKEN = (("sertraline", 100), ("venlafaxine", 225), ("mirtazapine", 30), ("bupropion", 300), ("duloxetine", 60))
CASES = {"none failed": 0, "two failed": 2, "all five failed": 5}


def history(failed: int) -> History:
    """Five trials of eight weeks one after the other, each rated at both ends; the first `failed` without response."""
    episode = Episode(
        "e", parse_partial_date("2024-11"), None, Polarity.UNIPOLAR, psychotic=False, severity=Severity.SEVERE
    )
    trials, ratings = [], []
    for number, (ingredient, dose) in enumerate(TAKEN):
        first = FIRST + 56 * number
        trials.append(_trial(str(number), ingredient, dose, first, response=number >= failed))
        ratings += [_rating(first, 20), _rating(first + 55, 8 if number >= failed else 19)]
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


def evaluation(definition: Definition, failed: int, rounds: int = ROUNDS) -> float:
    """Microseconds of CPU that one evaluation takes."""
    facts, shelf = history(failed), library()
    return best_microseconds(lambda: assess(definition, facts, ON, shelf), rounds)


def main() -> None:
    """Print one line a definition."""
    print(f"{'µs of CPU, 5 trials, 10 ratings':32}" + "".join(f"{case:>18}" for case in CASES))
    for slug, definition in library().definitions.items():
        print(f"{slug:32}" + "".join(f"{evaluation(definition, failed):18.1f}" for failed in CASES.values()))


if __name__ == "__main__":
    main()
