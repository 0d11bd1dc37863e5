"""Finding by what is sealed: a keyed hash (HMAC-SHA256), equal for equal values and meaningless without the key."""

import hmac
from uuid import UUID

DIGEST = "sha256"
NAME_BYTES, PROOF_BYTES = 9, 7
CUSTOM, VARIANT = 8, 2
"""A UUID whose bits are this service's own (RFC 9562, version 8)."""


def identifier_digest(key: bytes, system: str, value: str) -> str:
    """The digest of an identifier, 64 hexadecimal digits.

    Compared is what was compared before: every character, case included; blanks at both ends are taken off before. The
    length in front keeps `a` + `bc` apart from `ab` + `c`.
    """
    first, second = system.encode(), value.encode()
    return hmac.digest(key, b"identifier" + len(first).to_bytes(4) + first + second, DIGEST).hex()


def request_digest(key: bytes, fingerprint: bytes) -> bytes:
    """The keyed form of a request's fingerprint: from a plain one, a body of few possible values could be guessed."""
    return hmac.digest(key, b"request" + fingerprint, DIGEST)


def card_id(key: bytes, fingerprint: bytes) -> UUID:
    """The identity of a card: a keyed hash of what it is about, and a proof that it was made with the key.

    Equal for equal fingerprints and meaningless without the key, so that nothing need be kept of a card that nobody
    answers. 72 bits name it; 50 bits prove it.
    """
    name = hmac.digest(key, b"card" + fingerprint, DIGEST)[:NAME_BYTES]
    return _card(name, key)


def is_card_id(key: bytes, card: UUID) -> bool:
    """Whether an identity was made by `card_id` with this key."""
    bits = (card.int >> 80) << 74 | ((card.int >> 64) & 0xFFF) << 62 | card.int & (1 << 62) - 1
    return hmac.compare_digest(_card((bits >> 50).to_bytes(NAME_BYTES), key).bytes, card.bytes)


def _card(name: bytes, key: bytes) -> UUID:
    proof = int.from_bytes(hmac.digest(key, b"card proof" + name, DIGEST)[:PROOF_BYTES]) >> 6
    bits = int.from_bytes(name) << 50 | proof
    value = (bits >> 74) << 80 | CUSTOM << 76 | ((bits >> 62) & 0xFFF) << 64 | VARIANT << 62 | bits & (1 << 62) - 1
    return UUID(int=value)
