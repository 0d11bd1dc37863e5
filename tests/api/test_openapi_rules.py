"""The OpenAPI document before Spectral: its own rules and OWASP's, none switched off, find no error.

What stays are warnings of a few kinds, each for a reason; one of another kind fails here.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.openapi_security import PUBLIC
from main import openapi_text
from ops import spectral

pytestmark = pytest.mark.xdist_group("spectral")
Json = dict[str, Any]
Linted = Callable[[Json], list[Json]]
ERROR = 0
PROSE = "owasp:api4:2023-string-restricted"
"""Prose has a greatest length and no form: a name, a remark, a sentence. Spectral asks for a pattern of each text."""
OF_PUBLIC = {
    "owasp:api2:2023-read-restricted",  # what answers without a token is meant to
    "owasp:api8:2023-define-error-responses-401",  # and so it has no 401
    "owasp:api4:2023-rate-limit-responses-429",  # whoever watches the service is not counted
    "owasp:api8:2023-define-error-validation",  # and it takes nothing that could be wrong
}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Nothing to do after `make test`; whoever runs this file alone gets it installed now."""
    spectral.main()


@pytest.fixture(scope="module")
def document() -> Json:
    found: Json = json.loads(openapi_text())
    return found


@pytest.fixture
def lint(tmp_path: Path) -> Linted:
    def linted(document: Json) -> list[Json]:
        path = tmp_path / "openapi.json"
        path.write_text(json.dumps(document), "utf-8")
        return spectral.found(path)

    return linted


@pytest.fixture(scope="module")
def faults(document: Json, tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    path = tmp_path_factory.mktemp("spectral") / "openapi.json"
    path.write_text(json.dumps(document), "utf-8")
    return spectral.found(path)


def test_the_document_has_no_error(faults: list[Json]) -> None:
    assert [(fault["code"], fault["message"], fault["path"]) for fault in faults if fault["severity"] == ERROR] == []


def test_only_prose_and_what_is_public_is_warned_of(faults: list[Json], document: Json) -> None:
    public = {
        (path, method)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation["operationId"] in PUBLIC
    }
    for fault in faults:
        if fault["code"] != PROSE:
            assert fault["code"] in OF_PUBLIC, fault
            assert tuple(fault["path"][1:3]) in public, fault


def test_a_bad_document_has_errors(document: Json, lint: Linted) -> None:
    """One bad document that breaks a rule of every kind: so they do run."""
    paths = {"/v1/evaluate": {"post": {**document["paths"]["/v1/evaluate"]["post"]}}}
    del paths["/v1/evaluate"]["post"]["responses"]["200"]["headers"]
    bad: Json = {"openapi": "3.1.0", "info": {"title": "Bad"}, "paths": paths, "security": []}
    components: Json = {
        "schemas": document["components"]["schemas"] | {"Loose": {"type": "array", "items": {"type": "string"}}},
        "headers": document["components"]["headers"],
        "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
    }
    servers = [{"url": "http://trialbook.example"}]
    errors = {
        fault["code"]
        for fault in lint(bad | {"components": components, "servers": servers})
        if fault["severity"] == ERROR
    }
    assert errors >= {
        "oas3-schema",
        "owasp:api2:2023-no-http-basic",
        "owasp:api2:2023-write-restricted",
        "owasp:api4:2023-array-limit",
        "owasp:api4:2023-rate-limit",
        "owasp:api4:2023-string-limit",
        "owasp:api8:2023-no-server-http",
        "owasp:api9:2023-inventory-access",
    }
