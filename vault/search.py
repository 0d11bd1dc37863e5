"""Finding by what is sealed: a keyed hash (HMAC-SHA256), equal for equal values and meaningless without the key."""

import hmac

DIGEST = "sha256"


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
