"""Is it a FHIR resource of this type? Checked with a library's models; its faults in our words, with their places."""

from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from models import decimals
from registry.errors import Fault, InvalidRequest
from web.errors import TooLarge

NOT_AN_OBJECT = "Send one resource of type {} as a JSON object with `resourceType`."
ANOTHER_TYPE = "The resource is a {}, and this is the address of {}. Send it to its own."
UNREADABLE = "This is no {} as FHIR R4 describes it; each fault is named."
WORDS = {
    "extra_forbidden": "FHIR has no element of this name here. Take it out, or send it as an extension.",
    "missing": "This element is needed.",
}
MOST_BYTES_OF_ONE = 1024 * 1024
"""As many as an import takes."""
TOO_LARGE = f"A resource may have at most {MOST_BYTES_OF_ONE // 1024} KiB. Leave attachments and pictures out."
MOST = 50


def checked(kind: str, document: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """The document, if it is a resource of this type.

    Raises:
        InvalidRequest: it is none; each fault has its pointer.
        TooLarge: it is larger than a resource may be, here as in imports.
    """
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        raise InvalidRequest(NOT_AN_OBJECT.format(kind))
    if document["resourceType"] != kind:
        message = ANOTHER_TYPE.format(document["resourceType"][:40], kind)
        raise InvalidRequest(message, (Fault("/resourceType", message),))
    if len(decimals.dumps(document)) > MOST_BYTES_OF_ONE:
        raise TooLarge(TOO_LARGE)
    faults = faults_of(document)
    if faults:
        raise InvalidRequest(UNREADABLE.format(kind), tuple(faults))
    return document


def faults_of(document: dict[str, Any]) -> list[Fault]:
    """What FHIR's own rules find in a resource of a known type."""
    try:
        get_fhir_model_class(document["resourceType"]).model_validate(document)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_input=False)[:MOST]
        return [Fault("".join(f"/{part}" for part in each["loc"]), _said(each)) for each in listed]
    return []


def _said(error: Any) -> str:  # noqa: ANN401 - pydantic's own error dictionary
    """What is wrong, without what was sent."""
    return WORDS.get(error["type"], f"This is not as FHIR R4 describes it ({error['type'].replace('_', ' ')}).")
