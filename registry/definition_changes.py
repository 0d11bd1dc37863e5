"""What one version of a document changed against the one before, place by place."""

from collections.abc import Iterator, Mapping
from typing import Any

Said = dict[str, Any]
Document = Mapping[str, Any]


def changes_between(before: Any, after: Any, pointer: str = "") -> Iterator[Said]:  # noqa: ANN401 - any JSON
    """Each place (a JSON pointer) at which two documents differ, with both values; null where there is none."""
    one, other = _parts(before), _parts(after)
    if one is None or other is None:
        if before != after:
            yield {"at": pointer, "before": before, "after": after}
        return
    for key in [*one, *(key for key in other if key not in one)]:
        yield from changes_between(one.get(key), other.get(key), f"{pointer}/{key}")


def _parts(value: Any) -> dict[Any, Any] | None:  # noqa: ANN401 - any JSON
    """The parts of an object or a list by key or place; None for what has no parts."""
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else None
