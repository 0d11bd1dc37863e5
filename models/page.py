"""Lists: a page of items and where the next one begins."""

from typing import Generic, TypeVar

from models.base import Answer

Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """One page of a list. Follow `next_cursor` until it is null."""

    items: list[Item]
    """The records, in the order of their `id`."""
    next_cursor: str | None
    """Send it as `?cursor=` to read on; null on the last page."""
