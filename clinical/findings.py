"""The noun of an explanation: one criterion, its verdict, the sentence that says why, and the numbers behind it."""

from functools import lru_cache
from typing import Any, NamedTuple

from clinical.continued import Whole
from clinical.course import Course
from clinical.definition import Definition
from clinical.episodes import CurrentEpisode
from clinical.history import Rating
from clinical.library import Library
from clinical.sections import Criterion
from clinical.series import Series
from clinical.vocabulary import Evidence, Verdict, Word


class Asked(Word):
    """What a definition may ask. Each answer lists the criteria that were looked at, in this order of thought."""

    POLARITY = "polarity", "Is the depression unipolar?"
    PSYCHOTIC_FEATURES = "psychotic_features", "Is the current episode without psychotic features?"
    CURRENT_SCORE = "current_score", "Is the score on the scale that is asked high enough now?"
    FAILED_AUGMENTATIONS = "failed_augmentations", "Did enough augmentations fail besides?"
    CURRENT_SEVERITY = "current_severity", "Is the current episode severe enough?"
    DIAGNOSIS = "diagnosis", "Had depression been diagnosed in the time that counts?"
    EXCLUDED_DISORDER = "excluded_disorder", "Is there no disorder that the definition leaves out?"
    ANTIDEPRESSANT = "antidepressant", "Was it a trial of an antidepressant?"
    AUGMENTED_DRUG = "augmented_drug", "Was the antidepressant that was augmented itself adequate?"
    CURRENT_EPISODE = "current_episode", "Was it in the current episode?"
    STILL_TAKEN = "still_taken", "Is it still taken?"
    STARTED = "started", "Had it been begun by the day asked?"
    WINDOW = "window", "Was it taken in the time that counts?"
    SEQUENCE = "sequence", "Did it follow another antidepressant as the rule asks?"
    CONTINUATION = "continuation", "Is it one trial with another record of the same medicine?"
    INDICATION = "indication", "Was it given for depression?"
    DOSE = "dose", "Was the minimum dose reached?"
    DURATION = "duration", "Was it taken long enough at that dose?"
    STABLE_DOSE = "stable_dose", "Was one dose kept unchanged for long enough?"
    ADHERENCE = "adherence", "Was it taken as prescribed?"
    FAILURE = "failure", "Did the depression fail to respond, with nothing better ever reached?"
    FAILED_MEDICATIONS = "failed_medications", "How many different antidepressants must have failed?"


class PseudoReason(Word):
    """Why a trial that looks like a failure may not show resistance."""

    INADEQUATE_DOSE = "inadequate_dose", "The dose was too low."
    SHORT_DURATION = "short_duration", "It was not taken long enough."
    NON_ADHERENCE = "non_adherence", "It was not taken as prescribed."
    INTOLERANCE = "intolerance", "It was stopped for side effects."
    OTHER_INDICATION = "other_indication", "It was given for something else."


class Question(NamedTuple):
    """What to ask when a criterion is unknown: the field that would answer it, and the words.

    `trial_id` names the trial that the field is of, where it is not the one that is judged.
    """

    field: str
    words: str
    trial_id: str | None = None


class Finding(NamedTuple):
    """The verdict on one criterion. `asked` False: shown as a caution, and decides nothing.

    `observed`, `required` and `margin` share `unit`; a positive margin is the room by which the criterion is met.
    Where partial dates leave a range, `observed` is None and `observed_range` gives least and most.
    """

    criterion: str
    verdict: Verdict
    sentence: str
    source: str
    evidence: Evidence
    asked: bool = True
    observed: float | None = None
    required: float | None = None
    unit: str | None = None
    margin: float | None = None
    observed_range: tuple[float, float] | None = None
    question: Question | None = None


class Frame(NamedTuple):
    """What all trials of one assessment are judged with; ratings in order of time, those of depression by scale too.

    `wholes` has, for each of the courses, the trial that it is part of.
    """

    definition: Definition
    library: Library
    on: int
    episode: CurrentEpisode
    courses: tuple[Course, ...]
    wholes: tuple[Whole, ...]
    ratings: tuple[Rating, ...]
    by_scale: dict[str, Series]


def find(criterion: str, verdict: Verdict, sentence: str, rule: Criterion, **numbers: Any) -> Finding:  # noqa: ANN401 - the optional fields of Finding
    """A finding on a criterion that the definition asks, with the source of its rule."""
    if not numbers:
        return Finding(criterion, verdict, sentence, rule.source, rule.evidence)
    return Finding(criterion, verdict, sentence, rule.source, rule.evidence, **numbers)


@lru_cache(maxsize=4096)
def plain(number: float) -> str:
    """A number as it is said: no trailing zeros, at most two decimals."""
    whole = int(number)
    return str(whole) if whole == number else f"{number:.2f}".rstrip("0").rstrip(".")
