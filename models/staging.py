"""What the service says of staging: every method's answer for a patient, and the methods themselves."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from clinical.background import ScoredInstrument
from clinical.vocabulary import Evidence
from models.answer import SafetyPublic
from models.base import Answer
from models.fields import Digest, Edition, RecordKey, SaidDay, Slug
from models.staged import StagedPublic


class ExternallyScored(Answer):
    """The result of an instrument that somebody scored outside this service; kept and shown, never computed."""

    id: RecordKey
    """The record."""
    instrument: ScoredInstrument
    """The instrument."""
    scored_on: SaidDay
    """When it was scored, as precisely as it is known."""
    score: int
    """The result."""
    rater: str | None
    """Who scored it."""
    sentence: str
    """The result in words."""


class Staging(Answer):
    """A history by every staging method, or by the one asked for."""

    patient_id: UUID
    """The patient."""
    on: date
    """The day asked about. What happened later does not exist for this answer."""
    known_at: datetime
    """The moment of knowledge. What was recorded later does not exist."""
    staging: list[StagedPublic]
    """One answer a method; experimental methods come last."""
    externally_scored: list[ExternallyScored]
    """Results scored elsewhere, such as the ATHF-SF2, the latest first."""
    safety: SafetyPublic
    """Suicidal thoughts, whatever the stage."""


class MethodParameter(Answer):
    """One rule of a method: a dimension, a stage, a cut-off, or how failed trials are read."""

    kind: str
    """`reading`, `applies_from`, `dimension`, `bands`, `threshold`, `classes` or `stage`."""
    name: str
    """Its name."""
    parameters: dict[str, Any]
    """The numbers and choices."""
    evidence: Evidence
    """How well they were verified."""
    source: str
    """Where they come from."""


class WorkedStagingPublic(Answer):
    """A history and what the method says of it. Send `history` and `on` to `POST /v1/evaluate` to see why."""

    name: str
    """What it shows."""
    on: str
    """The day it is judged on."""
    history: dict[str, Any]
    """The history, in the shape of `POST /v1/evaluate`."""
    expected: dict[str, Any]
    """What comes out: score, stage, band or bounds."""


class StagingMethodPublic(Answer):
    """One staging method."""

    id: Slug
    """Its name in this service, as `?method=` takes it."""
    version: Edition
    """Its version here."""
    title: str
    """What people call it."""
    purpose: str
    """What it is for."""
    citation: str
    """Where it was published."""
    quote: str
    """A few words of the source, where they were read; else empty."""
    evidence: Evidence
    """How well it was verified against its source."""
    experimental: bool
    """True while its numbers are not checked against their source; do not decide by it."""
    limits: list[str]
    """What to mind when using it."""
    digest: Digest
    """SHA-256 of the file that states it."""
    parameters: list[MethodParameter]
    """Every number and choice, with its source."""
    worked_cases: list[WorkedStagingPublic]
    """Cases at its thresholds."""


class StagingMethodList(Answer):
    """All staging methods."""

    items: list[StagingMethodPublic]
    """Experimental ones come last."""
    next_cursor: None
    """Always null: the list is short."""
