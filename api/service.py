"""Whether the service lives and can answer: for load balancers and whoever watches."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request
from pydantic import Field

from api.responses import SERVICE
from models.base import Answer
from models.database import Database
from registry.health import check_schema

router = APIRouter(tags=["9 Service"])
MIGRATIONS = Path(__file__).resolve().parent.parent / "alembic"


class Health(Answer):
    """The process lives."""

    status: Literal["ok"]
    """Always `ok`."""


class Readiness(Answer):
    """The service can answer."""

    status: Literal["ready"]
    """Always `ready`; when it is not, the answer is 503."""
    schema_revision: str = Field(examples=["0005"])
    """The migration that the database is at."""


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """The migration that this code was written for."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or "none"


@router.get("/healthz", operation_id="read_health", summary="Does the process live?", response_model=Health)
async def read_health() -> dict[str, str]:
    """Answers as long as the process lives, whatever the database does."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="read_readiness",
    summary="Can the service answer?",
    response_model=Readiness,
    responses=SERVICE,
)
async def read_readiness(request: Request) -> dict[str, str]:
    """Answers 200 when the database answers and its schema is the one that this version needs, else 503."""
    return {"status": "ready", "schema_revision": await check_schema(_database_of(request), newest_migration())}


def _database_of(request: Request) -> Database:
    """The pool itself: whoever watches is nobody, and sees nothing of any organisation."""
    database: Database = request.app.state.service.database
    return database
