"""Lines of one medicine as courses: what belongs together, and where a new course begins."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from intake.lines import LONGEST_GAP_DAYS, NEW_COURSE_AFTER_DAYS, Line

FOR_GOOD = date.max.toordinal()


def courses_of(lines: Iterable[Line]) -> list[list[Line]]:
    """The courses of all medicines, each with its lines in time. Lines without a date are at the end of theirs."""
    by_ingredient: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_ingredient[line.ingredient].append(line)
    return [course for name in sorted(by_ingredient) for course in _courses(by_ingredient[name])]


def _courses(lines: list[Line]) -> list[list[Line]]:
    dated = sorted((line for line in lines if line.first is not None), key=_in_time)
    undated = sorted((line for line in lines if line.first is None), key=lambda line: line.given.reference)
    courses: list[list[Line]] = []
    reach, stopped = 0, None
    for line in dated:
        if not courses or begins_anew(line, reach, stopped):
            courses.append([])
            reach, stopped = 0, None
        courses[-1].append(line)
        reach = FOR_GOOD if line.taken.lasting else max(reach, line.reach)
        if line.taken.ended:
            stopped = max(stopped or 0, line.taken.ended.last)
    if undated:
        if len(courses) != 1:
            courses.append([])
        courses[-1].extend(undated)
    return courses


def begins_anew(line: Line, reach: int, stopped: int | None) -> bool:
    """Whether a line is of a new course: long after the last one, or more than a pause after a stated end."""
    first = line.first or 0
    if stopped is not None and first - stopped - 1 > LONGEST_GAP_DAYS:
        return True
    return first - reach > NEW_COURSE_AFTER_DAYS


def _in_time(line: Line) -> tuple[int, str]:
    return line.first or 0, line.given.reference
