"""What would change the answer: the smallest changes of one fact that give another status, found by asking again."""

from collections.abc import Iterator

from clinical.answer import Assessment, Change
from clinical.assess import assess
from clinical.credit import Tally, standing, tally
from clinical.edits import Edit, edits_of_patient, edits_of_trial
from clinical.summary import status_of
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
    """Edits of the trials whose turn would give another status, and edits of the patient."""
    yield from edits_of_patient(assessment)
    trials, ties = assessment.trials, assessment.ties
    yes, not_no = standing(assessment.counted)
    wanted = _wanted(assessment.status, assessment.required, tally(yes, not_no, ties))
    for turn in wanted:
        for index, trial in enumerate(trials):
            bit = 1 << index
            masks = (yes | bit, not_no | bit) if turn is Counts.YES else (yes & ~bit, not_no & ~bit)
            after = status_of(assessment.required, tally(*masks, ties), assessment.patient)
            if after is not assessment.status:
                yield from edits_of_trial(assessment, trial, ties.courses[index], turn)


def _wanted(status: Status, required: int, counted: Tally) -> tuple[Counts, ...]:
    """Which turns of one trial can matter at all: one trial adds or takes at most one credited medicine."""
    undecided, wanted = status is Status.INDETERMINATE, []
    if status is Status.NOT_APPLICABLE:
        return ()
    if status is not Status.RESISTANT and (counted.confirmed if undecided else counted.most) + 1 >= required:
        wanted.append(Counts.YES)
    if status is not Status.NOT_RESISTANT and (counted.most if undecided else counted.confirmed) - 1 < required:
        wanted.append(Counts.NO)
    return tuple(wanted)
