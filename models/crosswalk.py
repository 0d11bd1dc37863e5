"""What a score on one rating scale corresponds to on another."""

from pydantic import ConfigDict, Field

from clinical.vocabulary import Evidence
from models.base import Answer


class CrosswalkCaution(Answer):
    """What to mind."""

    sentence: str
    """In words."""
    evidence: Evidence
    """How well it was verified."""
    source: str
    """Where it was read."""


class CrosswalkPublic(Answer):
    """The totals of another scale that a published table puts beside a total. Never used to decide anything."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from": "qids_sr16",
                "to": "hamd17",
                "score": 14,
                "first": 18,
                "last": 19,
                "sentence": "14 on the Quick Inventory of Depressive Symptomatology, 16 items, self-report corresponds "
                "to 18 to 19 on the Hamilton Depression Rating Scale, 17 items.",
                "notes": ["The page gives the same range of the HAM-D17 for a QIDS of 14 and of 15."],
                "cautions": [
                    {
                        "sentence": "It is shown only. No answer of this service rests on a converted score: a "
                        "baseline and an endpoint on different scales leave the improvement unknown.",
                        "evidence": "local",
                        "source": "This service's choice",
                    }
                ],
                "evidence": "primary",
                "citation": "ids-qids.org, table of conversions, adapted from Rush et al. 2003 and Trivedi et al. 2004",
            }
        }
    )

    source: str = Field(alias="from")
    """The scale that the total is on."""
    to: str
    """The other scale."""
    score: int
    """The total."""
    first: int
    """The lowest total of the other scale."""
    last: int
    """The highest total of the other scale; often not the same."""
    sentence: str
    """The same in words."""
    notes: list[str]
    """Remarks on these lines of the published table."""
    cautions: list[CrosswalkCaution]
    """What to mind: read these."""
    evidence: Evidence
    """How well the table was verified."""
    citation: str
    """Where the table is from."""
