"""Clients: machines that sign in with a key of their own, and apps that persons let in."""

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

FIELDS = ("name", "scope", "jwks", "redirect_uris", "disabled")
NO_SMART = "Name at least one SMART scope, such as `system/*.rs` for a machine or `patient/*.rs` for an app."
NO_KEYS = "A machine signs in by its keys: send `jwks`. An app without keys needs `redirect_uris`."
KEYS_FOR_SYSTEM = "Scopes that begin with `system/` are for machines with keys: send `jwks`, or leave them out."
NOT_UNDERSTOOD = "This scope is not understood: {}. Send scopes such as `system/MedicationStatement.rs`."


def _to_row(entry: ClientEntry, desk: Desk) -> dict[str, Any]:  # noqa: ARG001 - a client has no day
    refuse([*_scope_faults(entry.scope), *_key_faults(entry.jwks), *_kind_faults(entry)])
    said = entry.model_dump(mode="json", include=set(FIELDS))
    return {**said, "scope": str(parsed(entry.scope)), "jwks": None if entry.jwks is None else checked_jwks(entry.jwks)}


def _scope_faults(scope: str) -> list[Fault]:
    """A client without a scope that is understood could do nothing."""
    asked = parsed(scope)
    wrong = [Fault("/scope", NOT_UNDERSTOOD.format(word)) for word in asked.not_understood]
    return wrong or ([] if asked.any_smart else [Fault("/scope", NO_SMART)])


def _kind_faults(entry: ClientEntry) -> list[Fault]:
    """What is neither a machine with keys nor an app that has somewhere to return to could never sign in."""
    if entry.jwks is None and not entry.redirect_uris:
        return [Fault("/jwks", NO_KEYS)]
    contexts = {context for context, _ in parsed(entry.scope).grants}
    return [Fault("/scope", KEYS_FOR_SYSTEM)] if entry.jwks is None and "system" in contexts else []


def _key_faults(jwks: dict[str, Any] | None) -> list[Fault]:
    if jwks is None:
        return []
    try:
        checked_jwks(jwks)
    except BadKeys as error:
        return [Fault("/jwks", str(error))]
    return []


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


def _to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer. A version from before there were apps says nothing of where one returns to."""
    return {"redirect_uris": [], **row}


CLIENTS = Noun("client", Client.__table__, ClientEntry, _to_row, _to_public, _to_entry)  # type: ignore[attr-defined]
