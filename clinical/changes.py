"""What would change the answer: for each trial the one fact that alone would give another status."""

from collections.abc import Iterator
from typing import NamedTuple

from clinical.answer import Assessment, Change, JudgedTrial
from clinical.course import Course
from clinical.credit import Tally, standing, tally
from clinical.dates import iso
from clinical.findings import Finding, plain
from clinical.summary import status_of
from clinical.vocabulary import Counts, Status, Verdict

MET, UNKNOWN = Verdict.MET, Verdict.UNKNOWN


class Edit(NamedTuple):
    """One fact, in words and as a merge patch of the trial, and how the trial would then count."""

    counts: Counts
    words: str
    patch: dict[str, object]


def changes_to(assessment: Assessment) -> tuple[Change, ...]:
    """For each trial, the one fact that would give another status, if one alone does."""
    status, trials, ties, required = assessment.status, assessment.trials, assessment.ties, assessment.required
    yes, not_no = standing([each.counts for each in trials])
    wanted = _wanted(status, required, tally(yes, not_no, ties))
    if not wanted:
        return ()
    changes = []
    for index, trial in enumerate(trials):
        for edit in _edits(trial, ties.courses[index], wanted):
            bit = 1 << index
            masks = (yes | bit, not_no | bit) if edit.counts is Counts.YES else (yes & ~bit, not_no & ~bit)
            after = status_of(required, tally(*masks, ties), assessment.patient)
            if after is not status:
                change = {"trial_id": trial.trial_id, "patch": edit.patch}
                changes.append(Change(f"{edit.words} the answer would be {after}.", change, after))
    return tuple(changes)


def _wanted(status: Status, required: int, counted: Tally) -> frozenset[Counts]:
    """Which turns of one trial can matter at all: one trial adds or takes at most one credited medicine."""
    undecided = status is Status.INDETERMINATE
    wanted = set()
    if status is not Status.RESISTANT and (counted.confirmed if undecided else counted.most) + 1 >= required:
        wanted.add(Counts.YES)
    if status is not Status.NOT_RESISTANT and (counted.most if undecided else counted.confirmed) - 1 < required:
        wanted.add(Counts.NO)
    return frozenset() if status is Status.NOT_APPLICABLE else frozenset(wanted)


def _edits(trial: JudgedTrial, course: Course, wanted: frozenset[Counts]) -> Iterator[Edit]:
    """Facts that alone would make the trial count, or not count."""
    dated: dict[str, object] = {} if course.outcome_stands is MET else {"assessed_on": iso(course.end.last)}
    if Counts.YES in wanted:
        against = [each for each in trial.findings if each.asked and each.verdict is not MET]
        edit = _to_meet(against[0], trial.medication, dated) if len(against) == 1 else None
        if edit:
            yield edit
    if Counts.NO in wanted and trial.counts is not Counts.NO:
        words = f"Had the depression ever responded to {trial.medication},"
        yield Edit(Counts.NO, words, {"outcome": {"ever_responded": True, **dated}})


def _to_meet(finding: Finding, name: str, dated: dict[str, object]) -> Edit | None:
    """The fact that would meet a single open criterion; None where no one field does it."""
    if finding.criterion == "dose" and finding.required is not None:
        words = f"Had {name} reached {plain(finding.required)} mg a day throughout,"
        return Edit(Counts.YES, words, {"doses": None, "daily_dose_mg": finding.required})
    if finding.criterion == "adherence":
        return Edit(Counts.YES, f"Had {name} been taken as prescribed,", {"adherence": {"adequate": True}})
    if finding.criterion == "indication":
        return Edit(Counts.YES, f"Had {name} been given for depression,", {"indication": "depression"})
    if finding.question and finding.question.field.startswith("outcome.") and finding.criterion == "failure":
        outcome = {"response": "none", "improvement_percent": None, "ever_responded": None, **dated}
        return Edit(Counts.YES, f"Had there been no response to {name},", {"outcome": outcome})
    return None
