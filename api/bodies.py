"""Reading a JSON body: one meaning only, of a bearable size, in the right media type."""

import json
from typing import Any, NoReturn

from fastapi import Request

from api.errors import TooLarge, UnsupportedMediaType, escaped
from registry.errors import Fault, InvalidRequest, MalformedRequest

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
DEEPEST = 40
NO_TEXT = "A text in the body cannot be stored; `errors` says which and why."
UNREADABLE = "The body is not JSON that can be read: {}. Send one JSON object in UTF-8."


class CheckedRequest(Request):
    """A request whose body was read and checked before anything else looked at it."""

    checked: Any = None

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body, already read."""
        return self.checked


async def read_json(request: CheckedRequest, most_bytes: int) -> None:
    """Read the body of the request into `checked`.

    Raises:
        UnsupportedMediaType: not JSON by its content type.
        TooLarge: more than `most_bytes`.
        MalformedRequest: not JSON, or JSON that can be read in two ways.
    """
    body = await _bytes_of(request, most_bytes)
    if body:
        _check_media_type(request)
        request.checked = parse(body)


def _check_media_type(request: Request) -> None:
    accepted = (MERGE_PATCH, JSON) if request.method == "PATCH" else (JSON,)
    sent = request.headers.get("content-type", "")
    if sent.partition(";")[0].strip().lower() not in accepted:
        name = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        detail = f"Send the body with `Content-Type: {accepted[0]}`."
        raise UnsupportedMediaType(detail, headers={name: ", ".join(accepted)})


async def _bytes_of(request: CheckedRequest, most_bytes: int) -> bytes:
    """The body, counted while it comes in, whatever its Content-Length says."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge(f"A body may have at most {most_bytes} bytes. Send records one by one.")
        chunks.append(chunk)
    request._body = b"".join(chunks)  # noqa: SLF001 - where the framework looks for a body already read
    return request._body  # noqa: SLF001


def parse(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON strictly: no key twice, no NaN, no NUL, no broken characters, not too deep.

    Raises:
        MalformedRequest: it is not such JSON.
        InvalidRequest: a text in it cannot be stored.
    """
    try:
        text = body.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_constant)
    except RecursionError:
        _refuse("it is nested too deeply")
    except UnicodeDecodeError:
        _refuse("it is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"{error.msg} at line {error.lineno}, column {error.colno}")
    except ValueError:
        _refuse("a number in it is too long")
    if "\\u" in text or text.count("[") + text.count("{") > DEEPEST:
        _check_within(found, "", 0)
    return found


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse("a key stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a JSON number")


def _check_within(value: Any, pointer: str, depth: int) -> None:  # noqa: ANN401 - any JSON
    """Look at every string and level: escapes can hide NUL and half characters."""
    if depth > DEEPEST:
        _refuse("it is nested too deeply")
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key, pointer)
            _check_within(inner, f"{pointer}/{escaped(key)}", depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check_within(inner, f"{pointer}/{number}", depth + 1)


def _check_text(text: str, pointer: str) -> None:
    """Refuse what is JSON, but no text that can be stored."""
    if "\x00" in text:
        raise InvalidRequest(NO_TEXT, (Fault(pointer, "The text contains a NUL character. Remove it."),))
    if any("\ud800" <= character <= "\udfff" for character in text):
        half = "The text contains half of a character (a lone surrogate). Send whole characters."
        raise InvalidRequest(NO_TEXT, (Fault(pointer, half),))


def _refuse(reason: str) -> NoReturn:
    raise MalformedRequest(UNREADABLE.format(reason))
