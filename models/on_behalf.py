"""On whose behalf a statement runs: settings of the transaction that row-level security and the audit read.

They are set for the transaction alone, so that they are gone when a connection goes to the next request, also where a
pooler hands connections on.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

# The settings are made by a part of the statement that the rest cannot be worked out without: LATERAL makes the outer
# one first, OFFSET 0 keeps the planner from merging the two. So a read needs one round trip, and were the order ever
# another, it would see nothing rather than too much.
GUARD = (
    "SELECT seen.* FROM (SELECT set_config('app.organisation', ${}::text, true) AS organisation,"
    " set_config('app.subject', ${}::text, true) AS subject OFFSET 0) AS caller CROSS JOIN LATERAL ("
    "SELECT asked.* FROM ({}) AS asked WHERE caller.organisation IS NOT NULL AND caller.subject IS NOT NULL OFFSET 0"
    ") AS seen"
)
ANYBODY = "*"
"""The subject of whoever is not bound by restrictions of a record: a machine, the patient, the system itself."""


class OnBehalf(NamedTuple):
    """For which organisation, who looks (for restricted records), and what the audit says of who writes."""

    organisation_id: UUID | None
    subject: str = ANYBODY
    audit: str | Callable[[], str] = ""
    """What the audit says of who writes, as JSON; made only where something is written."""
    presented: str = ""
    """What a sign-in presents before its organisation is known: a user name, a session, a client."""

    @property
    def seen_by(self) -> tuple[str, str]:
        """The values that `guarded` adds."""
        return ("" if self.organisation_id is None else str(self.organisation_id), self.subject)

    @property
    def beginning(self) -> str:
        """Begin a transaction with the settings, in one round trip."""
        organisation, subject = self.seen_by
        audit = self.audit if isinstance(self.audit, str) else self.audit()
        made = {"organisation": organisation, "subject": subject, "audit": audit, "presented": self.presented}
        settings = ", ".join(f"set_config('app.{name}', {_quoted(value)}, true)" for name, value in made.items())
        return f"BEGIN; SELECT {settings}"


def system(organisation_id: UUID, operation: str) -> OnBehalf:
    """The service itself, such as when it makes the first user."""
    who = {"subject": "system", "kind": "system", "roles": "", "source": "", "request_id": "", "operation": operation}
    return OnBehalf(organisation_id, audit=json.dumps(who))


def _quoted(value: str) -> str:
    """A text as SQL.

    Raises:
        ValueError: it has a NUL, which PostgreSQL takes in no text. What is sent with one is refused long before.
    """
    if "\0" in value:
        raise ValueError("a setting has a NUL")
    return "'" + value.replace("'", "''") + "'"


@lru_cache(maxsize=1024)
def guarded(sql: str, values: int) -> str:
    """The statement with two values more, which name the organisation and the subject. For reads."""
    return GUARD.format(values + 1, values + 2, sql)
