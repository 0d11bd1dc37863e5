"""What every verb of the registry needs: where to write, for whom, and what day it is."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from models.executor import Executor
from registry.errors import DatabaseUnavailable
from vault.vault import Vault

# A clinic east of Greenwich is already in tomorrow while the service is still in today.
DAYS_AHEAD_OF_UTC = timedelta(days=1)
# The ends of the calendar are no moments in every time zone; nothing was recorded before the one or after the other.
FIRST_MOMENT, LAST_MOMENT = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

NO_KEYS = (
    "The keys that names and identifiers are sealed with cannot be read at the moment. Try again in a few seconds."
)


def in_calendar(moment: datetime | None) -> datetime | None:
    """The same moment, or the nearest that every time zone and the database have; None stays None."""
    return None if moment is None else min(max(moment, FIRST_MOMENT), LAST_MOMENT)


class Desk(NamedTuple):
    """One request's place at the registry. The vault is needed only where a patient is named."""

    database: Executor
    organisation_id: UUID
    today: date
    vault: Vault | None = None

    @property
    def keys(self) -> Vault:
        """The organisation's opened keys.

        Raises:
            DatabaseUnavailable: they could not be read.
        """
        if self.vault is None:
            raise DatabaseUnavailable(NO_KEYS, headers={"Retry-After": "2"})
        return self.vault

    @property
    def last_day(self) -> int:
        """The last day (ordinal) that is not in the future anywhere on earth."""
        return (self.today + DAYS_AHEAD_OF_UTC).toordinal()


class Ref(NamedTuple):
    """Which record: of which patient, and its own identity. A patient is its own patient."""

    patient_id: UUID
    record_id: UUID
