"""The nouns of the intake: what was made of the resources, from which of them, and what became of each."""

from typing import Any, NamedTuple

from intake.words import Outcome, Reason


class Source(NamedTuple):
    """Where a value was read: the resource, the FHIRPath of the element, and the name of the rule that read it."""

    reference: str
    path: str
    rule: str


class Made(NamedTuple):
    """One record in the shape in which the JSON edge takes it.

    `key` is the same when the same sources are read again; `provenance` names the sources of each value by its
    JSON pointer in `entry`.
    """

    entry: dict[str, Any]
    key: str
    provenance: dict[str, list[Source]]


class NotUnderstood(NamedTuple):
    """A resource, or a part of one, that cannot be read: why, in a word and in a sentence, and where."""

    reference: str
    code: Reason
    sentence: str
    expression: str


class Accounted(NamedTuple):
    """What became of one resource; `reason` says why where it was not used."""

    reference: str
    outcome: Outcome
    reason: Reason | None


class Course(NamedTuple):
    """All that the resources of one patient say. Every resource is in `accounted` once.

    `not_understood` has the resources from which nothing was taken because they could not be read; `warnings` has
    the parts that were left out of resources which were used.
    """

    patient: Made | None
    episodes: list[Made]
    medication_trials: list[Made]
    assessments: list[Made]
    treatments: list[Made]
    not_understood: list[NotUnderstood]
    accounted: list[Accounted]
    warnings: list[NotUnderstood]
