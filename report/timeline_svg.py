"""The timeline as a picture: scores above, then episodes, medicines and other treatments along one axis of time.

It has no script, no style and no address but the name of the format, and says in words all that it shows.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from report.axis import Axis, axis_over
from report.bars import Plot, highest_ratio
from report.lanes import EDGE, episode, medicine, sure, treatment
from report.legend import fill_of, legend, patterns
from report.marks import QUIET, USUAL, Block, Mark, box, halo, line, moved, stacked, words, written
from report.scores import scores

Said = dict[str, Any]
GUTTER, RIGHT, TOP, LANES_FROM = 34, 18, 40, 46
NOTHING = "No trial, treatment or rating is recorded."
USUAL_WIDTH = 720
SPACE = "http://www.w3.org/2000/svg"


class Canvas(NamedTuple):
    """How wide the picture is, how high one part of it may be, and what its ids begin with."""

    width: int = USUAL_WIDTH
    height: float | None = None
    prefix: str = "t"


def timeline_svg(said: Said, width: int = USUAL_WIDTH) -> str:
    """The whole timeline as one picture, as high as it takes."""
    return timeline_parts(said, Canvas(width))[0]


def timeline_parts(said: Said, canvas: Canvas) -> list[str]:
    """The timeline in as many pictures as its height asks for; each has the axis of time, the last one the legend."""
    axis = axis_of(said, canvas.width)
    *blocks, last = _blocks(said, axis)
    room = None if canvas.height is None else canvas.height - LANES_FROM
    pages = _packed([*blocks, stacked(last, legend(axis))], room)
    return [
        _picture(_page(page, said, axis), said, canvas._replace(prefix=f"{canvas.prefix}{place}"))
        for place, page in enumerate(pages)
    ]


def axis_of(said: Said, width: int) -> Axis:
    """From the first day of anything but an episode to the day asked about; an episode may begin before."""
    first = min(_days_in(said), default=said["on"].toordinal())
    return axis_over(first, said["on"].toordinal(), GUTTER, width - RIGHT)


def _days_in(said: Said) -> Iterator[int]:
    """The first possible day of everything that is drawn with a day of its own."""
    points = [point["on"] for scale in said["ratings"] for point in scale["points"]]
    drawn = [each["began"] or each["ended"] for each in (*said["medications"], *said["treatments"])]
    found = [days for days in (*points, *drawn) if days] or [each["began"] for each in said["episodes"]]
    yield from (days["earliest"].toordinal() for days in found if days)


def _blocks(said: Said, axis: Axis) -> list[Block]:
    """Everything that is stacked, from the top."""
    full = highest_ratio(said["medications"])
    found = [
        *_titled("Rating scales", [scores(each, axis) for each in said["ratings"]], axis),
        *_titled("Episodes", [episode(each, axis) for each in said["episodes"]], axis),
        *_titled(
            "Medicines",
            [medicine(each, Plot(axis, full, fill_of(each["counts"]))) for each in said["medications"]],
            axis,
        ),
        *_titled("Other treatments", [treatment(each, axis) for each in said["treatments"]], axis),
    ]
    return found or [Block(40, [words(EDGE, 24, NOTHING, font_size=USUAL)])]


def _titled(title: str, blocks: list[Block], axis: Axis) -> list[Block]:
    """The blocks under a title, which stays with the first of them."""
    if not blocks:
        return []
    marks = [
        line(EDGE, 4, axis.right + RIGHT - EDGE, 4, stroke=QUIET),
        words(EDGE, 21, title, bold=True, font_size=USUAL + 1),
    ]
    first = blocks[0]
    return [Block(30 + first.height, [*marks, moved(first.marks, 30)]), *blocks[1:]]


def _packed(blocks: Sequence[Block], room: float | None) -> list[list[Block]]:
    """The blocks on as few pages as hold them."""
    pages: list[list[Block]] = [[]]
    used = 0.0
    for block in blocks:
        if room is not None and pages[-1] and used + block.height > room:
            pages.append([])
            used = 0.0
        pages[-1].append(block)
        used += block.height
    return pages


def _page(blocks: Sequence[Block], said: Said, axis: Axis) -> Block:
    """The blocks of a page over the shading of episodes, the lines of time and the line of the day asked about."""
    lanes = stacked(*blocks)
    high = LANES_FROM + lanes.height
    return Block(high, [*_behind(said, axis, high), moved(lanes.marks, LANES_FROM)])


def _behind(said: Said, axis: Axis, low: float) -> Iterator[Mark]:
    for each in said["episodes"]:
        if days := sure(each, axis):
            x1, x2 = axis.x(days.earliest), axis.x(days.latest)
            yield box(x1, TOP, x2 - x1, low - TOP, stroke="none", fill="#000", fill_opacity=0.06)
    for x, label in axis.ticks():
        yield line(x, TOP - 4, x, low, stroke="#d2d2d2")
        yield words(x, TOP - 8, label, anchor="middle", fill=QUIET)
    end = axis.x(axis.last + 1)
    yield line(end, TOP - 24, end, low, stroke_width=1.5, stroke_dasharray="8 3 2 3")
    yield halo(end - 4, TOP - 26 + 2, f"as of {said['on'].isoformat()}", anchor="end", bold=True)


def _picture(page: Block, said: Said, canvas: Canvas) -> str:
    """The page as a document of its own, which can also stand within HTML."""
    prefix, width, height = canvas.prefix, canvas.width, round(page.height)
    title = Mark("title", {"id": f"{prefix}-title"}, "Timeline of treatments and ratings")
    told = Mark("desc", {"id": f"{prefix}-desc"}, said["description"])
    paper = box(0, 0, width, height, fill="#fff", stroke="none")
    marks = "".join(written(mark, prefix) for mark in (title, told, *patterns(prefix), paper, *page.marks))
    return (
        f'<svg xmlns="{SPACE}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc" '
        f'font-family="FiraGO, Arial, Helvetica, sans-serif">{marks}</svg>'
    )
