"""Conditions that are looked at and acted on as one: whoever asks for the same waits for the one before."""

from interop.fhir.calls import Call
from registry.idempotency import fingerprint
from registry.known_patients import HOLD


async def one_at_a_time(call: Call, condition: str) -> None:
    """Wait until nobody else acts on the same condition; the lock ends with the transaction."""
    words = (call.kind, *sorted(condition.lstrip("?").split("&")))
    digest = fingerprint(b"fhir", call.desk.organisation_id.bytes, *(word.encode() for word in words))
    await HOLD.fetch_one(call.desk.database, number=int.from_bytes(digest[:8], signed=True))
