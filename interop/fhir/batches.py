"""Bundles: a batch, of which each entry stands for itself, and a transaction, of which all is done or nothing."""

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from interop.fhir import interactions, outcome, searching, versions
from interop.fhir.address import BASE_PATH
from interop.fhir.bundle import Done, responses
from interop.fhir.bundle_references import look_up, resolved
from interop.fhir.calls import Call, Conditions, Reply
from interop.fhir.locking import all_at_once, lock_of
from interop.fhir.settling import put_off, settle_later
from models.base import new_id
from registry.desk import Desk
from registry.errors import Fault, InvalidRequest, TrialbookError
from registry.fhir_shelf import TYPES
from registry.statements import transaction
from web.errors import MethodNotAllowed, TooLarge
from web.guard import part
from web.middleware import UNEXPECTED

log = logging.getLogger("trialbook.fhir")
MOST_ENTRIES = 1_000
ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
"""FHIR's order of a transaction (https://hl7.org/fhir/R4/http.html#trules)."""
BATCH = "batch"
KINDS = (BATCH, "transaction")
NOT_A_BUNDLE = "Send a Bundle of type `batch` or `transaction`."
TOO_MANY = f"A Bundle may have at most {MOST_ENTRIES} entries. Send several, or import a file (POST /v1/imports)."
ANSWERED, MOST_ANSWERED = "trialbook.answered", 5_000
TOO_MUCH = f"A Bundle is answered with at most {MOST_ANSWERED} resources. Ask for what is left on its own."
UNSERVED = "This entry asks for what is not served here: {}. Look at GET /fhir/R4/metadata."
TWICE = "Two entries of this transaction have the same `fullUrl` or are about the same resource."


class Entry(NamedTuple):
    """One entry, as it was read."""

    place: int
    method: str
    call: Call
    version: str | None
    full_url: str | None


Act = Callable[[Call], Awaitable[Reply]]
ACTS: dict[tuple[str, bool], Act] = {
    ("GET", True): interactions.read,
    ("GET", False): searching.search,
    ("POST", False): interactions.create,
    ("PUT", True): interactions.replace,
    ("PUT", False): interactions.replace,
    ("PATCH", True): interactions.patch,
    ("DELETE", True): interactions.remove,
}
"""What is done, by the method and whether a resource is named."""


async def bundle(call: Call) -> Reply:
    """Do what the entries say."""
    body = call.body
    if not isinstance(body, dict) or body.get("resourceType") != "Bundle" or body.get("type") not in KINDS:
        raise InvalidRequest(NOT_A_BUNDLE, (Fault("/type", NOT_A_BUNDLE),))
    listed = body.get("entry", [])
    if not isinstance(listed, list):
        raise InvalidRequest(NOT_A_BUNDLE, (Fault("/entry", "Send a list of entries."),))
    if len(listed) > MOST_ENTRIES:
        raise InvalidRequest(TOO_MANY, (Fault("/entry", TOO_MANY),))
    if body["type"] == BATCH:
        answers = [await _batched(call, place, each) for place, each in enumerate(listed)]
    else:
        answers = await _together(call, [_entry(call, place, each) for place, each in enumerate(listed)])
    return Reply(200, responses(answers, transaction=body["type"] == "transaction"))


def _entry(call: Call, place: int, given: Any) -> Entry:  # noqa: ANN401 - any JSON
    """Read an entry.

    Raises:
        InvalidRequest: it is none, with its place.
    """
    asked = given.get("request") if isinstance(given, dict) else None
    if not isinstance(asked, dict) or not isinstance(asked.get("url"), str) or asked.get("method") not in ORDER:
        wanted = "Each entry has a `request` with `method` and `url`."
        raise InvalidRequest(wanted, (Fault(f"/entry/{place}/request", wanted),))
    address = urlsplit(asked["url"].removeprefix(f"{call.base}/").removeprefix(f"{BASE_PATH}/").lstrip("/"))
    kind, *more = address.path.split("/")
    if kind not in TYPES or len(more) not in {0, 1, 3} or (len(more) == 3 and more[1] != "_history"):  # noqa: PLR2004
        message = UNSERVED.format(f"{asked['method']} of such an address")
        raise InvalidRequest(message, (Fault(f"/entry/{place}/request/url", message),))
    names = ("ifMatch", "ifNoneMatch", "ifNoneExist")
    conditions = Conditions.read(*(asked.get(name) if isinstance(asked.get(name), str) else None for name in names))
    pairs = parse_qsl(address.query, keep_blank_values=True)
    ours = call._replace(
        kind=kind, id=more[0] if more else "", pairs=pairs, body=given.get("resource"), conditions=conditions
    )
    url = given.get("fullUrl")
    version = more[2] if len(more) > 1 else None
    return Entry(place, asked["method"], ours, version, url if isinstance(url, str) else None)


async def _act(entry: Entry) -> Reply:
    with part(entry.call.request, reads=entry.method == "GET"):
        reply = await _done(entry)
        if entry.method == "GET":
            _weigh(entry.call, reply)
        return reply


def _weigh(call: Call, reply: Reply) -> None:
    """Count the resources that a Bundle is answered with.

    Raises:
        TooLarge: they are too many for one answer.
    """
    weighed = len((reply.resource or {}).get("entry", ())) or 1
    scope = call.request.scope
    scope[ANSWERED] = scope.get(ANSWERED, 0) + weighed
    if scope[ANSWERED] > MOST_ANSWERED:
        raise TooLarge(TOO_MUCH)


async def _done(entry: Entry) -> Reply:
    if entry.version is not None and entry.method == "GET":
        return await versions.read_version(entry.call, entry.version)
    act = ACTS.get((entry.method, bool(entry.call.id)))
    if act is None or entry.version is not None:
        raise MethodNotAllowed(UNSERVED.format(entry.method))
    body = entry.call.body
    if entry.method == "PATCH":
        body = _json_patch(body)
    return await act(entry.call._replace(body=body))


def _json_patch(body: Any) -> Any:  # noqa: ANN401 - any JSON
    """The patch in a Binary, which is how a Bundle carries one (https://hl7.org/fhir/R4/http.html#jsonpatch)."""
    try:
        return orjson.loads(base64.b64decode(body["data"]))
    except (TypeError, KeyError, binascii.Error, orjson.JSONDecodeError):
        return None


async def _batched(call: Call, place: int, given: Any) -> Done:  # noqa: ANN401 - any JSON
    try:
        return _answer(await _act(_entry(call, place, given)))
    except TrialbookError as error:
        return _refusal(error)
    except Exception as error:  # noqa: BLE001 - the other entries are answered; nothing but its name is logged
        log.warning("an entry of a batch failed: %s", type(error).__name__)
        return _refusal(TrialbookError(UNEXPECTED))


def _refusal(error: TrialbookError) -> Done:
    return Done("", "", str(error.status), outcome=outcome.to_fhir(error))


async def _together(call: Call, entries: list[Entry]) -> list[Done]:
    """All of them in FHIR's order, in one transaction of the database."""
    _refuse_twice(entries)
    answers: dict[int, Done] = {}
    async with transaction(call.desk.database) as inside:
        desk = call.desk._replace(database=inside)
        await all_at_once(desk, _locks(entries))
        there = await _there(desk, entries)
        reserved = {each.place: new_id() for each in entries if _is_new(each) or there.get(each.place, "") is None}
        ids = {**reserved, **{place: each for place, each in there.items() if each is not None}}
        urls = {entry.full_url: entry for entry in entries if entry.full_url and entry.place in ids}
        known = {url: f"{entry.call.kind}/{ids[entry.place]}" for url, entry in urls.items()}
        put_off(call)
        for entry in sorted(entries, key=lambda each: _turn(each, each.place in reserved)):
            ours = entry.call._replace(desk=desk, reserved=reserved.get(entry.place), within=True)
            try:
                await look_up(ours, known)
                ours = ours._replace(body=resolved(ours.body, known))
                reply = await _act(entry._replace(call=ours))
            except TrialbookError as error:
                raise _placed(error, entry.place) from error
            answers[entry.place] = _answer(reply)
            if entry.full_url and reply.resource is not None and entry.method in {"POST", "PUT"}:
                made = f"{reply.resource['resourceType']}/{reply.resource['id']}"
                if known.setdefault(entry.full_url, made) != made:
                    raise InvalidRequest(TWICE, (Fault(f"/entry/{entry.place}", TWICE),))
        await settle_later(call._replace(desk=desk))
    return [answers[entry.place] for entry in entries]


async def _there(desk: Desk, entries: list[Entry]) -> dict[int, str | None]:
    """The resource that each PUT by a condition is about, by the entry's place: None where there is none yet."""
    found: dict[int, str | None] = {}
    for entry in entries:
        if entry.method == "PUT" and not entry.call.id and entry.call.pairs:
            try:
                held = await searching.found_by(entry.call._replace(desk=desk))
            except TrialbookError as error:
                raise _placed(error, entry.place) from error
            if len(held) <= 1:
                found[entry.place] = str(held[0].id) if held else None
    return found


def _locks(entries: list[Entry]) -> Iterator[int]:
    """The locks of all conditions on what is created or changed."""
    for entry in entries:
        if entry.method == "POST" and (condition := interactions.condition_of(entry.call)):
            yield lock_of(entry.call, condition)
        if entry.method == "PUT" and not entry.call.id:
            yield lock_of(entry.call, urlencode(entry.call.pairs))


def _is_new(entry: Entry) -> bool:
    """Whether it makes a resource for certain: then others may refer to it before it is made."""
    return entry.method == "POST" and not entry.call.id and interactions.condition_of(entry.call) is None


def _turn(entry: Entry, is_made: bool) -> tuple[int, bool, bool, int]:  # noqa: FBT001 - told by the one caller
    """FHIR's order; what a PUT makes is made with what a POST makes: patients first, and what may be there already."""
    method = "POST" if is_made else entry.method
    return ORDER.index(method), entry.call.kind != "Patient", is_made, entry.place


def _refuse_twice(entries: list[Entry]) -> None:
    changing = [entry for entry in entries if entry.method != "GET"]
    urls = [entry.full_url for entry in changing if entry.full_url]
    named = [f"{each.call.kind}/{each.call.id.lower().replace('-', '')}" for each in changing if each.call.id]
    if len(set(urls)) < len(urls) or len(set(named)) < len(named):
        raise InvalidRequest(TWICE, (Fault("/entry", TWICE),))


def _placed(error: TrialbookError, place: int) -> TrialbookError:
    """The same error, with the entry that it is of."""
    here = f"/entry/{place}/resource"
    faults = tuple(
        Fault(f"{here}{each.pointer}" if each.pointer.startswith("/") else here, each.message, each.suggestions)
        for each in error.faults
    )
    error.faults = faults or (Fault(f"/entry/{place}", error.detail),)
    return error


def _answer(reply: Reply) -> Done:
    tag, modified = reply.headers.get("ETag"), (reply.resource or {}).get("meta", {}).get("lastUpdated")
    version = None if tag is None else int(tag.removeprefix("W/").strip('"'))
    return Done("", "", str(reply.status), version, modified, reply.headers.get("Location"), reply.resource)
