"""Headers and parameters that many operations take, each described once."""

from typing import Annotated

from fastapi import Header, Query
from pydantic import StringConstraints

from models.page import CURSOR, LONGEST_CURSOR

IF_MATCH = r'^(\*|(W/)?"[^"]*"(, ?(W/)?"[^"]*")*)$'
LONGEST_TAGS = 4096
Tag = Annotated[
    str | None,
    Header(description="ETags that you hold already; the answer is 304 if one is current.", max_length=LONGEST_TAGS),
]
Match = Annotated[
    str | None,
    Header(
        description='The ETag of the version that you changed, such as `"1"`; `*` is any. Required.',
        max_length=LONGEST_TAGS,
        json_schema_extra={"pattern": IF_MATCH},
    ),
]
MaybeMatch = Annotated[
    str | None,
    Header(
        alias="if-match",
        description="The ETag of the version that you have seen; with it, nothing is added to a newer one (412).",
        max_length=LONGEST_TAGS,
        json_schema_extra={"pattern": IF_MATCH},
    ),
]
KeyForm = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
Key = Annotated[
    KeyForm | None,
    Header(
        description="Any text of your own for this one act, such as a UUID. Sent again with the same body, it gives "
        "the stored answer and nothing is recorded twice.",
    ),
]
KeyWithoutEffect = Annotated[
    KeyForm | None,
    Header(
        alias="idempotency-key",
        description="Accepted and without effect: nothing is stored here, so the same body gives the same answer by "
        "itself, on the same day and by the same definitions.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CURSOR,
        json_schema_extra={"pattern": CURSOR},
        description="`next_cursor` of the page before; leave it out for the first page.",
    ),
]
