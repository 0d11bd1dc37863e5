"""`make demo`: fills a running service with invented patients, each of whom shows one thing, and only once."""

import argparse
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from ops.demo_definitions import post_examples
from ops.demo_people import KINDS, Person, people
from ops.signing_in import SignIn, person, sign_in

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - named here to be recognised
PATIENTS = "/v1/patients"
ALL_KINDS = ",".join(KINDS.values())
COLOURS = {"treatment_resistant": "red", "indeterminate": "yellow", "not_applicable": "cyan"}
LOUD = {"emergency": "bold white on red", "urgent": "bold red", "review": "bold yellow"}


class CannotFill(SystemExit):
    """The service is not there, or refuses. The message says what to do."""


class Shown(NamedTuple):
    """A patient who is in the service now, and what the service says of the history."""

    person: Person
    patient_id: str
    records_added: int
    status: str
    safety: dict[str, str]


def address() -> str:
    """Where the service is by HOST and PORT, as `make run` reads them."""
    host = os.environ.get("HOST") or "127.0.0.1"
    return f"http://{EVERYWHERE.get(host, host)}:{os.environ.get('PORT') or 8000}"


def fill(http: httpx.Client, persons: Sequence[Person]) -> list[Shown]:
    """Add everybody who is not there yet, with a progress bar.

    Raises:
        CannotFill: a record was refused.
    """
    with Progress(transient=True) as progress:
        return [show(http, person) for person in progress.track(persons, description="Adding patients")]


def show(http: httpx.Client, person: Person) -> Shown:
    """Add one person and whatever records are missing, and ask for the status."""
    patient = _checked(
        http.post(PATIENTS, json=person.as_patient(), headers={"If-None-Exist": person.condition}), person
    )
    one = f"{PATIENTS}/{patient['id']}"
    held = _checked(http.get(one, params={"include": ALL_KINDS}), person)
    known = {record["id"] for kind in KINDS.values() for record in held[kind.replace("-", "_")]}
    wanted = [(kind, body) for kind, body in person.records(patient["id"]) if body["id"] not in known]
    added = sum(_add(http.post(f"{one}/{kind}", json=body), person) for kind, body in wanted)
    said = _checked(http.get(f"{one}/trd-status"), person)
    return Shown(person, patient["id"], added, said["status"], said["safety"])


def _add(answer: httpx.Response, person: Person) -> bool:
    """True when the record is new; one that somebody removed by hand since stays removed."""
    if answer.status_code == httpx.codes.CONFLICT:
        return False
    _checked(answer, person)
    return True


def _checked(answer: httpx.Response, person: Person) -> Any:  # noqa: ANN401 - any JSON
    """What was answered.

    Raises:
        CannotFill: it was a refusal.
    """
    if answer.is_success:
        return answer.json()
    raise CannotFill(f"The service refused {person.key} ({answer.status_code}): {answer.text}")


def table(shown: Sequence[Shown], url: str) -> Table:
    """Who was added, what each teaches, and what the service says; the name leads to the reasons."""
    made = Table(title="Patients to look at", show_lines=True)
    for heading in ("Patient", "Suicidal thoughts", "What it shows", "Status by default"):
        made.add_column(heading)
    for each in shown:
        person, colour = each.person, COLOURS.get(each.status, "green")
        said = each.status.replace("_", " ") + ("" if each.status == person.status else f"\n(not {person.status}!)")
        level = each.safety["level"].replace("_", " ")
        loud = f"[{LOUD.get(each.safety['level'], 'dim')}]{level}[/]"
        made.add_row(f"[link={why(each, url)}]{person.name}[/]", loud, person.teaches, f"[{colour}]{said}[/]")
    return made


def why(shown: Shown, url: str) -> str:
    """Where to read the report on a patient."""
    return f"{url}{PATIENTS}/{shown.patient_id}/report"


def run(url: str, console: Console, who: SignIn) -> list[Shown]:
    """Fill the service at the address and print the table.

    Raises:
        CannotFill: nothing answers there, or it refuses.
        CannotSignIn: it does not know the password.
    """
    # No proxy of the environment is asked: the service is on this machine or beside it.
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
        try:
            sign_in(http, who)
            posted = post_examples(http)
            shown = fill(http, people())
        except httpx.TransportError as error:
            raise CannotFill(f"No service answers at {url} ({error}). Start it with `make run` first.") from None
    console.print(table(shown, url))
    for each in shown:
        if each.safety["level"] in LOUD:
            console.print(f"[bold]{each.person.name}[/]: {escape(each.safety['sentence'])}", soft_wrap=True)
    console.print(f"The reports open in a browser that signs in at {url}/sign-in:", soft_wrap=True, highlight=False)
    for each in shown:
        console.print(f"{each.person.name:22}{why(each, url)}", soft_wrap=True, highlight=False)
    added = sum(each.records_added for each in shown)
    console.print(f"{len(posted)} example definitions posted now: {url}/v1/definitions", soft_wrap=True)
    console.print(f"{len(shown)} patients, {added} records added now. To try them out: {url}/docs", soft_wrap=True)
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m ops.demo", description=__doc__)
    parser.add_argument("--url", default=address(), help="where the service is (default: %(default)s)")
    url = parser.parse_args(arguments).url.rstrip("/")
    run(url, Console(), person("demo"))


if __name__ == "__main__":
    main()
