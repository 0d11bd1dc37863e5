"""Users: people who sign in here. Passwords are kept apart (`registry.credentials`)."""

from collections.abc import Mapping
from typing import Any

from models.account import User
from models.user import UserEntry
from registry.desk import Desk
from registry.noun import Noun

FIELDS = ("username", "display_name", "roles", "own_patient_id", "disabled")


def _to_row(entry: UserEntry, desk: Desk) -> dict[str, Any]:  # noqa: ARG001 - a user has no day
    said = entry.model_dump(mode="json", include=set(FIELDS))
    return {**said, "own_patient_id": entry.own_patient_id}


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


USERS = Noun("user", User.__table__, UserEntry, _to_row, dict, _to_entry)  # type: ignore[attr-defined]
