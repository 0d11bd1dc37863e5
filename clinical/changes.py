"""What would change the answer: the smallest changes of one fact that give another status, found by asking again."""

from collections.abc import Iterator

from clinical.answer import Assessment, Change
from clinical.assess import assess
from clinical.edits import Edit, edits_of_pairs, edits_of_patient, edits_of_trial
from clinical.vocabulary import Counts, Status

MOST_NAMED = 5
MOST_TRIED = 12  # evaluations that one answer may cost


def changes_to(assessment: Assessment) -> tuple[Change, ...]:
    """The changes of one fact that give another status, smallest first; at most one of a kind for each trial.

    Every one was laid over the history and judged anew by the same rules, so that none is only a guess.
    """
    found: list[Change] = []
    candidates = sorted(_candidates(assessment), key=lambda edit: edit.size)
    for edit in candidates[:MOST_TRIED]:
        if len(found) == MOST_NAMED:
            break
        after = assess(assessment.definition, edit.history, assessment.on, assessment.frame.library).status
        if after is not assessment.status:
            sentence = f"{edit.words} the answer would be: {after.value.replace('_', ' ')}."
            found.append(Change(sentence, edit.change, after))
    return tuple(found)


def _candidates(assessment: Assessment) -> Iterator[Edit]:
    """Edits of the patient, and of the trials whose turn would give another status; of prescriptions, of all."""
    yield from edits_of_patient(assessment)
    if assessment.status is Status.NOT_APPLICABLE:
        return
    if assessment.status is not Status.RESISTANT and assessment.definition.prescriptions is None:
        yield from edits_of_pairs(assessment)
    weighed, by_line = assessment.weighed, assessment.definition.prescriptions is not None
    for turn in (Counts.YES, Counts.NO):
        for index, (trial, course) in enumerate(zip(assessment.trials, assessment.frame.courses, strict=True)):
            if by_line or weighed.if_turned(index, turn) is not weighed.status:
                yield from edits_of_trial(assessment, trial, course, turn)
