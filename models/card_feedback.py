"""What became of cards of CDS Hooks, and tokens of EHRs that were used. Neither holds anything of a patient."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

NOW = text("clock_timestamp()")


def _of_organisation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation")


class CardFeedback(SQLModel, table=True):
    """The latest that a user did with a card. Its identity is a keyed hash: without the key it tells of nobody."""

    __tablename__ = "card_feedback"
    __table_args__ = (
        _of_organisation(),
        CheckConstraint("outcome IN ('accepted', 'overridden')", name="outcome_word"),
        CheckConstraint("reason IS NULL OR outcome = 'overridden'", name="reason_of_overriding"),
    )

    organisation_id: UUID = Column(primary_key=True)
    card: UUID = Column(primary_key=True)
    service: str = Column(max_length=40)
    outcome: str = Column(max_length=10)
    reason: str | None = Column(max_length=40)
    acted_at: datetime
    recorded_at: datetime = Column(index=True, sa_column_kwargs={"server_default": NOW})


class UsedCallToken(SQLModel, table=True):
    """A token that an EHR has used for a call: a second use is refused until it has expired anyway."""

    __tablename__ = "used_call_tokens"
    __table_args__ = (_of_organisation(),)

    organisation_id: UUID = Column(primary_key=True)
    issuer: str = Column(primary_key=True, max_length=200)
    jti: str = Column(primary_key=True, max_length=255)
    expires_at: datetime = Column(index=True)
