"""A JSON object from an identity provider, over a connection that is private, in bounded time and size."""

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from identity.errors import KeysUnavailable

SECONDS = 5.0
MOST_BYTES = 256 * 1024
OK = 200
Client = Callable[[], httpx.AsyncClient]
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""Nothing compressed: a small answer could grow beyond any bound."""


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def http_client() -> httpx.AsyncClient:
    """A client as the service uses it: certificates are checked, and nobody is followed elsewhere."""
    return httpx.AsyncClient(verify=_trusted(), follow_redirects=False, timeout=SECONDS)


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(url: str, *, loopback: bool) -> bool:
    """Whether nobody can read or change what comes from there: https, or this machine where that is allowed."""
    try:
        scheme, host, _ = urlsplit(url).scheme, urlsplit(url).hostname, urlsplit(url).port
    except ValueError:
        return False
    return bool(host) and (scheme == "https" or (scheme == "http" and loopback and is_loopback(url)))


async def json_from(url: str, client: Client) -> dict[str, Any]:
    """The JSON object at that address.

    Raises:
        KeysUnavailable: there is none, or it is too slow or too large.
    """
    try:
        async with asyncio.timeout(SECONDS), client() as open_client:
            read = json.loads(await _body_of(url, open_client))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError):
        raise KeysUnavailable(f"it did not answer within {SECONDS:g} seconds, or broke off") from None
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise KeysUnavailable("its answer is not a JSON object")
    return read


async def _body_of(url: str, client: httpx.AsyncClient) -> bytes:
    async with client.stream("GET", url, headers=HEADERS) as answer:
        if answer.status_code != OK or answer.headers.get("Content-Encoding", "identity") != "identity":
            raise KeysUnavailable(f"it answered with status {answer.status_code}, or compressed")
        body = bytearray()
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                raise KeysUnavailable(f"its answer is larger than {MOST_BYTES // 1024} KiB")
        return bytes(body)
