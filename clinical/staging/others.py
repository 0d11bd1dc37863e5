"""Treatments that are no medicines: whether they were used in the episode, and how many failed."""

from collections.abc import Sequence

from clinical.care import Laterality, Modality
from clinical.findings import Question
from clinical.staging.answer import Measured
from clinical.staging.dimension import Bounds
from clinical.staging.logic import every, some
from clinical.staging.view import Care, View, care, name_of
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
ECT = frozenset({Modality.ECT})
LATERALITY = {Laterality.BILATERAL: MET, Laterality.UNILATERAL: NOT_MET, Laterality.UNKNOWN: UNKNOWN}
WHEN_ECT = Question("treatments.started", "When was ECT given?")
WHICH_SIDE = "Was the ECT bilateral or unilateral?"


def ect(view: View) -> Measured:
    """Whether ECT was used in the episode: 0 or 1. The record lists treatments, so none recorded is not used."""
    courses = list(care(view, ECT))
    used = some(each.used for each in courses)
    if not courses:
        return Measured(Bounds(0, 0), "None recorded.")
    words = {
        MET: "Used in this episode.",
        NOT_MET: "Not used in this episode.",
        UNKNOWN: "Whether it was used in this episode is not clear.",
    }
    open_ones = (each.question for each in courses if each.used is UNKNOWN)
    question = next((each for each in open_ones if each), WHEN_ECT) if used is UNKNOWN else None
    return Measured(_at_most_one(used), words[used], question)


def failed_ect(view: View, *, bilateral: bool = False) -> Measured:
    """Whether a course of ECT failed in the episode: 0 or 1; with `bilateral`, only one of both sides."""
    courses = list(care(view, ECT))
    if not courses:
        return Measured(Bounds(0, 0), "None recorded.")
    verdicts = [every((each.failed, LATERALITY[each.treatment.laterality] if bilateral else MET)) for each in courses]
    failed, kind = some(verdicts), "bilateral course" if bilateral else "course"
    words = {MET: f"A {kind} failed.", NOT_MET: f"No {kind} failed.", UNKNOWN: f"Whether a {kind} failed is not known."}
    if failed is not UNKNOWN:
        return Measured(_at_most_one(failed), words[failed])
    return Measured(_at_most_one(failed), words[failed], _question(courses, verdicts))


def _question(courses: Sequence[Care], verdicts: Sequence[Verdict]) -> Question:
    """What would settle the first open course: how it went, else which side."""
    first = courses[verdicts.index(UNKNOWN)]
    return first.question or Question("laterality", WHICH_SIDE, first.treatment.id)


def failed_psychotherapies(view: View, modalities: Sequence[Modality]) -> Measured:
    """How many courses of these psychotherapies failed in the episode."""
    courses = list(care(view, frozenset(modalities)))
    failed = [name_of(each.treatment.modality) for each in courses if each.failed is MET]
    perhaps = [each for each in courses if each.failed is UNKNOWN]
    sentence = f"Failed courses: {', '.join(failed)}." if failed else "No failed course is recorded."
    if perhaps:
        sentence += f" Not settled: {', '.join(name_of(each.treatment.modality) for each in perhaps)}."
    question = next((each.question for each in perhaps if each.question), None)
    return Measured(Bounds(len(failed), len(failed) + len(perhaps)), sentence, question)


def _at_most_one(verdict: Verdict) -> Bounds:
    return Bounds(int(verdict is MET), int(verdict is not NOT_MET))
