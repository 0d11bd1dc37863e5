"""Creating a patient unless somebody carries the identifier: looked up and created as one act."""

from sqlalchemy import BigInteger, bindparam, func, select

from models.patient import PatientCreate
from registry.desk import Desk
from registry.idempotency import fingerprint
from registry.patient_search import patients_identified
from registry.patients import PATIENTS
from registry.records import Said, Stretch, create
from registry.statements import Statement, transaction

_hold = func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger))
HOLD = Statement(select(_hold.label("held")), repeatable=False, records=False)


def number_of(desk: Desk, identifier: tuple[str, str]) -> int:
    """The number of the lock of an identifier (system, value): all who would create its patient wait for the same."""
    digest = fingerprint(b"identifier", desk.organisation_id.bytes, *(part.encode() for part in identifier))
    return int.from_bytes(digest[:8], signed=True)


async def create_unless_known(desk: Desk, identifier: tuple[str, str], entry: PatientCreate) -> tuple[Said, bool]:
    """The patient who carries the identifier (system, value), or a new one. Whoever asks for the same waits.

    The wait is for a lock that ends with the transaction, and the look-up comes after it: it sees the patient whom the
    one before created, so that nothing need fail and be taken back.

    Returns:
        The patient, and whether it is new.

    Raises:
        Restricted: the patient's record is not open to whoever asks.
        InvalidRequest, Conflict: as for any patient that is created.
        DatabaseUnavailable, DatabaseTooSlow: the database does not answer, or the wait was too long.
    """
    async with transaction(desk.database) as inside:
        await HOLD.fetch_one(inside, number=number_of(desk, identifier))
        ours = desk._replace(database=inside)
        known = await patients_identified(ours, identifier, Stretch(1))
        return (known[0], False) if known else (await create(ours, PATIENTS, None, entry), True)
