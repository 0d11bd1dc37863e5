"""Two real workers: what they count adds up, what a dead one said of itself goes, and what they send names nobody."""

import json
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.collector import attributes, collecting
from tests.ops.conftest import PATIENCE, Start, ended, free_port, spawned, wait_for

MARK = "MARKER-PATIENT"
TOKEN = "a-token-of-the-tests"  # noqa: S105 - of the tests
KINDS = ("TRACES", "METRICS")
REQUESTS = 40
REFUSED = {401, 429}  # nobody is signed in
COUNT = r'trialbook_request_seconds_count{method="GET",operation="read_patient",status="4xx"} (\S+)'


def number(text: str, pattern: str) -> float:
    found = re.search(pattern, text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    """On a connection of its own. Patient: a worker that replaces a killed one has to start first."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def scrape(port: int) -> str:
    status, text = get(port, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    return text


def ask(port: int) -> set[int]:
    """Many requests at once, so that every worker gets some."""

    def one(name: int) -> int:
        return get(port, f"/v1/patients/{MARK}-{name}?q={MARK}", tracestate=f"a={MARK}", Cookie=MARK)[0]

    with ThreadPoolExecutor(8) as several:
        return set(several.map(one, range(REQUESTS)))


def ask_both(port: int, service: int) -> tuple[Path, int]:
    """Ask until both workers have answered something; the second may start later than the first.

    Returns:
        Where they count, and how many requests there were.
    """
    folder, rounds = folder_of(two_of(service)[0]), 0
    deadline = time.monotonic() + 2 * PATIENCE
    while counts_in(folder) < 2:
        assert ask(port) <= REFUSED
        rounds += 1
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return folder, rounds * REQUESTS


def two_of(service: int) -> list[psutil.Process]:
    return wait_for(lambda: two if len(two := spawned(service)) == 2 else [])


def folder_of(worker: psutil.Process) -> Path:
    return Path(worker.environ()["PROMETHEUS_MULTIPROC_DIR"])


def counts_in(folder: Path) -> int:
    """How many workers have counted something of it."""
    return sum(b"read_patient" in file.read_bytes() for file in folder.glob("histogram_*.db"))


def test_what_two_workers_count_adds_up_and_survives_them(run: Start) -> None:
    port = free_port()
    service = run(port, WORKERS="2", METRICS_TOKEN=TOKEN)
    folder, asked = ask_both(port, service.pid)
    workers = two_of(service.pid)
    for _ in range(8):  # whichever worker is asked
        text = scrape(port)
        assert number(text, COUNT) == asked
        assert number(text, r"^trialbook_workers (\S+)") == 2
        assert {int(pid) for pid in re.findall(r'process_resident_memory_bytes{worker="(\d+)"}', text)} == {
            worker.pid for worker in workers
        }
    # A request that never ends dies with its worker, and is in flight no more.
    with socket.create_connection(("127.0.0.1", port)) as unfinished:
        unfinished.sendall(
            b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        unfinished.sendall(b"Content-Length: 100\r\n\r\ngrant_type=")
        wait_for(lambda: number(scrape(port), r"^trialbook_requests_in_flight (\S+)") == 2, seconds=10)
        for worker in workers:
            worker.kill()
        wait_for(lambda: set(now := spawned(service.pid)).isdisjoint(workers) and len(now) == 2)
    text = wait_for(lambda: found if "workers 2.0" in (found := scrape(port)) else "", seconds=20)
    assert number(text, r"^trialbook_requests_in_flight (\S+)") == 1
    assert number(text, COUNT) == asked
    assert len(list(folder.glob("gauge_livesum_*.db"))) == 2
    service.terminate()
    assert ended(service)[0] == 0
    assert not folder.exists()


def test_what_two_workers_send_and_log_names_nobody(run: Start) -> None:
    port = free_port()
    with collecting() as collector:
        service = run(
            port,
            WORKERS="2",
            LOG_LEVEL="info",
            METRICS_TOKEN=TOKEN,
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.address,
        )
        _, asked = ask_both(port, service.pid)
        scraped = scrape(port)
        service.send_signal(signal.SIGTERM)
        code, said = ended(service)
    assert code == 0, said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    of_patients = [line for line in lines if line.get("operation") == "read_patient"]
    sent = [span for span in collector.spans() if span.name == "GET /v1/patients/{patient_id}"]
    assert len(of_patients) == len(sent) == asked
    assert {span.trace_id.hex() for span in sent} == {line["trace_id"] for line in of_patients}
    assert len({attributes(batch.resource.attributes)["service.instance.id"] for batch in collector.batches()}) == 2
    assert "http.server.request.duration" in collector.metrics()
    for held in (said, scraped, collector.everything()):
        assert MARK.lower() not in held.lower()


def test_what_the_environment_asks_of_the_framework_is_not_done(run: Start) -> None:
    """By itself the framework would send every path: only our own setting, with our own allow-list, sends anything."""
    port = free_port()
    with collecting() as collector:
        asked = {f"OTEL_EXPORTER_OTLP_{kind}_ENDPOINT": f"{collector.address}/v1/{kind.lower()}" for kind in KINDS}
        service = run(port, FASTAPI_OTEL_AUTO_CONFIGURE="true", **asked)
        assert ask(port) <= REFUSED
        service.terminate()
        assert ended(service)[0] == 0
    assert collector.received == []
