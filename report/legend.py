"""What the fills and lines of the timeline mean. Told apart by colour, by pattern and by words."""

from collections.abc import Iterator

from report.axis import Axis
from report.lanes import EDGE, SWATCH, UP
from report.letters import wrapped
from report.marks import LINE, QUIET, SMALL, Block, Mark, Paint, box, words

# Okabe and Ito's colours, which are told apart without red or without green; each verdict has a pattern as well.
COUNTS, AGAINST, OPEN = "#0072B2", "#D55E00", "#1a1a1a"
MEANINGS = (
    ("yes", "counts as a failed antidepressant"),
    ("no", "does not count"),
    ("unknown", "unknown: what is recorded does not settle it"),
)
KEY = (
    "The height of a bar is the dose; the dotted line is the minimum adequate dose. Dashed outline: possible, not "
    "certain. Arrow: it goes on, or the date is not recorded. Shaded: a depressive episode."
)


def fill_of(counts: str) -> str:
    """The fill of a verdict."""
    return COUNTS if counts == "yes" else Paint(counts)


def patterns(prefix: str) -> Iterator[Mark]:
    """The fills of the verdicts: full, striped, dotted; they can be told apart in black and white too."""
    stripe = Mark("path", {"d": "M-1 5 L5 -1 M3 9 L9 3", "stroke": AGAINST, "stroke-width": 2})
    dot = Mark("circle", {"cx": 3, "cy": 3, "r": 1.1, "fill": OPEN})
    for name, over in (("no", stripe), ("unknown", dot)):
        size = {"width": 8, "height": 8} if name == "no" else {"width": 6, "height": 6}
        paper = Mark("rect", {**size, "fill": "#fff"})
        attributes = {"id": f"{prefix}-{name}", **size, "patternUnits": "userSpaceOnUse"}
        yield Mark("pattern", attributes, inner=(paper, over))


def legend(axis: Axis) -> Block:
    """The key below the lanes, on white."""
    marks: list[Mark] = []
    down = 8
    for name, meaning in MEANINGS:
        marks.append(box(EDGE, down + 2, SWATCH, SWATCH, fill=fill_of(name)))
        marks.append(words(EDGE + SWATCH + 6, down + UP, meaning))
        down += LINE + 2
    for text in wrapped(KEY, SMALL, axis.right - EDGE):
        marks.append(words(EDGE, down + UP, text, fill=QUIET))
        down += LINE
    paper = box(0, 0, axis.right + 3 * EDGE, down + 6, fill="#fff", stroke="none")
    return Block(down + 6, [paper, *marks])
