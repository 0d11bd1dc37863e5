"""Reading a JSON body: one meaning only, of a bearable size, in the right media type."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from fastapi import Request

from registry.errors import Fault, InvalidRequest, MalformedRequest
from web.errors import RequestTimeout, TooLarge, UnsupportedMediaType, escaped

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
DEEPEST = 40
MOST_FIELDS, MOST_BYTES_OF_A_FORM = 20, 65_536
# What a body may hold at most, so that a refusal costs no more than an answer. No record has 25 fields, and a history
# of 200 trials and 2,000 ratings with all their items has some 30,000 keys and objects and 60,000 values.
MOST_KEYS_OF_ONE, MOST_KEYS, MOST_VALUES = 100, 50_000, 120_000
LONG = 65_536
"""Bytes from which on a body is read beside the loop: reading a megabyte would let all others wait for 50 ms."""
NO_TEXT = "A text in the body cannot be stored; `errors` says which and why."
TOO_MANY_KEYS = f"A body may have at most {MOST_KEYS} keys and objects in all. Send less at once."
TOO_SLOW = "The body did not arrive within {:g} seconds. Nothing was stored: send it again, or less at once."
Number = Callable[[str], float]
CONTAINERS = (dict, list)
LOOKED_INTO = (str, *CONTAINERS)
UNREADABLE = "The body is not JSON that can be read: {}. Send one JSON object in UTF-8."


class CheckedRequest(Request):
    """A request whose body was read and checked before anything else looked at it."""

    checked: Any = None

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body, already read."""
        return self.checked


async def read_json(
    request: CheckedRequest,
    most_bytes: int,
    seconds: float,
    accepted: tuple[str, ...] | None = None,
    number: Number = float,
) -> None:
    """Read the body of the request into `checked`. It is JSON of one of the media types that are accepted.

    `number` makes what the text of a decimal stands for.

    Raises:
        UnsupportedMediaType: not JSON by its content type.
        TooLarge: more than `most_bytes`.
        RequestTimeout: it did not come whole within so many seconds.
        MalformedRequest: not JSON, or JSON that can be read in two ways.
    """
    body = await _bytes_in_time(request, most_bytes, seconds)
    if body:
        _check_media_type(request, accepted or ((MERGE_PATCH, JSON) if request.method == "PATCH" else (JSON,)))
        request.checked = parse(body, number) if len(body) < LONG else await asyncio.to_thread(parse, body, number)


async def whole_form(request: Request, seconds: float) -> CheckedRequest:
    """The request with the body of its form, which was read whole.

    Raises:
        TooLarge, RequestTimeout: as in `read_json`.
    """
    checked = CheckedRequest(request.scope, request.receive)
    await _bytes_in_time(checked, MOST_BYTES_OF_A_FORM, seconds)
    return checked


async def read_form(request: Request, seconds: float) -> dict[str, str]:
    """The fields of a form, the last value of each.

    Raises:
        TooLarge, RequestTimeout: as in `read_json`.
        MalformedRequest: it is not text, or has more fields than any form.
    """
    body = await (await whole_form(request, seconds)).body()
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise MalformedRequest("The form cannot be read. Send it as a browser does.") from None


def _check_media_type(request: Request, accepted: tuple[str, ...]) -> None:
    sent = request.headers.get("content-type", "")
    if sent.partition(";")[0].strip().lower() not in accepted:
        name = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        detail = f"Send the body with `Content-Type: {accepted[0]}`."
        raise UnsupportedMediaType(detail, headers={name: ", ".join(accepted)})


async def _bytes_in_time(request: CheckedRequest, most_bytes: int, seconds: float) -> bytes:
    """The body, if it comes in time. What is still to come of it is not read: the connection ends with the answer."""
    try:
        async with asyncio.timeout(seconds):
            return await _bytes_of(request, most_bytes)
    except TimeoutError:
        raise RequestTimeout(TOO_SLOW.format(seconds), headers={"Connection": "close"}) from None


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


def parse(body: bytes, number: Number = float) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON strictly: no key twice, no NaN, no NUL, no broken characters, not too deep.

    Raises:
        MalformedRequest: it is not such JSON.
        InvalidRequest: a text in it cannot be stored.
        TooLarge: it has more keys or values than any request needs.
    """
    # Counted before reading, which for so many keys in one object cannot be stopped half-way. A quotation mark that is
    # not escaped stands before a colon where a key ends, and besides only where a text begins with one.
    if len(body) > LONG and body.count(b'":') - body.count(b'\\":') > MOST_KEYS:
        raise TooLarge(TOO_MANY_KEYS)
    try:
        text = body.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_Objects().made, parse_constant=_no_constant, parse_float=number)
    except RecursionError:
        _refuse("it is nested too deeply")
    except UnicodeDecodeError:
        _refuse("it is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"{error.msg} at line {error.lineno}, column {error.colno}")
    except ValueError:
        _refuse("a number in it is too long")
    escaped_texts = "\\u" in text
    if escaped_texts or text.count("[") + text.count("{") > DEEPEST:
        _measure(found)
    if escaped_texts:
        _check_texts(found, "")
    return found


class _Objects:
    """Makes the objects of one body and counts them and their keys."""

    def __init__(self) -> None:
        self._keys = 0

    def made(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object of these pairs; refused when a key stands twice, or the keys are too many."""
        self._keys += 1 + len(pairs)
        if len(pairs) > MOST_KEYS_OF_ONE:
            raise TooLarge(f"An object may have at most {MOST_KEYS_OF_ONE} keys. The documentation lists the fields.")
        if self._keys > MOST_KEYS:
            raise TooLarge(TOO_MANY_KEYS)
        found = dict(pairs)
        if len(found) != len(pairs):
            _refuse("a key stands twice in one object")
        return found


def _no_constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a JSON number")


def _measure(found: Any) -> None:  # noqa: ANN401 - any JSON
    """Refuse what is nested too deeply or holds too much: level by level, which is quicker than value by value."""
    level, values = [found], 0
    for _ in range(DEEPEST + 1):
        level = [each for each in level if each and isinstance(each, CONTAINERS)]
        if not level:
            return
        values += sum(map(len, level))
        if values > MOST_VALUES:
            raise TooLarge(f"A body may have at most {MOST_VALUES} values in all. Send less at once.")
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    if any(each and isinstance(each, CONTAINERS) for each in level):
        _refuse("it is nested too deeply")


def _check_texts(value: Any, pointer: str) -> None:  # noqa: ANN401 - any JSON
    """Look at every text: escapes can hide NUL and half characters."""
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, CONTAINERS):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str) and not _is_plain(key):
                _check_text(key, pointer)
            if inner and isinstance(inner, LOOKED_INTO) and not _is_plain(inner):
                _check_texts(inner, f"{pointer}/{escaped(key)}")


def _is_plain(value: object) -> bool:
    """Whether it is a text without anything to look for: most are, and a look at each character costs."""
    return isinstance(value, str) and value.isascii() and "\x00" not in value


def _check_text(text: str, pointer: str) -> None:
    """Refuse what is JSON, but no text that can be stored."""
    if "\x00" in text:
        raise InvalidRequest(NO_TEXT, (Fault(pointer, "The text contains a NUL character. Remove it."),))
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        half = "The text contains half of a character (a lone surrogate). Send whole characters."
        raise InvalidRequest(NO_TEXT, (Fault(pointer, half),))


def _refuse(reason: str) -> NoReturn:
    raise MalformedRequest(UNREADABLE.format(reason))
