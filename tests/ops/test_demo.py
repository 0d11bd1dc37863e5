"""The demo against the real application on a real PostgreSQL, served by a real server."""

import asyncio
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from rich.console import Console
from uvicorn import Config, Server

from main import create_app
from ops import demo
from ops.bootstrap import first_user
from ops.demo_definitions import Refused, examples, post_example
from ops.demo_people import Person, people
from ops.signing_in import CannotSignIn, SignIn, person, sign_in
from settings import FIRST_ORGANISATION
from tests.conftest import settings_for

STATUSES = {"treatment_resistant", "not_treatment_resistant", "indeterminate", "not_applicable"}
pytestmark = pytest.mark.xdist_group("demo")  # one service for all of them
KEYS = [person.key for person in people()]
WHO = SignIn("demo@localhost", "a stormy night of tests")


@pytest.fixture(scope="module")
def url(make_database: Callable[[], str]) -> Iterator[str]:
    """A service with a database of its own and one user, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    dsn = make_database()
    asyncio.run(first_user(dsn, FIRST_ORGANISATION, *WHO))
    server = Server(Config(create_app(settings_for(dsn)), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


def run(url: str) -> tuple[list[demo.Shown], str]:
    printed = io.StringIO()
    shown = demo.run(url, Console(file=printed, width=160), WHO)
    return shown, printed.getvalue()


@pytest.fixture(scope="module")
def first(url: str) -> tuple[dict[str, demo.Shown], str]:
    shown, printed = run(url)
    return {each.person.key: each for each in shown}, printed


@pytest.fixture
def http(url: str, first: object) -> Iterator[httpx.Client]:
    assert first
    with httpx.Client(base_url=url, trust_env=False) as client:
        sign_in(client, WHO)
        yield client


def answer(http: httpx.Client, shown: demo.Shown, definition: str = "two_failed_medications") -> dict[str, object]:
    asked = http.get(f"/v1/patients/{shown.patient_id}/trd-status", params={"definition": definition})
    asked.raise_for_status()
    return asked.json()


def test_there_are_at_least_25_people_and_every_status_is_among_them() -> None:
    assert len(people()) >= 25
    assert {person.status for person in people()} == STATUSES


def test_no_two_people_share_a_key_a_name_or_a_lesson() -> None:
    for field in ("key", "name", "teaches"):
        said = [getattr(person, field) for person in people()]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("key", KEYS)
def test_the_service_says_of_each_person_what_the_data_promise(
    key: str, http: httpx.Client, first: tuple[dict[str, demo.Shown], str]
) -> None:
    shown = first[0][key]
    person: Person = shown.person
    said = answer(http, shown)
    assert (shown.status, said["status"]) == (person.status, person.status), said["summary"]
    assert set(person.reasons) <= set(said["pseudo_resistance_reasons"])
    if person.safety is not None:
        assert said["safety"]["level"] == person.safety
    for definition, status in person.by_definition.items():
        other = answer(http, shown, definition)
        assert (definition, other["status"]) == (definition, status), other["summary"]


def test_the_first_run_adds_every_record_and_the_second_none(
    url: str, first: tuple[dict[str, demo.Shown], str]
) -> None:
    shown, printed = run(url)
    assert all(each.records_added == len([*each.person.records(each.patient_id)]) for each in first[0].values())
    assert sum(each.records_added for each in shown) == 0
    assert {each.patient_id for each in shown} == {each.patient_id for each in first[0].values()}
    assert f"{len(shown)} patients, 0 records added now" in printed


def test_an_interrupted_run_is_completed_by_the_next(http: httpx.Client) -> None:
    person = people()[0].model_copy(update={"key": "interrupted"})
    made = http.post("/v1/patients", json=person.as_patient(), headers={"If-None-Exist": person.condition}).json()
    kind, body = next(person.records(made["id"]))
    assert http.post(f"/v1/patients/{made['id']}/{kind}", json=body).status_code == 201
    shown = demo.show(http, person)
    assert (shown.patient_id, shown.records_added) == (made["id"], len([*person.records(made["id"])]) - 1)


def test_a_record_removed_by_hand_stays_removed(http: httpx.Client, first: tuple[dict[str, demo.Shown], str]) -> None:
    shown = first[0]["no-trials"]
    _, episode = next(shown.person.records(shown.patient_id))
    where = f"/v1/patients/{shown.patient_id}/episodes/{episode['id']}"
    assert http.delete(where, headers={"If-Match": "*"}).status_code == 204
    assert demo.show(http, shown.person).records_added == 0


def test_the_table_names_everybody_with_lesson_status_and_address(
    url: str, first: tuple[dict[str, demo.Shown], str]
) -> None:
    printed = first[1]
    for shown in first[0].values():
        assert shown.person.name in printed
        assert demo.why(shown, url) in printed
    assert "(not " not in printed
    assert "indeterminate" in printed


def test_what_the_record_asks_for_on_suicidal_thoughts_is_printed_at_once(
    first: tuple[dict[str, demo.Shown], str],
) -> None:
    shown, printed = first
    levels = {each.safety["level"] for each in shown.values()}
    assert levels >= {"urgent", "review", "unknown", "none_reported"}
    for each in shown.values():
        assert each.safety["level"].replace("_", " ") in printed
        loud = each.safety["level"] in {"review", "urgent", "emergency"}
        assert (f"{each.person.name}: {each.safety['sentence']}" in printed) is loud
    assert "Suicidal thoughts" in printed.splitlines()[2]


def test_a_status_that_is_not_the_promised_one_is_marked(first: tuple[dict[str, demo.Shown], str]) -> None:
    wrong = first[0]["remission"]._replace(status="treatment_resistant")
    printed = io.StringIO()
    Console(file=printed, width=160).print(demo.table([wrong], "http://nowhere"))
    assert "(not not_treatment_resistant!)" in printed.getvalue()


def test_without_a_service_it_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTSTRAP_PASSWORD", WHO.password)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with pytest.raises(demo.CannotFill, match="make run"):
        demo.main(["--url", f"http://127.0.0.1:{free}"])


def test_the_example_definitions_are_posted_once_and_can_be_asked(
    url: str, http: httpx.Client, first: tuple[dict[str, demo.Shown], str]
) -> None:
    slugs = {each["slug"] for each in examples()}
    assert len(slugs) == 4
    assert "4 example definitions posted now" in first[1]
    for slug in slugs:
        said = http.get(f"/v1/definitions/{slug}").json()
        assert (said["own"], said["evidence"], said["version"]) == (True, "local", "1")
        assert answer(http, first[0]["no-trials"], slug)["status"] == "not_treatment_resistant"
    assert "0 example definitions posted now" in run(url)[1]


def test_an_example_definition_that_is_refused_is_shown_with_what_the_service_says(http: httpx.Client) -> None:
    spoilt = {**examples()[0], "slug": "spoilt_example", "title": ""}
    with pytest.raises(Refused, match="spoilt_example"):
        post_example(http, spoilt)


def test_a_refusal_is_shown_with_what_the_service_says(http: httpx.Client) -> None:
    person = people()[0].model_copy(update={"key": "refused", "sex": "unheard of"})
    with pytest.raises(demo.CannotFill, match="refused"):
        demo.show(http, person)


def test_the_address_follows_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOST", raising=False)
    monkeypatch.delenv("PORT", raising=False)
    assert demo.address() == "http://127.0.0.1:8000"
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104 - what people set to be reached from elsewhere
    monkeypatch.setenv("PORT", "9001")
    assert demo.address() == "http://127.0.0.1:9001"


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names nobody, and no terminal."""
    for name in ("DEMO_USER", "BOOTSTRAP_USER", "BOOTSTRAP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return monkeypatch


def test_without_a_password_and_a_terminal_it_says_how_to_name_one(nobody: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotSignIn, match=r"make demo BOOTSTRAP_PASSWORD=\.\.\."):
        demo.main(["--url", "http://127.0.0.1:9"])
    nobody.setenv("BOOTSTRAP_USER", "first@clinic.example")
    with pytest.raises(CannotSignIn, match=r"password of first@clinic\.example: make fuzz BOOTSTRAP_PASSWORD"):
        person("fuzz")


def test_the_environment_says_who_signs_in(nobody: pytest.MonkeyPatch) -> None:
    nobody.setenv("BOOTSTRAP_PASSWORD", "secret")
    assert person("demo") == ("clinician@localhost", "secret")
    nobody.setenv("BOOTSTRAP_USER", "first@clinic.example")
    assert person("demo") == ("first@clinic.example", "secret")
    nobody.setenv("DEMO_USER", "another@clinic.example")
    assert person("demo") == ("another@clinic.example", "secret")


def test_on_a_terminal_the_password_is_asked_for_without_being_shown(nobody: pytest.MonkeyPatch) -> None:
    asked = []
    nobody.setattr("sys.stdin.isatty", lambda: True, raising=False)
    nobody.setattr("ops.signing_in.getpass", lambda question: asked.append(question) or "typed")
    assert person("demo") == ("clinician@localhost", "typed")
    assert asked == ["Password of clinician@localhost: "]


def test_a_wrong_password_is_said_with_the_reason_and_not_repeated(url: str) -> None:
    with pytest.raises(CannotSignIn, match=r"demo@localhost could not sign in: ") as refused:
        demo.run(url, Console(file=io.StringIO()), WHO._replace(password="wrong-and-secret"))  # noqa: S106 - it is wrong
    assert "wrong-and-secret" not in str(refused.value)


def test_it_says_where_the_reports_open(url: str, first: tuple[dict[str, demo.Shown], str]) -> None:
    assert f"signs in at {url}/sign-in" in first[1]
