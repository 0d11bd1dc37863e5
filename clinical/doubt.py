"""Doubt made useful: what is missing and whether it matters, what would change it, what may be no resistance."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from clinical.answer import JudgedTrial, Missing
from clinical.course import Course
from clinical.credit import CROSS_TAPER_DAYS, Credit, Ties, doubtful_pairs
from clinical.definition import Definition
from clinical.findings import Finding, PseudoReason, Question
from clinical.library import Library
from clinical.vocabulary import Counts, Indication, Status, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
REASONS = tuple(PseudoReason)
REASON_OF = {
    "dose": PseudoReason.INADEQUATE_DOSE,
    "duration": PseudoReason.SHORT_DURATION,
    "adherence": PseudoReason.NON_ADHERENCE,
}
OF_PATIENT = ("episodes.onset", "episodes.resolved")
EXCLUDABLE = (Status.INDETERMINATE, Status.RESISTANT)
WORDS = {"started": "started", "ended": "last taken"}


def missing_in(
    trials: Sequence[JudgedTrial], ties: Ties, patient: Sequence[Finding], credited: Credit, status: Status
) -> tuple[Missing, ...]:
    """Every open question once: those that could change the status first, and of these what decides before cautions."""
    undecided = status is Status.INDETERMINATE
    sure = {each.trial.ingredient for each in credited.confirmed}
    found: dict[tuple[str | None, str, str], bool] = {}
    for trial_id, question in (*_of_patient(patient, asked=True), *_on_pairs(trials, ties)):
        found[trial_id, question.field, question.words] = undecided
    for trial in trials:
        matters = undecided and trial.counts is Counts.UNKNOWN and trial.ingredient not in sure
        for finding in trial.findings if trial.counts is not Counts.NO else ():
            if finding.question:
                field, words, elsewhere = finding.question
                key = (None if field in OF_PATIENT else elsewhere or trial.trial_id, field, words)
                found[key] = found.get(key, False) or (matters and finding.asked)
    for _, question in _of_patient(patient, asked=False):
        found[None, question.field, question.words] = status in EXCLUDABLE
    rows = [Missing(trial_id, field, words, could) for (trial_id, field, words), could in found.items()]
    return tuple(sorted(rows, key=lambda row: not row.could_change_status))


def _of_patient(patient: Sequence[Finding], *, asked: bool) -> list[tuple[None, Question]]:
    """Open questions about the patient that decide (`asked`), or that are cautions."""
    return [(None, each.question) for each in patient if each.question and each.asked is asked]


def _on_pairs(trials: Sequence[JudgedTrial], ties: Ties) -> Iterator[tuple[str, Question]]:
    """For pairs that may have been a combination: the date that is not known well enough."""
    for one, other in doubtful_pairs([each.counts for each in trials], ties):
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
        if "failure" in against or len(trial.findings) == 1:
            continue
        found.update(REASON_OF[criterion] for criterion in against if criterion in REASON_OF)
        if course.trial.indication is Indication.OTHER:
            found.add(PseudoReason.OTHER_INDICATION)
    return tuple(reason for reason in REASONS if reason in found)


def combinations_in(trials: Sequence[JudgedTrial], ties: Ties) -> list[str]:
    """Of trials that count, the pairs of two medicines that are credited once because they were taken together."""
    open_ones = [index for index, trial in enumerate(trials) if trial.counts is not Counts.NO]
    return [
        f"{trials[one].medication} and {trials[other].medication} were taken together for more than {CROSS_TAPER_DAYS} "
        "days: a combination, credited once."
        for one, other in combinations(open_ones, 2)
        if ties.surely[one] >> other & 1 and trials[one].ingredient != trials[other].ingredient
    ]


def notes_on(credited: Credit, library: Library, definition: Definition) -> tuple[str, ...]:
    """Notes on credited pairs that sources are silent about (enantiomers), and on the definition's own standing."""
    credited_trials = (*credited.confirmed, *credited.possible)
    related = library.formulary.related
    notes = [
        note
        for one, other in combinations(credited_trials, 2)
        if (note := related(one.trial.ingredient, other.trial.ingredient)) is not None
    ]
    if definition.evidence == "unverified":
        notes.append("This definition has not been checked against its source; do not decide by it.")
    return tuple(notes)
