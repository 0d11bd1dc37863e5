"""The report as a PDF: A4, tagged for screen readers, with its own fonts, and never with what it was not given."""

import json
from functools import lru_cache
from typing import Any

import typst

from report.page import TEMPLATES, WIDE
from report.shown import shown
from report.timeline_svg import timeline_parts

Said = dict[str, Any]
FONTS = TEMPLATES.with_name("fonts")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Our own fonts and no others, so that the same report is the same file on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def to_lay_out(said: Said) -> str:
    """What the pages show, as the JSON that the layout reads."""
    words = shown(said)
    title = f"{words['answer']['words']}: {words['patient']['name']}"
    return json.dumps({**words, "title": title, "wide": timeline_parts(said["timeline"], WIDE)}, ensure_ascii=False)


def laid_out(data: str) -> bytes:
    """The report as a PDF. The interpreter is free meanwhile."""
    try:
        return _compiled(data, accessible=True)
    except typst.TypstError:
        # A character that none of our fonts has, such as an emoji, is shown as a box; that is no reason to refuse.
        return _compiled(data, accessible=False)


def _compiled(data: str, *, accessible: bool) -> bytes:
    """The pages. Held to PDF/UA, the compiler refuses what a screen reader could not read."""
    return typst.compile(
        str(TEMPLATES / "report.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        format="pdf",
        pdf_standards="ua-1" if accessible else None,
    )
