"""What handlers ask for: the desk of the request, and the conventions of reading, listing, creating and changing."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Depends, Path, Request

from api.cursors import Cursors
from models.database import Database
from registry.desk import Desk


class Service(NamedTuple):
    """What one running service has; kept in `app.state.service`."""

    database: Database
    organisation_id: UUID
    cursors: Cursors
    clock: Callable[[], datetime]
    max_body_bytes: int


async def get_desk(request: Request) -> Desk:
    """The registry's desk for this request: which database, which organisation, and today (UTC)."""
    service: Service = request.app.state.service
    return Desk(service.database, service.organisation_id, service.clock().date())


DeskDep = Annotated[Desk, Depends(get_desk)]
PatientId = Annotated[UUID, Path(description="The patient's `id`.")]
RecordId = Annotated[UUID, Path(description="The record's `id`.")]
