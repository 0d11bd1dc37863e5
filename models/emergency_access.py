"""Break-glass as it is sent and answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, StringConstraints

from models.base import RecordOfPatient, Shape

Reason = Annotated[str, StringConstraints(strict=True, min_length=10, max_length=1000)]
Review = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000)]


class EmergencyAccessCreate(Shape):
    """Why a restricted record must be opened now."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "Unconscious in the emergency department; medicines unknown."}}
    )

    id: UUID | None = None
    """Your own UUID for it; else the service makes one."""
    reason: Reason
    """Why, in at least 10 characters. Whoever reviews the access reads it."""


class EmergencyAccessReview(Shape):
    """What came of the review."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"review": "Justified: confirmed by the head of the ward."}}
    )

    review: Review
    """The finding, in words."""


class EmergencyAccessPublic(RecordOfPatient):
    """One emergency access to a restricted record."""

    subject: str
    """Who opened it."""
    reason: str
    """Why."""
    expires_at: datetime
    """Until when it is open."""
    reviewed_by: str | None
    """Who reviewed it; null while nobody has."""
    reviewed_at: datetime | None
    """When it was reviewed."""
    review: str | None
    """The finding."""
