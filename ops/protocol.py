"""HTTP/1.1 as uvicorn speaks it, for clients that take their time: each part of a request has a time to be there.

A connection that has not sent a whole head in time is closed, and so is one whose body does not come to its end (it is
answered 408 if nothing was answered yet) and one that does not take its answer. A head that is too large is refused,
and so is whoever comes while too many are connected. One timer a connection looks at moments that are only noted while
requests come in, so that a request in time pays for two readings of a clock.
"""

import asyncio
import math
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ops.edge import Edge, spare
from registry.errors import MalformedRequest, TrialbookError
from web.errors import HeadTooLarge, RequestTimeout, TooManyConnections
from web.problems import problem
from web.security_headers import Guards, guarded, raw_guards

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn.server import ServerState

MOST_BYTES_OF_A_HEAD = 32_768
SECONDS_FOR_THE_APPLICATION = 2.0
"""By which a body may be later here than in the application, whose own answer says more."""
UPLOADS = b"/v1/imports"
SLOWEST_UPLOAD = 8_192
"""Bytes a second on the average below which an upload is no longer waited for."""
NEVER = math.inf
CLOSE = {"Connection": "close"}
LATE = RequestTimeout("The request did not arrive whole in time. Nothing was done: send it again.", headers=CLOSE)
LARGE = HeadTooLarge(
    f"The address and the headers may have {MOST_BYTES_OF_A_HEAD} bytes together. Send long values in a body.",
    headers=CLOSE,
)
BUSY = TooManyConnections(
    "Too many connections are open at the moment. Wait a few seconds, and keep fewer open.",
    headers=CLOSE | {"Retry-After": "5"},
)
MALFORMED = MalformedRequest("What was sent is not a request of HTTP/1.1.", headers=CLOSE)


def _answer(error: TrialbookError, path: str = "") -> Response:
    return problem({"type": "http", "path": path, "trialbook.request_id": uuid4().hex}, error)


def _refuse_with(error: TrialbookError, *, only_over_tls: bool) -> "ASGIApp":
    """An application that answers every request so."""

    async def refuse(scope: "Scope", receive: "Receive", send: "Send") -> None:
        answer = _answer(error, scope["path"])
        await answer(scope, receive, send)

    return Guards(refuse, only_over_tls=only_over_tls)


class PunctualProtocol(HttpToolsProtocol):
    """One connection."""

    config: Edge

    def __init__(
        self,
        config: Edge,
        server_state: "ServerState",
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Begin a connection; nothing of a request is here yet."""
        super().__init__(config, server_state, app_state, _loop)
        self._patience = config.seconds_for_a_request
        self._application = self.app
        self._in_head, self._received, self._uploaded = True, 0, 0
        self._due = self._due_to_be_taken = NEVER
        self._began = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._was_closing = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Take the connection, unless there are far too many."""
        super().connection_made(transport)
        most = self.config.most_connections
        if len(self.connections) > most + spare(most):
            transport.abort()
            return
        self._due = self.loop.time() + self._patience
        self._timer = self.loop.call_later(self._patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and refuse a head that grows too large before it is whole."""
        if self._due == NEVER and (self.cycle is None or self.cycle.response_complete):
            self._due = self.loop.time() + self._patience
        self._received += len(data)
        super().data_received(data)
        if self._in_head and self._received > MOST_BYTES_OF_A_HEAD and not self.transport.is_closing():
            self._say_and_close(LARGE)

    def on_headers_complete(self) -> None:
        """The head is here: choose who answers, and begin to wait for the body."""
        self._in_head, self._uploaded, self._began = False, 0, self.loop.time()
        self._due = self._began + self._patience + SECONDS_FOR_THE_APPLICATION
        self.app = self._who_answers()
        super().on_headers_complete()

    def _who_answers(self) -> Any:  # noqa: ANN401 - uvicorn's name for an application is private to it
        most = self.config.most_connections
        if len(self.connections) > most or len(self.tasks) >= most:
            return _refuse_with(BUSY, only_over_tls=self.config.only_over_tls)
        if self._received > MOST_BYTES_OF_A_HEAD and self._bytes_of_head() > MOST_BYTES_OF_A_HEAD:
            return _refuse_with(LARGE, only_over_tls=self.config.only_over_tls)
        return self._application

    def _bytes_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        """A part of the body. An upload may take as long as it needs, if it comes on."""
        super().on_body(body)
        if self.url.startswith(UPLOADS):
            self._uploaded += len(body)
            now = self.loop.time()
            if self._uploaded >= SLOWEST_UPLOAD * (now - self._began - self._patience):
                self._due = now + self._patience + SECONDS_FOR_THE_APPLICATION

    def on_message_complete(self) -> None:
        """The request is here whole; from now on it is the application that takes its time."""
        super().on_message_complete()
        self._in_head, self._received = True, 0
        self._due = self.loop.time() + self._patience if self.cycle.response_complete else NEVER

    def pause_writing(self) -> None:
        """The client does not take its answer as fast as it is made."""
        super().pause_writing()
        self._due_to_be_taken = self.loop.time() + self._patience

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        self._due_to_be_taken = NEVER

    def _look(self) -> None:
        """See whether something is overdue, and when to look again."""
        now = self.loop.time()
        if self._due_to_be_taken <= now or self._was_closing:
            self.transport.abort()
            return
        if self.transport.is_closing():
            self._was_closing = True  # it has as long again to take what is left of its answer
        elif self._due <= now and not self.flow.read_paused:
            self._give_up()
        soonest = min(self._due, self._due_to_be_taken) - now
        self._timer = self.loop.call_later(soonest if 0 < soonest < self._patience else self._patience, self._look)

    def _give_up(self) -> None:
        """Say why, if something was begun and nothing is being answered."""
        if self._in_head and not self._received:
            self.transport.close()
        elif self._in_head or not self.cycle.response_started:
            self._say_and_close(LATE)
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says it in the shape of all refusals
        """Refuse what cannot be read."""
        self._say_and_close(MALFORMED)

    def _say_and_close(self, error: TrialbookError) -> None:
        """Answer past the application. An answer that is under way is cut off instead: nothing fits in its middle."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            answer = _answer(error)
            guards = raw_guards(only_over_tls=self.config.only_over_tls)
            headers = guarded(self.server_state.default_headers + answer.raw_headers, guards)
            lines = [b"".join((name, b": ", value, b"\r\n")) for name, value in headers]
            self.transport.write(b"".join((STATUS_LINE[error.status], *lines, b"\r\n", bytes(answer.body))))
            if self.cycle is not None:
                self.cycle.disconnected = True  # whoever still works on it has nobody to answer
                self.cycle.message_event.set()
        self.transport.close()
