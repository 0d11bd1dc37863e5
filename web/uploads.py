"""Reading a body that is far larger than memory: part by part, counted, decompressed on the way, none for ever."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from fastapi import Request

from registry.errors import MalformedRequest
from web.bodies import TOO_SLOW
from web.errors import RequestTimeout, TooLarge, UnsupportedMediaType

GZIP = 31
"""zlib's word for the gzip format."""
BYTES_AT_ONCE = 256 * 1024
LARGE = "An import may have at most {} bytes (decompressed). Send it in several imports, each patient whole."
NOT_GZIP = "The body is not gzip that can be read. Send it whole, or leave Content-Encoding out."
ENCODINGS = ("", "identity", "gzip")


def media_type_of(request: Request) -> str:
    """The media type of the body, without parameters, in small letters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def uploaded(request: Request, most_bytes: int, seconds: float) -> AsyncIterator[bytes]:
    """The body, decompressed.

    Raises:
        UnsupportedMediaType: it is encoded in a way that is not read here.
        TooLarge: it has more bytes than this.
        RequestTimeout: nothing came for so many seconds.
        MalformedRequest: it is not the gzip that it says it is.
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise UnsupportedMediaType("Send the body as it is, or with `Content-Encoding: gzip`.")
    size = 0
    parts = _in_time(request, seconds)
    async for part in _unzipped(parts) if encoding == "gzip" else parts:
        size += len(part)
        if size > most_bytes:
            raise TooLarge(LARGE.format(most_bytes), headers={"Connection": "close"})
        yield part


async def _in_time(request: Request, seconds: float) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(seconds):
                part = await anext(stream, None)
        except TimeoutError:
            raise RequestTimeout(TOO_SLOW.format(seconds), headers={"Connection": "close"}) from None
        if part is None:
            return
        if part:
            yield part


async def _unzipped(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Several members one after the other are one body, as `cat` makes it."""
    unzip = zlib.decompressobj(GZIP)
    try:
        async for part in parts:
            rest = part
            while rest:
                if unzip.eof:
                    unzip = zlib.decompressobj(GZIP)
                yield unzip.decompress(rest, BYTES_AT_ONCE)
                rest = unzip.unconsumed_tail or unzip.unused_data
        if not unzip.eof:
            raise MalformedRequest(NOT_GZIP)
    except zlib.error:
        raise MalformedRequest(NOT_GZIP) from None
