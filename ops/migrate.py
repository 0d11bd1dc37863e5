"""`make migrate`: bring the database to the newest schema and seal what is plain. `make run` does so before it serves.

The migrations take a PostgreSQL advisory lock (alembic/env.py), so that of two services that start at once
one migrates and the other waits for it.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config

from ops.database import ensure_database
from ops.encrypt import encrypt
from ops.postgres import EmbeddedPostgres
from ops.say import say
from ops.secret import with_kept_secrets
from settings import read_settings
from vault.keys import Masters

ROOT = Path(__file__).resolve().parent.parent


def migrate(dsn: str, revision: str = "head") -> None:
    """Upgrade the database to the revision; nothing happens when it is there already."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = dsn
    command.upgrade(config, revision)


def bring_up_to_date(dsn: str, masters: Masters) -> None:
    """Migrate, and seal what is plain."""
    migrate(dsn)
    encrypt(dsn, masters)


def main() -> None:
    """Migrate the database that the settings name, or the embedded one."""
    settings = read_settings()
    masters = Masters.from_settings(*with_kept_secrets(settings).master_keys)
    if settings.database_url is not None:
        ensure_database(settings.owner_dsn)
        bring_up_to_date(settings.owner_dsn, masters)
    else:
        with EmbeddedPostgres(settings.data_dir) as embedded:
            bring_up_to_date(embedded.url(), masters)
    say("The database has the newest schema.")


if __name__ == "__main__":
    main()
