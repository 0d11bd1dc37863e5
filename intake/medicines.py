"""Which medicine a resource is about: by code, by text, or not at all where the two disagree."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from clinical.medicine import CODE_PATTERNS, CodeSystem
from clinical.medicines import formulary
from intake.codings import Coding, Concept, concept_of
from intake.given import Given
from intake.json_parts import mappings, part, text
from intake.medicine_text import Named, named_in, of_entry, strength_in
from intake.modifiers import modifier_in
from intake.near_names import near_name
from intake.references import Index
from intake.words import Reason

READ_SYSTEMS = frozenset(CodeSystem)
COUNTED = re.compile(r"\b(?:tablet|capsule|pill|tab|cap)s?\b", re.IGNORECASE)
LONGEST = 1000  # characters of one code or text
ANTIDEPRESSANTS = "N06A"  # the ATC group; a code of it that the formulary lacks is no other medicine


class Medicine(NamedTuple):
    """The ingredients of the formulary that a product holds, with the strength of each in mg where it is given.

    `counted` is true of tablets and capsules.
    """

    ingredients: tuple[str, ...]
    others: tuple[str, ...]
    strengths: dict[str, float]
    counted: bool
    path: str
    rule: str
    warning: Reason | None


class Unread(NamedTuple):
    """Why there is no medicine: set aside, or not understood."""

    reason: Reason
    path: str
    sentence: str
    set_aside: bool = False


class Sign(NamedTuple):
    """One code or text that says which medicine it is."""

    named: Named
    path: str
    words: str
    coded: bool


def medicine_of(given: Given, index: Index) -> Medicine | Unread:
    """The medicine of a MedicationRequest, -Dispense, -Statement or -Administration."""
    resource = given.resource
    if "medicationCodeableConcept" in resource:
        return understand(concept_of(resource["medicationCodeableConcept"]), "medicationCodeableConcept")
    reference = resource.get("medicationReference")
    found = index.find(reference, resource)
    if found:
        return _of_medication(found.resource)
    display = text(part(reference, "display"))
    by_display = understand(Concept((), display), "medicationReference.display")
    if isinstance(by_display, Medicine):
        return by_display
    if reference is None:
        return Unread(Reason.NO_MEDICINE, "medication[x]", "The resource names no medicine.")
    return Unread(Reason.DANGLING_REFERENCE, "medicationReference", "The medicine that it refers to was not given.")


def _of_medication(resource: Mapping[str, Any]) -> Medicine | Unread:
    """A Medication by its code, else by the ingredients that it lists."""
    where = "medicationReference.resolve()"
    if resource.get("status") == "entered-in-error":
        return Unread(Reason.ENTERED_IN_ERROR, f"{where}.status", "The medicine that it refers to is an error.")
    parts = mappings(resource.get("ingredient"))
    changed = next((key for key in map(modifier_in, (resource, *parts)) if key), None)
    if changed:
        return Unread(Reason.CHANGED_MEANING, f"{where}.{changed}", Reason.CHANGED_MEANING.meaning)
    by_code = understand(concept_of(resource.get("code")), f"{where}.code")
    if isinstance(by_code, Medicine) or by_code.reason not in {Reason.NO_MEDICINE, Reason.UNKNOWN_CODE}:
        return by_code
    listed = [understand(concept_of(each.get("itemCodeableConcept")), f"{where}.ingredient.item") for each in parts]
    held = [each for each in listed if isinstance(each, Medicine)]
    if not held:
        return listed[0] if listed else by_code
    ingredients = tuple(dict.fromkeys(name for each in held for name in each.ingredients))
    rule = "medicine by its listed ingredients"
    return Medicine(ingredients, (), {}, counted=False, path=f"{where}.ingredient.item", rule=rule, warning=None)


def understand(concept: Concept, path: str) -> Medicine | Unread:
    """The medicine that a concept stands for. Code and text must agree; no misspelling is guessed."""
    if any(said is not None and len(said) > LONGEST for said in (concept.text, *chain(*concept.codings))):
        return Unread(Reason.UNKNOWN_NAME, path, f"A code or text of more than {LONGEST} characters is not read.")
    return _understood(concept, path)


@lru_cache(maxsize=16384)
def _understood(concept: Concept, path: str) -> Medicine | Unread:
    signs = list(_signs(concept, path))
    known = [sign for sign in signs if sign.named.ingredients]
    if not known:
        return _nothing_known(concept, signs, path)
    refused = next((sign for sign in known if sign.named.refusal), None)
    if refused:
        return Unread(Reason.UNCLEAR_MEDICINE, refused.path, refused.named.refusal or "")
    first = known[0]
    other = next((sign for sign in known if sign.named.ingredients != first.named.ingredients), None)
    return _disagreement(first, other) if other else _agreed(known, signs)


def _signs(concept: Concept, path: str) -> Iterator[Sign]:
    """What each code stands for, then what each text names."""
    codes = formulary().codes
    for number, (system, code, _) in enumerate(concept.codings):
        entry = codes.get((system, code.upper())) if system in READ_SYSTEMS and code else None
        if entry:
            yield Sign(of_entry(entry), f"{path}.coding[{number}].code", entry.text, coded=True)
    for number, coding in enumerate(concept.codings):
        if coding.display:
            yield Sign(named_in(coding.display), f"{path}.coding[{number}].display", coding.display, coded=False)
    if concept.text:
        yield Sign(named_in(concept.text), f"{path}.text", concept.text, coded=False)


def _nothing_known(concept: Concept, signs: list[Sign], path: str) -> Unread:
    if any(map(_codes_another, concept.codings)):
        return Unread(Reason.OTHER_MEDICINE, path, "", set_aside=True)
    if any(_may_be_antidepressant(coding) for coding in concept.codings):
        sentence = "An ATC code of an antidepressant that the formulary does not have."
        return Unread(Reason.UNKNOWN_CODE, f"{path}.coding.code", sentence)
    readable = [sign for sign in signs if sign.named.readable]
    if readable:
        return _another_or_nearly(readable, path)
    if signs:
        return Unread(Reason.UNKNOWN_NAME, signs[0].path, "No name in it is known here, and no code is known either.")
    if any(coding.code for coding in concept.codings):
        return Unread(Reason.UNKNOWN_CODE, f"{path}.coding.code", "No code is known here, and no text says a name.")
    return Unread(Reason.NO_MEDICINE, path, "Neither a code nor a text names the medicine.")


def _another_or_nearly(readable: list[Sign], path: str) -> Unread:
    """Another medicine, unless a name is so near to a known one that it may be misspelt."""
    for sign in readable:
        near = near_name(sign.words)
        if near:
            return Unread(Reason.NEAR_NAME, sign.path, f"It is nearly {near!r}. Correct it, or give a code.")
    return Unread(Reason.OTHER_MEDICINE, path, "", set_aside=True)


def _is_atc(coding: Coding) -> bool:
    return coding.system == "atc" and bool(CODE_PATTERNS[CodeSystem.ATC].fullmatch((coding.code or "").upper()))


def _codes_another(coding: Coding) -> bool:
    return _is_atc(coding) and not _may_be_antidepressant(coding)


def _may_be_antidepressant(coding: Coding) -> bool:
    return _is_atc(coding) and (coding.code or "").upper().startswith(ANTIDEPRESSANTS)


def _disagreement(one: Sign, other: Sign) -> Unread:
    said = f"One names {_listed(one.named)}, the other {_listed(other.named)}. The medicine is taken as unknown."
    if one.coded and other.coded:
        return Unread(Reason.CODES_DISAGREE, other.path, f"Two codes disagree. {said}")
    return Unread(Reason.CODE_AND_TEXT_DISAGREE, other.path, f"Code and text disagree. {said}")


def _listed(named: Named) -> str:
    return " and ".join(sorted(named.ingredients))


def _agreed(known: list[Sign], signs: list[Sign]) -> Medicine:
    first = known[0]
    ingredients = tuple(sorted(first.named.ingredients))
    found = {name: {strength_in(sign.words, name) for sign in known} - {None} for name in ingredients}
    strengths = {name: amount for name, amounts in found.items() if len(amounts) == 1 for amount in amounts if amount}
    warning = None
    if any(len(amounts) > 1 for amounts in found.values()):
        warning = Reason.STRENGTHS_DISAGREE
    elif first.coded and any(sign.named.readable and not sign.named.ingredients for sign in signs):
        warning = Reason.TEXT_NOT_KNOWN
    others = tuple(dict.fromkeys(name for sign in known for name in sign.named.others))
    rule = "medicine by its code" if first.coded else "medicine by its text"
    counted = any(COUNTED.search(sign.words) for sign in known)
    return Medicine(ingredients, others, strengths, counted, first.path, rule, warning)


def entry_for(ingredient: str) -> dict[str, str]:
    """How the medicine is named in a record: by the name of the formulary, by which it is found again."""
    return {"text": formulary().medicines[ingredient].name}
