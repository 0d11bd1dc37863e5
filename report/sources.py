"""Sources, numbered in the order in which a report first names them."""

from typing import Any

from clinical.vocabulary import Evidence
from report.letters import clipped

GRADES = {
    Evidence.PRIMARY: "read in the primary source",
    Evidence.SECONDARY: "read where it is restated",
    Evidence.UNVERIFIED: "UNVERIFIED",
    Evidence.LOCAL: "our own choice",
}


class Sources:
    """The register of a report."""

    def __init__(self) -> None:
        """Nothing named yet."""
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, source: str, evidence: str) -> int:
        """The number of a source, given when it is first named."""
        return self._numbers.setdefault((source, evidence), len(self._numbers) + 1)

    def listed(self) -> list[dict[str, Any]]:
        """All sources by number, each with how well it was verified."""
        return [
            {"number": number, "source": clipped(source, 500), "grade": grade(evidence)}
            for (source, evidence), number in self._numbers.items()
        ]


def grade(evidence: str) -> str:
    """How well something was verified, in a few words."""
    return GRADES[Evidence(evidence)]
