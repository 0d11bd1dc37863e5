"""Lists: a page of items and where the next one begins."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field, WithJsonSchema

from models.base import Answer
from models.fields import LISTED

Item = TypeVar("Item")
CURSOR = "^[A-Za-z0-9_.-]+$"
LONGEST_CURSOR = 500
SaidCursor = Annotated[str, WithJsonSchema({"type": "string", "pattern": CURSOR, "maxLength": LONGEST_CURSOR})]


class Page(Answer, Generic[Item]):
    """One page of a list. Follow `next_cursor` until it is null."""

    items: list[Item] = Field(json_schema_extra={"maxItems": LISTED})
    """The records, in the order of their `id`."""
    next_cursor: SaidCursor | None
    """Send it as `?cursor=` to read on; null on the last page."""
