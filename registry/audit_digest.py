"""The digest of an audit event and of a seal, computed without the database that keeps them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

FIELDS = (
    *("subject", "kind", "roles", "on_behalf_of", "source", "request_id", "operation", "action", "entity"),
    *("patient_id", "record_id", "version", "outcome", "grant_id"),
)
SIZE = 32


def digest_of_event(row: Mapping[str, Any]) -> bytes:
    """SHA-256 over the JSON text of all that the event says; the same as `audit_digest` of the database."""
    at = row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    parts = [str(row["organisation_id"]), row["id"], at, *(row[field] for field in FIELDS)]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).digest()


def head_of(before: bytes, number: int, members: Sequence[int], digests: bytes) -> bytes:
    """The head of a seal: over the head before, its number, its members and their digests."""
    listed = f"{number}:{','.join(map(str, members))}:"
    return hashlib.sha256(before + listed.encode() + digests).digest()
