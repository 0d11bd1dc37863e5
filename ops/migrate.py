"""`make migrate`: bring the database to the newest schema. `make run` does the same before it serves.

The migrations take a PostgreSQL advisory lock (alembic/env.py), so that of two services that start at once
one migrates and the other waits for it.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config

from ops.database import ensure_database
from ops.postgres import EmbeddedPostgres
from ops.say import say
from settings import read_settings

ROOT = Path(__file__).resolve().parent.parent


def migrate(dsn: str, revision: str = "head") -> None:
    """Upgrade the database to the revision; nothing happens when it is there already."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = dsn
    command.upgrade(config, revision)


def main() -> None:
    """Migrate the database that the settings name, or the embedded one."""
    settings = read_settings()
    if settings.database_url is not None:
        ensure_database(settings.owner_dsn)
        migrate(settings.owner_dsn)
    else:
        with EmbeddedPostgres(settings.data_dir) as embedded:
            migrate(embedded.url())
    say("The database has the newest schema.")


if __name__ == "__main__":
    main()
