"""Signing in to what a browser opens by its address: the report, as a page or a PDF, and the timeline as a picture.

A link sends no token, so a cookie does: one that no script can read, that no other site can make the browser send, and
that the doorman takes for those pages alone. What it holds may only read.
"""

import re
from string import Template
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from markupsafe import escape
from starlette.responses import RedirectResponse

from api.pages import refuse_other_sites, said_refusal, shown
from api.token_form import TokenForm
from api.token_requests import attempted, end_session_of
from registry.errors import Forbidden, TrialbookError, Unauthenticated
from registry.oauth_errors import ProviderAway
from web.bodies import read_form
from web.doorman import COOKIE, PAGES
from web.problems import problem

if TYPE_CHECKING:
    from web.deps import Service

router = APIRouter(include_in_schema=False)

FORM = Template(
    """$refused<form method="post" action="/sign-in">
<input type="hidden" name="next" value="$next">
<label>User name <input name="username" autocomplete="username" maxlength="200" value="$username" required></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" maxlength="1000" required></label>
<button>Sign in</button>
</form>
<p class="quiet">To read reports. Sign out when you leave the screen.</p>"""
)
SIGNED_IN = """<p>You are signed in to read reports: open the address of one.</p>
<p>All that the service does is at <a href="/docs">/docs</a>, which asks for your password again.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>"""
SIGNED_OUT = """<p>You are signed out: this browser opens no report any more.</p>
<p><a href="/sign-in">Sign in</a></p>"""
ENDINGS = "|".join(map(re.escape, PAGES))
OWN = re.compile(rf"/v1/patients/[0-9a-fA-F-]{{36}}(?:{ENDINGS})(?:\?[!-\[\]-~]*)?")
"""What one is led to after signing in: those pages of this service, and nothing else."""
LONGEST_NEXT = 4096
LONGEST = 3600
READS_ONLY = "user/*.rs"
PLACES = ("/v1/patients", "/sign-out")
"""Where the browser sends the cookie: to the pages, and to what ends it."""


class Filled(NamedTuple):
    """The form as it was sent."""

    username: str = ""
    password: str = ""
    next: str = ""


def leads_to(address: str) -> str | None:
    """Where to go after signing in, if it is one of our own pages that were meant."""
    return address if len(address) <= LONGEST_NEXT and OWN.fullmatch(address) else None


def lead_to_sign_in(app: FastAPI) -> None:
    """Let whoever opens a page without being signed in see the form; programs are refused as everywhere."""
    app.add_exception_handler(Unauthenticated, _unauthenticated)


async def _unauthenticated(request: Request, error: Exception) -> Response:
    if isinstance(error, TrialbookError) and not _opens_a_page(request):
        return problem(request.scope, error)
    query = request.url.query
    asked = request.url.path + (f"?{query}" if query else "")
    return RedirectResponse(f"/sign-in?next={quote(asked, safe='')}", 303, {"Cache-Control": "no-store"})


def _opens_a_page(request: Request) -> bool:
    """Whether a browser opens the address of a page: a program sends a token, or asks for no HTML."""
    asks = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    return asks and request.scope["path"].endswith(PAGES) and "authorization" not in request.headers


@router.get("/sign-in")
async def show_sign_in(request: Request) -> Response:
    """The form."""
    return _form(Filled(next=request.query_params.get("next", "")))


@router.post("/sign-in")
async def sign_in_here(request: Request) -> Response:
    """Sign in as at `/oauth/token`, by the same limits, and go on to the page that was asked for."""
    service: Service = request.app.state.service
    sent = await read_form(request, service.seconds_for_a_body)
    filled = Filled(*(sent.get(name, "") for name in Filled._fields))
    try:
        refuse_other_sites(request)
        form = TokenForm(
            grant_type="password", username=filled.username[:200], password=filled.password[:1000], scope=READS_ONLY
        )
        signed_in, seconds = await attempted(request, form)
    except TrialbookError as error:
        return _form(filled, error)
    seconds = min(seconds, LONGEST)
    token = service.issuer.issue(signed_in.holder, service.clock(), seconds)
    return _with_cookie(request, RedirectResponse(leads_to(filled.next) or "/sign-out", 303), token, seconds)


@router.get("/sign-out")
async def show_sign_out(request: Request) -> Response:
    """Whether this browser is signed in, and the button that ends it."""
    signed_in = await _is_signed_in(request)
    return shown("Signed in", SIGNED_IN) if signed_in else shown("Signed out", SIGNED_OUT)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, and let the browser forget the cookie."""
    try:
        refuse_other_sites(request)
    except Forbidden as error:
        return shown("Not signed out", said_refusal(error), error.status)
    held = request.cookies.get(COOKIE)
    if held is not None:
        await end_session_of(request, held)
    return _with_cookie(request, RedirectResponse("/sign-out", 303), "", 0)


async def _is_signed_in(request: Request) -> bool:
    """Whether the doorman believes what the cookie holds, and its session stands."""
    held = request.cookies.get(COOKIE, "").encode("latin-1", "replace")
    service: Service = request.app.state.service
    try:
        await service.doorman.caller(Request({**request.scope, "headers": [(b"authorization", b"Bearer " + held)]}))
    except (Unauthenticated, ProviderAway):
        return False
    return True


def _with_cookie(request: Request, response: Response, token: str, seconds: int) -> Response:
    """The cookie in both of its places; for no seconds, it is forgotten."""
    service: Service = request.app.state.service
    secure = "https" in {request.url.scheme, service.issuer.url.partition(":")[0]}
    for place in PLACES:
        response.set_cookie(COOKIE, token, max_age=seconds, path=place, secure=secure, httponly=True, samesite="strict")
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(filled: Filled, error: TrialbookError | None = None) -> Response:
    body = FORM.substitute(
        refused=said_refusal(error) if error else "",
        next=escape(leads_to(filled.next) or ""),
        username=escape(filled.username[:200]),
    )
    answer = shown("Sign in", body, error.status if error else 200)
    answer.headers.update((error.headers if error else None) or {})
    return answer
