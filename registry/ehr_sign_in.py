"""Tokens of EHRs are good for one call each, whichever process is called (CDS Hooks 2.0, `jti`)."""

from sqlalchemy import DateTime, String, Table, bindparam, delete, func
from sqlalchemy.dialects.postgresql import insert

from identity.ehr_tokens import EhrToken
from models.card_feedback import UsedCallToken
from models.database import Database
from models.on_behalf import OnBehalf
from registry.record_statements import ORGANISATION
from registry.statements import Statement, transaction

USED: Table = UsedCallToken.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
USE = Statement(
    insert(USED)
    .values(
        organisation_id=ORGANISATION,
        issuer=bindparam("issuer", type_=String),
        jti=bindparam("jti", type_=String),
        expires_at=bindparam("expires_at", type_=DateTime(timezone=True)),
    )
    .on_conflict_do_nothing()
    .returning(USED.c.jti),
    repeatable=False,
    records=False,
)
SWEEP = Statement(
    delete(USED).where(USED.c.organisation_id == ORGANISATION, USED.c.expires_at < func.clock_timestamp()),
    repeatable=False,
    records=False,
)


async def use_once(database: Database, token: EhrToken) -> bool:
    """Use the token up; False if it was used before. What has expired goes with the first use of each token.

    Raises:
        DatabaseUnavailable: it cannot be known whether it was used.
    """
    mine = {"organisation_id": token.organisation_id}
    async with transaction(database.bound(OnBehalf(token.organisation_id))) as inside:
        given = {"issuer": token.issuer, "jti": token.jti, "expires_at": token.expires_at}
        used = await USE.fetch_one(inside, **mine, **given)
        if used is not None:
            await SWEEP.fetch_all(inside, **mine)
    return used is not None
