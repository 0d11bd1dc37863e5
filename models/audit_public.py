"""The audit as it is answered: events, the heads of the chain, and whether all is as it was written."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from models.base import Answer, Shape


class AuditEventPublic(Answer):
    """One event of the audit."""

    id: int
    """Its number. Numbers grow; gaps are requests that were taken back."""
    at: datetime
    """When it happened, in UTC."""
    subject: str
    """Who: the user's or the client's identity."""
    kind: str
    """`user`, `client` or `system`."""
    roles: str
    """In which roles, separated by spaces."""
    on_behalf_of: str | None
    """On whose behalf a client acted; null when on its own or its user's."""
    source: str
    """The network address that the request came from."""
    request_id: str
    """The request's `X-Request-ID`."""
    operation: str
    """What was asked: the `operationId` of this documentation."""
    action: str
    """`C` created, `R` read, `U` changed, `D` removed or erased, `E` executed (a sign-in, an evaluation)."""
    entity: str | None
    """The kind of record that was written; null for a read."""
    patient_id: UUID | None
    """The patient it was about, if it was about one."""
    record_id: UUID | None
    """The record it was about, if it was about one."""
    version: int | None
    """The version that was written."""
    outcome: int
    """The HTTP status."""
    grant_id: UUID | None
    """The emergency access (break-glass) under which it happened, if any."""


class AuditHead(Answer):
    """One seal of the chain. Keep `head` elsewhere: nobody can then rewrite what came before without being found."""

    number: int
    """Its place in the chain, from 1."""
    sealed_at: datetime
    """When it was made, in UTC."""
    events: int
    """How many events it seals."""
    head: str
    """SHA-256, in hexadecimal, over the head before, the number, the events and their digests."""


class AuditAnchor(Shape):
    """A head that was kept elsewhere; the chain must still go through it."""

    model_config = ConfigDict(json_schema_extra={"example": {"seal": 1, "head": "0" * 64}})

    seal: int = Field(ge=1, le=2**31 - 1)
    """The number of the seal."""
    head: str = Field(pattern="^[0-9a-f]{64}$", max_length=64)
    """Its head as it was exported."""


class AuditCheck(Shape):
    """What to compare the audit with besides itself."""

    model_config = ConfigDict(json_schema_extra={"example": {}})

    anchor: AuditAnchor | None = None
    """A head that was kept elsewhere; null for none."""


class AuditFlaw(Answer):
    """Something that is not as it was written."""

    kind: str
    """`altered`, `removed`, `not_sealed`, `seal_altered`, `seal_removed` or `not_the_anchor`."""
    event_id: int | None
    """The event, if it is one."""
    seal: int | None
    """The seal that tells."""
    sentence: str
    """The same in words."""


class AuditVerdict(Answer):
    """Whether the audit is as it was written."""

    intact: bool
    """True when there is no flaw."""
    events: int
    """How many events were read."""
    seals: int
    """How many seals were read."""
    not_yet_sealed: int
    """How many events are too young to be sealed."""
    last_seal: int | None
    """The number of the last seal; null when there is none yet."""
    last_head: str | None
    """Its head: keep it elsewhere, and send it as `anchor` another time."""
    flaws: list[AuditFlaw]
    """What is wrong and where, the first 100."""
    more_flaws: int
    """How many more there are."""
