"""Secrets that nobody set: made at random once and kept beside the data. Production refuses to rely on this."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from settings import Settings

KEPT = {"secret_key": "secret-key", "encryption_key": "encryption-key"}


def kept_secret(data_dir: Path, name: str = "secret-key") -> str:
    """A secret of this data directory. Only its owner can read the file; of two starts at once one makes it."""
    path = data_dir / name
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # a link does not replace what another start made meanwhile
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def with_kept_secrets(settings: Settings) -> Settings:
    """The settings with every secret; workers find those that were made in the environment."""
    made = {
        name: kept_secret(settings.data_dir, file) for name, file in KEPT.items() if getattr(settings, name) is None
    }
    os.environ.update({name.upper(): secret for name, secret in made.items()})
    return settings.model_copy(update={name: SecretStr(secret) for name, secret in made.items()})
