"""The medicines: exact resolution for records, forgiving search for people. All offline, in memory."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from clinical.medicine import CodeSystem, Entry, Medicine, NameKind
from clinical.medicine_names import known, parts_of
from clinical.medicines import formulary
from registry.errors import Fault, NotFound, UnknownMedication
from registry.medication_search import matches

TEXT, CODE, SYSTEM = "/medication/text", "/medication/code", "/medication/system"
NEAREST = 3
SEARCH = "`GET /v1/medications?q=`"
QUOTED = re.compile(r'"([^"]+)"')


class Resolved(NamedTuple):
    """The one ingredient that was meant; `matched` is the name or code text found, `note` a caution for the record."""

    ingredient: str
    name: str
    matched: str
    kind: NameKind
    note: str | None


def resolve(text: str | None, system: str | None, code: str | None) -> Resolved:
    """The one ingredient that a name, a code, or both stand for. A misspelling is never guessed.

    A code decides where the text beside it is not a known name.

    Raises:
        UnknownMedication: not known, naming several medicines, saying too little, or text and code disagreeing;
            each fault has its pointer and suggests names that would be taken.
    """
    if code:
        return _resolved(_entry_of_code(system, code, text))
    if system:
        raise _refusal(CODE, "A code system without a code. Send its `code`, or the name alone in `text`.")
    if not text:
        raise _refusal(TEXT, "Send the name of a medicine in `text`, or a `system` with its `code`.")
    entry = _entry_of_text(text)
    if entry is None:
        raise _unknown_name(text)
    return _resolved(entry)


def search(q: str, limit: int) -> list[dict[str, Any]]:
    """The medicines that `q` may mean, a name, a brand, a code or a misspelling, best first, each with its match."""
    return [
        {**_public(found.ingredient), "match": {"name": found.name, "kind": found.kind, "score": found.score}}
        for found in matches(q)[:limit]
    ]


def list_all(limit: int) -> list[dict[str, Any]]:
    """The formulary in the order of the alphabet."""
    known = sorted(formulary().medicines.values(), key=lambda medicine: medicine.name.casefold())
    return [{**_public(medicine.id), "match": None} for medicine in known[:limit]]


def read(ingredient: str) -> dict[str, Any]:
    """One medicine by the identity of its ingredient.

    Raises:
        NotFound: no such ingredient.
    """
    if ingredient not in formulary().medicines:
        raise NotFound(f"No ingredient has this identity. Find it by name, brand or code with {SEARCH}.")
    return {**_public(ingredient), "match": None}


def describe(ingredient: str) -> dict[str, str | None]:
    """What the answer of a trial says of its medicine; the ingredient must be one that `resolve` gave."""
    medicine = formulary().medicines[ingredient]
    return {
        "ingredient": medicine.id,
        "name": medicine.name,
        "atc": medicine.atc,
        "rxnorm": medicine.rxnorm,
        "class": medicine.klass,
        "role": medicine.role.value,
    }


def _resolved(entry: Entry) -> Resolved:
    medicine = formulary().medicines[entry.ingredients[0]]
    return Resolved(medicine.id, medicine.name, entry.text, entry.kind, entry.note)


def _entry_of_code(system: str | None, code: str, text: str | None) -> Entry:
    if system not in set(CodeSystem):
        known = tuple(each.value for each in CodeSystem)
        raise _refusal(SYSTEM, f"Say which code system the code is of: {', '.join(known)}.", known)
    entry = formulary().codes.get((system, code.strip().upper()))
    named = _entry_of_text(text) if text else None
    if entry is None:
        raise _unknown_code(system, named)
    entry = _single(entry, CODE)
    if named and named.ingredients != entry.ingredients:
        raise _disagreement(named, entry)
    return entry


def _entry_of_text(text: str) -> Entry | None:
    whole = known(text)
    if whole:
        return _single(whole, TEXT)
    parts = parts_of(text)
    found = [_single(entry, TEXT) for entry in map(known, parts) if entry]
    named = tuple(dict.fromkeys(entry.ingredients[0] for entry in found))
    if len(named) > 1:
        raise _several("The text", tuple(_name(each) for each in named), TEXT)
    return found[0] if named and len(found) == len(parts) else None


def _single(entry: Entry, pointer: str) -> Entry:
    if entry.single:
        return entry
    if entry.refusal:
        raise _refusal(pointer, entry.refusal, tuple(QUOTED.findall(entry.refusal)))
    raise _several(entry.text, (*map(_name, entry.ingredients), *entry.others), pointer, known=len(entry.ingredients))


def _several(what: str, names: tuple[str, ...], pointer: str, known: int | None = None) -> UnknownMedication:
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    message = f"{what} names several medicines: {listed}. Record each antidepressant as a trial of its own."
    return _refusal(pointer, message, names[:known])


def _disagreement(named: Entry, coded: Entry) -> UnknownMedication:
    name, code = _name(named.ingredients[0]), _name(coded.ingredients[0])
    message = f"The text names {name} and the code stands for {code}. Send the one that was taken."
    return UnknownMedication(message, (Fault(TEXT, message, (name,)), Fault(CODE, message, (code,))))


def _unknown_code(system: str, named: Entry | None) -> UnknownMedication:
    message = f"No medicine of the formulary has this {system} code. "
    if named is None:
        return _refusal(CODE, f"{message}Send its name in `text`, or look it up with {SEARCH}.")
    name = _name(named.ingredients[0])
    return _refusal(
        CODE, f"{message}The text beside it names {name}: if that is right, send it without the code.", (name,)
    )


def _unknown_name(text: str) -> UnknownMedication:
    near = {match.name: _name(match.ingredient) for match in matches(text)[:NEAREST] if match.usable}
    listed = ", ".join(name if name == of else f"{name} ({of})" for name, of in near.items())
    nearest = f"The nearest names are: {listed}. Send one of them" if near else "No known name is near it. Check it"
    return _refusal(TEXT, f"No medicine of this name is known. {nearest}, or look it up with {SEARCH}.", tuple(near))


def _refusal(pointer: str, message: str, suggestions: tuple[str, ...] = ()) -> UnknownMedication:
    return UnknownMedication(message, (Fault(pointer, message, suggestions),))


def _name(ingredient: str) -> str:
    return formulary().medicines[ingredient].name


@lru_cache(maxsize=256)
def _public(ingredient: str) -> dict[str, Any]:
    book = formulary()
    medicine: Medicine = book.medicines[ingredient]
    return {
        **medicine._asdict(),
        "class": medicine.klass,
        "counts_as_antidepressant": medicine.antidepressant,
        "notes": [medicine.note] if medicine.note else [],
        "minimum_doses": [dose._asdict() for (_, of), dose in book.doses.items() if of == ingredient],
    }
