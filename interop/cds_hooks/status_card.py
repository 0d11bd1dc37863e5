"""The card on where a patient stands: safety first, then the answer, its reasons, and what would settle it."""

from collections.abc import Iterable, Iterator

from clinical.answer import Assessment, JudgedTrial, Missing
from clinical.definition import Definition
from clinical.vocabulary import Counts, SafetyLevel, Status
from interop.cds_hooks.cards import DISCLAIMER, Point, Said, Source, joined, listed, plain, shortened
from interop.cds_hooks.gathered import Gathered
from interop.cds_hooks.known import MOST_LISTED, Known, what_is_lacking
from models.cds_card import LONGEST_SUMMARY

STATUS, NO_HISTORY, TOO_LATE = "status", "no_history", "too_late"
ACT_NOW = frozenset({SafetyLevel.URGENT, SafetyLevel.EMERGENCY})
AS_FAR = "By what was sent: "
UNTOLD = "treatment resistance cannot be told, conditions are missing"
NOT_EXCLUDED = (
    "**It cannot be told** whether this is treatment-resistant depression: the conditions were not sent, or not all of "
    "them, and one such as bipolar disorder would exclude it. What follows is by what was sent."
)
UNTOLD_UNREAD = "treatment resistance cannot be told, a condition was not understood"
NOT_EXCLUDED_UNREAD = (
    "**It cannot be told** whether this is treatment-resistant depression: a condition was not understood, or is not "
    "confirmed, and one such as bipolar disorder would exclude it. Below is which one. What follows is by the others."
)
OPENINGS = {
    Status.RESISTANT: "treatment-resistant depression",
    Status.NOT_RESISTANT: "not treatment-resistant",
    Status.INDETERMINATE: "treatment resistance is undecided",
    Status.NOT_APPLICABLE: "treatment resistance is not asked here",
}
COUNTS = {Counts.YES: "failed", Counts.NO: "does not count", Counts.UNKNOWN: "not known whether it counts"}
NOT_SENT = "Treatment resistance was not evaluated: the history of medicines was not sent."
ASK = (
    "None of the queries for medicines was answered, and the FHIR server may not be asked from here. Unknown is not "
    "no: this says nothing about resistance. `GET /cds-services` lists what is to be prefetched."
)
LATE = "This could not be evaluated in time. It says nothing about the patient: look at the history yourself."
SERVICE = Source("Trialbook")


def source_of(definition: Definition) -> Source:
    """What an answer by a definition rests on, with the address of the citation where it has one."""
    return Source(shortened(definition.citation, 300), _doi_in(definition.citation))


def _doi_in(citation: str) -> str | None:
    """The address of the first DOI that a citation names."""
    _, found, rest = citation.partition("DOI ")
    doi = rest.split()[0].rstrip(".,;)") if found and rest.split() else ""
    return f"https://doi.org/{doi}" if doi.startswith("10.") else None


def status_point(known: Known, links: tuple[Said, ...]) -> Point:
    """Where the patient stands, by one definition."""
    answer = known.assessment
    return Point(
        STATUS,
        _facts(known),
        summary_of(known),
        _detail(known),
        _indicator(known),
        source_of(answer.definition),
        links,
    )


def _facts(known: Known) -> object:
    """All that was understood; the answer too, since days go by and a running trial becomes long enough."""
    answer = known.assessment
    said = [answer.status, answer.confirmed_names, answer.possible_names, known.judged.safety.level]
    lacking = [query.key for query in known.gathered.incomplete]
    unread = [len(known.not_understood), known.has_unread_condition]
    return [answer.definition.digest, said, known.entries, lacking, unread]


def summary_of(known: Known) -> str:
    """What it comes to, then as many sentences of the answer as there is room for."""
    answer = known.assessment
    opening = f"{AS_FAR if known.may_be_more else ''}{OPENINGS[answer.status]}"
    if known.may_be_excluded:
        opening = UNTOLD if known.lacks_conditions else UNTOLD_UNREAD
    opening = f"{opening[0].upper()}{opening[1:]}"
    sentences = answer.summary.split(". ")
    for count in range(len(sentences), 0, -1):
        said = f"{opening}: {'. '.join(sentences[:count]).rstrip('.')}."
        if len(said) <= LONGEST_SUMMARY:
            return said
    return f"{opening}: {len(answer.confirmed_names)} of {answer.required} failed medicines are certain."


def _indicator(known: Known) -> str:
    """Critical where somebody must act today; a warning where resistance is certain or thoughts were reported."""
    level = known.judged.safety.level
    if level in ACT_NOW:
        return "critical"
    certain = known.assessment.status is Status.RESISTANT and not known.may_be_excluded
    return "warning" if level is SafetyLevel.REVIEW or certain else "info"


def _detail(known: Known) -> str:
    answer = known.assessment
    definition = f"{plain(answer.definition.title)} (`{answer.definition.slug}`, version {answer.definition.version})"
    return joined(
        f"**Safety.** {plain(known.judged.safety.sentence)}",
        _not_excluded(known),
        f"**Answer** by {definition}: {plain(answer.summary)}",
        listed([*_of_patient(answer), *map(trial_said, answer.trials[:MOST_LISTED])]),
        _missing(answer.missing),
        listed(plain(note) for note in answer.notes),
        what_is_lacking(known),
        DISCLAIMER,
    )


def _not_excluded(known: Known) -> str:
    """That it cannot be told, where a condition that is not here, or not understood, could exclude it."""
    if not known.may_be_excluded:
        return ""
    return NOT_EXCLUDED if known.lacks_conditions else NOT_EXCLUDED_UNREAD


def _of_patient(answer: Assessment) -> Iterator[str]:
    return (plain(finding.sentence) for finding in answer.patient)


def trial_said(trial: JudgedTrial) -> str:
    """One trial: whether it counts, and the sentence of each criterion."""
    sentences = plain(" ".join(finding.sentence for finding in trial.findings))
    return f"**{plain(trial.medication)}**: {COUNTS[trial.counts]}. {sentences}"


def _missing(missing: Iterable[Missing]) -> str:
    """What to ask, what could change the answer first."""
    asked = sorted(missing, key=lambda each: (not each.could_change_status, not each.settles_alone))[:MOST_LISTED]
    words = dict.fromkeys(
        f"{plain(each.question)}{'' if each.could_change_status else ' (changes nothing here)'}" for each in asked
    )
    return joined("**Missing information**", listed(words)) if words else ""


def not_evaluated(gathered: Gathered) -> Point:
    """Nothing about medicines was sent: that is said, and nothing is concluded."""
    lacking = [query.key for query in gathered.missing]
    return Point(NO_HISTORY, lacking, NOT_SENT, joined(ASK, DISCLAIMER), "info", SERVICE)


def too_late() -> Point:
    """It took longer than the client is to wait."""
    return Point(TOO_LATE, None, "Treatment resistance could not be evaluated in time.", LATE, "info", SERVICE)
