"""Whether an answer is what the OpenAPI document declares: asked of every answer that a test gets."""

from functools import lru_cache
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator

Json = dict[str, Any]


class Declared:
    """The document of an application, asked about answers."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._validator = lru_cache(maxsize=None)(self._made)
        self._places = lru_cache(maxsize=None)(self._tree)
        self.checked = 0

    async def check(self, response: httpx.Response) -> None:
        """As an event hook of a client: a declared answer that is not as declared fails the test."""
        path = self._path(response.request.url.path)
        method = response.request.method.lower()
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        if path is None or not media_type.endswith(("/json", "+json")):
            return
        validator = self._validator(path, method, str(response.status_code), media_type)
        if validator is None:
            return
        await response.aread()
        faults = [f"{error.instance_path} {error.message[:300]}" for error in validator.iter_errors(response.json())]
        assert not faults, f"{method} {path} {response.status_code} is not as declared: {faults[:3]}"
        self.checked += 1

    def _path(self, asked: str) -> str | None:
        """The path of the document that an address belongs to; one without parameters goes first."""
        segments = asked.split("/")
        alike = [path for path, parts in self._places() if _fits(parts, segments)]
        return min(alike, key=lambda path: path.count("{"), default=None)

    def _tree(self) -> list[tuple[str, list[str]]]:
        return [(path, path.split("/")) for path in self._app.openapi()["paths"]]

    def _made(self, path: str, method: str, status: str, media_type: str) -> Draft202012Validator | None:
        document = self._app.openapi()
        responses = document["paths"][path].get(method, {}).get("responses", {})
        schema = responses.get(status, {}).get("content", {}).get(media_type, {}).get("schema")
        if schema is None:
            return None
        whole = schema | {"components": {"schemas": document["components"]["schemas"]}}
        return Draft202012Validator(whole, validate_formats=True)


@lru_cache(maxsize=8)
def declared_by(app: FastAPI) -> Declared:
    """One for each application: what it has read of the document, it keeps."""
    return Declared(app)


def _fits(parts: list[str], segments: list[str]) -> bool:
    return len(parts) == len(segments) and all(
        part == segment or part.startswith("{") for part, segment in zip(parts, segments, strict=True)
    )
