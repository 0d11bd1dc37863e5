"""What a CDS Service says (CDS Hooks 2.0): the services there are, cards, and what was taken of feedback."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

LONGEST_SUMMARY = 139
"""The standard asks for fewer than 140 characters."""


class Spoken(BaseModel):
    """The base of what is said to clients: what has no value is left out, as the standard asks."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, use_attribute_docstrings=True)


class Service(Spoken):
    """One service."""

    hook: Annotated[str, Field(max_length=40, examples=["patient-view"])]
    """The hook on which it is to be called."""
    title: Annotated[str, Field(max_length=100)]
    """Its name for people."""
    description: Annotated[str, Field(max_length=1000)]
    """What it does."""
    id: Annotated[str, Field(max_length=40, examples=["trd-patient-view"])]
    """It is called at `/cds-services/{id}`."""
    usage_requirements: Annotated[str, Field(max_length=1000)]
    """What it needs."""
    prefetch: dict[str, Annotated[str, Field(max_length=1000)]] = Field(max_length=20)
    """The FHIR queries whose results are to be sent along, by their keys."""


class Services(Spoken):
    """The services there are."""

    services: Annotated[list[Service], Field(max_length=20)]
    """Each service."""


class CardCoding(Spoken):
    """A code with its words."""

    system: Annotated[str, Field(max_length=500)]
    """The code system."""
    code: Annotated[str, Field(max_length=100)]
    """The code."""
    display: Annotated[str, Field(max_length=200)]
    """The code in words."""


class Source(Spoken):
    """What a card rests on."""

    label: Annotated[str, Field(max_length=500)]
    """Its name."""
    url: Annotated[str, Field(max_length=2000)] | None = None
    """Where to read more."""
    topic: CardCoding | None = None
    """What the card is about."""


class Link(Spoken):
    """Something to open."""

    label: Annotated[str, Field(max_length=200)]
    """What it is."""
    url: Annotated[str, Field(max_length=2000)]
    """Its address."""
    type: Literal["absolute"]
    """Always `absolute`: the address is opened as it stands, in a browser."""


class Card(Spoken):
    """One piece of decision support. It informs; it decides nothing."""

    uuid: UUID
    """The same card on the same facts about the same patient has the same identity: send it with feedback."""
    summary: Annotated[str, Field(min_length=1, max_length=LONGEST_SUMMARY)]
    """One sentence."""
    detail: Annotated[str, Field(max_length=100_000)] | None = None
    """More, as Markdown."""
    indicator: Literal["info", "warning", "critical"]
    """How urgent it is."""
    source: Source
    """What it rests on."""
    links: Annotated[list[Link], Field(min_length=1, max_length=5)] | None = None
    """The patient's report, where there is one here."""
    override_reasons: Annotated[list[CardCoding], Field(min_length=1, max_length=20)] | None = None
    """Reasons to choose from for whoever sets the card aside."""


class Cards(Spoken):
    """The answer of a service; no card where there is nothing to say."""

    cards: Annotated[list[Card], Field(max_length=100)]
    """The cards, the most urgent first."""


class FeedbackTaken(Spoken):
    """What was taken of feedback."""

    received: Annotated[int, Field(ge=0, le=100)]
    """How many entries were stored."""
    not_known: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    """Cards that were not made here, for this organisation; their entries are not stored."""
