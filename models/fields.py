"""The types of fields: partial dates, numbers and text, each refusing the wrong value with a sentence."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from clinical.conventions import conventions
from clinical.dates import PARTIAL_DATE_EXPLAINED, parse_partial_date

FIRST_YEAR, LAST_YEAR = 1900, 2100
UNKNOWN = "unknown"
HIGHEST_DOSE_MG = conventions().highest_dose.value
_YEAR = r"(19[0-9]{2}|20[0-9]{2}|2100)"
_REST = r"(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
PATTERN = f"^{_YEAR}{_REST}$"
PATTERN_OR_UNKNOWN = f"^(unknown|{_YEAR}{_REST})$"
URI = r"^[A-Za-z][A-Za-z0-9+.\-]*:[!-~]+$"
"""A URI: a scheme, a colon, and something without spaces (RFC 3986)."""
LISTED = 200
"""How many items a page of a list has at most."""
LARGEST = 2**31 - 1
"""The largest number that the database's `integer` holds."""


def _is_a_day(text: str) -> str:
    """Refuse a day that the calendar does not have, such as 30 February."""
    if text == UNKNOWN:
        return text
    try:
        parse_partial_date(text)
    except ValueError as error:
        raise ValueError(f"There is no such day. {PARTIAL_DATE_EXPLAINED}") from error
    return text


def _is_a_dose(dose: float) -> float:
    """Refuse zero, which is nearly always an unknown dose, and what nobody can take."""
    if dose == 0:
        raise ValueError("0 is not a dose; leave it null when the dose is unknown")
    if dose < 0:
        raise ValueError("a dose is more than 0 mg a day; leave it null when it is unknown")
    if dose > HIGHEST_DOSE_MG:
        raise ValueError(f"more than {HIGHEST_DOSE_MG} mg a day is not a dose; give mg of the active ingredient a day")
    return _whole(dose)


def _whole(number: float) -> float:
    """Keep 50 as 50 and not as 50.0, as it was sent."""
    return int(number) if number.is_integer() else number


def _is_whole_number(value: object) -> object:
    """JSON has one kind of number, so 17.0 is 17; text and truth values are refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


PartialDate = Annotated[
    str,
    StringConstraints(strict=True, pattern=PATTERN),
    AfterValidator(_is_a_day),
]
"""A date as precise as it is known."""

PartialDateOrUnknown = Annotated[
    str,
    StringConstraints(strict=True, pattern=PATTERN_OR_UNKNOWN),
    AfterValidator(_is_a_day),
]
"""A date as precise as it is known, or the word `unknown`."""

WHOLE = BeforeValidator(_is_whole_number)
Whole = Annotated[int, Field(strict=True), WHOLE]
Flag = Annotated[bool, Field(strict=True)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False), AfterValidator(_whole)]
Percent = Annotated[float, Field(strict=True, ge=-1000, le=100, allow_inf_nan=False), AfterValidator(_whole)]
DailyDose = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False),
    AfterValidator(_is_a_dose),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": HIGHEST_DOSE_MG}),
]
Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
"""A number in an answer, written as it was sent."""

SaidDay = Annotated[str, WithJsonSchema({"type": "string", "pattern": PATTERN, "maxLength": 10})]
"""A date in an answer, as precise as it was given."""
SaidDayOrUnknown = Annotated[str, WithJsonSchema({"type": "string", "pattern": PATTERN_OR_UNKNOWN, "maxLength": 10})]
"""The same, or the word `unknown`."""
Version = Annotated[int, WithJsonSchema({"type": "integer", "format": "int32", "minimum": 1, "maximum": LARGEST})]
"""The number of a version in an answer."""
Digest = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "maxLength": 71})]
"""A digest in an answer."""
Slug = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$", "maxLength": 100})]
"""The name of something of this service in an answer: a definition, a scale, an ingredient."""
Edition = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]+([.][0-9]+)*$", "maxLength": 20})]
"""The version of a definition or method in an answer."""
Atc = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}$", "maxLength": 7})]
RxNorm = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]+$", "maxLength": 12})]
Snomed = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{6,18}$", "maxLength": 18})]
Unii = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9A-Z]{10}$", "maxLength": 10})]
Loinc = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]+-[0-9]$", "maxLength": 12})]
_PLACE = "/[a-z_]+/[a-z_]+/[0-9]+"
RecordKey = Annotated[
    str, WithJsonSchema({"type": "string", "pattern": f"^([0-9a-f-]{{36}}|{_PLACE})$", "maxLength": 60})
]
"""A record in an answer: its id, or its place in a history that was sent."""

Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(strict=True, max_length=10_000)]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
Address = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=300)]
