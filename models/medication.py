"""What is said of a medicine: how it is called and coded, what it counts as, and which dose each table asks for."""

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from clinical.medicine import MedicineRole, NameKind
from clinical.vocabulary import Evidence, Verdict
from models.base import Answer
from models.fields import Atc, Number, RxNorm, Slug, Snomed, Unii

EXAMPLE: JsonDict = {
    "id": "sertraline",
    "name": "sertraline",
    "class": "SSRI",
    "group": "SSRI",
    "role": "antidepressant",
    "counts_as_antidepressant": "met",
    "brands": ["Lustral", "Zoloft"],
    "synonyms": ["sertraline hydrochloride"],
    "atc": "N06AB06",
    "rxnorm": "36437",
    "snomed": "372594008",
    "unii": "QUC7NX6WMB",
    "minimum_doses": [
        {
            "table": "mgh_atrq",
            "min_mg": 50,
            "max_mg": None,
            "unit": "mg/day",
            "note": None,
            "evidence": "secondary",
            "source": "MGH-ATRQ, as transcribed on the form of trial COMP006",
        }
    ],
    "notes": [],
    "match": {"name": "Zoloft", "kind": "brand", "score": 0.718},
}


class MinimumDosePublic(Answer):
    """The lowest dose that one published table gives for this medicine. The tables disagree: none is the truth."""

    table: str
    """The dose table, by the name that a definition uses for it."""
    min_mg: Number
    """The lowest dose of the table, in `unit`."""
    max_mg: Number | None
    """The highest dose of the table; null where it gives none."""
    unit: str
    """What the dose is counted in: mg a day unless it says otherwise."""
    note: str | None
    """What to mind when comparing with this dose."""
    evidence: Evidence
    """How well the number was verified."""
    source: str
    """Where the number comes from."""


class MedicineMatch(Answer):
    """What in the question matched."""

    name: str
    """The known name, or the text of the known code, that was matched."""
    kind: NameKind
    """What sort of name or code it is."""
    score: Number
    """How good the match is: 1 exact, 0.8 and above by its beginning, below that by likeness of spelling."""


class MedicinePublic(Answer):
    """One active ingredient. Salts, brands and release forms are the same medicine."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    id: Slug
    """The identity of the ingredient, as answers of trials name it."""
    name: str
    """The international name."""
    class_: str = Field(alias="class")
    """The clinical class, such as SSRI."""
    group: str
    """The broader group used where a definition asks for a different class."""
    role: MedicineRole
    """What it is used as in depression."""
    counts_as_antidepressant: Verdict
    """Whether a trial of it can count as a trial of an antidepressant. Unknown: not settled among sources."""
    brands: list[str]
    """Brands under which it is known, in any country."""
    synonyms: list[str]
    """Other names, salts and hydrates."""
    atc: Atc | None
    """The ATC code; null when it has none."""
    rxnorm: RxNorm | None
    """The RxNorm code of the ingredient; null when it has none. Codes of products are found as well."""
    snomed: Snomed | None
    """The SNOMED CT identifier of the substance; null when not known."""
    unii: Unii | None
    """The FDA Unique Ingredient Identifier; null when not known."""
    minimum_doses: list[MinimumDosePublic]
    """The lowest dose by each published table that lists it."""
    notes: list[str]
    """What to mind when recording it."""
    match: MedicineMatch | None
    """What in the question matched; null where nothing was asked."""
