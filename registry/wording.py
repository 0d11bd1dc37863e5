"""What is wrong with a value, in words for whoever sent it: the checker's own speak of its language, not of JSON."""

from collections.abc import Mapping
from typing import Any

from clinical.dates import PARTIAL_DATE_EXPLAINED
from models.fields import PATTERN, PATTERN_OR_UNKNOWN, URI

OBJECT = "Send an object in braces here, with the fields that the documentation lists."
LIST = "Send a list in square brackets here, also when it has one entry only."
DAY = "Send a whole day here, as text: YYYY-MM-DD."
MOMENT = "Send a moment here, as text and with its time zone: YYYY-MM-DDThh:mm:ssZ."
UUID_WANTED = "Send a UUID here, as text, such as 0192f0c1-a7b8-7c1f-9a3c-5d2e8f4b6a10."
NUMBER = "Send a number here, without quotation marks and in digits."
WHOLE_NUMBER = "Send a whole number here, without quotation marks and in digits."
TRUTH = "Send true or false here, without quotation marks; null, or nothing, when it is not known."
WORDS = {
    "extra_forbidden": "There is no such field. Leave it out, or correct its name.",
    "missing": "This is required.",
    **dict.fromkeys(("model_attributes_type", "model_type", "dict_type"), OBJECT),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), LIST),
    "too_short": "This list needs at least {min_length} of them; it has {actual_length}.",
    "too_long": "This list may have at most {max_length} of them; it has {actual_length}.",
    "string_type": "Send text in quotation marks here.",
    "string_too_short": "This text is too short. Characters needed, spaces around it not counted: {min_length}.",
    "string_too_long": "This text is too long. Characters allowed: {max_length}.",
    "string_pattern_mismatch": "This text is not written as is asked here; it has to match {pattern}.",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), WHOLE_NUMBER),
    **dict.fromkeys(("float_type", "float_parsing"), NUMBER),
    "finite_number": NUMBER,
    **dict.fromkeys(("bool_type", "bool_parsing"), TRUTH),
    "greater_than": "Send a number above {gt} here.",
    "greater_than_equal": "Send a number that is {ge} or more here.",
    "less_than": "Send a number below {lt} here.",
    "less_than_equal": "Send a number that is {le} or less here.",
    **dict.fromkeys(("enum", "literal_error"), "Send {expected} here, as text."),
    **dict.fromkeys(("uuid_type", "uuid_parsing"), UUID_WANTED),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), DAY),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"), MOMENT),
}
URI_WANTED = "Send a URI here, such as https://ehr.example.org/fhir or urn:oid:2.16.840.1.113883.19: without spaces."
PATTERNS = {
    PATTERN: PARTIAL_DATE_EXPLAINED,
    PATTERN_OR_UNKNOWN: f"{PARTIAL_DATE_EXPLAINED} Or the word `unknown`.",
    URI: URI_WANTED,
}


def wrong(error: Mapping[str, Any]) -> str:
    """What is wrong and what to send instead, for an error of pydantic's with its context.

    A sentence of a check of our own stays as it is.
    """
    context = {name: _plain(value) for name, value in error.get("ctx", {}).items()}
    words = PATTERNS.get(str(context.get("pattern"))) or WORDS.get(error["type"])
    return words.format_map(context) if words else str(error["msg"]).removeprefix("Value error, ")


def _plain(value: object) -> object:
    """100 and not 100.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
