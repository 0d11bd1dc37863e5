"""The statements of launches of apps. Each step is one update that only one of many can make."""

from datetime import timedelta

from sqlalchemy import (
    DateTime,
    Interval,
    LargeBinary,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    not_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from models.account import Client, Session
from models.app_launch import AppLaunch
from registry.record_statements import ORGANISATION
from registry.statements import Statement

LAUNCHES: Table = AppLaunch.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
CLIENTS: Table = Client.__table__  # type: ignore[attr-defined]
SESSIONS: Table = Session.__table__  # type: ignore[attr-defined]
NOW: ColumnElement[DateTime] = func.clock_timestamp()
KEPT = timedelta(days=1)
"""So long a spent code is known, so that one that is presented again ends what it gave."""
LAUNCH, SESSION = bindparam("launch_id", type_=Uuid), bindparam("session_id", type_=Uuid)
LIFETIME = bindparam("lifetime", type_=Interval)
DIGEST = bindparam("digest", type_=LargeBinary)
_mine = and_(LAUNCHES.c.organisation_id == ORGANISATION, LAUNCHES.c.id == LAUNCH)
_presented = and_(_mine, LAUNCHES.c.digest == DIGEST)
_waits = and_(_presented, LAUNCHES.c.granted_at.is_(None), LAUNCHES.c.ended_at.is_(None), LAUNCHES.c.expires_at > NOW)
_its_client = and_(CLIENTS.c.organisation_id == LAUNCHES.c.organisation_id, CLIENTS.c.id == LAUNCHES.c.client_id)
_given = ("user_id", "client_id", "patient_id", "redirect_uri", "scope", "state", "challenge")

BEGIN = Statement(
    insert(LAUNCHES).values(
        {
            "organisation_id": ORGANISATION,
            "id": LAUNCH,
            "digest": DIGEST,
            "expires_at": NOW + LIFETIME,
            **{name: bindparam(name, type_=LAUNCHES.c[name].type) for name in _given},
        }
    ),
    repeatable=False,
)
SWEEP = Statement(
    delete(LAUNCHES).where(
        LAUNCHES.c.organisation_id == ORGANISATION, LAUNCHES.c.expires_at < NOW - func.make_interval(0, 0, 0, KEPT.days)
    ),
    repeatable=False,
)
FIND = Statement(select(LAUNCHES.c.organisation_id).where(LAUNCHES.c.id == LAUNCH))
PENDING = Statement(
    select(
        *(LAUNCHES.c[name] for name in ("user_id", "client_id", "patient_id", "redirect_uri", "scope", "state")),
        CLIENTS.c.name.label("app_name"),
    ).where(_waits, _its_client, not_(CLIENTS.c.disabled), not_(CLIENTS.c.entered_in_error))
)
GRANT = Statement(
    update(LAUNCHES)
    .values(
        digest=bindparam("code_digest", type_=LargeBinary),
        patient_id=bindparam("patient_id", type_=Uuid),
        granted_at=NOW,
        expires_at=NOW + LIFETIME,
    )
    .where(_waits)
    .returning(LAUNCHES.c.id),
    repeatable=False,
    records=False,
)
REFUSE = Statement(
    update(LAUNCHES).values(ended_at=NOW).where(_waits).returning(LAUNCHES.c.id), repeatable=False, records=False
)
SPEND = Statement(
    update(LAUNCHES)
    .values(ended_at=NOW)
    .where(_presented, LAUNCHES.c.granted_at.is_not(None), LAUNCHES.c.ended_at.is_(None))
    .returning(
        *(LAUNCHES.c[name] for name in ("user_id", "client_id", "redirect_uri", "scope", "challenge", "patient_id")),
        (LAUNCHES.c.expires_at > NOW).label("fresh"),
    ),
    repeatable=False,
    records=False,
)
"""Spend a code, whatever comes of it. No row: it was spent before, or never given."""
GAVE = Statement(update(LAUNCHES).values(session_id=SESSION).where(_mine), repeatable=False)
_gave = select(LAUNCHES.c.session_id).where(_presented, LAUNCHES.c.session_id.is_not(None))
END_GIVEN = Statement(
    update(SESSIONS)
    .values(ended_at=func.coalesce(SESSIONS.c.ended_at, NOW))
    .where(SESSIONS.c.organisation_id == ORGANISATION, SESSIONS.c.id.in_(_gave))
    .returning(SESSIONS.c.id, SESSIONS.c.user_id),
    repeatable=False,
    records=False,
)
"""End the session that a code gave."""
