"""The report as one page of HTML: no script, nothing from elsewhere, and a policy that allows no more than that."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from report.shown import shown
from report.timeline_svg import Canvas, timeline_parts

Said = dict[str, Any]
TEMPLATES = Path(__file__).with_name("templates")
STYLE = (TEMPLATES / "report.css").read_text("utf-8")
STYLE_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# An A4 page holds a picture this high beside its heading; a phone is scrolled, so its picture is one.
WIDE = Canvas(width=720, height=930, prefix="w")
NARROW = Canvas(width=340, prefix="n")


@lru_cache(maxsize=1)
def _template() -> Template:
    """The page. Every text is escaped unless this module calls it markup."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html")


def page(said: Said, *, sign_out: bool = False) -> str:
    """The report as HTML; with a way to sign out where a browser is signed in to it."""
    pictures = {
        name: [Markup(part) for part in timeline_parts(said["timeline"], canvas)]  # noqa: S704 - escaped where made
        for name, canvas in (("wide", WIDE), ("narrow", NARROW))
    }
    return _template().render(**shown(said), **pictures, style=Markup(STYLE), sign_out=sign_out)  # noqa: S704 - our own file
