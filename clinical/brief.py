"""One trial in a few words: whether it counts, and the first thing that decides it. For pictures and lists."""

from clinical.answer import JudgedTrial
from clinical.course import Course
from clinical.definition import Definition
from clinical.findings import Finding
from clinical.vocabulary import Counts, StopReason, Verdict

COUNTS, COUNTS_WITHOUT_OUTCOME = "counts as failed", "counts; its outcome is not asked"
AGAINST = {
    "antidepressant": "not an antidepressant",
    "augmented_drug": "the antidepressant it was added to was not adequate",
    "current_episode": "not in the current episode",
    "still_taken": "no longer taken",
    "indication": "given for something else",
    "dose": "dose too low",
    "duration": "too short",
    "stable_dose": "dose not kept unchanged long enough",
    "adherence": "not taken as prescribed",
    "failure": "it helped",
    "continuation": "part of another record",
    "started": "not begun by then",
    "window": "not in the time that counts",
    "sequence": "did not follow another as the rule asks",
}
OUTSIDE = "the improvement is not of the size asked"
STOPPED = {
    StopReason.INTOLERANCE: "stopped for side effects",
    StopReason.LOSS_OF_EFFECT: "it helped at first",
    StopReason.REMISSION: "the depression remitted",
}
OPEN = {
    "antidepressant": "may not be an antidepressant",
    "augmented_drug": "the antidepressant it was added to is not settled",
    "current_episode": "which episode is not clear",
    "still_taken": "whether still taken is not clear",
    "indication": "what for is not recorded",
    "dose": "dose not settled",
    "duration": "length not settled",
    "stable_dose": "time at one dose not settled",
    "adherence": "adherence not recorded",
    "failure": "outcome not settled",
    "continuation": "whether one trial with another record is not clear",
    "started": "whether begun by then is not clear",
    "window": "whether in the time that counts is not clear",
    "sequence": "its place among the others is not clear",
}
NOT_YET = {"duration": "not long enough yet", "failure": "still taken, no outcome yet"}
NOT_RECORDED = {"dose": "dose not recorded", "failure": "outcome not recorded"}
FIELD_OF_OUTCOME = "outcome.response"


def in_brief(trial: JudgedTrial, course: Course, definition: Definition) -> str:
    """The verdict of a definition on a trial, as it stood on the day, in a few words."""
    if trial.counts is Counts.YES:
        return COUNTS if definition.failure else COUNTS_WITHOUT_OUTCOME
    wanted = Verdict.NOT_MET if trial.counts is Counts.NO else Verdict.UNKNOWN
    deciding = next(each for each in trial.findings if each.asked and each.verdict is wanted)
    if wanted is Verdict.NOT_MET:
        return f"does not count: {_against(deciding, course, definition)}"
    return f"unknown: {_open(deciding, course)}"


def _against(finding: Finding, course: Course, definition: Definition) -> str:
    if finding.criterion == "failure":
        graded = definition.failure is not None and definition.failure.floor is not None
        other = OUTSIDE if graded else AGAINST["failure"]
        return STOPPED.get(course.stop_reason, other)
    return AGAINST[finding.criterion]


def _open(finding: Finding, course: Course) -> str:
    """A fact that nobody recorded is called so; where it is recorded and still does not settle it, that is said."""
    missing = _is_not_recorded(finding)
    if course.running and (missing or finding.criterion == "duration") and finding.criterion in NOT_YET:
        return NOT_YET[finding.criterion]
    return (NOT_RECORDED if missing else OPEN)[finding.criterion]


def _is_not_recorded(finding: Finding) -> bool:
    """Whether what is missing is the dose or the outcome itself, and not a date or a number of the table."""
    if finding.observed is not None:
        return False
    if finding.criterion == "dose":
        return finding.required is not None
    return finding.question is not None and finding.question.field == FIELD_OF_OUTCOME
