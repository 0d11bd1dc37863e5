"""The formulary: what each medicine is called, how it is coded, and which daily dose each published table asks for.

The data are the CSV files of `clinical/formulary/`, one fact a row, each row with its evidence and its sources.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from clinical.csv_rows import Row, rows
from clinical.medicine import (
    CODE_PATTERNS,
    CodeSystem,
    DoseTable,
    Entry,
    Formulary,
    Medicine,
    MedicineRole,
    MinimumDose,
    NameKind,
    key_of,
)
from clinical.vocabulary import Evidence, Verdict

__all__ = [
    "CodeSystem",
    "DoseTable",
    "Entry",
    "Formulary",
    "Medicine",
    "MedicineRole",
    "MinimumDose",
    "NameKind",
    "formulary",
    "key_of",
    "load_formulary",
]
HERE = Path(__file__).parent / "formulary"
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Pair = tuple[str, str]


class Shelf(NamedTuple):
    """What the rows of the other files refer to: titles of sources, rows of ingredients, dose tables."""

    folder: Path
    sources: Mapping[str, str]
    ingredients: Mapping[str, Row]
    tables: Mapping[str, DoseTable]


def load_formulary(folder: Path = HERE) -> Formulary:
    """Read and check the whole formulary.

    Raises:
        ValueError: a fault in the data, as a sentence that names file, line and key.
    """
    cited = {row.text("key"): row.text("citation") and row.text("title") for row in rows(folder, "sources.csv")}
    ingredients = {row.text("id"): row for row in rows(folder, "ingredients.csv", cited)}
    tables = {row.text("table"): _table(row) for row in rows(folder, "dose_tables.csv", cited)}
    shelf = Shelf(folder, cited, ingredients, tables)
    names = _read(shelf, "names.csv", "name", _name)
    codes = _read(shelf, "codes.csv", "code", _code)
    return Formulary(
        medicines=MappingProxyType(_medicines(shelf, names, codes)),
        names=names,
        codes=codes,
        doses=_read(shelf, "minimum_doses.csv", "ingredient", _dose),
        dose_tables=MappingProxyType(tables),
        pairs=_read(shelf, "pairs.csv", "b", _pair),
    )


@lru_cache(maxsize=1)
def formulary() -> Formulary:
    """The formulary that the service ships, read once."""
    return load_formulary()


def _read(shelf: Shelf, file: str, key: str, fact_of: Callable[[Shelf, Row], tuple[K, V]]) -> Mapping[K, V]:
    found: dict[K, V] = {}
    for row in rows(shelf.folder, file, shelf.sources):
        identity, fact = fact_of(shelf, row)
        if identity in found:
            raise row.fault(key, f"{row.cells[key]!r} is given twice")
        found[identity] = fact
    return MappingProxyType(found)


def _entry(shelf: Shelf, row: Row, kind: str) -> Entry:
    return Entry(
        text=row.text("name"),
        kind=row.word(kind, NameKind),
        ingredients=row.known("ingredients", shelf.ingredients, *row.many("ingredients")),
        others=row.many("other_ingredients"),
        refusal=row.cells["refusal"] or None,
        note=row.cells["note"] or None,
    )


def _name(shelf: Shelf, row: Row) -> tuple[str, Entry]:
    return key_of(row.text("name")), _entry(shelf, row, "kind")


def _code(shelf: Shelf, row: Row) -> tuple[Pair, Entry]:
    system, code = row.word("system", CodeSystem), row.text("code")
    if not CODE_PATTERNS[system].fullmatch(code):
        raise row.fault("code", f"{code!r} does not have the form of a code of {system}")
    return (system.value, code), _entry(shelf, row, "level")


def _table(row: Row) -> DoseTable:
    return DoseTable(
        id=row.text("table"),
        title=row.text("title"),
        kind=row.text("kind"),
        evidence=row.word("evidence", Evidence),
        citation=row.text("citation"),
    )


def _dose(shelf: Shelf, row: Row) -> tuple[Pair, MinimumDose]:
    (table,) = row.known("table", shelf.tables, row.text("table"))
    (ingredient,) = row.known("ingredient", shelf.ingredients, row.text("ingredient"))
    lowest, highest = row.mg("min_mg"), row.mg("max_mg") if row.cells["max_mg"] else None
    if highest is not None and highest < lowest:
        raise row.fault("max_mg", f"must not be below min_mg, {lowest:g}")
    restated = ", ".join(shelf.sources[key] for key in row.many("sources", ";")) if table == "label" else ""
    return (table, ingredient), MinimumDose(
        table=table,
        ingredient=ingredient,
        min_mg=lowest,
        max_mg=highest,
        unit=row.text("unit"),
        note=row.cells["note"] or None,
        evidence=row.word("evidence", Evidence),
        source=shelf.tables[table].citation + (f": {restated}" if restated else ""),
    )


def _pair(shelf: Shelf, row: Row) -> tuple[frozenset[str], str]:
    return frozenset(row.known("b", shelf.ingredients, row.text("a"), row.text("b"))), row.text("note")


def _medicines(shelf: Shelf, names: Mapping[str, Entry], codes: Mapping[Pair, Entry]) -> dict[str, Medicine]:
    called: defaultdict[tuple[str, NameKind], list[str]] = defaultdict(list)
    for entry in names.values():
        called[entry.single or "", entry.kind].append(entry.text)
    coded: dict[Pair, str] = {}
    for (system, code), entry in codes.items():
        if entry.kind is NameKind.INGREDIENT:
            coded.setdefault((system, entry.ingredients[0]), code)
    return {row.text("id"): _medicine(row, called, coded) for row in shelf.ingredients.values()}


def _medicine(row: Row, called: Mapping[tuple[str, NameKind], list[str]], coded: Mapping[Pair, str]) -> Medicine:
    ingredient = row.text("id")
    return Medicine(
        id=ingredient,
        name=row.text("name"),
        klass=row.text("class"),
        group=row.text("group"),
        role=row.word("role", MedicineRole),
        antidepressant=row.word("antidepressant", Verdict),
        **{system.value: coded.get((system.value, ingredient)) for system in CodeSystem},
        brands=tuple(called[ingredient, NameKind.BRAND]),
        synonyms=tuple(called[ingredient, NameKind.SYNONYM] + called[ingredient, NameKind.SALT]),
        note=row.cells["note"] or None,
    )
