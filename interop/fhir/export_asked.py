"""What a bulk export is asked for, by an address or a Parameters resource (https://hl7.org/fhir/uv/bulkdata/)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, NoReturn
from urllib.parse import urlencode

from access.fhir import RECORDS
from interop.fhir.calls import Call, Pairs
from registry.errors import Fault, InvalidRequest

NDJSON = "application/fhir+ndjson"
OUTPUTS = (NDJSON, "application/ndjson", "ndjson")
TAKEN = ("_type", "_since", "_outputFormat")
NARROWING = frozenset({"patient"})
"""Never passed over: the answer would hold patients who were not asked for."""
ASYNC = (
    "An export is not answered at once. Send `Prefer: respond-async`, then ask at the address of `Content-Location`."
)
NOT_TAKEN = "An export takes {}, and not `{}`. Leave it out, or send `Prefer: handling=lenient` to have it passed over."
NO_NARROWING = "An export takes {}, and not `{}`: it is of all patients. Leave it out, or search by patient."
NOT_SERVED = (
    "`{}` is none of the types that are exported: {}. `Prefer: handling=lenient` passes over what is not known."
)
NO_TYPE = "None of the types that were named is exported. Name some of {}, or leave `_type` out."
NO_INSTANT = "Send a moment with its time zone, such as 2026-06-02T10:00:00Z."
NO_OUTPUT = "Files are written as {} alone."
NO_PARAMETERS = "Send a Parameters resource whose `parameter` has a `name` and a value each, or no body."


class ExportRefused(InvalidRequest):
    """The export is not asked for as one is, or for something that is not served here."""

    status: ClassVar[int] = 400
    slug, title = "export-not-served", "The export cannot be made as it is asked for"


class Asked(NamedTuple):
    """What is wanted.

    Attributes:
        types: the types that were named, each once; None for all that whoever asks may read.
        since: what was changed after this; None for everything.
        query: the parameters as they were understood, as an address has them, with the `?`; empty for a body.
    """

    types: tuple[str, ...] | None
    since: datetime | None
    query: str


def read_asked(call: Call) -> Asked:
    """What is asked.

    Raises:
        ExportRefused: it is not asked as an export is asked, or for what is not served.
    """
    preferred = ",".join(call.request.headers.getlist("prefer")).replace(" ", "").lower()
    if "respond-async" not in preferred.replace(";", ",").split(","):
        _refuse(ASYNC, "#header/Prefer")
    lenient = "handling=lenient" in preferred
    given = [*call.pairs, *_of_body(call.body)]
    _check_names(given, lenient=lenient)
    understood = {name: value for name, value in given if name in TAKEN}
    named = [kind.strip() for name, value in given if name == "_type" for kind in value.split(",")]
    types = _types(named, lenient=lenient) if named else None
    since = _instant(understood["_since"]) if "_since" in understood else None
    if understood.get("_outputFormat", NDJSON).replace(" ", "+") not in OUTPUTS:
        _refuse(NO_OUTPUT.format(", ".join(f"`{each}`" for each in OUTPUTS)), "#query/_outputFormat")
    shown = (
        understood | ({"_type": ",".join(types)} if types else {}) | ({"_since": since.isoformat()} if since else {})
    )
    return Asked(types, since, f"?{urlencode(shown)}" if shown and call.request.method == "GET" else "")


def _check_names(given: Pairs, *, lenient: bool) -> None:
    taken = ", ".join(f"`{each}`" for each in TAKEN)
    for name in (name for name, _ in given if name not in {*TAKEN, "_format"}):
        if name in NARROWING:
            _refuse(NO_NARROWING.format(taken, name), f"#query/{name}")
        if not lenient:
            _refuse(NOT_TAKEN.format(taken, name[:100]), f"#query/{name[:100]}")


def _types(named: list[str], *, lenient: bool) -> tuple[str, ...]:
    served = ", ".join(RECORDS)
    for kind in named:
        if kind not in RECORDS and not lenient:
            _refuse(NOT_SERVED.format(kind[:100], served), "#query/_type")
    found = tuple(kind for kind in RECORDS if kind in named)
    if not found:
        _refuse(NO_TYPE.format(served), "#query/_type")
    return found


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign in an address is read as a space
    except ValueError:
        _refuse(NO_INSTANT, "#query/_since")
    if moment.tzinfo is None:
        _refuse(NO_INSTANT, "#query/_since")
    return moment


def _of_body(body: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """The parameters of a Parameters resource, as an address would have them."""
    if body is None:
        return
    listed = body.get("parameter", []) if isinstance(body, dict) and body.get("resourceType") == "Parameters" else None
    for part in listed if isinstance(listed, list) else [None]:
        each: dict[str, Any] = part if isinstance(part, dict) else {}
        values = [each[key] for key in each if key.startswith("value")]
        if len(values) != 1 or not isinstance(values[0], str):
            _refuse(NO_PARAMETERS, "")
        yield str(each.get("name")), values[0]


def _refuse(sentence: str, pointer: str) -> NoReturn:
    raise ExportRefused(sentence, (Fault(pointer, sentence),))
