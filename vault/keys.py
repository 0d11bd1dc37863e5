"""Master keys, which wrap data keys: changing the master key rewraps a few rows and leaves every record as it is."""

import os
from collections.abc import Iterable
from typing import NamedTuple, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.cipher import KEY_BYTES, NONCE_BYTES
from vault.errors import CannotOpen, UnknownMaster

FINGERPRINT_BYTES = 8


class Label(NamedTuple):
    """Which data key: whose, its id, and what it is for. A wrapped key does not open under another label."""

    organisation_id: UUID
    key_id: UUID
    purpose: str


class Wrapped(NamedTuple):
    """A data key as it is stored, and the fingerprint of the master key that opens it."""

    data: bytes
    master: str


def new_key() -> bytes:
    """A data key, at random."""
    return os.urandom(KEY_BYTES)


def _derived(master: str, purpose: bytes, length: int) -> bytes:
    """A key of its own for each purpose: the fingerprint says nothing of the wrapping key."""
    return HKDF(SHA256(), length, salt=None, info=b"trialbook " + purpose).derive(master.encode())


def fingerprint_of(master: str) -> str:
    """By what a master key is recognised, 16 hexadecimal digits."""
    return _derived(master, b"fingerprint", FINGERPRINT_BYTES).hex()


class Masters:
    """The current master key, which wraps, and earlier ones, which still open."""

    def __init__(self, current: str, previous: Iterable[str] = ()) -> None:
        """Derive the wrapping keys, once."""
        self.fingerprint = fingerprint_of(current)
        self._by_fingerprint = {
            fingerprint_of(each): AESGCM(_derived(each, b"wrapping", KEY_BYTES)) for each in (current, *previous)
        }

    @classmethod
    def from_settings(cls, current: str, previous: str | None) -> Self:
        """From the environment, where earlier keys are separated by commas."""
        return cls(current.strip(), filter(None, (each.strip() for each in (previous or "").split(","))))

    def knows(self, fingerprint: str) -> bool:
        """True when keys wrapped under that master key can be opened."""
        return fingerprint in self._by_fingerprint

    def wrap(self, label: Label, key: bytes) -> Wrapped:
        """Wrap a data key under the current master key."""
        nonce = os.urandom(NONCE_BYTES)
        aead = self._by_fingerprint[self.fingerprint]
        return Wrapped(nonce + aead.encrypt(nonce, key, _bound(label)), self.fingerprint)

    def unwrap(self, label: Label, wrapped: Wrapped) -> bytes:
        """Open a data key.

        Raises:
            UnknownMaster: its master key is not at hand.
            CannotOpen: it was altered, or belongs to another label.
        """
        aead = self._by_fingerprint.get(wrapped.master)
        if aead is None:
            raise UnknownMaster(wrapped.master)
        try:
            return aead.decrypt(wrapped.data[:NONCE_BYTES], wrapped.data[NONCE_BYTES:], _bound(label))
        except (InvalidTag, ValueError) as error:
            raise CannotOpen from error


def _bound(label: Label) -> bytes:
    return f"{label.organisation_id}:{label.key_id}:{label.purpose}".encode()
