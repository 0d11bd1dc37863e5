"""What a picture is made of: marks with attributes, and blocks of marks that are stacked."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from report.letters import printable

SMALL, USUAL, LINE = 12, 13, 16
INK, QUIET, FAINT = "#1a1a1a", "#454545", "#8a8a8a"
DASHES = "4 3"


class Paint(str):
    """The name of a pattern that the picture defines."""

    __slots__ = ()


class Mark(NamedTuple):
    """One element of SVG: its name, attributes, text, and the marks within it."""

    tag: str
    attributes: dict[str, object]
    text: str = ""
    inner: tuple["Mark", ...] = ()


class Block(NamedTuple):
    """Marks placed from 0 downwards, and how much height they take."""

    height: float
    marks: Sequence[Mark]


def moved(marks: Sequence[Mark], down: float) -> Mark:
    """Marks as a group that lies lower."""
    return Mark("g", {"transform": f"translate(0 {down:g})"}, inner=tuple(marks))


def stacked(*blocks: Block) -> Block:
    """Blocks one below the other."""
    marks, down = [], 0.0
    for block in blocks:
        marks.append(moved(block.marks, down))
        down += block.height
    return Block(down, marks)


def line(x1: float, y1: float, x2: float, y2: float, **more: object) -> Mark:
    """A straight line."""
    return Mark("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **_named({"stroke": INK, **more})})


def box(x: float, y: float, width: float, height: float, **more: object) -> Mark:
    """A rectangle; never thinner than can be seen."""
    size = {"width": round(max(width, 1.5), 1), "height": round(height, 1)}
    return Mark("rect", {"x": x, "y": round(y, 1), **size, **_named({"fill": "none", "stroke": INK, **more})})


def words(x: float, y: float, text: str, **more: object) -> Mark:
    """A line of text; `y` is its base line. `bold` and `anchor` (start, middle, end) as keywords."""
    return Mark("text", {"x": x, "y": y, **_named({"font_size": SMALL, "fill": INK, **more})}, text)


def halo(x: float, y: float, text: str, **more: object) -> Mark:
    """A line of text that stays legible over lines."""
    return words(x, y, text, stroke="#fff", stroke_width=3, stroke_linejoin="round", paint_order="stroke", **more)


def outline(points: Sequence[tuple[float, float]], **more: object) -> Mark:
    """A closed shape."""
    path = " ".join(f"{'L' if place else 'M'}{x:g} {y:g}" for place, (x, y) in enumerate(points))
    return Mark("path", {"d": f"{path} Z", **_named(more)})


def _named(attributes: dict[str, object]) -> dict[str, object]:
    """Attributes as SVG spells them."""
    if attributes.pop("bold", False):
        attributes["font_weight"] = "bold"
    if "anchor" in attributes:
        attributes["text_anchor"] = attributes.pop("anchor")
    return {name.replace("_", "-"): value for name, value in attributes.items()}


def written(mark: Mark, prefix: str) -> str:
    """The mark as SVG. Ids begin with the prefix, so that several pictures can stand on one page."""
    attributes = "".join([f' {name}="{_value(value, prefix)}"' for name, value in mark.attributes.items()])
    inner = "".join([written(each, prefix) for each in mark.inner])
    text = escape(printable(mark.text)) if mark.text else ""
    return f"<{mark.tag}{attributes}>{text}{inner}</{mark.tag}>"


def _value(value: object, prefix: str) -> str:
    if isinstance(value, Paint):
        return f"url(#{prefix}-{value})"
    return escape(printable(value)) if isinstance(value, str) else str(value)
