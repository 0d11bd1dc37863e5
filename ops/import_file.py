"""`make import FILE=...`: sends files to a running service, watches, and says what came of them.

FILE is a file, a folder or a pattern: FHIR NDJSON, Bundles (.json), either with .gz, tables of the OMOP CDM (.csv,
.parquet) or a .zip. Whoever imports signs in, so the audit knows who it was.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ops.demo import address
from ops.import_bodies import Body, bodies_of
from ops.signing_in import SignIn, person, sign_in

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_FOR_AN_ANSWER = 120.0
OVER = ("done", "refused", "cancelled")
SHOWN_REJECTS = 10
UNAUTHORIZED = 401


class CannotImport(SystemExit):
    """The service is not there, or refuses. The message says what to do."""


class Importer:
    """Sends and watches, signed in."""

    def __init__(self, http: httpx.Client, who: SignIn, progress: Progress) -> None:
        """Sign in."""
        self._http, self._who, self._progress = http, who, progress
        sign_in(http, who)

    def run(self, body: Body, source: str | None) -> dict[str, Any]:
        """Import one body; what is said of it at the end.

        Raises:
            CannotImport: the service refuses it.
        """
        sending = self._progress.add_task("Sending", total=body.size)
        params = {"source": source} if source else {}
        headers = {"Content-Type": body.kind}
        answer = self._http.post("/v1/imports", content=self._told(body, sending), headers=headers, params=params)
        if not answer.is_success:
            raise CannotImport(f"The service refused the import ({answer.status_code}): {_why(answer)}")
        self._progress.update(sending, completed=body.size)
        return self._watched(answer.headers["Location"])

    def _told(self, body: Body, task: Any) -> Iterator[bytes]:  # noqa: ANN401 - rich's TaskID
        for part in body.parts():
            self._progress.advance(task, len(part))
            yield part

    def _watched(self, location: str) -> dict[str, Any]:
        reading = self._progress.add_task("Reading", total=None)
        writing = self._progress.add_task("Writing", total=None)
        while True:
            said = self._read(location)
            self._progress.update(reading, total=said["bytes"]["total"], completed=said["bytes"]["done"])
            if said["state"] != "reading":
                self._progress.update(
                    writing, total=said["resources"]["total"] or None, completed=said["resources"]["done"]
                )
            if said["state"] in OVER:
                return said
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _read(self, location: str) -> dict[str, Any]:
        """What is said of it. A token lives for minutes, an import may take longer: then we sign in again."""
        answer = self._http.get(location)
        if answer.status_code == UNAUTHORIZED:
            sign_in(self._http, self._who)
            answer = self._http.get(location)
        if not answer.is_success:
            raise CannotImport(f"The service does not say how far the import is ({answer.status_code}): {_why(answer)}")
        found: dict[str, Any] = answer.json()
        return found

    def rejects(self, said: dict[str, Any]) -> list[str]:
        """The first rejects, a line each."""
        lines = []
        with self._http.stream("GET", f"/v1/imports/{said['id']}/rejects") as answer:
            for line in answer.iter_lines():
                lines.append(line)
                if len(lines) == SHOWN_REJECTS:
                    break
        return lines


def _why(answer: httpx.Response) -> str:
    return str(answer.json().get("detail")) if "json" in answer.headers.get("Content-Type", "") else answer.text


def show(said: dict[str, Any], rejects: list[str], console: Console) -> None:
    """Print the counts of what came in and what came out, and of rejects with reasons."""
    speed = said["resources_per_second"] or 0
    console.print(f"Import {said['id']}: {said['state']}. {said['problem'] or ''}")
    console.print(f"{said['resources']['total']} resources in, {speed:.0f} a second.")
    console.print(_table("Resources in", ("kind", "count"), sorted(said["kinds"].items())))
    words = ("created", "updated", "unchanged", "retracted", "kept_as_edited", "found")
    rows = [(kind, *(done[word] for word in words)) for kind, done in said["records"].items()]
    console.print(_table("Records out", ("kind", *words), rows))
    if said["rejected"]:
        console.print(_table("Rejects", ("reason", "count"), sorted(said["rejects"].items())))
        for line in rejects:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if said["rejected"] > len(rejects):
            console.print(f"All of them: GET /v1/imports/{said['id']}/rejects")


def _table(title: str, columns: tuple[str, ...], rows: Any) -> Table:  # noqa: ANN401 - rows of words and numbers
    made = Table(title=title)
    for name in columns:
        made.add_column(name, justify="left" if name == columns[0] else "right")
    for row in rows:
        made.add_row(*map(str, row))
    return made


def run(url: str, who: SignIn, asked: argparse.Namespace, console: Console) -> bool:
    """Import everything; whether all of it was read.

    Raises:
        CannotImport: nothing answers there, or it refuses.
        NothingToImport: there is no such file.
    """
    good = True
    bodies = bodies_of(asked.file)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    try:
        with httpx.Client(base_url=url, timeout=SECONDS_FOR_AN_ANSWER) as http:
            for body in bodies:
                with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
                    importer = Importer(http, who, progress)
                    said = importer.run(body, asked.source)
                show(said, importer.rejects(said), console)
                good = good and said["state"] == "done"
    except httpx.TransportError as error:
        raise CannotImport(f"No service answers at {url} ({type(error).__name__}): start it with `make run`.") from None
    return good


def main() -> None:
    """Import, print, and leave with 0, or 1 if something could not be read at all."""
    parser = argparse.ArgumentParser(prog="make import", description=__doc__)
    parser.add_argument("file", help="a file, a folder or a pattern")
    parser.add_argument("--source", help="the system that ids of Patients belong to, as a URI")
    asked = parser.parse_args()
    url = os.environ.get("TRIALBOOK_URL") or address()
    sys.exit(0 if run(url.rstrip("/"), person("import"), asked, Console()) else 1)


if __name__ == "__main__":
    main()
