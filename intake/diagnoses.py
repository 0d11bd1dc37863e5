"""What a diagnosis code says: depression or bipolar disorder, how severe, with psychosis, in remission."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent / "diagnoses.toml"
ICD = frozenset({"icd10", "icd10cm"})
ICD_10 = re.compile(r"F3([0-3])\.?([0-9A-Z]{0,4})")
SEVERITIES = {"0": "mild", "1": "moderate", "2": "severe", "3": "severe"}
PSYCHOTIC = {"2": False, "3": True}
PREMENSTRUAL = "81"  # F32.81 of ICD-10-CM; not an episode of depression
IN_REMISSION = {"2": ("5",), "3": ("4", "40", "42")}  # of F32 in ICD-10-CM and of F33; partial remission is none


class Diagnosis(NamedTuple):
    """What one code says of the mood; None is not said."""

    disorder: str
    severity: str | None = None
    psychotic_features: bool | None = None
    remitted: bool = False


def diagnosis_of(system: str | None, code: str | None) -> Diagnosis | None:
    """What a code says; None for every code of something else and every code that is not known."""
    if system == "snomed":
        return _snomed().get(code or "")
    found = ICD_10.fullmatch(code.upper()) if system in ICD and code else None
    return _by_icd(found[1], found[2], system == "icd10cm") if found else None


def _by_icd(group: str, rest: str, american: bool) -> Diagnosis | None:  # noqa: FBT001 - which edition
    if group in "01":
        return Diagnosis("bipolar")
    if group == "2" and rest == PREMENSTRUAL:
        return None
    if rest in IN_REMISSION[group] and (american or group == "3"):
        return Diagnosis("depression", remitted=True)
    if len(rest) > 1:
        return Diagnosis("depression")
    return Diagnosis("depression", SEVERITIES.get(rest), PSYCHOTIC.get(rest))


@lru_cache(maxsize=1)
def _snomed() -> dict[str, Diagnosis]:
    rows: list[dict[str, Any]] = tomllib.loads(HERE.read_text("utf-8"))["snomed"]
    facts = ("disorder", "severity", "psychotic_features", "remitted")
    return {row["code"]: Diagnosis(**{key: row[key] for key in facts if key in row}) for row in rows}
