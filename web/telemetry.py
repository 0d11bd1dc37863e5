"""Traces and metrics for an OpenTelemetry collector: sent if there is an address for them, and else not even loaded.

What the framework would do by itself (send paths, queries and exceptions to whatever the environment or another
library has set up) is never on: it is given providers of our own, or told to be quiet.
"""

import asyncio
import importlib
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

SECONDS_TO_SEND_THE_REST = 6.0
QUIET = {
    "tracing": False,
    "metrics": False,
    "logs": False,  # the bodies of refused requests and the texts of exceptions
    "operation_spans": False,
    "auto_configure": False,
}


def _nothing() -> None:
    """There is nothing to send."""


class Telemetry(NamedTuple):
    """What the framework is told, and how to end it."""

    options: Any
    shut_down: Callable[[], None] = _nothing

    async def aclose(self) -> None:
        """Send what is left, for as long as a stop may take: a collector that is away must not hold it up."""
        if self.shut_down is not _nothing:
            thread = threading.Thread(target=self.shut_down, name="telemetry-end", daemon=True)
            thread.start()
            await asyncio.to_thread(thread.join, SECONDS_TO_SEND_THE_REST)


def telemetry_for(endpoint: str | None, version: str) -> Telemetry:
    """Telemetry to the collector at this address (OTLP over HTTP), or none. The SDK is loaded only if it is needed."""
    if endpoint is None:
        return Telemetry(QUIET)
    pipeline = importlib.import_module("web.telemetry_pipeline").build(endpoint.rstrip("/"), version)
    sending = {"tracing": True, "metrics": True, "tracer_provider": pipeline.tracer, "meter_provider": pipeline.meter}
    return Telemetry(QUIET | sending, pipeline.shut_down)
