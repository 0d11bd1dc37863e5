"""What goes wrong with keys and ciphertexts. No message ever holds a key or what was sealed."""

from uuid import UUID


class UnknownKey(Exception):
    """It was sealed under a key that is not at hand: made a moment ago by another process, or deleted."""

    def __init__(self, key_id: UUID) -> None:
        """Keep which key it was."""
        super().__init__(f"There is no data key {key_id}.")
        self.key_id = key_id


class UnknownMaster(Exception):
    """A data key is wrapped under a master key that is not at hand."""

    def __init__(self, fingerprint: str) -> None:
        """Keep the fingerprint, by which the right master key can be recognised."""
        super().__init__(f"There is no master key of the fingerprint {fingerprint}.")
        self.fingerprint = fingerprint


class CannotOpen(Exception):
    """It was altered, copied from another record or field, or never sealed."""
