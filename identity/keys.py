"""The service's own keys, all derived from SECRET_KEY: workers share them, and none is stored."""

from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey, KeySetSerialization

ALGORITHM = "ES256"
LABEL = "access tokens, ES256"
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points the curve's group has: a private key is a number from 1 to one less (NIST SP 800-186, 3.2.1.3)."""
BYTES_WITH_MARGIN = 48
"""16 bytes more than the order has, so that the remainder favours no number (FIPS 186-5, A.2.1)."""


def derived(secret: str, label: str, length: int = 32) -> bytes:
    """Bytes for one use, named by its label: those of one tell nothing of another's, or of the secret."""
    info = b"trialbook\x00" + label.encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(secret.encode())


def _signing_key(secret: str) -> ECKey:
    number = int.from_bytes(derived(secret, LABEL, BYTES_WITH_MARGIN)) % (ORDER_OF_P256 - 1) + 1
    key = ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()), {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return key


class Keys:
    """Signs by the present secret; what an earlier one signed is believed as long as that one is still named."""

    def __init__(self, secret: str, previous: Sequence[str] = ()) -> None:
        """Derive a key from each secret; the key's id is its RFC 7638 thumbprint."""
        self.signing = _signing_key(secret)
        self._by_id = {str(key.kid): key for key in (self.signing, *map(_signing_key, previous))}

    def named(self, key_id: str) -> ECKey | None:
        """The key of that id."""
        return self._by_id.get(key_id)

    def public_jwks(self) -> KeySetSerialization:
        """The public halves, the present key first, as a JSON Web Key Set to be published."""
        return {"keys": [key.as_dict(private=False) for key in self._by_id.values()]}
