"""The timeline: everything recorded of one patient along time, as of a day, in the shape in which it is drawn."""

import json
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from clinical.background import Certainty, ContributingFactor, FactorCategory, Symptom
from clinical.care import Laterality, Modality, TreatmentKind
from clinical.vocabulary import Counts, Evidence, Polarity, Response, Role, Severity, Status
from models.answer import DefinitionUsed, FailedMedications, SafetyPublic
from models.base import Answer
from models.fields import Number, RecordKey, Slug

EXAMPLE: JsonDict = json.loads(Path(__file__).with_name("timeline_example.json").read_text("utf-8"))
"""A timeline as the service answers it; a test compares it with what the service says of that history."""


class Days(Answer):
    """The days among which something happened; the same day twice where the day is known."""

    earliest: date
    """The first day that is possible."""
    latest: date
    """The last day that is possible."""


class Stretch(Answer):
    """Something with a beginning and an end."""

    began: Days | None
    """The first day; null when it is not recorded."""
    ended: Days | None
    """The last day, as known on the day asked about; null while it goes on, or when nobody recorded it."""
    ongoing: bool | None
    """Whether it still goes on; null when the recorded dates leave that open."""
    when: str
    """The same in words, as precise as it is known."""


class TimelineEpisode(Stretch):
    """One depressive episode."""

    episode_id: RecordKey
    """The episode's `id`."""
    polarity: Polarity
    """Unipolar or bipolar."""
    psychotic_features: bool | None
    """Whether there were psychotic features; null when unknown."""
    severity: Severity
    """How severe it was."""
    words: str
    """What is known of it in a few words."""


class TimelineDose(Answer):
    """One daily dose, and from when on."""

    daily_dose_mg: Number | None
    """mg of the active ingredient a day; null when not known."""
    began: Days | None
    """The first day of this dose; null when not known."""
    of_minimum: Number | None
    """The dose as a multiple of the minimum adequate one: 1 is just enough. Null where either is not known."""


class TimelineMinimum(Answer):
    """The minimum adequate dose that the trial is measured by."""

    daily_dose_mg: Number
    """mg of the active ingredient a day."""
    asked: bool
    """True when the definition asks for it; false when it is only shown as a caution."""
    evidence: Evidence
    """How well the number was verified."""
    source: str
    """Where it comes from."""


class TimelineMedication(Stretch):
    """One trial of one medicine, with its doses and the verdict on it."""

    trial_id: RecordKey
    """The trial's `id`."""
    ingredient: Slug
    """The active ingredient."""
    medication: str
    """The generic name."""
    role: Role
    """What it was given as."""
    doses: list[TimelineDose]
    """The doses in the order in which they were taken, as far as they are known on the day."""
    dosing: str
    """The same in words."""
    minimum: TimelineMinimum | None
    """The minimum adequate dose; null where none is known for this medicine."""
    counts: Counts
    """Whether it counts as a failed antidepressant under the definition."""
    verdict: str
    """The same in a few words, with the first thing that decides it."""


class TimelineTreatment(Stretch):
    """One course of a treatment that is not a medicine taken day by day."""

    treatment_id: RecordKey
    """The treatment's `id`."""
    kind: TreatmentKind
    """The kind of treatment."""
    modality: Modality
    """The treatment itself."""
    title: str
    """What it is called."""
    sessions: int | None
    """How many sessions; null when not known."""
    laterality: Laterality
    """For ECT: where the electrodes were."""
    response: Response
    """How the depression responded, as known on the day."""
    words: str
    """What is known of it in a few words."""


class TimelinePoint(Answer):
    """One filled-in scale."""

    on: Days
    """When it was filled in."""
    when: str
    """The same in words."""
    total: int
    """The total."""
    band: str
    """The severity by the scale's own bands."""


class TimelineRatings(Answer):
    """All ratings on one scale that have a total, in order of time."""

    instrument: Slug
    """The scale."""
    title: str
    """What it is called."""
    rates: str
    """What it measures; only scales of depression measure a response."""
    minimum: int
    """The lowest possible total."""
    maximum: int
    """The highest possible total."""
    remission_at_most: int | None
    """The highest total that is called remission; null where none is published."""
    points: list[TimelinePoint]
    """The ratings."""


class TimelineSymptoms(Answer):
    """The symptoms found present and found absent on one day."""

    on: Days
    """The day."""
    when: str
    """The same in words."""
    present: list[Symptom]
    """Found present."""
    absent: list[Symptom]
    """Looked for and not found. Of symptoms in neither list nothing is known."""


class TimelineFactor(Answer):
    """Something that may contribute to the depression."""

    category: FactorCategory
    """The kind of factor."""
    factor: ContributingFactor
    """The factor."""
    certainty: Certainty
    """How sure it is; refuted means looked for and not found."""
    noted_on: Days | None
    """When it was noted; null when not recorded."""
    when: str
    """The same in words."""


class Timeline(Answer):
    """The history of one patient along time, as of a day, with the verdict on each trial."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    patient_id: UUID
    """The patient."""
    on: date
    """The day asked about. What happened later does not exist for this answer."""
    known_at: datetime
    """The moment of knowledge. What was recorded later does not exist."""
    definition: DefinitionUsed
    """The definition by which each trial is judged."""
    status: Status
    """Its answer."""
    summary: str
    """The answer with its main reason in one sentence."""
    failed_medications: FailedMedications
    """The count behind it."""
    safety: SafetyPublic
    """Suicidal thoughts, whatever the status. Look at this first."""
    episodes: list[TimelineEpisode]
    """Depressive episodes, in order of time."""
    medications: list[TimelineMedication]
    """Medication trials, in order of time."""
    treatments: list[TimelineTreatment]
    """All other treatments, in order of time."""
    ratings: list[TimelineRatings]
    """Rating scales, those of depression first."""
    symptoms: list[TimelineSymptoms]
    """Symptom records, in order of time."""
    factors: list[TimelineFactor]
    """Contributing factors, in order of time."""
    description: str = Field(json_schema_extra={"maxLength": 10_000_000})
    """All of the picture in words, for whoever cannot see it."""
