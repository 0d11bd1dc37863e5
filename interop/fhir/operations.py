"""Operations: everything of a patient, the TRD status, the staging, and checking without storing."""

from datetime import date, datetime
from typing import Any

from interop.fhir import bundle, outcome
from interop.fhir.calls import Call, Reply
from interop.fhir.checking import checked
from interop.fhir.elements import Fhir
from interop.fhir.interactions import known_as
from interop.fhir.showing import shown
from interop.fhir.staging import all_to_fhir
from interop.fhir.trd_status import to_fhir
from interop.fhir.understanding import understood
from models.evaluation import DEFAULT_DEFINITION
from registry.errors import Fault, InvalidRequest
from registry.fhir_shelf import TYPES, of_patients
from registry.staging import staging
from registry.status import Moment
from registry.status import trd_status as status_of
from web.guard import about

NOT_ASKED = "This operation takes {}."
NO_DAY = "Send a day as YYYY-MM-DD."
NO_MOMENT = "Send a moment with its time zone, such as 2025-06-02T10:00:00Z."


async def everything(call: Call) -> Reply:
    """The patient and every resource of theirs; of some types alone, or changed since a moment, where that is asked."""
    about(call.request, call.uuid)
    asked = _asked(call, "_type", "_since")
    wanted, since = _types(asked.get("_type")), _instant(asked.get("_since"), "_since")
    patient = shown(await known_as(call, call.uuid))
    kinds = [kind for kind in wanted if kind != "Patient"]
    held = [each for kind in kinds for each in await of_patients(call.desk, kind, [call.uuid])]
    found = [*([patient] if "Patient" in wanted else []), *map(shown, held)]
    resources = [each for each in found if since is None or _changed(each) >= since]
    return Reply(200, bundle.searchset(call.base, resources, {}, total=len(resources)))


def _types(text: str | None) -> tuple[str, ...]:
    named = TYPES if text is None else tuple(dict.fromkeys(text.split(",")))
    if not set(named) <= set(TYPES):
        message = f"Send some of {', '.join(TYPES)}, with commas between."
        raise InvalidRequest(message, (Fault("#query/_type", message),))
    return named


def _changed(resource: Fhir) -> datetime:
    return datetime.fromisoformat(resource["meta"]["lastUpdated"])


async def trd_status(call: Call) -> Reply:
    """The status, as an Observation: the same answer as `GET /v1/patients/{id}/trd-status` gives."""
    about(call.request, call.uuid)
    asked = _asked(call, "definition", "on", "knownAt")
    moment = _moment(asked)
    definition = asked.get("definition", DEFAULT_DEFINITION)
    return Reply(200, to_fhir(await status_of(call.desk, call.uuid, definition, moment)))


async def trd_staging(call: Call) -> Reply:
    """The staging by each method, as Observations in a Bundle."""
    about(call.request, call.uuid)
    asked = _asked(call, "method", "on", "knownAt")
    said = await staging(call.desk, call.uuid, asked.get("method"), _moment(asked))
    entries = [{"resource": each} for each in all_to_fhir(said)]
    return Reply(200, {"resourceType": "Bundle", "type": "collection", "entry": entries})


def _asked(call: Call, *names: str) -> dict[str, str]:
    """The parameters, of the address or of a Parameters resource.

    Raises:
        InvalidRequest: there is another one.
    """
    given = dict(call.pairs)
    listed = call.body.get("parameter", []) if isinstance(call.body, dict) else []
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            value = next((each[key] for key in each if key.startswith("value")), None)
            given[str(each.get("name"))] = str(value)
    for name in given.keys() - {*names, "_format"}:
        message = NOT_ASKED.format(", ".join(f"`{each}`" for each in names))
        raise InvalidRequest(message, (Fault(f"#query/{name}", message),))
    return {name: value for name, value in given.items() if name != "_format"}


def _moment(asked: dict[str, str]) -> Moment:
    return Moment(_day(asked.get("on")), _instant(asked.get("knownAt")))


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(NO_DAY, (Fault("#query/on", NO_DAY),)) from None


def _instant(text: str | None, name: str = "knownAt") -> datetime | None:
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - refused in the next line
    if moment is not None and moment.tzinfo is None:
        raise InvalidRequest(NO_MOMENT, (Fault(f"#query/{name}", NO_MOMENT),))
    return moment


async def validate(call: Call) -> Reply:
    """Is it a resource that can be read, and what is understood of it? Nothing is stored."""
    body: Any = call.body
    if isinstance(body, dict) and body.get("resourceType") == "Parameters":
        listed = body.get("parameter")
        named = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        body = next((each.get("resource") for each in named if each.get("name") == "resource"), None)
    try:
        document = checked(call.kind, body)
    except InvalidRequest as error:
        return Reply(200, outcome.to_fhir(error, call.kind))
    return Reply(200, outcome.outcome(_what_is_understood(call, document)))


def _what_is_understood(call: Call, document: Fhir) -> list[Fhir]:
    found = understood(document, call.desk.today)
    if found.entry is not None:
        return [outcome.information("It is valid, and a record is made of it.")]
    said = [outcome.warning(reason, "informational") for reason in found.reasons]
    return [*said, outcome.information("It is valid, and is kept as it is sent; no record is made of it alone.")]
