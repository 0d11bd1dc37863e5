"""Letting an app in (SMART App Launch): a person signs in on our own page, sees what the app asks, and answers.

The pages are not in the OpenAPI document, as /sign-in is not: a browser opens them, no program calls them. Nothing is
kept before somebody has signed in. What is sent from the page that asks is believed only with what that page holds and
with the cookie of the browser that has signed in, which no other site can make it send.
"""

import re
import secrets
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.app_patients import OPERATION, Picking, choice, picked
from api.app_requests import BackToApp, Sent, app_of, expect_launch, returning, sent_in, wanted_by
from api.authorize_pages import closed_page, consent_form, sign_in_form
from api.pages import refuse_other_sites
from api.token_requests import NOT_HERE
from models.executor import Executor
from registry.app_clients import App
from registry.app_launches import Pending, Wanted, begin, grant, pending, refuse
from registry.app_scopes import needs_patient
from registry.errors import Forbidden, TrialbookError
from registry.oauth_errors import WrongGrant
from registry.sign_in import Asked, sign_in_to
from web.attempts import count_attempt
from web.bodies import read_form
from web.issuer import AUTHORIZE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from web.deps import Service

router = APIRouter(prefix=AUTHORIZE, include_in_schema=False)
COOKIE, SECONDS = "trialbook-launch", 600
HELD = re.compile(r"[A-Za-z0-9_-]{43}")
NO_STORE = {"Cache-Control": "no-store"}
OVER = "This page is over: it waited too long, was answered, or is of another browser. Go back to the app."


@router.api_route("", methods=["GET", "POST"])
async def ask_for_app(request: Request) -> Response:
    """The form to sign in, if the app and what it asks for are as they must be (OpenID Connect Core 1.0, 3.1.2.1)."""
    service: Service = request.app.state.service
    try:
        await count_attempt(request, service.requests, "authorize/")
        sent = sent_in(await _pairs_of(request))
        app, _ = await _asked(service, sent)
    except BackToApp as error:
        return _led(error.address(service.issuer.url))
    except TrialbookError as error:
        return closed_page(error)
    return sign_in_form(app.name, sent)


async def _pairs_of(request: Request) -> "Iterable[tuple[str, str]]":
    """What an app sent, in the address or in a form."""
    if request.method == "GET":
        return request.query_params.multi_items()
    service: Service = request.app.state.service
    return (await read_form(request, service.seconds_for_a_body)).items()


async def _asked(service: "Service", sent: Sent) -> tuple[App, Wanted]:
    """The app, and what it wants.

    Raises:
        WrongGrant: nobody signs in here.
        AppNotKnown, BackToApp: as in `app_of` and `wanted_by`.
    """
    if not service.embedded:
        raise WrongGrant(NOT_HERE)
    app = await app_of(service.database, sent)
    wanted = wanted_by(app, sent, service.issuer.url)
    await expect_launch(service.database, app, sent)
    return app, wanted


@router.post("/sign-in")
async def sign_in_for_app(request: Request) -> Response:
    """Sign in as at `/oauth/token`, by the same limits, and show what the app asks for."""
    service: Service = request.app.state.service
    try:
        await count_attempt(request, service.requests, "authorize/")
        form = await read_form(request, service.seconds_for_a_body)
        sent = sent_in(form.items())
        app, wanted = await _asked(service, sent)
    except BackToApp as error:
        return _led(error.address(service.issuer.url))
    except TrialbookError as error:
        return closed_page(error)
    username, browser = form.get("username", "")[:200], _browser_of(request)
    try:
        refuse_other_sites(request)
        page = await _signed_in(request, wanted, (username, form.get("password", "")[:1000]), browser)
    except TrialbookError as error:
        return sign_in_form(app.name, sent, username, error)
    launch = await pending(service.database, page, browser)
    if launch is None:
        return closed_page(Forbidden(OVER))
    return _with_cookie(request, await _question(request, launch, page, Picking()), browser)


async def _signed_in(request: Request, wanted: Wanted, who: tuple[str, str], browser: str) -> str:
    """Begin the launch for whoever knows the password; what its page holds."""
    service: Service = request.app.state.service
    await count_attempt(request, service.sign_ins)

    async def opening(inside: Executor, user: dict[str, Any], _row: Any) -> str:  # noqa: ANN401 - a row
        return await begin(inside, user, wanted, browser)

    asked = Asked(*who, "", wanted.app.organisation_id)
    return await sign_in_to(service.database, asked, service.recorder(request, OPERATION), opening)


@router.post("/consent")
async def answer_app(request: Request) -> Response:
    """Look for a patient, let the app in, or refuse."""
    service: Service = request.app.state.service
    try:
        await count_attempt(request, service.requests, "authorize/")
        refuse_other_sites(request)
        form = await read_form(request, service.seconds_for_a_body)
        page = form.get("page", "")
        launch = await pending(service.database, page, request.cookies.get(COOKIE, ""))
        if launch is None:
            raise Forbidden(OVER)
    except TrialbookError as error:
        return closed_page(error)
    asked = Picking(form.get("system", "")[:300], form.get("value", "")[:200])
    answer = form.get("answer", "")
    if answer == "more":
        asked = Picking(after=form.get("after", ""))
    if answer not in {"allow", "refuse"}:
        return await _question(request, launch, page, asked)
    try:
        return await _refused(request, launch) if answer == "refuse" else await _allowed(request, launch, form)
    except TrialbookError as error:
        return await _question(request, launch, page, asked, error)


async def _question(
    request: Request, launch: Pending, page: str, asked: Picking, error: TrialbookError | None = None
) -> Response:
    """The page that asks, with patients to pick from where one is needed, or with the one that the EHR named."""
    found = None
    try:
        found = await choice(request, launch, asked)
    except TrialbookError as closed:
        found, error = None if launch.patient_id else await choice(request, launch, Picking()), closed
    return consent_form(launch, page, found, asked, error)


async def _refused(request: Request, launch: Pending) -> Response:
    service: Service = request.app.state.service
    if not await refuse(service.database, launch, service.recorder(request, OPERATION)):
        return closed_page(Forbidden(OVER))
    said = {"error": "access_denied", "error_description": "The person refused to let the app in."}
    return _led(returning(launch.redirect_uri, launch.state, service.issuer.url, said))


async def _allowed(request: Request, launch: Pending, form: dict[str, str]) -> Response:
    service: Service = request.app.state.service
    patient_id: UUID | None = None
    if launch.patient_id or needs_patient(launch.scope):
        patient_id = await picked(service, launch, form.get("patient", ""))
    code = await grant(service.database, launch, patient_id, service.recorder(request, OPERATION))
    if code is None:
        return closed_page(Forbidden(OVER))
    return _led(returning(launch.redirect_uri, launch.state, service.issuer.url, {"code": code}))


def _led(address: str) -> Response:
    return RedirectResponse(address, 303, NO_STORE)


def _browser_of(request: Request) -> str:
    """What tells this browser from others: what it holds already, so that two launches can go on at once."""
    held = request.cookies.get(COOKIE, "")
    return held if HELD.fullmatch(held) else secrets.token_urlsafe(32)


def _with_cookie(request: Request, response: Response, browser: str) -> Response:
    service: Service = request.app.state.service
    secure = "https" in {request.url.scheme, service.issuer.url.partition(":")[0]}
    response.set_cookie(
        COOKIE, browser, max_age=SECONDS, path=AUTHORIZE, secure=secure, httponly=True, samesite="strict"
    )
    return response
