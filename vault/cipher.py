"""One sealed field: AES-256-GCM, bound to where it belongs, with the id of its key in front.

The form is text, so that it is the same in a column and in the JSON of a kept version:
`1:<id of the key, 32 hexadecimal digits>:<base64 of nonce and ciphertext>`. The first part is the version of the form.
Nonces are random, 96 bits: safe for 2**32 fields under one key (NIST SP 800-38D), after which the key is to be rotated.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import CannotOpen, UnknownKey

FORM = "1"
KEY_BYTES = 32
NONCE_BYTES = 12
HEAD = len(f"{FORM}::") + 32


class Place(NamedTuple):
    """Where a field belongs. What was sealed for one place does not open in another."""

    organisation: str
    record: UUID | str
    field: str


class FieldKey(NamedTuple):
    """A key for fields, ready for use."""

    head: str
    aead: AESGCM


def field_key(key_id: UUID, key: bytes) -> FieldKey:
    """Make a key ready: its schedule is computed once."""
    return FieldKey(f"{FORM}:{key_id.hex}:", AESGCM(key))


def _bound(head: str, place: Place) -> bytes:
    """What a ciphertext is bound to. Ids have a fixed length; the record of a repeat is a text and stands last."""
    return f"{head}{place.organisation}:{place.field}:{place.record}".encode()


def seal(key: FieldKey, place: Place, plain: bytes) -> str:
    """Encrypt a field for its place."""
    nonce = os.urandom(NONCE_BYTES)
    return key.head + b64encode(nonce + key.aead.encrypt(nonce, plain, _bound(key.head, place))).decode()


def key_of(sealed: str) -> UUID:
    """The id of the key that it was sealed under.

    Raises:
        CannotOpen: it is no sealed field.
    """
    form, _, rest = sealed.partition(":")
    try:
        if form != FORM or rest[32] != ":":
            raise CannotOpen
        return UUID(hex=rest[:32])
    except (ValueError, IndexError) as error:
        raise CannotOpen from error


def unseal(keys: Mapping[str, FieldKey], place: Place, sealed: str) -> bytes:
    """Decrypt a field; `keys` are by their heads.

    Raises:
        UnknownKey: its key is not among these.
        CannotOpen: it was altered, or belongs elsewhere.
    """
    key = keys.get(sealed[:HEAD])
    if key is None:
        raise UnknownKey(key_of(sealed))
    try:
        data = b64decode(sealed[HEAD:], validate=True)
        return key.aead.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound(key.head, place))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error
