"""What a card is made from: the facts that were sent, as they were judged, and what is missing of them."""

from typing import Any, NamedTuple

from clinical.answer import Assessment
from clinical.vocabulary import Status
from intake.words import Reason
from interop.cds_hooks.cards import joined, listed, plain, shortened
from interop.cds_hooks.gathered import Gathered
from registry.evaluation import Judged

MOST_LISTED = 15
EXCLUDING = "conditions"
"""The query whose answer can exclude what all others show."""
A_CONDITION = "Condition/"
EXCLUDES_NOTHING = tuple(
    f": {reason.meaning}" for reason in (Reason.MAY_BE_DEPRESSION, Reason.END_NOT_SAID, Reason.SEVERITIES_DISAGREE)
)
"""What is said of a condition that is known to be a depression. Every other one that is not understood may exclude."""
NOT_ALL = "**Not all was sent.** {} Where it matters, what is said here may change."
OTHERS = "{} resources that name another subject were left out."
UNREAD = "**Not understood**, and left out:"


class Known(NamedTuple):
    """One patient as a call shows them.

    Attributes:
        judged: the facts, judged by one definition.
        entries: the facts as records of the JSON edge, without identities: what cards rest on.
        not_understood: sentences on what could not be read.
    """

    gathered: Gathered
    judged: Judged
    entries: dict[str, Any]
    not_understood: tuple[str, ...]

    @property
    def assessment(self) -> Assessment:
        """The answer of the definition."""
        return self.judged.assessments[0]

    @property
    def is_about_depression(self) -> bool:
        """Whether anything at all was found, or could not be read."""
        return any(self.entries.values()) or bool(self.not_understood)

    @property
    def may_be_excluded(self) -> bool:
        """Whether a condition that was not sent, or not understood, could exclude what the rest shows."""
        return (self.lacks_conditions or self.has_unread_condition) and self.assessment.status is Status.RESISTANT

    @property
    def lacks_conditions(self) -> bool:
        """Whether not all conditions were sent."""
        return any(query.key == EXCLUDING for query in self.gathered.incomplete)

    @property
    def has_unread_condition(self) -> bool:
        """Whether one was sent that may be a bipolar disorder, for all that was understood of it."""
        return any(map(_may_exclude, self.not_understood))

    @property
    def may_be_more(self) -> bool:
        """Whether what was not sent could make the answer another one."""
        settled = {Status.RESISTANT, Status.NOT_APPLICABLE}
        return bool(self.gathered.incomplete) and self.assessment.status not in settled


def _may_exclude(said: str) -> bool:
    """Whether what is said of a resource leaves open that it is of a condition that excludes resistance."""
    return said.startswith(A_CONDITION) and not said.endswith(EXCLUDES_NOTHING)


def what_is_lacking(known: Known) -> str:
    """What was not sent, not complete, or not understood, as Markdown; empty where nothing is lacking."""
    gathered = known.gathered
    lacking = ", ".join(query.words for query in gathered.incomplete)
    others = OTHERS.format(gathered.others) if gathered.others else ""
    unread = sorted(known.not_understood, key=_may_exclude, reverse=True)[:MOST_LISTED]
    more = len(known.not_understood) - len(unread)
    said = [shortened(plain(each), 300) for each in unread] + ([f"and {more} more"] if more else [])
    return joined(
        NOT_ALL.format(f"Missing, in whole or in part: {lacking}.") if lacking else "",
        others,
        joined(UNREAD, listed(said)) if said else "",
    )
