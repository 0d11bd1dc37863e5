"""Pages of our own without a script: one frame, one policy, and forms that only our own pages may send."""

import base64
from hashlib import sha256
from pathlib import Path
from string import Template

from fastapi import Request, Response
from markupsafe import escape
from starlette.responses import HTMLResponse

from registry.errors import Forbidden, TrialbookError

FOLDER = Path(__file__).resolve().parent / "assets" / "page"
STYLE = (FOLDER / "sign-in.css").read_text("utf-8")
PAGE = Template((FOLDER / "sign-in.html").read_text("utf-8"))
DIGEST = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = "default-src 'none'; style-src 'sha256-{}'; form-action {}; base-uri 'none'; frame-ancestors 'none'"
ELSEWHERE = "The form was sent by a page of another site. Open {} yourself."


def shown(title: str, body: str, status: int = 200, *, leads_to: str = "") -> Response:
    """A page. Its forms may be sent here alone, and lead on to the origin that is named, if one is."""
    policy = POLICY.format(DIGEST, f"'self' {leads_to}".strip())
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(PAGE.substitute(title=title, style=STYLE, body=body), status, headers)


def said_refusal(error: TrialbookError) -> str:
    """What was wrong, for the top of a page."""
    return f'<p class="refused" role="alert">{escape(error.detail)}</p>\n'


def refuse_other_sites(request: Request) -> None:
    """Nobody is signed in or out by a form on a page of somebody else's, without knowing it.

    Raises:
        Forbidden: the browser says that it is one.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden(ELSEWHERE.format(request.url.path))
