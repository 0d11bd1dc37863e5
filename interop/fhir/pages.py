"""Where a list goes on: links to the next page, that name nobody who was not named in the address before."""

from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlencode
from uuid import UUID

import orjson

from interop.fhir.calls import Call, Pairs
from interop.fhir.search import SILENT
from interop.fhir.search_order import Keys
from registry.errors import Fault, InvalidRequest
from registry.identity import opened_if_ours
from registry.records import START
from web.cursors import BAD_CURSOR

CURSOR, PAGE = "_cursor", "_page"
"""A place in a list that the address describes; and a place in one that a form described, sealed together with that."""


class Spot(NamedTuple):
    """Where a resource stands in a list: by what it is sorted; then records before what is kept alone; then its id."""

    alone: bool
    id: UUID
    keys: Keys = ()


BEGINNING = Spot(alone=False, id=START)


def turned(call: Call) -> tuple[Call, Spot | None]:
    """The search without the place where it goes on; and that place, None for the first page.

    Raises:
        InvalidRequest: the place is none of this list.
    """
    given = dict(call.pairs)
    if PAGE in given:
        if given.keys() - {PAGE, *SILENT}:
            _refuse(PAGE)
        pairs, place = _opened(call, given[PAGE], PAGE)
        return call._replace(pairs=[(name, value) for name, value in pairs], by_form=True), _spot(*place)
    call = call._replace(pairs=[(name, value) for name, value in call.pairs if name != CURSOR])
    read = call.request.app.state.service.cursors.read(_list_of(call), given.get(CURSOR))
    if read is None:
        return call, None
    alone, last, sealed = read.split(" ")
    return call, _spot(alone == "1", last, _opened(call, sealed, CURSOR) if sealed else ())


def links(call: Call, after: Spot | None) -> dict[str, str]:
    """The links of a page that ends with this spot; None where nothing follows."""
    address = f"{call.base}/{call.kind}"
    if call.by_form:
        here = {"self": f"{address}/_search"}
        following: Pairs = [] if after is None else [(PAGE, _sealed(call, PAGE, [call.pairs, _place(after)]))]
    else:
        here = {"self": f"{address}?{urlencode(call.pairs)}" if call.pairs else address}
        following = [] if after is None else [*call.pairs, (CURSOR, _written(call, after))]
    return here | ({"next": f"{address}?{urlencode(following)}"} if following else {})


def _written(call: Call, spot: Spot) -> str:
    """The spot in a cursor. What it is sorted by is of a patient, and sealed: addresses end up in logs."""
    place = f"{int(spot.alone)} {spot.id} {_sealed(call, CURSOR, list(spot.keys)) if spot.keys else ''}"
    return str(call.request.app.state.service.cursors.written(_list_of(call), place))


def _list_of(call: Call) -> str:
    """What a cursor is good for: this search and no other, of the organisation whose keys it is sealed with."""
    return f"{call.desk.organisation_id} {call.kind}?{urlencode(call.pairs)}"


def _sealed(call: Call, what: str, value: list[Any]) -> str:
    return call.desk.keys.sealed(call.kind, what, orjson.dumps(value))


def _opened(call: Call, sealed: str, what: str) -> list[Any]:
    plain = opened_if_ours(call.desk, call.kind, what, sealed)
    found: list[Any] = _refuse(what) if plain is None else orjson.loads(plain)
    return found


def _refuse(what: str) -> NoReturn:
    raise InvalidRequest(BAD_CURSOR, (Fault(f"#query/{what}", BAD_CURSOR),))


def _place(spot: Spot) -> list[Any]:
    return [spot.alone, str(spot.id), list(spot.keys)]


def _spot(alone: bool, last: str, keys: Iterable[str | None]) -> Spot:  # noqa: FBT001 - as `_place` says it
    return Spot(alone, UUID(last), tuple(keys))
