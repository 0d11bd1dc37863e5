"""The interactions with one resource: read, create, replace, patch, remove."""

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from access.decide import is_of_one_patient
from interop.fhir.calls import Call, Reply
from interop.fhir.checking import checked
from interop.fhir.elements import Fhir
from interop.fhir.locking import one_at_a_time
from interop.fhir.patching import patched
from interop.fhir.search import SILENT
from interop.fhir.searching import found_by
from interop.fhir.sending import sent_of, whole
from interop.fhir.settling import settled
from interop.fhir.showing import shown, stamps
from interop.fhir.subsets import Shape, is_part, of_one
from interop.fhir.understanding import understood
from interop.fhir.whose import patient_of_document
from registry.care_teams import refuse_another_team
from registry.desk import Ref
from registry.errors import Conflict, Fault, InvalidRequest, PreconditionFailed, PreconditionRequired
from registry.fhir_shelf import RECORDS, Held, Located, locate, read_one
from registry.fhir_writing import Sent, create_resource, remove_resource, replace_resource, take_back
from registry.records import Versions
from registry.statements import transaction
from web.conditions import is_current, versions_named
from web.deps import caller_of, shows_also

SEVERAL = "Several resources are as the condition says; name one by its id, or send a condition that only one meets."
ANOTHER_ID = "The `id` of the resource is not the one of its address. Send the same."
STAYS = "A resource keeps its patient. Send it as a new one, and remove this one."
NO_RECORD_ANY_MORE = (
    "What the record rests on cannot be read in this resource any more, so nothing was changed. {} "
    "To take it back, DELETE it."
)
MATCH_FIRST = (
    "A change needs the version that it was made from: send If-Match with the ETag that you read, or the resource with "
    "its `meta.versionId`."
)
CHANGED = "The resource was changed since you read it, in version {}. Read it again and change what you find."
PARTLY = "This is a part of a resource (SUBSETTED): the rest would be lost. Read it whole, change it and send it whole."


async def read(call: Call) -> Reply:
    """The resource as it is now; 304 for whoever has it."""
    shape = _shape(call)
    held = await read_one(call.desk, await located(call, "read"))
    resource = shown(held)
    if is_current(call.conditions.if_none_match, int(resource["meta"]["versionId"])):
        return Reply(304, None, stamps(resource))
    return Reply(200, shape.of(resource), stamps(resource))


def _shape(call: Call) -> Shape:
    try:
        return of_one(call.pairs)
    except ValueError as fault:
        raise InvalidRequest(str(fault), (Fault("#query/_summary", str(fault)),)) from None


async def located(call: Call, verb: str) -> Located:
    """Where the resource is, if whoever asks may do this with it."""
    where = await locate(call.desk, call.kind, call.uuid)
    call.decide(verb, where.ref.patient_id)
    return where


async def create(call: Call) -> Reply:
    """A new resource. With a condition none is made where one is as it says."""
    condition = condition_of(call)
    if condition is None:
        return await _created(call)
    try:
        return await _created_unless_known(call, condition)
    except Conflict:
        if call.within:
            raise
        # Somebody without a condition may have created the same after the look. Nothing was done: look again.
        return await _created_unless_known(call, condition)


async def _created_unless_known(call: Call, condition: str) -> Reply:
    pairs = parse_qsl(condition.lstrip("?"), keep_blank_values=True)
    async with transaction(call.desk.database) as inside:
        ours = call._replace(desk=call.desk._replace(database=inside))
        await one_at_a_time(ours, condition)
        known = await found_by(ours._replace(pairs=pairs))
        if not known:
            return await _created(ours)
    resource = shown(_only(known))
    return Reply(200, resource, {**stamps(resource), "Location": _address(call, resource)})


def condition_of(call: Call) -> str | None:
    """What must not be there yet: If-None-Exist, or a search in the address, as some clients send it."""
    asked = [(name, value) for name, value in call.pairs if name not in SILENT]
    return call.conditions.if_none_exist if call.conditions.if_none_exist or not asked else urlencode(asked)


def _only(known: list[Held]) -> Held:
    if len(known) > 1:
        raise PreconditionFailed(SEVERAL)
    return known[0]


async def _created(call: Call) -> Reply:
    document = checked(call.kind, call.body)
    if not is_of_one_patient(caller_of(call.request)):
        call.decide("create", None)  # who may not create at all learns of nobody
    patient_id = await patient_of_document(call, document)
    call.decide("create", patient_id)
    sent = await sent_of(call, document, understood(document, call.desk.today), patient_id)
    held = await settled(call, create_resource, patient_id, sent)
    shows_also(call.request, held.patient_id)
    resource = shown(held)
    return Reply(201, resource, {**stamps(resource), "Location": _address(call, resource)})


def _address(call: Call, resource: Fhir) -> str:
    return f"{call.base}/{call.kind}/{resource['id']}/_history/{resource['meta']['versionId']}"


async def replace(call: Call) -> Reply:
    """The resource as it shall be from now on, at its own address or by a condition."""
    if not call.id:
        return await _replace_by_condition(call)
    where = await located(call, "replace")
    return await _replaced(call, where, checked(call.kind, call.body))


async def _replace_by_condition(call: Call) -> Reply:
    condition = urlencode(call.pairs)
    if not condition:
        raise InvalidRequest("Name the resource by its id in the address, or by a search that finds it alone.")
    async with transaction(call.desk.database) as inside:
        ours = call._replace(desk=call.desk._replace(database=inside))
        await one_at_a_time(ours, condition)
        known = await found_by(ours)
        if not known:
            return await _created(ours)
        held = _only(known)
        ours = ours._replace(id=str(held.id))
        conditions = ours.conditions._replace(if_match=ours.conditions.if_match or "*")
        where = await located(ours, "replace")
        return await _replaced(ours._replace(conditions=conditions), where, checked(call.kind, call.body))


async def _refuse_another(call: Call, where: Located, document: Fhir) -> None:
    """Refuse what would be another resource, or a part of this one.

    Raises:
        InvalidRequest: it has another id or patient, or elements are left out.
    """
    if document.get("id", call.id) != call.id:
        raise InvalidRequest(ANOTHER_ID, (Fault("/id", ANOTHER_ID),))
    if is_part(document):
        raise InvalidRequest(PARTLY, (Fault("/meta/tag", PARTLY),))
    if call.kind != "Patient" and await patient_of_document(call, document) != where.ref.patient_id:
        raise InvalidRequest(STAYS, (Fault("/subject", STAYS),))


async def _replaced(call: Call, where: Located, document: Fhir) -> Reply:
    await _refuse_another(call, where, document)
    found = understood(document, call.desk.today)
    sent = await sent_of(call, document, found, where.ref.patient_id)
    if sent.entry is None and not where.alone and found.taken_back:
        return await _taken_back(call, where, sent)
    if sent.entry is None and not where.alone:
        raise InvalidRequest(NO_RECORD_ANY_MORE.format(" ".join(found.reasons)))
    if sent.entry is not None and not where.alone:
        sent = sent._replace(entry=whole(call.kind, sent.entry))
    try:
        resource = shown(await settled(call, replace_resource, where, _seen(call, document), sent))
    except PreconditionFailed as stale:
        if call.conditions.if_match is None:
            raise Conflict(CHANGED.format(document["meta"]["versionId"])) from stale
        raise
    return Reply(200, resource, stamps(resource))


async def _taken_back(call: Call, where: Located, sent: Sent) -> Reply:
    """What says of itself that it never was so: the record is marked as in error, and the resource kept with it."""
    held = await settled(call, take_back, where, _seen(call, sent.document), sent)
    resource = shown(held)
    return Reply(200, resource, stamps(resource))


def _seen(call: Call, document: Fhir | None = None) -> Versions:
    """The versions that a change may be made from; FHIR's ETags are weak, and name a version all the same.

    Many clients send no If-Match and the resource as they read it: then it is the version that it says it is.
    """
    meta = (document or {}).get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    if call.conditions.if_match is None and isinstance(version, str):
        return versions_named(f'"{version}"')
    if call.conditions.if_match is None:
        raise PreconditionRequired(MATCH_FIRST, (Fault("#header/if-match", MATCH_FIRST),))
    return versions_named(call.conditions.if_match)


async def patch(call: Call) -> Reply:
    """The resource with a patch applied. A part of the resource may say itself which version it was made from."""
    where = await located(call, "patch")
    current = shown(await read_one(call.desk, where))
    seen = _seen(call, call.body if isinstance(call.body, dict) else None)
    if seen is not None and int(current["meta"]["versionId"]) not in seen:
        raise PreconditionFailed("The resource was changed since you read it. Read it again and patch what you find.")
    ours = call._replace(conditions=call.conditions._replace(if_match=stamps(current)["ETag"]))
    return await _replaced(
        ours, where, checked(call.kind, patched(current, call.body, call.request.headers.get("content-type", "")))
    )


async def remove(call: Call) -> Reply:
    """The resource was entered in error. Its versions stay readable."""
    where = await located(call, "remove")
    if call.kind == "Patient":
        await refuse_another_team(call.desk, where.ref.patient_id, caller_of(call.request))
    version = await settled(call, remove_resource, where, _seen(call))
    return Reply(204, None, {"ETag": f'W/"{version}"'})


async def known_as(call: Call, patient_id: UUID) -> Held:
    """A patient, as it is held.

    Raises:
        NotFound, Gone, Restricted: as in `registry.records.read`.
    """
    return await read_one(call.desk, Located("Patient", Ref(patient_id, patient_id), RECORDS["Patient"]))
