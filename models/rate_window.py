"""How many requests of one client were let through in one span of time: what all workers count together."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field as Column
from sqlmodel import SQLModel


class RateWindow(SQLModel, table=True):
    """One client (a digest, no name or address), one span of time, and what was taken of its quota.

    It holds nothing of a patient and belongs to no organisation. It is not logged: after a crash of the database it is
    empty, and all clients begin anew, which is no loss.
    """

    __tablename__ = "rate_windows"
    __table_args__ = (CheckConstraint("taken > 0", name="taken_positive"), {"prefixes": ["UNLOGGED"]})

    client: bytes = Column(primary_key=True)
    window_start: datetime = Column(primary_key=True)
    window_end: datetime = Column(index=True)
    taken: int = Column(sa_type=BigInteger)
