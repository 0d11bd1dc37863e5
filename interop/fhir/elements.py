"""The small parts that FHIR resources are made of: codes, references, quantities, periods, extensions, meta."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from clinical.dates import iso, parse_partial_date
from interop.fhir.canonical import ABSENT, TERMINOLOGY, UCUM, code_system, extension_url

Fhir = dict[str, Any]
"""A FHIR resource or a part of one."""
Said = Mapping[str, Any]
"""What the registry says of a record."""
UNKNOWN = "unknown"
SPACES = str.maketrans({number: " " for number in range(32) if chr(number) not in "\t\n\r"})


def without_nothing(parts: Mapping[str, Any]) -> Fhir:
    """The parts that say something. FHIR allows neither null nor an empty list, object or string."""
    return {name: value for name, value in parts.items() if value is not None and value not in ([], {}, "")}


def words(text: str | None) -> str | None:
    """Text as FHIR's `string` allows it: without control characters; None when nothing is left."""
    return (text.translate(SPACES).strip() or None) if text else None


def code_of(text: str | None) -> str | None:
    """A code as FHIR's `code` allows it: single spaces within."""
    return " ".join(text.translate(SPACES).split()) or None if text else None


def number(value: float | Decimal) -> int | float:
    """A number as JSON has it: 50 and not 50.0."""
    return int(value) if value == int(value) else float(value)


def instant(moment: datetime | str) -> str:
    """A moment with its zone, as FHIR writes it."""
    text = moment if isinstance(moment, str) else moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def meta_of(said: Said, profile: str | None = None) -> Fhir:
    """Version and time of a record, and the profile that it claims to keep."""
    stamped = {"versionId": str(said["version"]), "lastUpdated": instant(said["updated_at"])}
    return {**stamped, "profile": [profile]} if profile else stamped


def is_in_error(said: Said) -> bool:
    """True for a record that was marked as entered in error."""
    return bool(said.get("entered_in_error", False))


def coding(system: str | None, code: str | None, display: str | None = None) -> Fhir:
    """One code."""
    return without_nothing({"system": system, "code": code_of(code), "display": words(display)})


def local(name: str, code: str, display: str | None = None) -> Fhir:
    """One code of a code system of ours."""
    return coding(code_system(name), code, display)


def concept(*codings: Fhir, text: str | None = None) -> Fhir:
    """A CodeableConcept."""
    return without_nothing({"coding": [each for each in codings if each], "text": words(text)})


def of_hl7(name: str, code: str, display: str | None = None) -> Fhir:
    """A CodeableConcept of one code of a code system of HL7's."""
    return concept(coding(f"{TERMINOLOGY}/{name}", code, display))


def patient_of(said: Said) -> Fhir:
    """The reference to the patient whom a record is about."""
    return {"reference": f"Patient/{said['patient_id']}"}


def count(value: float | Decimal) -> Fhir:
    """Points on a scale, as UCUM has them."""
    return {"value": number(value), "unit": "{score}", "system": UCUM, "code": "{score}"}


def absent(reason: str = UNKNOWN) -> Fhir:
    """The extension that says why there is no value."""
    return {"url": ABSENT, "valueCode": reason}


def without_value(reason: str = UNKNOWN) -> Fhir:
    """The concept that says why an Observation or a component of it has no value."""
    return of_hl7("data-absent-reason", reason)


def extension(name: str, kind: str, value: object) -> list[Fhir]:
    """An extension of ours with one value of that type, such as `Code`; none where there is no value."""
    return [] if value is None else [{"url": extension_url(name), f"value{kind}": value}]


def parted(name: str, parts: Iterable[tuple[str, str, object]]) -> list[Fhir]:
    """An extension of ours with parts, each of (name, type, value); none where no part has a value."""
    said = [{"url": part, f"value{kind}": value} for part, kind, value in parts if value is not None]
    return [{"url": extension_url(name), "extension": said}] if said else []


def unless_unknown(word: str | None) -> str | None:
    """The word, unless it only says that nothing is known."""
    return None if word in {None, UNKNOWN} else str(word)


def period(started: str | None, ended: str | None) -> Fhir:
    """A Period as precise as it is known. An end on a day that nobody knows is said to be unknown.

    FHIR asks for a start that is not after the end, and cannot compare `2025-03-10` with `2025-03`; such an end is kept
    in an extension.
    """
    end: Fhir = {"end": ended}
    if ended == UNKNOWN:
        end = {"_end": {"extension": [absent()]}}
    elif started and ended and _not_comparable(started, ended):
        end = {"_end": {"extension": extension("imprecise-end", "DateTime", ended)}}
    return without_nothing({"start": started, **end})


def _not_comparable(one: str, other: str) -> bool:
    """True for two partial dates of which the less precise contains the other."""
    return one != other and (one.startswith(other) or other.startswith(one))


def day_before(day: str | None) -> str | None:
    """The day before a day that is known exactly."""
    span = parse_partial_date(day) if day else None
    return iso(span.first - 1) if span and span.exact else None


def note_of(*texts: str | None) -> list[Fhir]:
    """Annotations."""
    return [{"text": said} for text in texts if (said := words(text))]
