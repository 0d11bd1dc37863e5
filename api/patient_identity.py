"""Who a patient is: identifiers in addresses and headers, create-if-absent, and what to include."""

from urllib.parse import unquote
from uuid import UUID

from fastapi import Response

from models.patient import PatientCreate
from registry.desk import Desk
from registry.errors import Conflict, Fault, InvalidRequest
from registry.known_patients import create_unless_known
from registry.patient_search import INCLUDABLE, read_patient_with
from registry.patients import PATIENTS
from registry.records import Said
from web.calls import CREATED, Answered, Creating, Done, Reading
from web.conditions import etag
from web.deps import shows

HOW_TO_FIND = "Send `system|value`, such as `urn:oid:1.2.36.146.595.217.0.1|MRN-1042`."
HOW_TO_CREATE = "Send If-None-Exist as `identifier=system|value`."
PREFIX = "identifier="
KNOWN = 200
NOTHING_INCLUDED: Said = dict.fromkeys(INCLUDABLE)
KINDS = tuple(kind.replace("_", "-") for kind in INCLUDABLE)


def identifier_in(text: str, pointer: str = "#query/identifier") -> tuple[str, str]:
    """The system and the value of `system|value`.

    Raises:
        InvalidRequest: there is no bar, or nothing on one side of it.
    """
    system, _, value = text.partition("|")
    if not system.strip() or not value.strip():
        raise InvalidRequest(HOW_TO_FIND, (Fault(pointer, HOW_TO_FIND),))
    return system.strip(), value.strip()


async def create_if_absent(call: Creating, entry: PatientCreate, condition: str | None) -> Answered:
    """Create the patient, unless somebody carries the identifier of the condition.

    Raises:
        InvalidRequest: the condition cannot be read.
    """
    if condition is None:
        return await call.create(PATIENTS, None, entry)
    pointer = "#header/if-none-exist"
    if not condition.startswith(PREFIX):
        raise InvalidRequest(HOW_TO_CREATE, (Fault(pointer, HOW_TO_CREATE),))
    identifier = identifier_in(unquote(condition.removeprefix(PREFIX)), pointer)

    async def look_and_create(desk: Desk) -> Done:
        patient, is_new = await create_unless_known(desk, identifier, entry)
        shows(call.request, [patient["id"]])
        return CREATED if is_new else KNOWN, patient

    try:
        return await call.done(look_and_create)
    except Conflict:
        # Somebody without a condition may have created the same patient after the look. Nothing was done: look again.
        return await call.done(look_and_create)


async def read_with_records(call: Reading, patient_id: UUID, asked: list[str] | None) -> Answered:
    """The patient with the kinds of records that were asked for; the others are null.

    Raises:
        InvalidRequest: there is no such kind.
    """
    if not asked:
        said = await call.read(PATIENTS, patient_id, patient_id)
        return said if isinstance(said, Response) else {**said, **NOTHING_INCLUDED}
    kinds = frozenset(kind.strip().replace("-", "_") for text in asked for kind in text.split(",") if kind.strip())
    if not kinds or not kinds <= set(INCLUDABLE):
        message = f"Send one or several of: {', '.join(KINDS)}."
        raise InvalidRequest(message, (Fault("#query/include", message, KINDS),))
    found: Said = NOTHING_INCLUDED | await read_patient_with(call.desk, patient_id, kinds)
    call.response.headers["ETag"] = etag(found["version"])
    return found
