"""Where every line of the log goes: to standard error, as JSON or as text, whoever says it.

What libraries say passes through here too, and without the texts of exceptions: those may hold what was sent.
"""

import logging
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor

from registry.errors import place_of
from settings import Settings

if TYPE_CHECKING:
    from collections.abc import MutableMapping

KNOWN = frozenset({"asyncio", "concurrent", "fastapi", "opentelemetry", "uvicorn"})
WITHHELD = "a library said something"
# asyncio names the function here with what it was called with.
CALLED_BACK = "Exception in callback"
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(settings: Settings, stream: BinaryIO | None = None) -> None:
    """Let this process write its log to a stream (standard error), at the level and in the form that is set."""
    level = LEVELS[settings.log_level]
    out = cast("BinaryIO", Forgiving(stream or sys.stderr.buffer))
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _in_order,
            _renderer(settings),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [Foreign()]
    root.setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):  # whoever starts uvicorn may have set its own
        theirs = logging.getLogger(name)
        theirs.handlers, theirs.propagate, theirs.disabled = [], True, False
        theirs.setLevel(logging.NOTSET)
    threading.excepthook = _of_a_thread
    sys.unraisablehook = _unraisable


def _in_order(_: object, level: str, event: EventDict) -> EventDict:
    """When, how bad, what; then the rest."""
    return {"time": event.pop("time"), "level": level, "event": event.pop("event"), **event}


def _renderer(settings: Settings) -> Processor:
    as_text = settings.environment == "development" and sys.stderr.isatty()
    if (settings.log_format or ("text" if as_text else "json")) == "json":
        return structlog.processors.JSONRenderer(serializer=orjson.dumps)
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), timestamp_key="time", sort_keys=False)

    def to_bytes(logger: object, name: str, event: "MutableMapping[str, Any]") -> bytes:
        return console(logger, name, event).encode("utf-8", "replace")

    return to_bytes


class Forgiving:
    """A stream whose reader may have gone: a line that cannot be written must not cost anybody an answer."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to that."""
        self._stream = stream

    def write(self, line: bytes) -> None:
        """Write it if that can be done."""
        with suppress(OSError, ValueError):
            self._stream.write(line)

    def flush(self) -> None:
        """Hand it on now."""
        with suppress(OSError, ValueError):
            self._stream.flush()


class Foreign(logging.Handler):
    """Takes what libraries say through Python's own logging, and says the harmless part of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, with the kind and the place of an exception in the stead of its text."""
        error = record.exc_info[1] if record.exc_info else None
        level = min(logging.CRITICAL, record.levelno // 10 * 10)
        structlog.get_logger().log(level, _said(record), logger=record.name, **_failure(error))


def _said(record: logging.LogRecord) -> str:
    """The first line of a text of a library that is known to write constants; its values only if they are numbers."""
    if record.name.partition(".")[0] not in KNOWN:
        return WITHHELD
    numbers = isinstance(record.args, tuple) and all(isinstance(value, int | float) for value in record.args)
    text = (record.getMessage() if numbers else str(record.msg)).partition("\n")[0]
    return CALLED_BACK if text.startswith(CALLED_BACK) else text


def _failure(error: BaseException | None) -> dict[str, str]:
    return {} if error is None else {"error": type(error).__name__, "place": place_of(error)}


def _of_a_thread(ended: threading.ExceptHookArgs) -> None:
    structlog.get_logger().error("a thread ended by an exception", **_failure(ended.exc_value))


def _unraisable(ignored: "sys.UnraisableHookArgs") -> None:
    structlog.get_logger().error("an exception that nobody could catch", **_failure(ignored.exc_value))
