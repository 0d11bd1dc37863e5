"""The report as a PDF: A4, tagged for screen readers, with its own fonts, laid out by a process that ends with it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from report.page import WIDE
from report.shown import shown
from report.timeline_svg import timeline_parts

Said = dict[str, Any]
TYPESET = Path(__file__).with_name("typeset.py")
SECONDS = 15.0


def to_lay_out(said: Said) -> str:
    """What the pages show, as the JSON that the layout reads: text in it is never read as markup."""
    words = shown(said)
    title = f"{words['answer']['words']}: {words['patient']['name']}"
    return json.dumps({**words, "title": title, "wide": timeline_parts(said["timeline"], WIDE)})


def laid_out(data: str) -> bytes:
    """The report as a PDF. The interpreter is free meanwhile.

    Raises:
        TimeoutError: it took too long, and was ended.
        subprocess.CalledProcessError: it could not be laid out.
    """
    # Isolated (-I) and without our environment: no password of the service reaches it, and nothing else does.
    command = [sys.executable, "-I", str(TYPESET)]
    try:
        made = subprocess.run(command, input=data.encode(), capture_output=True, timeout=SECONDS, check=True, env={})  # noqa: S603 - our own file
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return made.stdout
