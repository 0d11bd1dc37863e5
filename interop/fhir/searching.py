"""Searches: what is held of a type, shown as FHIR, filtered as it was asked; page by page, each linked to the next."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from access.decide import is_of_one_patient
from interop.fhir import bundle, outcome
from interop.fhir.calls import Call, Reply
from interop.fhir.elements import Fhir
from interop.fhir.including import CUT, MOST_ALONG, included, uuids
from interop.fhir.pages import BEGINNING, Spot, links, turned
from interop.fhir.search import Search, read_search
from interop.fhir.showing import shown
from interop.fhir.subsets import ACCURATE
from registry.errors import Forbidden, InvalidRequest, NotFound, Restricted
from registry.fhir_shelf import Held, across, locate, of_patients
from registry.patient_search import patients_identified
from registry.records import START, Stretch
from web.deps import caller_of
from web.guard import part

LOOKED_AT_ONCE, MOST_LOOKED_AT, MOST_COUNTED = 200, 2_000, 10_000
MOST_ON_A_PAGE, FEW = 500, 20
OF_SEVERAL = "Search by one identifier at a time, as `system|value`."
NOT_COUNTED = (
    f"There is more than {MOST_COUNTED} of it, which is not counted at once. Count by patient, or go through pages."
)
NOT_SORTED = "Only a search of one patient's resources can be sorted; add `patient=`, or leave `_sort` out."


async def search(call: Call) -> Reply:
    """A page of what is as it was asked."""
    call, after = turned(call)
    asked = read_search(call.kind, call.pairs, base=call.base, lenient=call.lenient)
    patients = await _patients(call, asked)
    following: Spot | None
    if patients is None:
        call.decide("search", None)
        found, following = ([], None) if asked.counts else await _across(call, asked, after or BEGINNING)
        total = await _number(call, asked)
    else:
        _decide(call, patients)
        every = [each async for each in _of(call, asked, patients)]
        found, following = ([], None) if asked.counts else _page(asked, every, after)
        total = len(every)
    return Reply(200, await _bundle(call, asked, found, following, total))


def _page_of(asked: Search) -> int:
    return min(asked.at_most, MOST_ON_A_PAGE)


def _page(asked: Search, every: Sequence[tuple[Spot, Fhir]], after: Spot | None) -> tuple[list[Fhir], Spot | None]:
    """What follows a spot, whatever came and went since: what stays where it is, is neither left out nor repeated."""

    def order(spot: Spot) -> tuple[object, ...]:
        return asked.rank(spot.keys), spot.alone, spot.id

    listed = sorted(every, key=lambda each: order(each[0]))
    rest = [each for each in listed if after is None or order(each[0]) > order(after)]
    page = rest[: _page_of(asked)]
    return [resource for _, resource in page], page[-1][0] if len(page) < len(rest) else None


async def found_by(call: Call) -> list[Held]:
    """What is as a condition says: none, one, or more than one. Conditions name a patient or an identifier.

    Whoever is named was read, whatever comes of it: the audit says so.

    Raises:
        InvalidRequest: the condition names neither.
    """
    asked = read_search(call.kind, call.pairs, base=call.base)
    patients = await _patients(call, asked)
    if patients is None:
        needed = "`identifier=system|value`" if call.kind == "Patient" else "`patient={id}`"
        raise InvalidRequest(f"A condition on {call.kind} names {needed}, so that it is about one patient.")
    with part(call.request, reads=True):
        _decide(call, patients)
        held = await of_patients(call.desk, call.kind, patients) if patients else []
        return [each for each in held if asked.matches(shown(each))]


def _decide(call: Call, patients: list[UUID]) -> None:
    whom: list[UUID | None] = [*patients] or [caller_of(call.request).patient_id]
    for patient in whom:
        call.decide("search", patient)


async def _patients(call: Call, asked: Search) -> list[UUID] | None:
    """Whose resources are asked for; None for everybody's. A token of one patient asks for theirs alone."""
    named = await _named(call, asked)
    caller = caller_of(call.request)
    if not is_of_one_patient(caller):
        return named
    own = [caller.patient_id] if caller.patient_id else []
    if named is None or set(named) <= set(own):
        return own if named is None else named
    if _names_patients(call, asked):
        raise Forbidden("This token is for one patient's record alone. Search for that patient, or name none.")
    return [each for each in named if each in own]


def _names_patients(call: Call, asked: Search) -> bool:
    """Whether the ids of patients stand in the search itself: nothing was looked up, so a refusal tells nothing.

    An identifier or the id of a record is looked up, and a refusal would say that there is such a patient.
    """
    if call.kind == "Patient":
        return asked.asked("identifier") is None
    return asked.asked("patient", "subject") is not None


async def _named(call: Call, asked: Search) -> list[UUID] | None:
    if call.kind == "Patient":
        if (identifiers := asked.asked("identifier")) is not None:
            return await _identified(call, identifiers)
        ids = asked.asked("_id")
        return None if ids is None else uuids(ids)
    subjects = asked.asked("patient", "subject")
    if subjects is not None:
        return uuids(value.removeprefix(f"{call.base}/").removeprefix("Patient/") for value in subjects)
    ids = asked.asked("_id")
    return None if ids is None else [patient for each in uuids(ids) for patient in await _owner(call, each)]


async def _owner(call: Call, record_id: UUID) -> list[UUID]:
    try:
        return [(await locate(call.desk, call.kind, record_id)).ref.patient_id]
    except NotFound:
        return []


async def _identified(call: Call, identifiers: tuple[str, ...]) -> list[UUID]:
    if len(identifiers) != 1 or not all(identifiers[0].partition("|")):
        raise InvalidRequest(OF_SEVERAL)
    system, _, value = identifiers[0].partition("|")
    try:
        known = await patients_identified(call.desk, (system, value), Stretch(2))
    except Restricted:
        if not is_of_one_patient(caller_of(call.request)):
            raise
        known = []  # to a token of one patient all others are alike
    return [UUID(str(each["id"])) for each in known]


async def _of(call: Call, asked: Search, patients: list[UUID]) -> AsyncIterator[tuple[Spot, Fhir]]:
    for held in await of_patients(call.desk, call.kind, patients) if patients else ():
        resource = shown(held)
        if asked.matches(resource):
            yield Spot(held.alone, held.id, asked.keys(resource)), resource


async def _across(call: Call, asked: Search, after: Spot) -> tuple[list[Fhir], Spot | None]:
    """A page of the whole organisation. So much is looked at and no more: a page may have fewer than were asked for."""
    if asked.sort:
        raise InvalidRequest(NOT_SORTED)
    done, last, _ = after
    found: list[Fhir] = []
    wanted, looked = _page_of(asked), 0
    while looked < MOST_LOOKED_AT:
        stretch = await across(call.desk, call.kind, (done, last), LOOKED_AT_ONCE)
        for held in stretch:
            if len(found) >= wanted:
                return found, Spot(done, last)
            resource = shown(held)
            done, last, looked = held.alone, held.id, looked + 1
            if asked.matches(resource):
                call.decide("search", held.patient_id)
                found.append(resource)
        if len(stretch) < LOOKED_AT_ONCE:
            return found, None
    return found, Spot(done, last)


async def _number(call: Call, asked: Search) -> int | None:
    """How many there are in the whole organisation, where that is wanted.

    Raises:
        InvalidRequest: nothing but the number is wanted, and there is too much to be gone through for it.
    """
    if not asked.counts and asked.shape.total != ACCURATE:
        return None
    found, done, last = 0, False, START
    owners: dict[UUID, None] = {}
    for _ in range(MOST_COUNTED // LOOKED_AT_ONCE):
        stretch = await across(call.desk, call.kind, (done, last), LOOKED_AT_ONCE)
        matching = [held.patient_id for held in stretch if asked.matches(shown(held))]
        found += len(matching)
        owners.update(dict.fromkeys(matching if len(owners) <= FEW else ()))
        if len(stretch) < LOOKED_AT_ONCE:
            for owner in owners if len(owners) <= FEW else ():
                call.decide("search", owner)  # a count of few tells of each of them, and the audit names them
            return found
        done, last = stretch[-1].alone, stretch[-1].id
    if asked.counts:
        raise InvalidRequest(NOT_COUNTED)
    return None


async def _bundle(call: Call, asked: Search, found: list[Fhir], after: Spot | None, total: int | None) -> Fhir:
    along = [asked.shape.of(each) for each in await included(call, asked, found)]
    warnings = [*asked.passed_over, *([CUT] if len(along) >= MOST_ALONG else [])]
    if warnings:
        along.append(outcome.outcome([outcome.warning(each) for each in warnings]))
    return bundle.searchset(call.base, map(asked.shape.of, found), links(call, after), included=along, total=total)
