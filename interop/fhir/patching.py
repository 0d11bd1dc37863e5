"""Patches: lists of operations (RFC 6902), and a part of the resource as it shall be (RFC 7386)."""

from typing import Any

import jsonpatch
import jsonpointer

from interop.fhir.elements import Fhir
from registry.errors import InvalidRequest

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
MEDIA_TYPES = (JSON_PATCH, MERGE_PATCH, "application/json")
"""What a patch may be sent as; some clients say no more than that it is JSON."""
HOW = (
    "This patch cannot be applied to the resource as it is. Send a JSON Patch (RFC 6902): a list of operations, with "
    f"`Content-Type: {JSON_PATCH}`; or a JSON Merge Patch (RFC 7386): the elements that change, with `{MERGE_PATCH}`."
)


def patched(current: Fhir, patch: Any, media: str) -> Any:  # noqa: ANN401 - any JSON
    """The resource with the patch applied; where the media type does not say which of the two it is, it shows itself.

    Raises:
        InvalidRequest: it is neither, or not what its media type says, or does not fit.
    """
    if isinstance(patch, dict) and JSON_PATCH not in media:
        return merged(current, patch)
    if MERGE_PATCH in media or not isinstance(patch, list) or not all(isinstance(each, dict) for each in patch):
        raise InvalidRequest(HOW)
    try:
        return jsonpatch.JsonPatch(patch).apply(current)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, ValueError):
        raise InvalidRequest(HOW) from None


def merged(current: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value with the patch merged in: null takes out, an object goes on within, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    before = current if isinstance(current, dict) else {}
    after = {name: merged(before.get(name), value) for name, value in patch.items() if value is not None}
    return {name: value for name, value in before.items() if name not in patch} | after
