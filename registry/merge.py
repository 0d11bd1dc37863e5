"""JSON Merge Patch (RFC 7386): what is left out stays, null removes."""

from typing import Any


def merged(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The stored document with the patch laid over it. Neither is changed."""
    result = {key: value for key, value in stored.items() if key not in patch}
    for key, change in patch.items():
        if isinstance(change, dict):
            inner = stored.get(key)
            result[key] = merged(inner if isinstance(inner, dict) else {}, change)
        elif change is not None:
            result[key] = change
    return result
