"""The Patient: identifiers, one name, birth date and sex."""

from collections.abc import Iterable, Mapping
from typing import Any

from clinical.vocabulary import Sex
from intake.days import read_day
from intake.given import Book, Given
from intake.json_parts import mappings, sayable, text
from intake.made import Made, Source
from intake.words import Reason

MOST_IDENTIFIERS = 20
LONGEST_NAME, LONGEST_SYSTEM = 200, 300
BEST_USE = ("official", "usual", None, "temp", "nickname", "anonymous", "maiden")


def patient_of(givens: Iterable[Given], book: Book) -> Made | None:
    """The patient. Where several are given, nobody can say which one is meant, and all are refused."""
    patients = list(givens)
    if len(patients) > 1:
        for given in patients:
            book.refuse(given, Reason.ANOTHER_PATIENT, "Patient")
        return None
    return _patient(patients[0], book) if patients else None


def _patient(given: Given, book: Book) -> Made:
    resource, reference = given.resource, given.reference
    book.used(given)
    entry: dict[str, Any] = {"identifiers": _identifiers(resource)}
    provenance = {"/identifiers": [Source(reference, "identifier", "identifiers with system and value")]}
    name, path = _name(resource)
    if name:
        entry["display_name"], provenance["/display_name"] = name, [Source(reference, path, "the official name")]
    birth = resource.get("birthDate")
    day = read_day(birth)
    if day:
        entry["birth_date"], provenance["/birth_date"] = day.said, [Source(reference, "birthDate", "birth date")]
    elif birth is not None:
        book.warn(given, Reason.UNREADABLE_BIRTH_DATE, "Patient.birthDate")
    sex = resource.get("gender")
    if isinstance(sex, str) and sex in set(Sex):
        entry["sex"], provenance["/sex"] = sex, [Source(reference, "gender", "administrative gender")]
    return Made(entry, f"patient/{reference}", provenance)


def _identifiers(resource: Mapping[str, Any]) -> list[dict[str, str]]:
    """Those with a system and a value, each once, that are not marked as old."""
    found = {
        (system, value)
        for each in mappings(resource.get("identifier"))
        if (system := text(each.get("system"))) and (value := text(each.get("value"))) and each.get("use") != "old"
        if sayable(system, LONGEST_SYSTEM) == system and sayable(value, LONGEST_NAME) == value
    }
    return [{"system": system, "value": value} for system, value in sorted(found)[:MOST_IDENTIFIERS]]


def _name(resource: Mapping[str, Any]) -> tuple[str | None, str]:
    names = [(at, each) for at, each in enumerate(mappings(resource.get("name"))) if each.get("use") != "old"]
    for use in BEST_USE:
        for at, each in names:
            said = sayable(_in_full(each), LONGEST_NAME) if each.get("use") == use else None
            if said:
                return said, f"name[{at}]"
    return None, ""


def _in_full(name: Mapping[str, Any]) -> str | None:
    given = name.get("given")
    listed = given if isinstance(given, list) else [given]
    parts = [part for each in (*listed, name.get("family")) if (part := text(each))]
    return text(name.get("text")) or " ".join(parts) or None
