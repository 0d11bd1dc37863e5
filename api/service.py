"""Whether the service lives and can answer: for load balancers and whoever watches."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request
from pydantic import Field

from api.responses import SERVICE
from models.base import Answer
from models.database import Database
from registry.health import check_standing

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
    row_level_security: Literal["forced"]
    """Always `forced`: the database itself keeps organisations apart, also from the owner of its tables."""
    unsealed_seconds: int = Field(examples=[0], ge=0, le=60)
    """For how long the oldest event of the audit has waited for its seal; at most 60, else the answer is 503."""


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
async def read_readiness(request: Request) -> dict[str, Any]:
    """Answers 200 when the database answers, has this version's schema, keeps organisations apart, seals the audit.

    Else the answer is 503, and says which of these it is.
    """
    found = await check_standing(_database_of(request), newest_migration())
    return {"status": "ready", "row_level_security": "forced", **found}


def _database_of(request: Request) -> Database:
    """The pool itself: whoever watches is nobody, and sees nothing of any organisation."""
    database: Database = request.app.state.service.database
    return database
