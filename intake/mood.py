"""Disorders of mood in codes and words: what is read of them, and what is not read and may be one."""

import re
import tomllib
from functools import lru_cache
from typing import Any

from clinical.medicine import key_of
from intake.codings import Coding, Concept
from intake.diagnoses import HERE, ICD, Diagnosis, diagnosis_of
from intake.words import Reason

MOOD = re.compile(r"(?:F3\d|296)\w{0,4}")
"""The codes of disorders of mood in ICD-10 and ICD-9-CM, without their point."""
NEITHER = ("F3281", "F341", "F3481")
"""Of these, premenstrual dysphoria, dysthymia and disruptive mood dysregulation."""
OTHER_CODE = {
    **dict.fromkeys(ICD, re.compile(r"[A-Z]\d[0-9A-Z]\w{0,4}")),
    "icd9cm": re.compile(r"(?!29|30|31)\d{3,5}|[EV]\d{2,5}"),
}
"""What a code of something else looks like: in ICD-9-CM one outside of its chapter on the mind, 290 to 319."""
ICD_10_OF_NATIONS = re.compile(r"F3\d\.?\d{0,2}")
"""Outside of ICD-10-CM a letter behind a code, as in F32.1A for one that was excluded, is no part of it."""
ICD_9_SEVERITIES = {"1": "mild", "2": "moderate", "3": "severe", "4": "severe"}
ICD_9_PSYCHOTIC = {"3": False, "4": True}
ICD_9_REMITTED = frozenset("56")  # 5 is in partial or unspecified remission: it may be over


def diagnosis_in(coding: Coding) -> Diagnosis | None:
    """What a code of SNOMED CT, ICD-10 or ICD-9-CM says; None for every other one."""
    if coding.system == "icd9cm":
        return _by_icd_9(_bare(coding))
    if coding.system == "icd10" and not ICD_10_OF_NATIONS.fullmatch((coding.code or "").upper()):
        return None
    return diagnosis_of(coding.system, coding.code)


def _by_icd_9(code: str) -> Diagnosis | None:
    groups = _table()["icd9cm"]
    if not MOOD.fullmatch(code) or not code.startswith(tuple(groups["depression"] + groups["bipolar"])):
        return None
    if code.startswith(tuple(groups["bipolar"])):
        return Diagnosis("bipolar")
    digit = code[4:]
    return Diagnosis("depression", ICD_9_SEVERITIES.get(digit), ICD_9_PSYCHOTIC.get(digit), digit in ICD_9_REMITTED)


def _bare(coding: Coding) -> str:
    """The code without points and marks."""
    return "".join(each for each in (coding.code or "").upper() if each.isalnum())


def suspected_in(coding: Coding) -> Reason | None:
    """What a code that is not read may stand for: a disorder of mood in ICD, be it in a system that is not known."""
    code = _bare(coding)
    of_mood = coding.system in {*OTHER_CODE, None} and MOOD.fullmatch(code) and not code.startswith(NEITHER)
    if not of_mood or diagnosis_in(coding):
        return None
    return Reason.MAY_BE_DEPRESSION if code.startswith(("F32", "F33")) else Reason.MAY_BE_BIPOLAR


def spoken_of_in(concept: Concept) -> Reason | None:
    """What the words speak of, be it to deny it: bipolar disorder before depression."""
    said = _said(concept)
    words = f" {key_of(said)} "
    for reason, kind in ((Reason.MAY_BE_BIPOLAR, "bipolar"), (Reason.MAY_BE_DEPRESSION, "depression")):
        table = _table()["words"][kind]
        looked_for = (*(f" {each}" for each in table["beginnings"]), *(f" {each} " for each in table["whole"]))
        if any(each in words for each in looked_for) or any(each in said for each in table["signs"]):
            return reason
    return None


def says_anything(concept: Concept) -> bool:
    """Whether it holds a word that can be read here, which is one in Latin letters."""
    return any(letter.isalpha() for letter in key_of(_said(concept)))


def _said(concept: Concept) -> str:
    """Its text and the texts beside its codes."""
    return " ; ".join(each for each in (concept.text, *(coding.display for coding in concept.codings)) if each)


def is_another(coding: Coding) -> bool:
    """Whether an ICD code is of something else than a disorder of mood."""
    shape = OTHER_CODE.get(coding.system or "")
    return bool(shape and shape.fullmatch(_bare(coding))) and not suspected_in(coding)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(HERE.read_text("utf-8"))
