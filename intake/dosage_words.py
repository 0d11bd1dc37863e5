"""How many, and how often, a text speaks of that is not read whole: no dose, but what may speak against one."""

import re
from functools import lru_cache
from typing import NamedTuple

NUMBERS = {
    **{name: float(at) for at, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight"), 1)},
    **{name: float(at) for at, name in enumerate(("once", "twice", "thrice"), 1)},
    **dict(zip(("other", "second", "third", "fourth"), (2.0, 2.0, 3.0, 4.0), strict=True)),
    **dict.fromkeys(("half", "1/2", "\u00bd"), 0.5),
    "a": 1.0,
}
DAYS_IN = {"h": 1 / 24, "d": 1.0, "e": 1.0, "n": 1.0, "w": 7.0, "f": 14.0, "m": 30.0}
"""By the first letter of hour, day, everyday, night, week, fortnight and month."""
CODES = {
    **dict.fromkeys(("qd", "od", "qam", "qpm", "qhs"), 1.0),
    **dict.fromkeys(("bid", "bd"), 2.0),
    **dict.fromkeys(("tid", "tds"), 3.0),
    **dict.fromkeys(("qid", "qds"), 4.0),
    **dict.fromkeys(("qod", "eod"), 0.5),
    **dict.fromkeys(("qw", "qwk"), 1 / 7),
}
SOME_DAYS = 0.0
LONGEST_KEPT = 400  # characters of a text that is kept in the cache
NUMBER = r"(?:\d{1,9}(?:[.,]\d{1,9})?|one|two|three|four|five|six|seven|eight)"
UNIT = r"(?P<unit>hours?|hrs?|h|days?|daily|d|nights?|nightly|weeks?|weekly|wks?|fortnight(?:ly)?|months?|monthly)\b"
EVERY = rf"(?:(?P<every>other|second|third|fourth|{NUMBER})(?:st|nd|rd|th)? ?)?"
TIMES = rf"\b(?P<n>once|twice|thrice|{NUMBER}(?= ?(?:times?|x)\b))(?: ?(?:times?|x)\b)?"
OFTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{TIMES} ?(?:in the|in a|an?|per|each|every|/)? ?\b{EVERY}{UNIT}",
        rf"\b(?:every|each|q) ?{EVERY}{UNIT}",
    )
)
OFTEN_TOO = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:\ba|\bper|/) ?{UNIT}",
        r"\b(?P<unit>daily|everyday|weekly|monthly|fortnightly)\b",
        rf"{TIMES}(?! ?x? ?\d)",
        "1\u65e5(?P<n>\\d)\u56de",
        rf"\b(?P<code>{'|'.join(CODES)})\b",
    )
)
ON_SOME_DAYS = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun|week)days?|weekends?|alternat\w*|biweekly)\b"
    rf"|\b(?:every|q) ?{NUMBER} ?(?:-|to|or) ?{NUMBER}|\b{NUMBER} ?(?:-|to|or) ?{NUMBER} ?(?:times|x)\b"
    rf"|\b{NUMBER} (?:days|nights) (?:a|per|each|every|out)\b|(?<![\d-])\d(?:-\d){{2,3}}(?![\d-])"
)
"""What is not so many times every day: some days of the week, a range, or a number for each time of the day."""
TIMES_OF_DAY = tuple(
    re.compile(rf"\b(?:{names})\b")
    for names in (
        "mornings?|breakfast|am|qam",
        "noon|midday|lunch|afternoon",
        "evenings?|dinner|supper|pm|qpm",
        "nights?|nightly|bed|bedtime|hs|qhs",
    )
)
CLOCK = re.compile(r"\b\d{1,2}(?::\d{2}){1,2}|\b\d{1,2}(?= ?[ap]m\b)")
HOW_LONG = re.compile(
    rf"\b(?:for|x) ?(?:the )?(?:an?|{NUMBER})[ -]?(?:days?|weeks?|wks?|months?|years?)\b"
    rf"|\b{NUMBER}[ -]?days? supply\b|\b\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b"
)
BESIDE_THE_POINT = re.compile(
    rf"(?<![\w.,])(?:an?|half|{NUMBER})[ -]?"
    r"(?:hours?|hrs?|h|minutes?|mins?|oz|ounces?|ml|glass(?:es)?|cups?|refills?)\b"
    r"|(?<![\w.,])\d[\d.,]{0,12}[ -]?(?:mgs?|milligrams?|mcg)\b|#\d{1,9}"
)
"""Numbers of the strength, of the water and of the hours before a meal."""
ABBREVIATED = re.compile(r"\b(?:[a-z]\.){2,4}")
TWICE_SAID = re.compile(rf"(?<![\w.,])({NUMBER}) ?\({NUMBER}\)")
HALF = re.compile(r"\b(?:a half|half an?)\b")
COUNT = re.compile(rf"(?<![\w.,/])(1/2|\u00bd|half|{NUMBER}|a(?= (?:tab|tablet|cap|capsule|pill)\b))(?![\w/]|[.,]\d)")


class Spoken(NamedTuple):
    """The numbers that may be those of tablets, and how often a day, each once; 0 is not the same every day."""

    counts: frozenset[float]
    times: frozenset[float]

    def differs_from(self, times: float | None, pieces: float | None) -> bool:
        """Whether it speaks of another count or of another frequency; of several, where none is known."""
        return _differ(self.counts, pieces) or _differ(self.times, times)


def _differ(said: frozenset[float], known: float | None) -> bool:
    rounded = {round(each, 2) for each in (said if known is None else said | {known})}
    return len(rounded) > 1 or SOME_DAYS in rounded


def spoken(text: str) -> Spoken:
    """What a text speaks of. A number that is not read as anything else counts as one of tablets."""
    return _kept(text) if len(text) <= LONGEST_KEPT else _spoken(text)


@lru_cache(maxsize=8192)
def _kept(text: str) -> Spoken:
    return _spoken(text)


def _spoken(text: str) -> Spoken:
    said = _plain(text)
    days = {SOME_DAYS} if ON_SOME_DAYS.search(said) else set()
    moments = max(sum(bool(each.search(said)) for each in TIMES_OF_DAY), len(set(CLOCK.findall(said))))
    times, said = _taken_out(OFTEN, HOW_LONG.sub(" ", CLOCK.sub(" ", said)))
    more, said = _taken_out(OFTEN_TOO, BESIDE_THE_POINT.sub(" ", said))
    counts = frozenset(_number(found) for found in COUNT.findall(said))
    return Spoken(counts, frozenset(days | _with_moments(times | more, moments)))


def _plain(text: str) -> str:
    """In small letters, with a number that is said twice, `2 (two)`, said once."""
    said = ABBREVIATED.sub(lambda found: found[0].replace(".", ""), " ".join(text.lower().split()))
    return HALF.sub("half", TWICE_SAID.sub(r"\1", said))


def _taken_out(patterns: tuple[re.Pattern[str], ...], said: str) -> tuple[set[float], str]:
    """How often a day, by each pattern in its turn, and what remains of the text."""
    times: set[float] = set()
    for pattern in patterns:
        times.update(_times(found.groupdict()) for found in pattern.finditer(said))
        said = pattern.sub(" ", said)
    return times, said


def _times(found: dict[str, str | None]) -> float:
    if code := found.get("code"):
        return CODES[code]
    every = _number(found.get("every") or "one") * DAYS_IN[(found.get("unit") or "day")[0]]
    return _number(found.get("n") or "one") / every if every else SOME_DAYS


def _with_moments(times: set[float], moments: int) -> set[float]:
    """Two times of the day are twice a day, also where each is said to be one of every day."""
    if moments > 1:
        return times - {1.0} | {float(moments)}
    return times or ({1.0} if moments else set())


def _number(written: str) -> float:
    return NUMBERS.get(written) or float(written.replace(",", "."))
