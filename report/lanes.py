"""The lanes of the timeline: an episode, a medicine, another treatment, each with its words above its bar."""

from collections.abc import Iterator
from typing import Any

from report.axis import Axis
from report.bars import Edge, Plot, arrows, bar, begin_of, end_of
from report.letters import BOLD, split, wide, wrapped
from report.marks import DASHES, LINE, QUIET, SMALL, USUAL, Block, Mark, box, outline, stacked, words

Said = dict[str, Any]
EDGE, SWATCH, BETWEEN, THIN, DIAMOND = 8, 11, 12, 8, 5
UP = LINE - 4
PLAIN = {"font-weight": "normal", "font-size": SMALL, "fill": QUIET}
EPISODE, TREATMENT = "#bdbdbd", "#009E73"


def heading(name: str, facts: str, axis: Axis) -> Block:
    """A name in bold and, in the same lines, what is to be said of it."""
    width = axis.right - EDGE
    names = wrapped(name, USUAL * BOLD, width)
    before = wide(f"{names[-1]}  ", USUAL, bold=True)
    beside, below = split(facts, SMALL, width - before, width)
    marks = [words(EDGE, LINE * place + UP, text, bold=True, font_size=USUAL) for place, text in enumerate(names)]
    if beside:
        marks[-1] = marks[-1]._replace(inner=(Mark("tspan", {"dx": 8, **PLAIN}, beside),))
    marks += [words(EDGE, LINE * place + UP, text, fill=QUIET) for place, text in enumerate(below, len(names))]
    return Block(LINE * (len(names) + len(below)), marks)


def verdict(text: str, fill: str, axis: Axis) -> Block:
    """The verdict in words, after a swatch of the fill of its bar."""
    lines = wrapped(text, SMALL * BOLD, axis.right - EDGE - SWATCH - 6)
    marks = [box(EDGE, 2, SWATCH, SWATCH, fill=fill)]
    marks += [words(EDGE + SWATCH + 6, LINE * place + UP, line, bold=True) for place, line in enumerate(lines)]
    return Block(LINE * len(lines), marks)


def medicine(each: Said, plot: Plot) -> Block:
    """A trial of a medicine: name, doses, dates, verdict, and the bar."""
    least = each["minimum"]
    compared = f" (minimum {least['daily_dose_mg']:g})" if least else ""
    role = "" if each["role"] == "monotherapy" else f"{each['role']} · "
    facts = f"{role}{each['dosing']}{compared} · {each['when']}"
    top = heading(each["medication"], facts, plot.axis)
    return stacked(top, verdict(each["verdict"], plot.fill, plot.axis), bar(each, plot), Block(BETWEEN, ()))


def treatment(each: Said, axis: Axis) -> Block:
    """Another treatment: a thin bar between two marks."""
    thin = _strip(each, axis, fill=TREATMENT)
    ends = [_diamond(axis.x(day)) for day in sorted({begin_of(each, axis).latest, end_of(each, axis).earliest})]
    inner = Block(THIN + 4, [*thin, *ends, *arrows(each, axis, THIN / 2)])
    return stacked(heading(each["title"], f"{each['words']} · {each['when']}", axis), inner, Block(BETWEEN, ()))


def episode(each: Said, axis: Axis) -> Block:
    """An episode: a grey strip."""
    inner = Block(THIN + 2, [*_strip(each, axis, fill=EPISODE), *arrows(each, axis, THIN / 2)])
    return stacked(heading("Depressive episode", f"{each['when']} · {each['words']}", axis), inner, Block(BETWEEN, ()))


def sure(each: Said, axis: Axis) -> Edge | None:
    """The first day and the day after the last on which it surely went on; None where no day is sure."""
    first, after = begin_of(each, axis).latest, end_of(each, axis).earliest
    return Edge(first, after) if after > first else None


def _strip(each: Said, axis: Axis, fill: str) -> Iterator[Mark]:
    """What is sure filled, what is only possible dashed."""
    begins, ends = begin_of(each, axis), end_of(each, axis)
    x1, x2 = axis.x(begins.earliest), axis.x(ends.latest)
    if begins.earliest < begins.latest or ends.earliest < ends.latest:
        yield box(x1, 0, x2 - x1, THIN, stroke=QUIET, stroke_dasharray=DASHES)
    if solid := sure(each, axis):
        yield box(axis.x(solid.earliest), 0, axis.x(solid.latest) - axis.x(solid.earliest), THIN, fill=fill)


def _diamond(x: float) -> Mark:
    middle = THIN / 2
    points = [(x - DIAMOND, middle), (x, middle - DIAMOND), (x + DIAMOND, middle), (x, middle + DIAMOND)]
    return outline(points, fill="#fff", stroke="#1a1a1a", stroke_width=1.5)
