"""The statements of passwords and sessions. A hash is returned only to whoever compares it."""

from datetime import timedelta

from sqlalchemy import (
    DateTime,
    Interval,
    LargeBinary,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.sql.elements import ColumnElement

from models.account import Client, Credential, Session, User
from registry.record_statements import ORGANISATION
from registry.statements import Statement

CREDENTIALS: Table = Credential.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
SESSIONS: Table = Session.__table__  # type: ignore[attr-defined]
CLIENTS: Table = Client.__table__  # type: ignore[attr-defined]
USERS: Table = User.__table__  # type: ignore[attr-defined]
FREE_ATTEMPTS, LONGEST_WAIT = 5, timedelta(minutes=15)
"""So many wrong passwords cost nothing; then each doubles the wait, from 2 seconds up to the longest."""
MOST_DOUBLINGS = 10
"""Past the longest wait already; without it, the sixtieth wrong password would be longer than any interval."""
IDLE = timedelta(hours=2)
"""A session that was not refreshed for so long has ended; an app may have been given longer."""
NOW: ColumnElement[DateTime] = func.clock_timestamp()
USER, SESSION = bindparam("user_id", type_=Uuid), bindparam("session_id", type_=Uuid)
_of_user = and_(CREDENTIALS.c.organisation_id == ORGANISATION, CREDENTIALS.c.user_id == USER)
_mine = and_(SESSIONS.c.organisation_id == ORGANISATION, SESSIONS.c.id == SESSION)
_alive = and_(SESSIONS.c.ended_at.is_(None), SESSIONS.c.expires_at > NOW, SESSIONS.c.used_at > NOW - SESSIONS.c.idle)
_user_of_session = and_(USERS.c.organisation_id == SESSIONS.c.organisation_id, USERS.c.id == SESSIONS.c.user_id)
_app = select(CLIENTS.c.id).where(
    CLIENTS.c.organisation_id == SESSIONS.c.organisation_id,
    CLIENTS.c.id == SESSIONS.c.client_id,
    not_(CLIENTS.c.disabled),
    not_(CLIENTS.c.entered_in_error),
    CLIENTS.c.updated_at <= SESSIONS.c.created_at,
)
_app_stands = or_(SESSIONS.c.client_id.is_(None), _app.exists())
"""The app of a session may sign in, and was not changed since: it might be allowed less now."""
_user_stands = and_(not_(USERS.c.disabled), not_(USERS.c.entered_in_error))


def _wrong_password() -> Statement:
    """Count a wrong password, and say when the next may be tried."""
    number = CREDENTIALS.c.attempts + 1
    times = func.least(number - FREE_ATTEMPTS, MOST_DOUBLINGS)
    doubled = func.power(2, times) * cast(literal_column("'1 second'"), Interval)
    wait = case(
        (number <= FREE_ATTEMPTS, cast(literal_column("'0'"), Interval)), else_=func.least(doubled, LONGEST_WAIT)
    )
    counted = update(CREDENTIALS).values(attempts=number, next_attempt_at=NOW + wait)
    return Statement(counted.where(_of_user), repeatable=False)


def _set_password() -> Statement:
    """Set the password of a user, who may have had none."""
    names = ("organisation_id", "user_id", "username", "password_hash")
    values = {name: bindparam(name, type_=CREDENTIALS.c[name].type) for name in names}
    new = {"password_hash": values["password_hash"], "attempts": 0, "next_attempt_at": NOW, "changed_at": NOW}
    made = insert_or_update(CREDENTIALS).values(values)
    return Statement(made.on_conflict_do_update(constraint="pk_credentials", set_=new), repeatable=False)


def _refresh() -> Statement:
    """Give a session that stands a new digest, if the one presented is its own. No row: it is not, or has ended."""
    old = bindparam("presented_digest", type_=LargeBinary)
    new = bindparam("digest", type_=LargeBinary)
    values = {"digest": new, "previous_digest": SESSIONS.c.digest, "used_at": NOW}
    changed = update(SESSIONS).values(values).where(_mine, SESSIONS.c.digest == old, _alive)
    stands = changed.where(_user_of_session, _user_stands, _app_stands)
    columns = (SESSIONS.c.scope, SESSIONS.c.client_id, SESSIONS.c.patient_id, USERS.c.roles, USERS.c.own_patient_id)
    return Statement(stands.returning(*columns), repeatable=False, records=False)


def _end_known() -> Statement:
    """End a session, if the token presented is its latest or the one before. No row: it is neither."""
    presented = bindparam("presented_digest", type_=LargeBinary)
    ended = update(SESSIONS).values(ended_at=func.coalesce(SESSIONS.c.ended_at, NOW))
    known = or_(SESSIONS.c.digest == presented, SESSIONS.c.previous_digest == presented)
    return Statement(ended.where(_mine, known).returning(SESSIONS.c.id), repeatable=False, records=False)


CANDIDATES = Statement(
    select(CREDENTIALS.c.organisation_id, CREDENTIALS.c.user_id)
    .where(CREDENTIALS.c.username == bindparam("username", type_=String))
    .order_by(CREDENTIALS.c.organisation_id)
    .limit(100)
)
MAY_TRY = Statement(select(CREDENTIALS.c.password_hash).where(_of_user, CREDENTIALS.c.next_attempt_at <= NOW))
WRONG_PASSWORD, SET_PASSWORD, REFRESH, END_KNOWN = _wrong_password(), _set_password(), _refresh(), _end_known()
GOOD_PASSWORD = Statement(update(CREDENTIALS).values(attempts=0, next_attempt_at=NOW).where(_of_user), repeatable=False)
WHO = Statement(
    select(USERS.c.roles, USERS.c.own_patient_id).where(
        USERS.c.organisation_id == ORGANISATION, USERS.c.id == USER, _user_stands
    )
)
HOLD_ADMINISTRATORS = Statement(
    select(USERS.c.id)
    .where(USERS.c.organisation_id == ORGANISATION, USERS.c.roles.contains(["administrator"]), _user_stands)
    .order_by(USERS.c.id)
    .with_for_update(),
    repeatable=False,
    records=False,
)
"""Who administrates, held until the end of the transaction: two who disable each other come one after the other."""
OPEN_SESSION = Statement(
    insert(SESSIONS).values(
        {
            "organisation_id": ORGANISATION,
            "id": SESSION,
            "user_id": USER,
            "digest": bindparam("digest", type_=LargeBinary),
            "scope": bindparam("scope", type_=String),
            "expires_at": NOW + bindparam("lifetime", type_=Interval),
            "client_id": bindparam("client_id", type_=Uuid),
            "patient_id": bindparam("patient_id", type_=Uuid),
            "idle": bindparam("idle", type_=Interval),
        }
    ),
    repeatable=False,
)
WHOSE_SESSION = Statement(
    select(SESSIONS.c.organisation_id, SESSIONS.c.user_id, SESSIONS.c.client_id).where(SESSIONS.c.id == SESSION)
)
END_SESSION = Statement(
    update(SESSIONS).values(ended_at=NOW).where(_mine, SESSIONS.c.ended_at.is_(None)), repeatable=False
)
END_SESSIONS = Statement(
    update(SESSIONS)
    .values(ended_at=NOW)
    .where(SESSIONS.c.organisation_id == ORGANISATION, SESSIONS.c.user_id == USER, SESSIONS.c.ended_at.is_(None)),
    repeatable=False,
)
SESSION_STANDS = Statement(
    select(and_(_user_stands, _app_stands).label("stands")).where(_mine, _alive, _user_of_session)
)
