"""The ratings on one scale as a line along time, on an axis of its own."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from report.axis import Axis
from report.bars import edge
from report.lanes import BETWEEN, heading
from report.letters import wide
from report.marks import DASHES, FAINT, INK, QUIET, SMALL, Block, Mark, halo, line, stacked, words

Said = dict[str, Any]
HEIGHT, HEIGHT_OF_ONE, ABOVE, DOT = 64, 32, 16, 3


class Dot(NamedTuple):
    """A rating as it is placed: from where to where it may lie, and how high."""

    x1: float
    x2: float
    y: float
    total: int

    @property
    def x(self) -> float:
        """The middle of the days that are possible."""
        return round((self.x1 + self.x2) / 2, 1)


def scores(scale: Said, axis: Axis) -> Block:
    """All ratings on one scale; the first and the last are written out, remission is dashed."""
    dots = [_dot(point, scale, axis) for point in scale["points"]]
    marks = [*_frame(scale, axis), *_curve(dots), *_labels(dots, axis)]
    panel = Block(ABOVE + _height(scale) + 8, marks)
    return stacked(heading(scale["title"], _facts(scale), axis), panel, Block(BETWEEN, ()))


def _facts(scale: Said) -> str:
    points = scale["points"]
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{first['total']} ({first['band']}), {first['when']}"
    change = f"{first['total']} ({first['when']}) to {last['total']} ({last['when']}, {last['band']})"
    return f"{change} · {len(points)} ratings"


def _height(scale: Said) -> int:
    """A single rating needs no room for a curve."""
    return HEIGHT if len(scale["points"]) > 1 else HEIGHT_OF_ONE


def _y(total: float, scale: Said) -> float:
    least, most = float(scale["minimum"]), float(scale["maximum"])
    share: float = (total - least) / (most - least)
    return round(ABOVE + _height(scale) * (1 - share), 1)


def _dot(point: Said, scale: Said, axis: Axis) -> Dot:
    days = edge(point["on"])
    assert days is not None  # noqa: S101 - a rating always has its days
    return Dot(axis.x(days.earliest), axis.x(days.latest + 1), _y(point["total"], scale), point["total"])


def _frame(scale: Said, axis: Axis) -> Iterator[Mark]:
    """The lowest and the highest total, and where remission begins."""
    for total in (scale["minimum"], scale["maximum"]):
        y = _y(total, scale)
        yield line(axis.left, y, axis.right, y, stroke="#c4c4c4")
        yield words(axis.left - 5, y + 4, str(total), anchor="end", fill=QUIET)
    cut_off = scale["remission_at_most"]
    if cut_off is not None:
        y = _y(cut_off + 0.5, scale)
        yield line(axis.left, y, axis.right, y, stroke=QUIET, stroke_dasharray=DASHES)
        yield halo(axis.left + 4, y - 3, f"remission: {cut_off} or less", fill=QUIET)


def _curve(dots: Sequence[Dot]) -> Iterator[Mark]:
    """A line from rating to rating; a day that is only partly known is a bar as long as what is possible."""
    path = " ".join(f"{'L' if place else 'M'}{dot.x:g} {dot.y:g}" for place, dot in enumerate(dots))
    if len(dots) > 1:
        yield Mark("path", {"d": path, "fill": "none", "stroke": INK, "stroke-width": 1.5, "stroke-linejoin": "round"})
    for dot in dots:
        if dot.x2 - dot.x1 > 2 * DOT:
            yield line(dot.x1, dot.y, dot.x2, dot.y, stroke=FAINT, stroke_width=4)
        yield Mark("circle", {"cx": dot.x, "cy": dot.y, "r": DOT, "fill": INK})


def _labels(dots: Sequence[Dot], axis: Axis) -> Iterator[Mark]:
    """The first and the last total, in words where there is room."""
    last, first = dots[-1], dots[0]
    if len(dots) > 1 and last.x - first.x > 2 * wide("000", SMALL):
        yield _label(first, "start", axis)
    yield _label(last, "end" if last.x > axis.right - wide("000", SMALL) else "middle", axis)


def _label(dot: Dot, anchor: str, axis: Axis) -> Mark:
    x = min(max(dot.x, axis.left), axis.right)
    return halo(x, dot.y - DOT - 4, str(dot.total), anchor=anchor, bold=True, fill=INK)
