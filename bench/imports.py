"""`make bench-import`: a large file of Bulk Data through a real service into a real PostgreSQL, all protection on.

Prints resources a second from the first byte sent to the last record, what each process used, and the peak of memory
of the service and the process that imports. The file is the same each time.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.import_file import write
from bench.processes import Server, served
from bench.records import Patients
from bench.stage import stage
from ops.say import say
from settings import read_settings

MEBIBYTE = 1024 * 1024
BYTES_AT_ONCE = 256 * 1024
SECONDS_BETWEEN_SAMPLES = 0.2
FEWEST = Patients(read=10, written=10)
OVER = ("done", "refused", "cancelled")


class Sampler:
    """Looks at the service and its children now and then."""

    def __init__(self, pid: int) -> None:
        """Nothing is seen yet."""
        self._root, self._over = psutil.Process(pid), threading.Event()
        self.peak_of_all = self.peak_of_worker = self.cpu_of_worker = self.cpu_of_service = self.cpu_of_database = 0.0

    def look(self) -> None:
        """One sample. A process may end while it is looked at."""
        try:
            children = self._root.children(recursive=True)
            sizes = [each.memory_info().rss / MEBIBYTE for each in children]
            worker = [each for each in children if "ops.import_worker" in each.cmdline()]
            self.peak_of_all = max(self.peak_of_all, sum(sizes) + self._root.memory_info().rss / MEBIBYTE)
            self.cpu_of_service = sum(self._root.cpu_times()[:2])
            for each in worker:
                self.peak_of_worker = max(self.peak_of_worker, each.memory_info().rss / MEBIBYTE)
                self.cpu_of_worker = sum(each.cpu_times()[:2])
        except psutil.NoSuchProcess:
            return

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look for as long as the block lasts."""

        def go_on() -> None:
            while not self._over.wait(SECONDS_BETWEEN_SAMPLES):
                self.look()

        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        yield
        self._over.set()
        thread.join()


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(BYTES_AT_ONCE):
            yield part


def _database(data_dir: Path) -> float:
    """CPU seconds of our own PostgreSQL, connections that ended included; 0 where it is another's."""
    total = 0.0
    for each in psutil.process_iter(["name", "cmdline"]):
        if each.info["name"] == "postgres" and str(data_dir.resolve()) in " ".join(each.info["cmdline"] or ()):
            total += sum(each.cpu_times()[:4]) + sum(sum(child.cpu_times()[:2]) for child in each.children())
    return total


def imported(server: Server, path: Path, kind: str) -> dict[str, Any]:
    """Send the file and wait until it is imported."""
    url, headers = f"http://127.0.0.1:{server.port}", {"Content-Type": kind}
    with httpx.Client(base_url=url, headers=server.headers, timeout=120) as http:
        answer = http.post("/v1/imports", content=_parts(path), headers=headers)
        answer.raise_for_status()
        while True:
            said: dict[str, Any] = http.get(answer.headers["Location"]).raise_for_status().json()
            if said["state"] in OVER:
                return said
            time.sleep(SECONDS_BETWEEN_SAMPLES)


def main() -> None:
    """Make the file, import it, print."""
    parser = argparse.ArgumentParser(prog="make bench-import", description=__doc__)
    parser.add_argument("--resources", type=int, default=1_000_000)
    parser.add_argument("--again", action="store_true", help="import the same file a second time as well")
    parser.add_argument("--bundle", action="store_true", help="send one FHIR Bundle and no NDJSON")
    asked = parser.parse_args()
    kind = "application/fhir+json" if asked.bundle else "application/fhir+ndjson"
    with tempfile.TemporaryDirectory(prefix="trialbook-bench-") as folder, stage(read_settings(), FEWEST) as at:
        path = Path(folder) / "bulk.ndjson"
        size = write(path, asked.resources, bundle=asked.bundle)
        say(f"Made {asked.resources} resources, {size / MEBIBYTE:.0f} MiB of {kind}. {at.server}")
        with served("ops.serve", at.service.environment, Path(folder), signs_in=True) as server:
            for _ in range(1 + asked.again):
                _measure(server, path, kind)


def _measure(server: Server, path: Path, kind: str) -> None:
    data_dir = read_settings().data_dir
    sampler, busy, started = Sampler(server.pid), _database(data_dir), time.monotonic()
    with sampler.looking():
        said = imported(server, path, kind)
    seconds = time.monotonic() - started
    count = said["resources"]["done"]
    print(f"{said['state']}: {count} resources in {seconds:.1f} s: {count / seconds:.0f} a second, sending included.")
    print(f"CPU seconds: importing {sampler.cpu_of_worker:.1f}, service {sampler.cpu_of_service:.1f} since its start, "
          f"database {_database(data_dir) - busy:.1f}.")  # fmt: skip
    print(f"Peak memory: importing {sampler.peak_of_worker:.0f} MiB, with the service {sampler.peak_of_all:.0f} MiB.")
    print({kind: {word: n for word, n in done.items() if n} for kind, done in said["records"].items()})
    print(f"Rejects: {said['rejects']}.")


if __name__ == "__main__":
    main()
