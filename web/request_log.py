"""One line a request, and its part in the metrics. No path, query, header or body: those may name a patient."""

import logging
from collections.abc import Mapping
from time import perf_counter
from typing import Any

import structlog
from opentelemetry.trace import Span
from starlette.types import Message, Scope

from registry.errors import place_of
from web.metrics import Metrics
from web.problems import request_id

SERVER_ERROR = 500
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER, NOWHERE = "OTHER", "none"
WITHOUT_BODY = "HEAD"
MILLISECONDS = 1000

# Until whoever runs the process says where logs go (ops/logs.py), only what is wrong is said.
if not structlog.is_configured():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


class Exchange:
    """One request and what came of it so far."""

    __slots__ = ("began", "error", "sent", "status")

    def __init__(self) -> None:
        """It begins now."""
        self.began = perf_counter()
        self.status = self.sent = 0
        self.error: Exception | None = None

    def note(self, message: Message) -> None:
        """Take from a message to the client what is said of it: the status, and how many bytes."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.sent += len(message.get("body", b""))


class RequestLog:
    """Writes down every exchange once it is over."""

    def __init__(self, metrics: Metrics) -> None:
        """Lines go to structlog as it is configured now."""
        self._metrics = metrics
        self._log = structlog.get_logger("trialbook").bind()

    def begin(self, scope: Scope) -> Exchange:
        """A request has come. Its trace, if it is traced, is told its identity."""
        self._metrics.begin()
        if span := _span(scope):
            span.set_attribute("trialbook.request_id", request_id(scope))
        return Exchange()

    def end(self, scope: Scope, exchange: Exchange) -> None:
        """It was answered, or was given up: status 0 then."""
        seconds = perf_counter() - exchange.began
        handled = scope.get("trialbook.as_get", scope)
        method = scope["method"] if scope["method"] in METHODS else OTHER
        operation = operation_of(handled)
        self._metrics.end((operation, method, f"{exchange.status // 100}xx"), seconds)
        self._log.log(
            _level(exchange),
            "request",
            request_id=request_id(scope),
            method=method,
            operation=operation,
            status=exchange.status,
            ms=round(seconds * MILLISECONDS, 3),
            bytes=0 if method == WITHOUT_BODY else exchange.sent,
            **_caller(handled),
            **_trace(scope),
            **failure(exchange.error),
        )


def operation_of(scope: Mapping[str, Any]) -> str:
    """The operation's id: a name from our own code, whatever was asked. `none` where nothing of ours was found."""
    route = scope.get("route")
    return getattr(route, "operation_id", None) or getattr(route, "name", None) or NOWHERE


def failure(error: BaseException | None) -> dict[str, str]:
    """What may be said of an unexpected error: its kind and its place."""
    return {} if error is None else {"error": type(error).__name__, "place": place_of(error)}


def _level(exchange: Exchange) -> int:
    if exchange.error is not None:
        return logging.ERROR
    return logging.WARNING if exchange.status >= SERVER_ERROR else logging.INFO


def _caller(scope: Mapping[str, Any]) -> dict[str, str]:
    """Who asked: a user or a machine, and of which organisation. Never which."""
    caller = scope.get("trialbook.caller")
    if caller is None:
        return {}
    return {"caller": str(caller.kind), "organisation_id": str(caller.organisation_id)}


def _span(scope: Scope) -> Span | None:
    return getattr(scope.get("fastapi.telemetry"), "span", None)


def _trace(scope: Scope) -> dict[str, str]:
    """The trace that this request is part of, if it is traced."""
    span = _span(scope)
    return {} if span is None else {"trace_id": f"{span.get_span_context().trace_id:032x}"}
