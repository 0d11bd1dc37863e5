"""How many must have failed: of which patients, of how many classes, and how many augmentations besides."""

from collections.abc import Sequence

from clinical.answer import JudgedTrial
from clinical.credit import Tally
from clinical.findings import Finding, Frame, Question, find
from clinical.history import History
from clinical.vocabulary import Counts, Polarity, Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
NO_CLASS = frozenset({"other", "none"})  # the formulary's word for what belongs to no class of its own


def number_asked(history: History, frame: Frame, tally: Tally) -> tuple[int, Finding | None]:
    """How many different antidepressants must have failed.

    Where that depends on bipolarity, which is not recorded, and the answer with it, the finding asks for it.
    """
    rule = frame.definition.required
    asked, if_bipolar = rule.failed_medications, rule.failed_medications_if_bipolar
    if if_bipolar is None:
        return asked, None
    begun = {each.polarity for each in history.episodes if each.onset is None or each.onset.first <= frame.on}
    if Polarity.BIPOLAR in begun:
        return if_bipolar, find("polarity", MET, f"Bipolar depression: {if_bipolar} failed trial is asked.", rule)
    if Polarity.UNIPOLAR in begun:
        return asked, find("polarity", MET, f"Unipolar depression: {asked} failed trials are asked.", rule)
    sentence = f"Not recorded whether it is unipolar ({asked} failed trials are asked) or bipolar ({if_bipolar})."
    decides = tally.confirmed < asked and tally.most >= if_bipolar
    question = Question("episodes.polarity", "Has there ever been mania or hypomania?")
    return asked, find("polarity", UNKNOWN, sentence, rule, asked=decides, question=question)


def classes_told_apart(frame: Frame) -> tuple[str | None, ...]:
    """The class of the medicine of each trial, where the definition counts classes; else nothing."""
    if not frame.definition.required.different_classes:
        return ()
    medicines = frame.library.formulary.medicines
    groups = (medicines[course.trial.ingredient].group for course in frame.courses)
    return tuple(None if group in NO_CLASS else group for group in groups)


def counted_as_medications(trials: Sequence[JudgedTrial], frame: Frame) -> list[Counts]:
    """How each trial counts towards the medicines; an augmentation that is asked for besides does not."""
    rule = frame.definition.augmentation
    if rule is None or rule.required is None:
        return [each.counts for each in trials]
    return [
        Counts.NO if course.trial.role is Role.AUGMENTATION else each.counts
        for course, each in zip(frame.courses, trials, strict=True)
    ]


def enough_augmentations_failed(trials: Sequence[JudgedTrial], frame: Frame) -> Finding | None:
    """Whether enough different augmentations failed; None where the definition does not ask for them."""
    rule = frame.definition.augmentation
    if rule is None or rule.required is None:
        return None
    pairs = zip(frame.courses, trials, strict=True)
    added = [trial for course, trial in pairs if course.trial.role is Role.AUGMENTATION]
    sure = {each.ingredient for each in added if each.counts is Counts.YES}
    most = {each.ingredient for each in added if each.counts is not Counts.NO}
    asked = rule.required
    verdict = MET if len(sure) >= asked else NOT_MET if len(most) < asked else UNKNOWN
    sentence = f"Failed augmentations: {len(sure)}; {asked} asked."
    if verdict is UNKNOWN:
        sentence = f"Failed augmentations: {len(sure)} surely, {len(most)} perhaps; {asked} asked."
    numbers = {"observed": float(len(sure)), "required": float(asked), "margin": float(len(sure) - asked)}
    return find("failed_augmentations", verdict, sentence, rule, **numbers)
