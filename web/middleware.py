"""The envelope of every request: an identity, a check of its address, and a quiet 500 if all else fails."""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.errors import Fault, InvalidRequest, TrialbookError
from web.metrics import Metrics
from web.problems import problem, request_id
from web.request_log import RequestLog

ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
UNEXPECTED = (
    "Something went wrong on our side. Nothing you sent was at fault; name the request_id when you ask for help."
)
NUL = "The address contains a NUL byte. Remove it."


class Envelope:
    """Pure ASGI. Logs never hold a path, a body or a message of an exception: those may name a patient."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        """Wrap the application. What comes through is counted in the metrics."""
        self.app = app
        self._log = RequestLog(metrics or Metrics())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request its identity, answer whatever happens, and write down that it was."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope["trialbook.request_id"] = given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        exchange = self._log.begin(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id(scope)
                allowance = scope.get("trialbook.as_get", scope).get("trialbook.allowance")
                if allowance is not None:
                    headers.update(allowance.headers)
            exchange.note(message)
            await send(message)

        try:
            await self._answer(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - the last net: nothing may reach the server's own log with data in it
            exchange.error = error
            if not exchange.status:
                await problem(scope, TrialbookError(UNEXPECTED))(scope, receive, send_with_id)
        finally:
            self._log.end(scope, exchange)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
            await problem(scope, InvalidRequest(NUL, (Fault("#address", NUL),)))(scope, receive, send)
            return
        await self.app(scope, receive, send)
