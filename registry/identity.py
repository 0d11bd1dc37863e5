"""What names a patient, sealed for the database and opened for whoever may read it. Pure.

Identifiers and display name are one ciphertext: neither their number nor which of them is there shows.
"""

from typing import Any
from uuid import UUID

import orjson

from models.executor import Row
from registry.desk import Desk
from registry.errors import DatabaseUnavailable
from vault.errors import CannotOpen, UnknownKey
from vault.vault import Vault

FIELD = "identity"
HIDDEN = frozenset({FIELD, "identifier_digests"})
NAMES = ("identifiers", "display_name")
KEY_TOO_NEW = "This was written with a key that is read at this moment. Send the request again."


def opened(desk: Desk, record_id: UUID | str, field: str, sealed: str) -> bytes:
    """What was sealed of a record.

    Raises:
        DatabaseUnavailable: the organisation's keys could not be read, or do not hold a new one yet.
        CannotOpen: what is stored was tampered with.
    """
    try:
        return desk.keys.opened(record_id, field, sealed)
    except UnknownKey as error:
        raise DatabaseUnavailable(KEY_TOO_NEW, headers={"Retry-After": "1"}) from error


def opened_if_ours(desk: Desk, of: str, field: str, sealed: str) -> bytes | None:
    """What somebody sends back that was sealed here for them; None where it was not, or is not any more."""
    try:
        return desk.keys.opened(of, field, sealed)
    except (UnknownKey, CannotOpen):
        return None


def sealed_columns(vault: Vault, patient_id: UUID, names: dict[str, Any]) -> dict[str, Any]:
    """The four columns of `patients` for identifiers and display name; the plain ones are null."""
    return {
        FIELD: vault.sealed(patient_id, FIELD, orjson.dumps(names)),
        "identifier_digests": [vault.digest(each["system"], each["value"]) for each in names["identifiers"]],
        **dict.fromkeys(NAMES),
    }


def sealed_patient(row: dict[str, Any], desk: Desk, patient_id: UUID) -> dict[str, Any]:
    """The row of a patient as it is stored.

    Raises:
        DatabaseUnavailable: the organisation's keys could not be read.
    """
    return {**row, **sealed_columns(desk.keys, patient_id, {name: row[name] for name in NAMES})}


def opened_patient(row: Row, desk: Desk) -> Row:
    """The row of a patient, or of a kept version of it, with its names. A row from before sealing is as it is.

    Raises:
        DatabaseUnavailable, CannotOpen: as in `opened`.
    """
    sealed = row.get(FIELD)
    if sealed is None:
        return row
    names = orjson.loads(opened(desk, row["id"], FIELD, sealed))
    return {**{name: value for name, value in row.items() if name not in HIDDEN}, **names}
