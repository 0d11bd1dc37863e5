"""What a CDS Client sends (CDS Hooks 2.0): a call of a service, and what became of its cards.

Clients send more and less than the standard says, so whatever is not needed here is passed over and never refused.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from models.evaluation import Moment

MOST_FEEDBACK = 100


class Lenient(BaseModel):
    """The base of what clients send: names as the standard writes them, unknown fields passed over."""

    model_config = ConfigDict(
        extra="ignore", alias_generator=to_camel, validate_by_name=True, use_attribute_docstrings=True
    )


class FhirAuthorization(BaseModel):
    """Leave to read from the client's FHIR server."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    access_token: Annotated[str, Field(min_length=1, max_length=8192, pattern=r"^[\x21-\x7e]+$")]
    """The bearer token. It is used for this call alone, and neither stored nor logged."""


class HookCall(Lenient):
    """A call of a service."""

    hook: Annotated[str, Field(max_length=100, examples=["patient-view"])] | None = None
    """The hook that was triggered; it must be the one of the service."""
    hook_instance: Annotated[str, Field(max_length=200)] | None = None
    """The client's name for this call."""
    fhir_server: Annotated[str, Field(max_length=2000, examples=["https://ehr.example.org/fhir"])] | None = None
    """The client's FHIR server. It is asked only if the operator has listed it."""
    fhir_authorization: FhirAuthorization | None = None
    """Leave to read there what was not prefetched."""
    context: dict[str, Any] = Field(max_length=100)
    """What the hook says: `patientId`, and for orders `draftOrders` and `selections`."""
    prefetch: dict[str, Any] | None = Field(default=None, max_length=100)
    """The resources that discovery asks for, by their keys. Null under a key: there are none."""

    @property
    def server(self) -> str:
        """The address of the client's FHIR server without a slash at the end; empty where none is named."""
        return (self.fhir_server or "").rstrip("/")


class Coding(BaseModel):
    """A code of a code system."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    system: Annotated[str, Field(max_length=500)] | None = None
    """The code system."""
    code: Annotated[str, Field(max_length=200)] | None = None
    """The code."""
    display: Annotated[str, Field(max_length=500)] | None = None
    """The code in words."""


class OverrideReason(Lenient):
    """Why a card was overridden."""

    reason: Coding | None = None
    """One of the card's `overrideReasons`, or one of the client's own."""
    user_comment: Annotated[str, Field(max_length=10_000)] | None = None
    """What the user wrote. It counts as a reason; it is not stored, since it may tell of the patient."""

    @property
    def is_given(self) -> bool:
        """Whether there is a reason at all."""
        coded = self.reason is not None and bool(self.reason.code or self.reason.display)
        return coded or bool((self.user_comment or "").strip())


class Outcome(Lenient):
    """What a user did with one card."""

    card: Annotated[str, Field(max_length=100, examples=["9f2c1d34-5b6a-8c7d-9e0f-112233445566"])]
    """The `uuid` of the card."""
    outcome: Annotated[str, Field(pattern="^(accepted|overridden)$", max_length=10, examples=["overridden"])]
    """`accepted` or `overridden`."""
    override_reason: OverrideReason | None = None
    """Why it was overridden. With a reason the card is not shown again until the facts behind it change."""
    outcome_timestamp: Moment
    """When, with its time zone. What lies in the future is taken as now."""


class Feedback(Lenient):
    """What became of cards."""

    feedback: Annotated[list[Outcome], Field(min_length=1, max_length=MOST_FEEDBACK)]
    """One entry for each thing that a user did."""
