"""Opaque tokens: an id to find a row by, and a secret of which the row keeps only a digest."""

import base64
import hashlib
import re
import secrets
from typing import NamedTuple
from uuid import UUID

TEXT = re.compile(r"[A-Za-z0-9_-]{64}")
"""The 16 bytes of an id and the 32 of a secret. An access token has dots, so it is never taken for one."""


class SecretToken(NamedTuple):
    """An id and a secret."""

    id: UUID
    secret: bytes

    @property
    def text(self) -> str:
        """As it is handed out."""
        return base64.urlsafe_b64encode(self.id.bytes + self.secret).decode()

    @property
    def digest(self) -> bytes:
        """As it is kept."""
        return digest_of(self.secret)


def digest_of(secret: bytes) -> bytes:
    """The digest of a secret. It is random and long, so that no slow hash is needed."""
    return hashlib.sha256(secret).digest()


def new_token(row_id: UUID) -> SecretToken:
    """A new secret for the row of that id."""
    return SecretToken(row_id, secrets.token_bytes(32))


def token_in(text: str) -> SecretToken | None:
    """The id and the secret of a token; None if it is none."""
    if TEXT.fullmatch(text) is None:
        return None
    raw = base64.urlsafe_b64decode(text)
    return SecretToken(UUID(bytes=raw[:16]), raw[16:])
