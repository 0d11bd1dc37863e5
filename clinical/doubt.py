"""Doubt made useful: what is missing and whether it matters, what would change it, what may be no resistance."""

from collections.abc import Sequence
from itertools import combinations

from clinical.answer import Change, JudgedTrial, Missing
from clinical.course import Course
from clinical.credit import Credit, Judged, credit, doubtful_pairs
from clinical.dates import iso
from clinical.definition import Definition
from clinical.findings import Finding, PseudoReason, plain
from clinical.library import Library
from clinical.summary import status_of
from clinical.vocabulary import Counts, Indication, Status, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
REASON_OF = {
    "dose": PseudoReason.INADEQUATE_DOSE,
    "duration": PseudoReason.SHORT_DURATION,
    "adherence": PseudoReason.NON_ADHERENCE,
}
OF_PATIENT = ("episodes.onset", "episodes.severity")


def missing_in(
    judged: Sequence[Judged],
    trials: Sequence[JudgedTrial],
    patient: Sequence[Finding],
    credited: Credit,
    status: Status,
) -> tuple[Missing, ...]:
    """Every open question once, those that could change the status first."""
    open_status = status is Status.INDETERMINATE
    sure = {each.trial.ingredient for each in credited.confirmed}
    found: dict[tuple[str | None, str, str], bool] = {}
    for finding in patient:
        if finding.question:
            matters = open_status or (not finding.asked and status is Status.RESISTANT)
            found[None, finding.question.field, finding.question.words] = matters
    for one, other in doubtful_pairs(judged):
        words = f"Were {one.trial.name} and {other.trial.name} taken together for more than 14 days?"
        found[other.trial.id, "started", words] = open_status
    for trial in trials:
        matters = open_status and trial.counts is Counts.UNKNOWN and trial.ingredient not in sure
        for finding in trial.findings:
            if finding.question and trial.counts is not Counts.NO:
                field, words = finding.question
                key = (None if field in OF_PATIENT else trial.trial_id, field, words)
                found[key] = found.get(key, False) or (matters and finding.asked)
    rows = [Missing(trial_id, field, words, could) for (trial_id, field, words), could in found.items()]
    return tuple(sorted(rows, key=lambda row: not row.could_change_status))


def changes_to(
    definition: Definition,
    judged: Sequence[Judged],
    trials: Sequence[JudgedTrial],
    patient: Sequence[Finding],
    credited: Credit,
) -> tuple[Change, ...]:
    """For each trial, the one fact that would give another status, if one alone does."""
    status = status_of(definition, credited, patient)
    reach = len(credited.confirmed) + len(credited.possible) + 1
    if status is Status.NOT_APPLICABLE or reach < definition.required.failed_medications:
        return ()
    changes = []
    for index, trial in enumerate(trials):
        for counted, sentence, change in _edits(trial, judged[index].course):
            edited = [*judged[:index], judged[index]._replace(counts=counted), *judged[index + 1 :]]
            after = status_of(definition, credit(edited), patient)
            if after is not status:
                changes.append(Change(f"{sentence} the answer would be {after}.", change, after))
    return tuple(changes)


def _edits(trial: JudgedTrial, course: Course) -> list[tuple[Counts, str, dict[str, object]]]:
    """Facts that alone would make the trial count, or not count."""
    edits: list[tuple[Counts, str, dict[str, object]]] = []
    against = [each for each in trial.findings if each.asked and each.verdict is not MET]
    dated = {"assessed_on": iso(course.end.last)} if course.running else {}
    if len(against) == 1 and (patch := _patch_to_meet(against[0], dated)):
        edits.append(
            (Counts.YES, f"Had {trial.medication} {patch[0]},", {"trial_id": trial.trial_id, "patch": patch[1]})
        )
    if trial.counts is not Counts.NO:
        sentence = f"Had the depression ever responded to {trial.medication},"
        patch_away = {"outcome": {"ever_responded": True, **dated}}
        edits.append((Counts.NO, sentence, {"trial_id": trial.trial_id, "patch": patch_away}))
    return edits


def _patch_to_meet(finding: Finding, dated: dict[str, str]) -> tuple[str, dict[str, object]] | None:
    """Words and merge patch of the fact that would meet a single open criterion; None where no one field does it."""
    if finding.criterion == "dose" and finding.required is not None:
        reached = plain(finding.required)
        return f"reached {reached} mg a day throughout", {"doses": None, "daily_dose_mg": finding.required}
    if finding.criterion == "adherence":
        return "been taken as prescribed", {"adherence": {"adequate": True}}
    if finding.criterion == "indication":
        return "been given for depression", {"indication": "depression"}
    if finding.criterion == "failure" and finding.verdict is UNKNOWN and finding.observed is None:
        return "had no response", {"outcome": {"response": "none", "improvement_percent": None, **dated}}
    return None


def reasons_for_pseudo_resistance(courses: Sequence[Course], trials: Sequence[JudgedTrial]) -> tuple[PseudoReason, ...]:
    """Why trials that look like failures may not show resistance (McIntyre et al. 2023), each reason once."""
    found: set[PseudoReason] = set()
    for course, trial in zip(courses, trials, strict=True):
        verdicts = {each.criterion: each.verdict for each in trial.findings}
        if course.stop_reason is StopReason.INTOLERANCE:
            found.add(PseudoReason.INTOLERANCE)
        elif verdicts.get("failure", NOT_MET) is not NOT_MET:
            found.update(reason for criterion, reason in REASON_OF.items() if verdicts.get(criterion) is NOT_MET)
            if course.trial.indication is Indication.OTHER:
                found.add(PseudoReason.OTHER_INDICATION)
    return tuple(reason for reason in PseudoReason if reason in found)


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
