"""A process of its own that lays out one PDF: JSON in, PDF out, and then it ends, with all the memory that it took.

Started by `report.pdf` with nothing of the service's environment; needs the standard library and typst alone.
"""

import sys
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
TEMPLATES, FONTS = HERE / "templates", HERE / "fonts"


def laid_out(data: str) -> bytes:
    """The report as a PDF, by PDF/UA if it can be: then the compiler refuses what a screen reader could not read."""
    try:
        return _compiled(data, accessible=True)
    except typst.TypstError:
        # A character that none of our fonts has, such as an emoji, is shown as a box; that is no reason to refuse.
        return _compiled(data, accessible=False)


def _compiled(data: str, *, accessible: bool) -> bytes:
    """The pages, with our own fonts and no others, so that the same report is the same file on every machine."""
    return typst.compile(
        str(TEMPLATES / "report.typ"),
        root=str(TEMPLATES),
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        format="pdf",
        pdf_standards="ua-1" if accessible else None,
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(laid_out(sys.stdin.buffer.read().decode("utf-8")))
