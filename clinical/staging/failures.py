"""What failed: antidepressants, each once, and what had been done to make them work."""

from collections.abc import Sequence

from clinical.answer import JudgedTrial
from clinical.course import Course
from clinical.credit import Ties, credit, doubtful_pairs, standing, tally
from clinical.findings import Question
from clinical.staging.answer import Measured
from clinical.staging.augmentations import added_in, augmentation_of
from clinical.staging.dimension import Bounds
from clinical.staging.logic import every, some
from clinical.staging.view import View
from clinical.summary import listed
from clinical.vocabulary import Counts, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
COUNTS = {MET: Counts.YES, NOT_MET: Counts.NO, UNKNOWN: Counts.UNKNOWN}


def failed_medications(view: View) -> Measured:
    """How many different antidepressants failed an adequate trial; two taken together count once."""
    amount, names, perhaps = _credited(view.failures, view.ties)
    sentence = f"Failed adequate trials: {listed(names)}." if names else "No failed adequate trial is established."
    if perhaps:
        sentence += f" Not settled: {listed(perhaps)}."
    return Measured(amount, sentence, None if amount.known else open_question(view))


def dose_optimised(view: View) -> Measured:
    """Of how many of these the dose had been raised, within the trial, above the minimum."""
    raised = [_raised(whole.course, view) for whole in view.frame.wholes]
    amount, sentence, open_trial = _of_failed(view, raised, "The dose was raised above the minimum")
    if amount.known:
        return Measured(amount, sentence)
    if open_trial is None:
        return Measured(amount, sentence, open_question(view))
    words = f"Which daily doses of {open_trial.medication} were taken, and from when?"
    return Measured(amount, sentence, Question("doses", words, open_trial.trial_id))


def augmented(view: View) -> Measured:
    """Of how many of these an augmentation or a combination had been tried."""
    agents = added_in(view)
    added = [augmentation_of(place, view, agents) for place in range(len(view.trials))]
    amount, sentence, open_trial = _of_failed(view, added, "Augmented or combined")
    if amount.known:
        return Measured(amount, sentence)
    asked = next((each.question for each in agents if each.question), None)
    if asked is None and open_trial is not None:
        words = f"Which medicine was added to {open_trial.medication}, and when? Name it in `augments`."
        asked = Question("augments", words, open_trial.trial_id)
    return Measured(amount, sentence, asked or open_question(view))


def _of_failed(view: View, had: Sequence[Verdict], words: str) -> tuple[Bounds, str, JudgedTrial | None]:
    """How many failed medicines had something, each once, in words, and the first trial of which that is open."""
    verdicts = [every(pair) for pair in zip(view.failures, had, strict=True)]
    amount, names, perhaps = _credited(verdicts, view.ties)
    sentence = f"{words}: {listed(names)}." if names else f"{words}: no failed trial is recorded so."
    if perhaps:
        sentence += f" Not settled: {listed(perhaps)}."
    rows = zip(view.trials, verdicts, had, strict=True)
    return amount, sentence, next((each for each, both, one in rows if one is UNKNOWN and both is UNKNOWN), None)


def _credited(verdicts: Sequence[Verdict], ties: Ties) -> tuple[Bounds, list[str], list[str]]:
    """How many at least and at most, and the names of those that surely and that perhaps count."""
    counts = [COUNTS[each] for each in verdicts]
    least, most = tally(*standing(counts), ties)
    credited = credit(counts, ties)
    return (
        Bounds(least, most),
        [each.trial.name for each in credited.confirmed],
        [each.trial.name for each in credited.possible],
    )


def _raised(course: Course, view: View) -> Verdict:
    """Whether the dose was raised to one above the minimum of the method's table."""
    entry = view.frame.library.formulary.minimum_dose(view.method.reading.dose.table, course.trial.ingredient)
    minimum, steps = entry.min_mg if entry else None, course.steps
    pairs = [
        _is_raise(earlier.daily_dose_mg, step.daily_dose_mg, minimum, begun=_had_begun(course, place, view))
        for place, step in enumerate(steps)
        for earlier in steps[:place]
    ]
    verdict = some(pairs)
    return UNKNOWN if verdict is NOT_MET and course.dose_gaps else verdict


def _is_raise(earlier: float | None, dose: float | None, minimum: float | None, *, begun: bool) -> Verdict:
    """Whether one dose (mg a day) is a raise of another to above the minimum."""
    if dose is not None and ((minimum is not None and dose <= minimum) or (earlier is not None and dose <= earlier)):
        return NOT_MET
    known = begun and None not in (earlier, dose, minimum)
    return MET if known else UNKNOWN


def _had_begun(course: Course, place: int, view: View) -> bool:
    """Whether a step of dose had surely begun by the day."""
    since = course.steps[place].since
    return course.ended is MET or since is None or since.last <= view.frame.on


def open_question(view: View) -> Question | None:
    """The first thing to ask about a trial that is not settled."""
    asked = [
        each.question._replace(trial_id=each.question.trial_id or trial.trial_id)
        for trial in view.trials
        if trial.counts is Counts.UNKNOWN
        for each in trial.findings
        if each.asked and each.verdict is UNKNOWN and each.question
    ]
    if asked:
        return asked[0]
    for one, other in doubtful_pairs([each.counts for each in view.trials], view.ties):
        words = f"Were {one.trial.name} and {other.trial.name} taken together, and from when to when?"
        return Question("started", words, other.trial.id)
    return None
