"""What every verb of the registry needs: where to write, for whom, and what day it is."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from models.database import Executor

# A clinic east of Greenwich is already in tomorrow while the service is still in today.
DAYS_AHEAD_OF_UTC = timedelta(days=1)


class Desk(NamedTuple):
    """One request's place at the registry."""

    database: Executor
    organisation_id: UUID
    today: date

    @property
    def last_day(self) -> int:
        """The last day (ordinal) that is not in the future anywhere on earth."""
        return (self.today + DAYS_AHEAD_OF_UTC).toordinal()


class Ref(NamedTuple):
    """Which record: of which patient, and its own identity. A patient is its own patient."""

    patient_id: UUID
    record_id: UUID
