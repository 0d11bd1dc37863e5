"""The words of the field: closed vocabularies whose values explain themselves."""

from enum import StrEnum
from typing import Any, Self

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Word(StrEnum):
    """A closed vocabulary. Each value carries its meaning, which is also its documentation in OpenAPI."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Keep the value as the string and the meaning beside it."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word

    @classmethod
    def explained(cls) -> str:
        """One line a value, for documentation."""
        return "\n".join(f"- `{word.value}`: {word.meaning}" for word in cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Let every enum value be explained where the schema is read."""
        schema = handler(core_schema)
        resolved = handler.resolve_ref_schema(schema)
        resolved["description"] = f"{(cls.__doc__ or '').strip()}\n\n{cls.explained()}"
        return schema


class Verdict(Word):
    """The answer to one criterion. Unknown is an answer of its own."""

    MET = "met", "The criterion is met."
    NOT_MET = "not_met", "The criterion is not met."
    UNKNOWN = "unknown", "What is recorded does not settle it; never read as no."


class Counts(Word):
    """Whether a trial counts as a failed antidepressant under the definition."""

    YES = "yes", "Every criterion is met."
    NO = "no", "At least one criterion is not met."
    UNKNOWN = "unknown", "No criterion is against it, and at least one is unknown."


class Status(Word):
    """The answer of a definition."""

    RESISTANT = "treatment_resistant", "Enough different antidepressants failed, as the definition asks."
    NOT_RESISTANT = "not_treatment_resistant", "Too few failed, even if all that is unknown were answered against them."
    INDETERMINATE = "indeterminate", "What is unknown decides; `missing_information` says what to ask."
    NOT_APPLICABLE = "not_applicable", "The definition excludes this patient; `summary` says why."


class Role(Word):
    """What the medicine was given as."""

    MONOTHERAPY = "monotherapy", "The only antidepressant treatment at the time."
    COMBINATION = "combination", "Together with another antidepressant, both at full intent."
    AUGMENTATION = "augmentation", "Added to strengthen an antidepressant that is continued; name it in `augments`."


class Indication(Word):
    """What the medicine was given for."""

    DEPRESSION = "depression", "For the depressive episode."
    OTHER = "other", "For something else, such as sleep, pain or smoking."
    OTHER_ONLY = "other_only", "For something else, and not meant to treat the depression at the same time."
    UNKNOWN = "unknown", "Not recorded."


FOR_SOMETHING_ELSE = frozenset({Indication.OTHER, Indication.OTHER_ONLY})


class Response(Word):
    """How the depression responded, as somebody judged it."""

    NONE = "none", "No response: judged below 25 % improvement."
    WORSE = "worse", "Worse than before the trial."
    PARTIAL = "partial", "Partial response: judged at least 25 and below 50 % improvement."
    RESPONSE = "response", "Response: judged at least 50 % improvement."
    REMISSION = "remission", "Remission: virtually no symptoms left."
    UNKNOWN = "unknown", "Not recorded, or cannot be said."


class Basis(Word):
    """What the outcome rests on."""

    SCALE = "scale", "A rating scale."
    CLINICIAN = "clinician", "A clinician's judgement."
    PATIENT = "patient", "The patient's own account."
    CHART = "chart", "Read from the chart afterwards."


class StopReason(Word):
    """Why the medicine was stopped."""

    LACK_OF_EFFICACY = "lack_of_efficacy", "It did not work, or not enough."
    INTOLERANCE = "intolerance", "Side effects. Intolerance is not failure."
    LOSS_OF_EFFECT = "loss_of_effect", "It worked and then stopped working. Not a failure to respond."
    REMISSION = "remission", "The depression had remitted."
    PATIENT_CHOICE = "patient_choice", "The patient wished to stop."
    COST = "cost", "Price or cover."
    PREGNANCY = "pregnancy", "Pregnancy, or the wish for it."
    INTERACTION = "interaction", "An interaction with something else taken."
    OTHER = "other", "Another reason."
    UNKNOWN = "unknown", "Not recorded."


class SourceKind(Word):
    """Where the record of the trial comes from."""

    EHR = "ehr", "An electronic health record."
    CLAIMS = "claims", "Insurance claims or dispensing data."
    PATIENT = "patient", "The patient's own account."
    CLINICIAN = "clinician", "Entered by a clinician."


class Polarity(Word):
    """Whether the mood disorder is unipolar or bipolar."""

    UNIPOLAR = "unipolar", "Depressive episodes only."
    BIPOLAR = "bipolar", "With mania or hypomania at any time."
    UNKNOWN = "unknown", "Not recorded."


class Severity(Word):
    """How severe the depression is."""

    SUBSYNDROMAL = "subsyndromal", "Symptoms below the threshold of an episode."
    MILD = "mild", "Mild."
    MODERATE = "moderate", "Moderate."
    SEVERE = "severe", "Severe."
    UNKNOWN = "unknown", "Not recorded."


class Sex(Word):
    """Administrative sex."""

    FEMALE = "female", "Female."
    MALE = "male", "Male."
    OTHER = "other", "Neither female nor male."
    UNKNOWN = "unknown", "Not recorded."


class Rater(Word):
    """Who filled in the scale."""

    SELF = "self", "The patient."
    CLINICIAN = "clinician", "A clinician."


class Evidence(Word):
    """How well a published number was verified."""

    PRIMARY = "primary", "Read in the primary source."
    SECONDARY = "secondary", "Read in a source that restates the primary one."
    UNVERIFIED = "unverified", "Not yet checked against a source; never the default."
    LOCAL = "local", "This service's or this organisation's own choice."


class SafetyLevel(Word):
    """What the latest answer about suicidal thoughts asks for. Zero is never reassurance."""

    NONE_REPORTED = "none_reported", "No such thoughts were reported. This does not rule out risk."
    REVIEW = "review", "Thoughts were reported: review at this contact."
    URGENT = "urgent", "Frequent or serious thoughts were reported: assess risk today."
    EMERGENCY = "emergency", "Plans or preparation were reported: act now."
    UNKNOWN = "unknown", "No answer to the item is recorded; this is not a zero."


# Python 3.11 finds a member of an enum through a property, 3.12 as a plain attribute, ten times as fast. The rules look
# members up by the hundred for one answer, so 3.11 is given plain attributes too.
for _words in Word.__subclasses__():
    for _word in _words:
        type.__setattr__(_words, _word.name, _word)
