"""The page and its files as any client may ask for them, from a real server."""

import hashlib
import re
from collections.abc import Iterator

import httpx
import pytest

from api.docs import ADDRESS, ASSETS, FILES, FOLDER, POLICY


@pytest.fixture
def http(served: str) -> Iterator[httpx.Client]:
    """Nobody: the page and its files are for everybody, so that there is a place to sign in."""
    with httpx.Client(base_url=served, trust_env=False) as client:
        yield client


def test_the_page_names_only_files_that_are_there_and_none_elsewhere(http: httpx.Client) -> None:
    page = http.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:href|src)="([^"#]+)"', page.text)
    assert len(named) >= 6
    for address in named:
        assert address.startswith("/")
        assert http.get(address).status_code == 200, address


def test_the_page_may_run_and_ask_nothing_but_ours(http: httpx.Client) -> None:
    page = http.get("/docs")
    policy = page.headers["content-security-policy"]
    assert policy == POLICY
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script>|<style|\son[a-z]+=|\sstyle=", page.text)


def test_the_bare_address_leads_to_the_page(http: httpx.Client) -> None:
    answer = http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_its_type_and_may_be_kept_for_ever(name: str, http: httpx.Client) -> None:
    answer = http.get(f"{ADDRESS}/{name}")
    assert answer.content == (FOLDER / FILES[name][0] / name).read_bytes()
    assert answer.headers["content-type"] == FILES[name][1]
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == ASSETS[name].etag


@pytest.mark.parametrize("address", ["/docs", f"{ADDRESS}/page.css"])
def test_whoever_has_it_is_told_so_and_head_sends_no_body(address: str, http: httpx.Client) -> None:
    whole = http.get(address)
    etag = whole.headers["etag"]
    for held in (etag, f'W/{etag}, "other"', "*"):
        again = http.get(address, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert http.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    head = http.head(address)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    assert int(head.headers["content-length"]) == len(whole.content)


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "..%2f..%2f..%2fmain.py",
        "%2e%2e/%2e%2e/main.py",
        "../../../main.py",
        "page.css/",
        "VERSION",
        "page.html",
    ],
)
def test_what_is_not_listed_is_not_there(path: str, served: str) -> None:
    with httpx.Client(trust_env=False) as client:
        request = client.build_request("GET", served)
        request.url = httpx.URL(served).copy_with(raw_path=f"{ADDRESS}/{path}".encode())
        answer = client.send(request)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"


def test_a_file_of_another_edition_is_not_there(http: httpx.Client) -> None:
    answer = http.get("/docs/assets/0000000000000000/page.css")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_the_files_of_swagger_ui_are_those_that_were_published() -> None:
    folder = FOLDER / "swagger-ui"
    listed = dict(
        reversed(line.split("  ", 1))
        for line in (folder / "VERSION").read_text().splitlines()
        if re.match(r"\w{64}  ", line)
    )
    present = {path.name for path in folder.iterdir()} - {"VERSION"}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_no_file_of_ours_names_an_outside_address() -> None:
    for path in (FOLDER / "page").iterdir():
        outside = set(re.findall(r"https?://[^\s\"']+", path.read_text())) - {"http://www.w3.org/2000/svg"}
        assert not outside, path.name
