"""The bar of one medicine along time: its doses as heights, what is sure filled, what is only possible dashed."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from report.axis import Axis
from report.letters import wide
from report.marks import DASHES, INK, QUIET, SMALL, Block, Mark, box, halo, line, outline

Said = dict[str, Any]
HIGHEST, ROOM_FOR_DOSES, HIGHEST_RATIO = 28, 16, 4.0
BASE = HIGHEST + ROOM_FOR_DOSES
LEAST_RATIO, NO_DOSE_RATIO = 0.12, 1.0
GAP = 4
ARROW = 6


class Edge(NamedTuple):
    """The days (ordinals) among which something begins or ends."""

    earliest: int
    latest: int


class Piece(NamedTuple):
    """One dose: when it began and ended, and how high it is drawn (the minimum adequate dose is 1)."""

    begins: Edge
    ends: Edge
    ratio: float
    label: str
    known: bool


def edge(days: Said | None) -> Edge | None:
    """The days of the API as ordinals."""
    return None if days is None else Edge(days["earliest"].toordinal(), days["latest"].toordinal())


def begin_of(each: Said, axis: Axis) -> Edge:
    """The beginning; where nobody recorded it, any day up to the end or the first dose that is dated."""
    known = edge(each["began"])
    if known is not None:
        return known
    dated = [found.latest for dose in each.get("doses", ()) if (found := edge(dose["began"]))]
    return Edge(axis.first, min([_last_possible(each, axis).earliest, *dated]))


def _last_possible(each: Said, axis: Axis) -> Edge:
    return edge(each["ended"]) or Edge(axis.last, axis.last)


def end_of(each: Said, axis: Axis) -> Edge:
    """The day after the last one; where nobody recorded the end, any day from the last that is known on."""
    known = edge(each["ended"])
    if known is not None:
        last = axis.last if each["ongoing"] is None else known.latest
        return Edge(known.earliest + 1, last + 1)
    if each["ongoing"]:
        return Edge(axis.last + 1, axis.last + 1)
    dated = [found.latest for dose in each.get("doses", ()) if (found := edge(dose["began"]))]
    return Edge(max([begin_of(each, axis).latest, *dated]) + 1, axis.last + 1)


def pieces_of(each: Said, axis: Axis) -> list[Piece]:
    """The doses one after the other; days before the first dose that is dated are of unknown dose."""
    begins, ends = begin_of(each, axis), end_of(each, axis)
    steps: list[tuple[Edge, Said | None]] = [(edge(dose["began"]) or begins, dose) for dose in each["doses"]]
    if not steps or steps[0][0].earliest > begins.latest:
        steps.insert(0, (begins, None))
    own_highest = max((dose["daily_dose_mg"] or 0 for dose in each["doses"]), default=0)
    after = [step[0] for step in steps[1:]] + [ends]
    return [_piece(since, until, dose, own_highest) for (since, dose), until in zip(steps, after, strict=True)]


def _piece(begins: Edge, ends: Edge, dose: Said | None, own_highest: float) -> Piece:
    mg = dose["daily_dose_mg"] if dose else None
    if dose is None or mg is None:
        return Piece(begins, ends, NO_DOSE_RATIO, "? mg", known=False)
    ratio = dose["of_minimum"] or mg / own_highest
    return Piece(begins, ends, max(ratio, LEAST_RATIO), f"{mg:g} mg", known=True)


def highest_ratio(medications: Sequence[Said]) -> float:
    """The ratio that is drawn at full height, the same for all bars of a picture."""
    ratios = [dose["of_minimum"] or 0 for each in medications for dose in each["doses"]]
    return min(max([2.0, *ratios]), HIGHEST_RATIO)


class Plot(NamedTuple):
    """Where a bar stands: the axis, the ratio drawn at full height, and the fill that tells the verdict."""

    axis: Axis
    full: float
    fill: str

    def height(self, piece: Piece) -> float:
        """The height of a dose in pixels."""
        return round(HIGHEST * min(piece.ratio, self.full) / self.full, 1)


def bar(each: Said, plot: Plot) -> Block:
    """The bar with its doses written above it."""
    pieces = pieces_of(each, plot.axis)
    marks = [line(plot.axis.left, BASE, plot.axis.right, BASE, stroke="#c4c4c4")]
    for place, piece in enumerate(pieces):
        marks += _drawn(piece, pieces[min(place + 1, len(pieces) - 1)], plot, first=place == 0)
    if each["minimum"]:
        marks += _minimum(pieces, plot)
    return Block(BASE + 2, [*marks, *_doses(pieces, plot), *arrows(each, plot.axis, BASE - HIGHEST / 4)])


def _drawn(piece: Piece, following: Piece, plot: Plot, *, first: bool) -> Iterator[Mark]:
    """What is sure is filled; where it may have begun or ended earlier or later is outlined in dashes."""
    (began, begun), (ending, ended) = piece.begins, piece.ends
    height = plot.height(piece)
    if first and begun > began:
        yield _possible(began, min(begun, ended), height, plot)
    if ended > ending:
        yield _possible(max(ending, begun), ended, max(height, plot.height(following)), plot)
    if ending > begun:
        x1, x2 = plot.axis.x(begun), plot.axis.x(ending)
        dashes = {} if piece.known else {"stroke_dasharray": DASHES}
        yield box(x1, BASE - height, x2 - x1, height, fill=plot.fill, **dashes)


def _possible(first: int, last: int, height: float, plot: Plot) -> Mark:
    x1, x2 = plot.axis.x(first), plot.axis.x(last)
    return box(x1, BASE - height, x2 - x1, height, stroke=QUIET, stroke_dasharray=DASHES)


def _minimum(pieces: Sequence[Piece], plot: Plot) -> Iterator[Mark]:
    """The height of the minimum adequate dose, dotted on white so that it shows on every fill."""
    y = round(BASE - HIGHEST / plot.full, 1)
    x1, x2 = plot.axis.x(pieces[0].begins.earliest) - GAP, plot.axis.x(pieces[-1].ends.latest) + GAP
    yield line(x1, y, x2, y, stroke="#fff", stroke_width=3)
    yield line(x1, y, x2, y, stroke_width=1.5, stroke_dasharray="2 2")


def _doses(pieces: Sequence[Piece], plot: Plot) -> Iterator[Mark]:
    """Each dose above its part of the bar, where there is room; the line above the bar names them all."""
    free = 0.0
    for piece in pieces:
        room = wide(piece.label, SMALL)
        x = max(min(plot.axis.x(piece.begins.latest), plot.axis.right - room), free)
        if x <= max(plot.axis.x(piece.ends.latest), plot.axis.left) and x + room <= plot.axis.right + GAP:
            yield halo(round(x, 1), ROOM_FOR_DOSES - 5, piece.label)
            free = x + room + GAP


def arrows(each: Said, axis: Axis, y: float) -> Iterator[Mark]:
    """At an end that goes on, or that nobody recorded, the bar points onward."""
    if each["began"] is None:
        yield _arrow(axis.left, y, -ARROW)
    if each["ended"] is None:
        yield _arrow(axis.right, y, ARROW)


def _arrow(x: float, y: float, way: float) -> Mark:
    return outline([(x, y - ARROW), (x + way, y), (x, y + ARROW)], fill=INK)
