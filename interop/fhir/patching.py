"""Patches: lists of operations (RFC 6902), and a part of the resource as it shall be (RFC 7386)."""

from copy import deepcopy
from typing import Any

import jsonpatch
import jsonpointer

from interop.fhir.elements import Fhir
from models import decimals
from registry.errors import InvalidRequest
from web.bodies import parse

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
MEDIA_TYPES = (JSON_PATCH, MERGE_PATCH, "application/json")
"""What a patch may be sent as; some clients say no more than that it is JSON."""
HOW = (
    "This patch cannot be applied to the resource as it is. Send a JSON Patch (RFC 6902): a list of operations, with "
    f"`Content-Type: {JSON_PATCH}`; or a JSON Merge Patch (RFC 7386): the elements that change, with `{MERGE_PATCH}`."
)

MOST_OPERATIONS, MOST_COPIED = 100, 65_536
TOO_MUCH = (
    f"A patch may have at most {MOST_OPERATIONS} operations, and copy at most {MOST_COPIED} bytes in all. Send the "
    "resource whole (PUT)."
)
CANNOT = (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, ValueError)


def patched(current: Fhir, patch: Any, media: str) -> Any:  # noqa: ANN401 - any JSON
    """The resource with the patch applied; where the media type does not say which of the two it is, it shows itself.

    Raises:
        InvalidRequest: it is neither, or not what its media type says, or does not fit, or does too much.
        MalformedRequest, TooLarge: what comes out could not have been sent (`web.bodies.parse`).
    """
    if isinstance(patch, dict) and JSON_PATCH not in media:
        return merged(current, patch)
    if MERGE_PATCH in media or not isinstance(patch, list) or not all(isinstance(each, dict) for each in patch):
        raise InvalidRequest(HOW)
    if len(patch) > MOST_OPERATIONS:
        raise InvalidRequest(TOO_MUCH)
    try:
        written = decimals.dumps(_stepwise(deepcopy(current), patch))
    except (*CANNOT, RecursionError):
        raise InvalidRequest(HOW) from None
    return parse(written, decimals.read)


def _stepwise(document: Any, operations: list[Any]) -> Any:  # noqa: ANN401 - any JSON
    """The document after each of the operations. All that they copy is weighed first: copies of copies double."""
    copied = 0
    for each in jsonpatch.JsonPatch(operations):
        if each.get("op") == "copy":
            copied += len(decimals.dumps(jsonpointer.resolve_pointer(document, each["from"])))
            if copied > MOST_COPIED:
                raise InvalidRequest(TOO_MUCH)
        document = jsonpatch.JsonPatch([each]).apply(document, in_place=True)
    return document


def merged(current: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value with the patch merged in: null takes out, an object goes on within, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    before = current if isinstance(current, dict) else {}
    after = {name: merged(before.get(name), value) for name, value in patch.items() if value is not None}
    return {name: value for name, value in before.items() if name not in patch} | after
