"""The envelope of every request: an identity, a check of its address, and a quiet 500 if all else fails."""

import logging
import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem, request_id
from registry.errors import Fault, InvalidRequest, TrialbookError

log = logging.getLogger("trialbook")
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
UNEXPECTED = (
    "Something went wrong on our side. Nothing you sent was at fault; name the request_id when you ask for help."
)
NUL = "The address contains a NUL byte. Remove it."


# What is said of a patient stays out of shared caches, and is never taken for anything but what it says it is.
GUARDS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


class Envelope:
    """Pure ASGI. Logs never hold a path, a body or a message of an exception: those may name a patient."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request its identity and answer whatever happens."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope["trialbook.request_id"] = given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id(scope)
                for name, value in GUARDS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._answer(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - the last net: nothing may reach the server's own log with data in it
            log.error("request %s failed: %s at %s", request_id(scope), type(error).__name__, _place(error))  # noqa: TRY400
            if not started:
                await problem(scope, TrialbookError(UNEXPECTED))(scope, receive, send_with_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
            await problem(scope, InvalidRequest(NUL, (Fault("#address", NUL),)))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _place(error: BaseException) -> str:
    """Where it was raised: file and line, no values."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "nowhere" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
