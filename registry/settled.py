"""What is over in the database: whoever takes all that changed until a moment must not miss what is being written.

A record has the time at which it was written, and is seen when its transaction ends. Once every transaction is over
that began before a moment, nothing with a time before it can still appear.
"""

from datetime import datetime

from sqlalchemy import DateTime, String, column, func, literal_column, select, table

from models.executor import Executor
from registry.statements import Statement

_sessions = table("pg_stat_activity", column("xact_start", DateTime(timezone=True)), column("usename", String))
_now = func.clock_timestamp(type_=DateTime(timezone=True))
# A role sees the transactions of its own sessions, whichever process they belong to; nobody else writes records.
_oldest = select(func.min(_sessions.c.xact_start)).where(_sessions.c.usename == literal_column("current_user"))
MOMENT = Statement(select(_now.label("at"), func.coalesce(_oldest.scalar_subquery(), _now).label("oldest")))


async def moment(database: Executor) -> datetime:
    """What time it is by the clock that stamps records. One round trip."""
    rows = await MOMENT.fetch_all(database)
    at: datetime = rows[0]["at"]
    return at


async def is_settled(database: Executor, at: datetime) -> bool:
    """Whether nothing is being written any more that could have a time until `at`. One round trip."""
    rows = await MOMENT.fetch_all(database)
    oldest: datetime = rows[0]["oldest"]
    return oldest > at
