"""Conditions that are looked at and acted on as one: whoever asks for the same waits for the one before."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from interop.fhir.calls import Call
from registry.desk import Desk
from registry.idempotency import fingerprint
from registry.known_patients import HOLD, number_of


async def one_at_a_time(call: Call, condition: str) -> None:
    """Wait until nobody else acts on the same condition; the lock ends with the transaction."""
    await HOLD.fetch_one(call.desk.database, number=lock_of(call, condition))


async def all_at_once(desk: Desk, locks: Iterable[int]) -> None:
    """The locks of several conditions, in one order for all who ask, so that no two wait for each other."""
    for number in sorted(set(locks)):
        await HOLD.fetch_one(desk.database, number=number)


def lock_of(call: Call, condition: str) -> int:
    """The number of a condition's lock; of a patient's identifier the one that the JSON edge waits for, too."""
    pairs = parse_qsl(condition.lstrip("?"), keep_blank_values=True)
    system, _, value = dict(pairs).get("identifier", "").partition("|")
    if call.kind == "Patient" and system and value:
        return number_of(call.desk, (system, value))
    words = (call.kind, *sorted(f"{name}={asked}" for name, asked in pairs))
    digest = fingerprint(b"fhir", call.desk.organisation_id.bytes, *(word.encode() for word in words))
    return int.from_bytes(digest[:8], signed=True)
