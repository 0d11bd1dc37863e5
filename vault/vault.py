"""The opened keys of one organisation: what a request needs to seal, open and find."""

from collections.abc import Mapping
from uuid import UUID

from vault.cipher import Place, field_key, seal, unseal
from vault.errors import UnknownKey
from vault.search import card_id, identifier_digest, is_card_id, request_digest


class Vault:
    """Keys for fields by id, of which one is written with; and the key of searches.

    Attributes:
        missed: something turned up that was sealed under a key which is not here; whoever keeps the vault reads anew.
    """

    def __init__(self, organisation_id: UUID, fields: Mapping[UUID, bytes], writing: UUID, search: bytes) -> None:
        """Make every key ready."""
        ready = {key_id: field_key(key_id, key) for key_id, key in fields.items()}
        self.organisation_id = organisation_id
        self.writing = writing
        self.missed = False
        self._owner = str(organisation_id)
        self._search = search
        self._key = ready[writing]
        self._keys = {key.head: key for key in ready.values()}

    def __repr__(self) -> str:
        """Without any key."""
        return f"Vault(organisation_id={self.organisation_id}, keys={len(self._keys)}, writing={self.writing})"

    def sealed(self, record_id: UUID | str, field: str, plain: bytes) -> str:
        """Encrypt a field of a record under the writing key."""
        return seal(self._key, Place(self._owner, record_id, field), plain)

    def opened(self, record_id: UUID | str, field: str, sealed: str) -> bytes:
        """Decrypt a field of a record, whichever key it was sealed under.

        Raises:
            UnknownKey: that key is not here.
            CannotOpen: it was altered, or belongs elsewhere.
        """
        try:
            return unseal(self._keys, Place(self._owner, record_id, field), sealed)
        except UnknownKey:
            self.missed = True
            raise

    def is_current(self, sealed: str) -> bool:
        """True when it is sealed under the key that is written with."""
        return sealed.startswith(self._key.head)

    def digest(self, system: str, value: str) -> str:
        """The keyed hash by which an identifier is found."""
        return identifier_digest(self._search, system, value)

    def request_digest(self, fingerprint: bytes) -> bytes:
        """The keyed form of a request's fingerprint."""
        return request_digest(self._search, fingerprint)

    def card_id(self, fingerprint: bytes) -> UUID:
        """The identity of a card on facts about a patient, of which it tells nothing."""
        return card_id(self._search, fingerprint)

    def made_card(self, card: UUID) -> bool:
        """Whether a card of that identity was made for this organisation."""
        return is_card_id(self._search, card)
