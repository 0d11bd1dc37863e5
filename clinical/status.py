"""The status, and what it would be if one trial counted otherwise."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.credit import Credit, Tally, Ties, standing, tally
from clinical.findings import Finding
from clinical.vocabulary import Counts, Status, Verdict

EXCLUDING = ("polarity", "psychotic_features", "excluded_disorder")


def status_of(required: int, counted: Tally, patient: Sequence[Finding]) -> Status:
    """Resistant when enough is confirmed, not resistant when even all that is possible is too little."""
    unsure = refused = hangs_on_polarity = False
    for each in patient:
        if each.asked and each.verdict is Verdict.NOT_MET:
            if each.criterion in EXCLUDING:
                return Status.NOT_APPLICABLE
            refused = True
        if each.asked and each.verdict is Verdict.UNKNOWN:
            unsure, hangs_on_polarity = True, hangs_on_polarity or each.criterion == "polarity"
    if hangs_on_polarity and not refused:
        return Status.INDETERMINATE
    if refused or counted.most < required:
        return Status.NOT_RESISTANT
    return Status.INDETERMINATE if unsure or counted.confirmed < required else Status.RESISTANT


class Weighed(NamedTuple):
    """A status with what it was reached by: how each trial counts, what is credited once, what is asked."""

    status: Status
    required: int
    credited: Credit
    counted: Sequence[Counts]
    ties: Ties
    patient: Sequence[Finding]

    def if_turned(self, index: int, turn: Counts) -> Status:
        """The status if one trial counted so, all else being as it is."""
        if self.counted[index] is turn or self._cannot_matter(index, turn):
            return self.status
        counted = [turn if place == index else each for place, each in enumerate(self.counted)]
        return status_of(self.required, tally(*standing(counted), self.ties), self.patient)

    def _cannot_matter(self, index: int, turn: Counts) -> bool:
        """One trial adds or takes at most one medicine; it takes none if what was credited is without it."""
        chosen, at_most = self.credited.chosen, self.credited.at_most
        if turn is Counts.YES:
            return (chosen if self.status is Status.INDETERMINATE else at_most).bit_count() + 1 < self.required
        choice = chosen if self.status is Status.RESISTANT else at_most
        return choice.bit_count() > self.required or not choice >> index & 1
