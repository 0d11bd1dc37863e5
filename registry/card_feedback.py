"""What became of cards: kept without the patient, and looked at before the same card is shown again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Interval, String, Table, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models.card_feedback import CardFeedback
from registry.desk import Desk
from registry.record_statements import ORGANISATION
from registry.statements import Statement, transaction

FEEDBACK: Table = CardFeedback.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
OVERRIDDEN = "overridden"
KEPT_FOR = timedelta(days=365)
"""Then the card is shown again, on the same facts: much may have changed that no fact tells."""
_given = {
    "organisation_id": ORGANISATION,
    "card": bindparam("card", type_=Uuid),
    "service": bindparam("service", type_=String),
    "outcome": bindparam("outcome", type_=String),
    "reason": bindparam("reason", type_=String),
    # Whoever says that it was done in the future would make all that is done until then count for nothing.
    "acted_at": func.least(bindparam("acted_at", type_=DateTime(timezone=True)), func.clock_timestamp()),
}
_new = insert(FEEDBACK).values(**_given)
KEEP = Statement(
    _new.on_conflict_do_update(
        index_elements=[FEEDBACK.c.organisation_id, FEEDBACK.c.card],
        set_={
            **{name: _new.excluded[name] for name in ("service", "outcome", "reason", "acted_at")},
            "recorded_at": func.clock_timestamp(),
        },
        where=FEEDBACK.c.acted_at <= _new.excluded.acted_at,
    ).returning(FEEDBACK.c.card),
    repeatable=False,
    records=False,
)
FORGET = Statement(
    delete(FEEDBACK).where(
        FEEDBACK.c.organisation_id == ORGANISATION,
        FEEDBACK.c.recorded_at < func.clock_timestamp() - bindparam("kept_for", type_=Interval),
    ),
    repeatable=False,
    records=False,
)
SET_ASIDE = Statement(
    select(FEEDBACK.c.card).where(
        FEEDBACK.c.organisation_id == ORGANISATION,
        FEEDBACK.c.card == bindparam("cards", type_=ARRAY(Uuid)).any_(),
        FEEDBACK.c.outcome == OVERRIDDEN,
        FEEDBACK.c.reason.is_not(None),
    )
)


class Deed(NamedTuple):
    """What a user did with a card; `reason` is a code of ours or `other`, None where none was given."""

    card: UUID
    outcome: str
    reason: str | None
    acted_at: datetime


async def keep(desk: Desk, service: str, deeds: Sequence[Deed]) -> list[UUID]:
    """Keep the deeds; of several on one card the latest counts, and none is later than now. One transaction.

    Returns:
        the cards that were not made for this organisation, of which nothing is kept.
    """
    ours = [deed for deed in deeds if desk.keys.made_card(deed.card)]
    mine = {"organisation_id": desk.organisation_id}
    async with transaction(desk.database) as inside:
        for deed in sorted(ours, key=lambda each: each.acted_at):
            await KEEP.fetch_all(inside, **mine, service=service, **deed._asdict())
        await FORGET.fetch_all(inside, **mine, kept_for=KEPT_FOR)
    return [deed.card for deed in deeds if deed not in ours]


async def set_aside(desk: Desk, cards: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these cards were overridden with a reason. One round trip, none for no card."""
    if not cards:
        return frozenset()
    rows = await SET_ASIDE.fetch_all(desk.database, organisation_id=desk.organisation_id, cards=list(cards))
    return frozenset(UUID(str(row["card"])) for row in rows)
