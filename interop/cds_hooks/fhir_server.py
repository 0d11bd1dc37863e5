"""Asking the client's FHIR server for what was not sent along: only servers that the operator listed, in bounded time.

The address that a call names is compared with the list as a whole and never taken apart, nobody is followed elsewhere,
and nothing is sent but the query, which names the patient as the client did, and the token that came with the call.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import orjson

from identity.fetching import http_client
from interop.cds_hooks.services import PATIENT, Query
from models.cds_call import HookCall

Client = Callable[[], httpx.AsyncClient]
FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
MOST_BYTES = 1024 * 1024
"""Of the answer to one query. A larger one is treated as none: what was cut off would be missed without a word."""
MOST_RESOURCES = 500
OK = 200
JSON = "application/fhir+json"


def may_be_asked(call: HookCall, patient_id: str, listed: frozenset[str]) -> bool:
    """Whether the call names a server that is listed, and a patient whose id fits into an address."""
    return call.server in listed and FHIR_ID.fullmatch(patient_id) is not None


async def fetched(
    call: HookCall, patient_id: str, missing: Iterable[Query], client: Client = http_client
) -> dict[str, Any]:
    """The answers by the keys of the queries, as a client would have sent them; those that failed are left out."""
    async with client() as http:
        asked = list(missing)
        answers = await asyncio.gather(*(_answer(http, call, _address(call, query, patient_id)) for query in asked))
        return {query.key: answer for query, answer in zip(asked, answers, strict=True) if answer is not None}


def _address(call: HookCall, query: Query, patient_id: str) -> str:
    relative = query.template.replace(PATIENT, patient_id)
    many = f"&_count={MOST_RESOURCES}" if "?" in relative else ""
    return f"{call.server}/{relative}{many}"


async def _answer(http: httpx.AsyncClient, call: HookCall, address: str) -> Any:  # noqa: ANN401 - any JSON
    """What one query gives; None where it gives no resource."""
    headers = {"Accept": JSON, "Accept-Encoding": "identity"}
    if call.fhir_authorization is not None:
        headers["Authorization"] = f"Bearer {call.fhir_authorization.access_token}"
    try:
        async with http.stream("GET", address, headers=headers) as answer:
            body = await _body_of(answer)
            return None if body is None else orjson.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError):
        return None


async def _body_of(answer: httpx.Response) -> bytes | None:
    """The body of a good answer that is not too large."""
    if answer.status_code != OK or answer.headers.get("Content-Encoding", "identity") != "identity":
        return None
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
