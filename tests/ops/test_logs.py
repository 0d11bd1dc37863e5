"""The log of a process: where it goes, in which form, and what it costs."""

import io
import json
import logging
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ops import logs
from settings import Settings
from web.metrics import Metrics
from web.request_log import RequestLog

REQUEST = {"type": "http", "method": "GET", "trialbook.request_id": "a" * 32, "path": "/v1/patients/Jane"}


def log_requests(number: int = 1) -> None:
    log = RequestLog(Metrics())
    for _ in range(number):
        exchange = log.begin(REQUEST)
        exchange.note({"type": "http.response.start", "status": 200})
        log.end(REQUEST, exchange)


def test_a_line_is_json_with_time_level_and_event_first(log_stream: io.BytesIO) -> None:
    logs.configure(Settings(log_format="json"), log_stream)
    log_requests()
    line = json.loads(log_stream.getvalue())
    assert list(line)[:4] == ["time", "level", "event", "request_id"]
    assert line["time"].endswith("Z")
    assert abs(datetime.fromisoformat(line["time"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert "Jane" not in str(line)


def test_a_line_for_people_says_the_same(log_stream: io.BytesIO) -> None:
    logs.configure(Settings(log_format="text"), log_stream)
    log_requests()
    said = log_stream.getvalue().decode()
    assert "request" in said
    assert "status" in said
    with pytest.raises(json.JSONDecodeError):
        json.loads(said)


@pytest.mark.parametrize(
    ("environment", "terminal", "begins"),
    [("development", True, b"\x1b[2m20"), ("development", False, b"{"), ("test", True, b"{")],
)
def test_text_is_for_a_terminal_in_development(
    log_stream: io.BytesIO, monkeypatch: pytest.MonkeyPatch, environment: str, terminal: object, begins: bytes
) -> None:
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: terminal))
    logs.configure(Settings.model_validate({"environment": environment}), log_stream)
    log_requests()
    assert log_stream.getvalue().startswith(begins)


@pytest.mark.parametrize(("level", "lines"), [("info", 1), ("warning", 0)])
def test_the_level_decides_what_is_said(log_stream: io.BytesIO, level: str, lines: int) -> None:
    logs.configure(Settings.model_validate({"log_format": "json", "log_level": level}), log_stream)
    log_requests()
    assert len(log_stream.getvalue().splitlines()) == lines


def test_a_reader_that_has_gone_costs_nobody_an_answer(log_stream: io.BytesIO) -> None:
    assert not log_stream.getvalue()
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            pipe.write(b"as it would be")
        logs.configure(Settings(log_format="json"), pipe)
        log_requests()
    log_requests()  # and a stream that was closed


def test_numbers_of_a_library_are_said_and_its_words_are_not(log_stream: io.BytesIO) -> None:
    logs.configure(Settings(log_format="json"), log_stream)
    logging.getLogger("uvicorn.error").warning("Worker %d stopped", 7)
    logging.getLogger("asyncio").error("Task failed\nfuture: <Task exception=ValueError('Jane')>")
    logging.getLogger("asyncio").error("Exception in callback greet('Jane')")
    logging.getLogger("uvicorn.error").warning("Hello %s", "Jane")
    logging.getLogger("uvicorn.error").info("Started")
    logging.getLogger("greeter").error("Hello Jane")
    events = [json.loads(line)["event"] for line in log_stream.getvalue().splitlines()]
    assert events == [
        "Worker 7 stopped",
        "Task failed",
        "Exception in callback",
        "Hello %s",
        "a library said something",
    ]


def test_an_exception_that_nobody_could_catch_is_said_without_its_text(log_stream: io.BytesIO) -> None:
    class Stubborn:
        def __del__(self) -> None:
            raise ValueError("Jane")

    logs.configure(Settings(log_format="json"), log_stream)
    Stubborn()
    line = json.loads(log_stream.getvalue())
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert __file__ in line["place"]
    assert "Jane" not in str(line)


def test_a_line_costs_some_microseconds_also_on_a_busy_machine(log_stream: io.BytesIO) -> None:
    """With its part in the metrics, written to a file; the best of several rounds, since others share the machine."""
    rounds = []
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no path of ours
        logs.configure(Settings(log_format="json"), nowhere)
        for _ in range(7):
            began = time.process_time()
            log_requests(2_000)
            rounds.append((time.process_time() - began) / 2_000)
    assert not log_stream.getvalue()
    assert min(rounds) < 90e-6
