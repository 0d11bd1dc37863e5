"""What the service knows by itself: definitions and rating scales, with their sources."""

from datetime import datetime
from typing import Any

from clinical.vocabulary import Evidence, Rater, SafetyLevel, Severity, Status
from models.base import Answer
from models.fields import Digest, Edition, Loinc, Slug


class CriterionPublic(Answer):
    """One thing that a definition asks."""

    criterion: str
    """What is asked."""
    parameters: dict[str, Any]
    """The numbers and choices."""
    evidence: Evidence
    """How well they were verified."""
    source: str
    """Where they come from."""


class WorkedCasePublic(Answer):
    """A history and what the definition says of it. Send `history` and `on` to `POST /v1/evaluate` to see why."""

    name: str
    """What it shows."""
    on: str
    """The day it is judged on."""
    history: dict[str, Any]
    """The history, in the shape of `POST /v1/evaluate`."""
    status: Status
    """The answer."""
    confirmed: int
    """How many medicines surely failed."""
    possible: int
    """How many more may have."""


class DefinitionPublic(Answer):
    """One definition of treatment-resistant depression."""

    id: Slug
    """Its name in this service, as `?definition=` takes it."""
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
    limits: list[str]
    """What to mind when using it."""
    digest: Digest
    """SHA-256 of the file that states it; of an organisation's own, of its content as JSON by RFC 8785."""
    describes: str
    """What the answer `treatment_resistant` means under this definition."""
    own: bool
    """True when your organisation posted it; false for those of the service."""
    withdrawn: bool
    """True when your organisation withdrew it: it can be read, but no longer asked."""
    recorded_at: datetime | None
    """When this version was posted; null for those of the service."""
    default: bool
    """True for the one that is applied when none is named."""
    criteria: list[CriterionPublic]
    """Everything that it asks. What is not listed it does not ask."""
    worked_cases: list[WorkedCasePublic]
    """Cases at its thresholds."""


class DefinitionChange(Answer):
    """One place at which a version differs from the one before."""

    at: str
    """Where: a JSON pointer into the definition as it was posted."""
    before: Any
    """What stood there; null when nothing did."""
    after: Any
    """What stands there now; null when nothing does."""


class DefinitionVersionPublic(Answer):
    """One version of a definition, and what it changed."""

    version: Edition
    """The version, from 1 on."""
    recorded_at: datetime | None
    """When it was posted; null for definitions of the service."""
    withdrawn: bool
    """True when this version withdraws the definition."""
    digest: Digest
    """The digest of its content."""
    changes: list[DefinitionChange]
    """What it changed against the version before; empty for the first."""


class DefinitionInFull(DefinitionPublic):
    """One definition with its latest versions."""

    versions: list[DefinitionVersionPublic]
    """This version and up to nine before it, the newest first; `/versions` has all."""


class BandPublic(Answer):
    """A band of totals."""

    first: int
    """The lowest total of the band."""
    last: int
    """The highest total of the band."""
    label: str
    """Its name."""
    severity: Severity | None
    """The severity of a depressive episode that it is read as; null when it is not."""


class ItemPublic(Answer):
    """One item of a scale."""

    number: int
    """Its number, from 1."""
    name: str
    """What it asks about, in short."""
    maximum: int
    """Its highest score; the lowest is 0."""
    safety_levels: list[SafetyLevel] | None
    """For the item on suicidal thoughts: the level of each answer, from 0 on; else null."""


class ScalePublic(Answer):
    """One rating scale."""

    id: Slug
    """Its name, as `instrument` takes it."""
    title: str
    """What people call it."""
    rates: str
    """What it measures."""
    rater: Rater
    """Who usually fills it in."""
    citation: str
    """Where it was published."""
    minimum: int
    """The lowest total."""
    maximum: int
    """The highest total."""
    items: list[ItemPublic]
    """Its items in order; empty for a single rating."""
    domains: list[list[int]]
    """Groups of item numbers of which only the highest counts; empty when all are added."""
    bands: list[BandPublic]
    """Its bands."""
    remission_at_most: int | None
    """The highest total that is called remission; null when no cut-off was read."""
    loinc_total: Loinc | None
    """The LOINC code of its total."""
    sources: dict[str, str]
    """Where each group of numbers comes from, with its evidence grade."""


class DefinitionList(Answer):
    """All definitions that can be asked."""

    items: list[DefinitionPublic]
    """The default comes first, your organisation's own last."""
    next_cursor: None
    """Always null: the list is short."""


class ScaleList(Answer):
    """All rating scales."""

    items: list[ScalePublic]
    """By name."""
    next_cursor: None
    """Always null: the list is short."""
