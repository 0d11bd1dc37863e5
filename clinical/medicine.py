"""The nouns of the formulary: a medicine, a name or code of it, a minimum dose, and the formulary that holds them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from clinical.vocabulary import Evidence, Verdict, Word


class MedicineRole(Word):
    """What a medicine is used as in the treatment of depression."""

    ANTIDEPRESSANT = "antidepressant", "An antidepressant taken day by day."
    RAPID_ACTING = "rapid_acting", "A treatment that acts within days, such as esketamine."
    AUGMENTATION_AGENT = "augmentation_agent", "Added to an antidepressant; not an antidepressant itself."


class CodeSystem(Word):
    """The code systems in which a medicine can be named."""

    RXNORM = "rxnorm", "RxNorm concept identifier, of an ingredient or of a product, such as 36437."
    ATC = "atc", "ATC code of the fifth level, such as N06AB06."
    SNOMED = "snomed", "SNOMED CT identifier of a substance, or of a product of the UK dm+d."
    UNII = "unii", "FDA Unique Ingredient Identifier, such as QUC7NX6WMB."


class NameKind(Word):
    """What sort of name or code was found."""

    GENERIC = "generic", "The international name of the ingredient."
    SYNONYM = "synonym", "Another name of the ingredient."
    SALT = "salt", "A salt or hydrate of the ingredient."
    BRAND = "brand", "A brand."
    COMBINATION = "combination", "A product of several ingredients; it names no single one."
    INGREDIENT = "ingredient", "The code of an ingredient."
    PRODUCT = "product", "The code of a product."


CODE_PATTERNS = {
    CodeSystem.RXNORM: re.compile(r"[1-9]\d{0,7}"),
    CodeSystem.ATC: re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}"),
    CodeSystem.SNOMED: re.compile(r"[1-9]\d{5,17}"),
    CodeSystem.UNII: re.compile(r"[A-Z0-9]{10}"),
}


class Medicine(NamedTuple):
    """One ingredient. `antidepressant` is met when a trial of it can count as a trial of an antidepressant."""

    id: str
    name: str
    klass: str
    group: str
    role: MedicineRole
    antidepressant: Verdict
    atc: str | None
    rxnorm: str | None
    snomed: str | None
    unii: str | None
    brands: tuple[str, ...]
    synonyms: tuple[str, ...]
    note: str | None


class MinimumDose(NamedTuple):
    """The lowest dose that one table gives for one ingredient, in `unit` (mg a day unless it says otherwise)."""

    table: str
    ingredient: str
    min_mg: float
    max_mg: float | None
    unit: str
    note: str | None
    evidence: Evidence
    source: str


class DoseTable(NamedTuple):
    """One published table of doses."""

    id: str
    title: str
    kind: str
    evidence: Evidence
    citation: str


class Entry(NamedTuple):
    """What one name or code stands for, with ingredients outside the formulary in `others`.

    `refusal` says why it cannot be used; names that it puts in quotes can be used instead.
    """

    text: str
    kind: NameKind
    ingredients: tuple[str, ...]
    others: tuple[str, ...]
    refusal: str | None
    note: str | None

    @property
    def single(self) -> str | None:
        """The one ingredient that it names, or None when it is refused or names several."""
        alone = self.refusal is None and not self.others and len(self.ingredients) == 1
        return self.ingredients[0] if alone else None


def key_of(text: str) -> str:
    """The form in which names are compared: without case, accents, punctuation or doubled spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("'", "").encode("ascii", "ignore").decode("ascii")
    return " ".join(re.findall(r"[a-z0-9]+", plain))


@dataclass(frozen=True, slots=True)
class Formulary:
    """All medicines, every name and code by which they can be found, and the dose tables. Nothing in it changes."""

    medicines: Mapping[str, Medicine]
    names: Mapping[str, Entry]
    codes: Mapping[tuple[str, str], Entry]
    doses: Mapping[tuple[str, str], MinimumDose]
    dose_tables: Mapping[str, DoseTable]
    pairs: Mapping[frozenset[str], str]

    def by_name(self, text: str) -> tuple[str, ...]:
        """The ingredients of exactly this name, without regard to case, accents, spaces and punctuation.

        None when the name is not known or does not say enough; several when it is a combination product.
        """
        return _usable(self.names.get(key_of(text)))

    def by_code(self, system: str, code: str) -> tuple[str, ...]:
        """The ingredients that this code stands for; none and several as for names."""
        return _usable(self.codes.get((system, code.strip().upper())))

    def minimum_dose(self, table: str, ingredient: str) -> MinimumDose | None:
        """The row of this table for this ingredient, or None where the table is silent."""
        return self.doses.get((table, ingredient))

    def related(self, a: str, b: str) -> str | None:
        """Why two ingredients are close kin though counted as different, or None."""
        return self.pairs.get(frozenset((a, b)))


def _usable(entry: Entry | None) -> tuple[str, ...]:
    return entry.ingredients if entry and entry.refusal is None else ()
