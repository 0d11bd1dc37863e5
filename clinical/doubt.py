"""Doubt made useful: what is missing and whether it matters, what would change it, what may be no resistance."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from clinical.answer import JudgedTrial, Missing
from clinical.continued import Whole
from clinical.course import Course
from clinical.credit import CROSS_TAPER_DAYS, Credit, Ties, as_one, doubtful_pairs, perhaps_together
from clinical.findings import Finding, Frame, PseudoReason, Question
from clinical.status import Weighed
from clinical.vocabulary import FOR_SOMETHING_ELSE, Counts, Indication, Status, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
REASONS = tuple(PseudoReason)
REASON_OF = {
    "dose": PseudoReason.INADEQUATE_DOSE,
    "duration": PseudoReason.SHORT_DURATION,
    "adherence": PseudoReason.NON_ADHERENCE,
}
MOST_WEIGHED = 20  # open trials of which it is asked whether one answer settles the status; nobody asks more
OF_PATIENT = ("episodes.onset", "episodes.resolved")
EXCLUDABLE = (Status.INDETERMINATE, Status.RESISTANT)
WHY_STOPPED = "Why was {} stopped? Side effects, or an effect that was lost, would not be a failure."
WORDS = {"started": "started", "ended": "last taken"}


def missing_in(weighed: Weighed, trials: Sequence[JudgedTrial]) -> tuple[Missing, ...]:
    """Every open question once: first those that alone could settle the status, then those that could help to.

    Found by asking what the status would be if the trial counted, and if it did not.
    """
    undecided = weighed.status is Status.INDETERMINATE
    found = Questions()
    for _, question in _of_patient(weighed.patient, asked=True):
        found.add(None, question, could=undecided, alone=undecided)
    for trial_id, question in _on_pairs(weighed):
        found.add(trial_id, question, could=True, alone=not undecided)
    looked_at = 0
    for index, trial in enumerate(trials):
        matters = undecided and trial.counts is Counts.UNKNOWN and _may_decide(weighed, trial, index)
        looked_at += matters
        alone = matters and looked_at <= MOST_WEIGHED and _settles_alone(weighed, trial, index)
        for finding in trial.findings if trial.counts is not Counts.NO else ():
            if finding.question:
                decides = matters and finding.asked
                found.add(trial.trial_id, finding.question, could=decides, alone=alone and finding.asked)
        asks_outcome = any(each.criterion == "failure" for each in trial.findings)
        for question in _taken_for_granted(weighed, index) if asks_outcome else ():
            found.add(trial.trial_id, question, could=True, alone=True)
    for _, question in _of_patient(weighed.patient, asked=False):
        excludable = weighed.status in EXCLUDABLE
        found.add(None, question, could=excludable, alone=excludable)
    return found.ranked()


class Questions:
    """Open questions, each once, with the most that any finding says of it."""

    def __init__(self) -> None:
        """None yet."""
        self._found: dict[tuple[str | None, str, str], tuple[bool, bool]] = {}

    def add(self, trial_id: str | None, question: Question, *, could: bool, alone: bool) -> None:
        """One question; the same words of the same record are one."""
        field, words, elsewhere = question
        key = (None if field in OF_PATIENT else elsewhere or trial_id, field, words)
        before = self._found.get(key, (False, False))
        self._found[key] = (before[0] or could, before[1] or alone)

    def ranked(self) -> tuple[Missing, ...]:
        """In the order of what their answers can do."""
        rows = [Missing(*key, could, alone) for key, (could, alone) in self._found.items()]
        return tuple(sorted(rows, key=lambda row: (not row.settles_alone, not row.could_change_status)))


def _may_decide(weighed: Weighed, trial: JudgedTrial, index: int) -> bool:
    """Whether the trial can bring the count further: of a medicine that failed already only if it was not combined."""
    failed = {each.trial.ingredient for each in weighed.credited.confirmed}
    return trial.ingredient not in failed or weighed.if_turned(index, Counts.YES) is not weighed.status


def _settles_alone(weighed: Weighed, trial: JudgedTrial, index: int) -> bool:
    """Whether one answer about the trial may give another status: against it, or for it if nothing else is open."""
    if weighed.if_turned(index, Counts.NO) is not weighed.status:
        return True
    open_ones = [each for each in trial.findings if each.asked and each.verdict is UNKNOWN]
    return len(open_ones) == 1 and weighed.if_turned(index, Counts.YES) is not weighed.status


def _taken_for_granted(weighed: Weighed, index: int) -> Iterator[Question]:
    """What nobody recorded of a trial that counts, and what would take it back, where the status rests on it."""
    confirmed, course = weighed.credited.confirmed, weighed.ties.courses[index]
    if weighed.status is not Status.RESISTANT or weighed.counted[index] is not Counts.YES:
        return
    failed = {each.trial.ingredient for each in confirmed}
    if len(confirmed) > weighed.required or course.trial.ingredient not in failed:
        return
    name, outcome = course.trial.name, course.trial.outcome
    if course.ended is MET and course.stop_reason is StopReason.UNKNOWN:
        yield Question("stop_reason", WHY_STOPPED.format(name))
    elif course.ended is not MET and outcome.ever_responded is None:
        yield Question("outcome.ever_responded", f"Had the depression ever responded to {name}?")
    if course.trial.indication is Indication.UNKNOWN:
        yield Question("indication", f"Was {name} given for the depression?")


def _of_patient(patient: Sequence[Finding], *, asked: bool) -> list[tuple[None, Question]]:
    """Open questions about the patient that decide (`asked`), or that are cautions."""
    return [(None, each.question) for each in patient if each.question and each.asked is asked]


def _on_pairs(weighed: Weighed) -> Iterator[tuple[str, Question]]:
    """For pairs that may have been a combination: the date that is not known well enough.

    Also where an answer takes them at their word, that one came after the other, and rests on it.
    """
    pairs = doubtful_pairs(weighed.counted, weighed.ties)
    confirmed = weighed.credited.confirmed
    if weighed.status is Status.RESISTANT and len(confirmed) == weighed.required:
        pairs += [(one, other) for one, other in combinations(confirmed, 2) if perhaps_together(one, other)]
    for one, other in pairs:
        words = f"Were {one.trial.name} and {other.trial.name} taken together for more than {CROSS_TAPER_DAYS} days?"
        dates = ((other, "started", other.start), (one, "ended", one.end), (one, "started", one.start))
        vague = next((each for each in dates if each[2] is None or not each[2].exact), (other, "ended", other.end))
        yield (
            vague[0].trial.id,
            Question(vague[1], f"{words} On which day was {vague[0].trial.name} {WORDS[vague[1]]}?"),
        )


def reasons_for_pseudo_resistance(courses: Sequence[Course], trials: Sequence[JudgedTrial]) -> tuple[PseudoReason, ...]:
    """Why trials that look like failures may not show resistance (McIntyre et al. 2023), each reason once."""
    found: set[PseudoReason] = set()
    for course, trial in zip(courses, trials, strict=True):
        if course.stop_reason is StopReason.INTOLERANCE:
            found.add(PseudoReason.INTOLERANCE)
            continue
        against = [each.criterion for each in trial.findings if each.verdict is NOT_MET]
        if {"failure", "current_episode"} & set(against) or len(trial.findings) == 1:
            continue
        found.update(REASON_OF[criterion] for criterion in against if criterion in REASON_OF)
        if course.trial.indication in FOR_SOMETHING_ELSE:
            found.add(PseudoReason.OTHER_INDICATION)
    return tuple(reason for reason in REASONS if reason in found)


def combinations_in(trials: Sequence[JudgedTrial], ties: Ties) -> list[str]:
    """Of trials that count, the pairs of two medicines that are credited once because they were taken together."""
    open_ones = [index for index, trial in enumerate(trials) if trial.counts is not Counts.NO]
    return [
        f"{trials[one].medication} and {trials[other].medication} were taken together for more than {CROSS_TAPER_DAYS} "
        "days: a combination, credited once."
        for one, other in combinations(open_ones, 2)
        if ties.surely[one] >> other & 1
        and trials[one].ingredient != trials[other].ingredient
        and as_one(ties.courses[one], ties.courses[other])[0]
    ]


def continued_in(wholes: Sequence[Whole]) -> list[str]:
    """Of medicines that are recorded in parts without a break, that each is judged as one trial."""
    parts = dict.fromkeys(whole.parts for whole in wholes if len(whole.parts) > 1)
    return [
        f"{each[0].trial.name} is recorded in {len(each)} parts without a break: judged as one trial." for each in parts
    ]


def notes_on(credited: Credit, frame: Frame) -> tuple[str, ...]:
    """Notes on credited pairs that sources are silent about (enantiomers), and on the definition's own standing."""
    credited_trials = (*credited.confirmed, *credited.possible)
    related = frame.library.formulary.related
    notes = [
        note
        for one, other in combinations(credited_trials, 2)
        if (note := related(one.trial.ingredient, other.trial.ingredient)) is not None
    ]
    if frame.definition.evidence == "unverified":
        notes.append("This definition has not been checked against its source; do not decide by it.")
    return tuple(notes)
