"""Clients: machines that sign in with a key of their own."""

from collections.abc import Mapping
from typing import Any

from identity.assertions import checked_jwks
from identity.errors import BadKeys
from identity.scopes import parsed
from models.account import Client
from models.client import ClientEntry
from registry.desk import Desk
from registry.errors import Fault
from registry.noun import Noun, refuse

FIELDS = ("name", "scope", "jwks", "disabled")
NO_SMART = "Name at least one scope for machines, such as `system/*.rs` or `system/Observation.cruds`."
NOT_UNDERSTOOD = "This scope is not understood: {}. Send scopes such as `system/MedicationStatement.rs`."


def _to_row(entry: ClientEntry, desk: Desk) -> dict[str, Any]:  # noqa: ARG001 - a client has no day
    refuse([*_scope_faults(entry.scope), *_key_faults(entry.jwks)])
    said = entry.model_dump(mode="json", include=set(FIELDS))
    return {**said, "scope": str(parsed(entry.scope)), "jwks": checked_jwks(entry.jwks)}


def _scope_faults(scope: str) -> list[Fault]:
    """A client without a scope that is understood could do nothing."""
    asked = parsed(scope)
    wrong = [Fault("/scope", NOT_UNDERSTOOD.format(word)) for word in asked.not_understood]
    return wrong or ([] if asked.any_smart else [Fault("/scope", NO_SMART)])


def _key_faults(jwks: dict[str, Any]) -> list[Fault]:
    try:
        checked_jwks(jwks)
    except BadKeys as error:
        return [Fault("/jwks", str(error))]
    return []


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


CLIENTS = Noun("client", Client.__table__, ClientEntry, _to_row, dict, _to_entry)  # type: ignore[attr-defined]
