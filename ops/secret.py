"""The key that signs cursors, when nobody set one: made at random once and kept beside the data."""

import os
import secrets
from pathlib import Path


def kept_secret(data_dir: Path) -> str:
    """The key of this data directory. Only its owner can read the file; only the first of two starts writes it."""
    path = data_dir / "secret-key"
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_text().strip()
