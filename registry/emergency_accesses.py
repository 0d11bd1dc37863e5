"""Break-glass: a restricted record is opened for an hour, with a reason, and somebody else reviews it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Integer, String, Table, Uuid, bindparam, func, not_, null, or_, select, update

from models.account import EmergencyAccess
from models.emergency_access import EmergencyAccessCreate
from registry.desk import Desk
from registry.errors import Conflict, Forbidden, NotFound
from registry.noun import Noun
from registry.record_statements import ORGANISATION, PATIENT, PATIENTS, RECORD
from registry.records import Said, Stretch, create
from registry.statements import Statement, transaction

TABLE: Table = EmergencyAccess.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
OPEN_FOR = timedelta(hours=1)
NOT_THERE = "There is no emergency access of this id."
NOT_ONES_OWN = "Whoever opened the record does not review it. Ask somebody else."
REVIEWED = "It was reviewed already."
RUNNING = "You have an emergency access to this record already. It runs until {}."


class Opening(EmergencyAccessCreate):
    """With who opens it, and until when."""

    subject: str
    """Who."""
    expires_at: datetime
    """Until when."""


def _to_row(entry: Opening, desk: Desk) -> dict[str, Any]:  # noqa: ARG001 - no day is checked
    said = {"subject": entry.subject, "reason": entry.reason, "expires_at": entry.expires_at}
    return {**said, "reviewed_by": None, "reviewed_at": None, "review": None}


ACCESSES = Noun("emergency access", TABLE, Opening, _to_row, dict, dict)
_reviewed = bindparam("reviewed", type_=Boolean)
_listed = select(TABLE).where(
    TABLE.c.organisation_id == ORGANISATION,
    TABLE.c.id > bindparam("after", type_=Uuid),
    not_(TABLE.c.entered_in_error),
    or_(_reviewed.is_(null()), TABLE.c.reviewed_at.is_not(None) == _reviewed),
)
PAGE = Statement(_listed.order_by(TABLE.c.id).limit(bindparam("at_most", type_=Integer)))
_one = (TABLE.c.organisation_id == ORGANISATION, TABLE.c.id == RECORD)
READ = Statement(select(TABLE).where(*_one, not_(TABLE.c.entered_in_error)))
_subject = bindparam("subject", type_=String)
# Two at once wait for each other here: the second one then sees what the first one made.
HOLD = Statement(
    select(PATIENTS.c.id)
    .where(PATIENTS.c.organisation_id == ORGANISATION, PATIENTS.c.id == PATIENT, not_(PATIENTS.c.entered_in_error))
    .with_for_update(key_share=True),
    repeatable=False,
    records=False,
)
UNTIL = Statement(
    select(TABLE.c.expires_at.label("until"))
    .where(
        TABLE.c.organisation_id == ORGANISATION,
        TABLE.c.patient_id == PATIENT,
        TABLE.c.subject == _subject,
        TABLE.c.expires_at > func.clock_timestamp(),
        not_(TABLE.c.entered_in_error),
    )
    .order_by(TABLE.c.expires_at.desc())
    .limit(1)
)
REVIEW = Statement(
    update(TABLE)
    .values(
        reviewed_by=bindparam("reviewed_by", type_=String),
        reviewed_at=func.clock_timestamp(),
        review=bindparam("review", type_=String),
        expires_at=func.least(TABLE.c.expires_at, func.clock_timestamp()),
    )
    .where(*_one, TABLE.c.reviewed_at.is_(None))
    .returning(*TABLE.c),
    repeatable=False,
)


async def open_in_emergency(
    desk: Desk, patient_id: UUID, entry: EmergencyAccessCreate, subject: str, now: datetime
) -> Said:
    """Open the record of a patient to this user for an hour.

    Raises:
        NotFound, Gone: as in `registry.records.create`.
        Conflict: an access of this user is still running.
    """
    opening = Opening(**entry.model_dump(), subject=subject, expires_at=now + OPEN_FOR)
    async with transaction(desk.database) as inside:
        within = desk._replace(database=inside)
        await _refuse_second(within, patient_id, subject)
        return await create(within, ACCESSES, patient_id, opening)


async def _refuse_second(desk: Desk, patient_id: UUID, subject: str) -> None:
    """A record that is open to all is opened all the same: in an emergency nobody should have to find out."""
    asked = {"organisation_id": desk.organisation_id, "patient_id": patient_id}
    await HOLD.fetch_one(desk.database, **asked)
    running = await UNTIL.fetch_one(desk.database, **asked, subject=subject)
    if running is not None:
        raise Conflict(RUNNING.format(running["until"].isoformat(timespec="seconds")))


async def list_accesses(desk: Desk, reviewed: bool | None, stretch: Stretch) -> tuple[list[Said], UUID | None]:  # noqa: FBT001 - a filter
    """Accesses of the whole organisation, all or those that (do not) have a review. One round trip."""
    given = {"organisation_id": desk.organisation_id, "after": stretch.after, "at_most": stretch.at_most + 1}
    rows = await PAGE.fetch_all(desk.database, **given, reviewed=reviewed)
    items = [dict(row) for row in rows[: stretch.at_most]]
    return items, items[-1]["id"] if len(rows) > stretch.at_most else None


async def review_access(desk: Desk, access_id: UUID, review: str, reviewer: str) -> Said:
    """Say what came of the review. An access that is still running ends with it.

    Raises:
        NotFound: there is none of this id.
        Forbidden: the reviewer is who opened the record.
        Conflict: it was reviewed already.
    """
    mine = {"organisation_id": desk.organisation_id, "record_id": access_id}
    found = await READ.fetch_one(desk.database, **mine)
    if found is None:
        raise NotFound(NOT_THERE)
    if found["subject"] == reviewer:
        raise Forbidden(NOT_ONES_OWN)
    row = await REVIEW.fetch_one(desk.database, **mine, reviewed_by=reviewer, review=review)
    if row is None:
        raise Conflict(REVIEWED)
    return dict(row)
