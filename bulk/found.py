"""What is found in a body: resources, and what is none."""

from typing import Any, NamedTuple

from clinical.vocabulary import Word

MEBIBYTE = 1024 * 1024
MOST_BYTES_OF_ONE = MEBIBYTE
MOST_BYTES_OF_A_LINE = 16 * MEBIBYTE
MOST_VALUES_AT_ONCE = 1_000_000
"""Commas in what is read at once: a few bytes of JSON can be a hundred in memory."""
MOST_BYTES_OF_A_PATIENT = 32 * MEBIBYTE
MOST_OF_A_PATIENT = 20_000
DEEPEST = 48
LONGEST = 300
"""Characters of a reference, as it is kept."""
LOGICAL = "|"
"""How the key of a patient begins who is known by an identifier alone: `|system|value`."""


LARGE = (
    f"This is larger than {MOST_BYTES_OF_A_LINE // MEBIBYTE} MiB a line, or {MOST_BYTES_OF_ONE // MEBIBYTE} MiB a "
    "resource. Leave out attachments."
)
UNKNOWN = (
    "Whose it is cannot be found: the Patient is not in this import, and nobody here carries the identifier. Send the "
    "Patient along."
)
AMBIGUOUS = (
    "More than one person could be meant: Patients of this id or these identifiers differ, so nothing was recorded. "
    "Send each person under one id, with identifiers of their own."
)
TAKEN = (
    "Recorded without an identifier that another patient carries already. Two persons may share it by mistake, or be "
    "one: look at both."
)
EDITED = (
    "The source says something else by now, but somebody changed the record here since: it stays as it is. Look at "
    "both."
)
MUCH = (
    f"More than {MOST_OF_A_PATIENT} resources or {MOST_BYTES_OF_A_PATIENT // MEBIBYTE} MiB are of one patient. Send "
    "fewer of this one."
)


class Why(Word):
    """Why something that was sent became no record."""

    NOT_JSON = "not_json", "This is not JSON in UTF-8. Send one resource a line."
    NOT_A_RESOURCE = "not_a_resource", "This is no FHIR resource: `resourceType` is missing or no word."
    NESTED_BUNDLES = "nested_bundles", "Bundles are nested too deeply. Send the resources in one Bundle, or one a line."
    TOO_LARGE = "too_large", LARGE
    TOO_DEEP = "too_deep", f"This is nested deeper than {DEEPEST} levels, which no resource needs."
    NO_PATIENT = "no_patient", "It does not say whose it is. Send `subject` (or `patient`) with a reference."
    UNKNOWN_PATIENT = "unknown_patient", UNKNOWN
    AMBIGUOUS_PATIENT = "ambiguous_patient", AMBIGUOUS
    IDENTIFIER_TAKEN = "identifier_taken", TAKEN
    UNNAMED_PATIENT = "unnamed_patient", "A Patient needs an `id`, or a full URL in its Bundle, to be referred to."
    TOO_MUCH_OF_ONE = "too_much_of_one_patient", MUCH
    RESTRICTED = "restricted", "The record of this patient is restricted to its care team."
    PATIENT_IN_ERROR = "patient_in_error", "The patient was marked as entered in error here."
    KEPT_AS_EDITED = "kept_as_edited", EDITED
    CANNOT_STORE = "cannot_store", "What was derived contradicts itself, the calendar or what is stored."
    UNEXPECTED = "unexpected", "Reading this patient's resources failed. The operator's log says where."


class Reject(NamedTuple):
    """One resource of which nothing, or not all, was recorded: which, why, and where it stood."""

    reference: str
    code: str
    sentence: str
    place: str

    @classmethod
    def of(cls, reference: str, why: Why, place: str = "") -> "Reject":
        """With the sentence that explains the code; a person's identifier is told without its value."""
        return cls(_without_value(reference), why.value, why.meaning, place)


def _without_value(reference: str) -> str:
    """Of `|system|value` the system alone: the value names a person, and rejects are kept in plain text."""
    if not reference.startswith(LOGICAL):
        return reference
    return f"identifier of system {reference[1:].partition(LOGICAL)[0]}"[:LONGEST]


class Unreadable(Exception):
    """The body as a whole cannot be read. The message says why and what to send."""


class Entry(NamedTuple):
    """Something that stands where a resource should: its JSON, where it stood, and its full URL in a Bundle."""

    resource: Any
    place: str
    full_url: str = ""
    raw: bytes | None = None
    """As it was sent, where that is at hand."""
