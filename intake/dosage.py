"""The daily dose that the instructions of a resource state, in mg of one ingredient."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from clinical.conventions import conventions
from intake.dosage_text import daily_dose_said
from intake.json_parts import mapping, mappings, text
from intake.medicines import Medicine
from intake.units import Amount, amount_of, times_a_day
from intake.words import Reason

HIGHEST_MG = conventions().highest_dose.value


class Dose(NamedTuple):
    """mg a day (None: not known), where and how it was read, and what is to be said where it was not."""

    mg: float | None
    path: str
    rule: str
    warning: Reason | None


SILENT = Dose(None, "", "", None)


def daily_dose(instructions: object, where: str, medicine: Medicine, ingredient: str) -> Dose:
    """The daily dose by all instructions of a resource; they add up only where each is known and none is a choice."""
    listed = mappings(instructions)
    if not listed:
        return SILENT
    if len(listed) > 1:
        return _several([_one(each, f"{where}[{at}]", medicine, ingredient) for at, each in enumerate(listed)], where)
    return _sane(_one(listed[0], f"{where}[0]", medicine, ingredient))


def _several(doses: list[Dose], where: str) -> Dose:
    """Instructions one after the other, or at the same time? Only when all say the same is it one dose."""
    if len({dose.mg for dose in doses}) == 1:
        return _sane(doses[0])
    return Dose(None, where, "", Reason.UNREADABLE_DOSE)


def _one(dosage: Mapping[str, Any], path: str, medicine: Medicine, ingredient: str) -> Dose:
    if dosage.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage:
        return Dose(None, path, "", Reason.AS_NEEDED)
    times = times_a_day(dosage.get("timing"))
    amount, place = _amount(dosage, path)
    if amount is not None:
        return _structured(amount, times, place, medicine.strengths.get(ingredient))
    return _by_text(dosage, path, medicine.strengths.get(ingredient))


def _amount(dosage: Mapping[str, Any], path: str) -> tuple[Amount | None, str]:
    """The dose quantity, where R4 puts it or where earlier versions did."""
    for at, each in enumerate(mappings(dosage.get("doseAndRate"))):
        if "doseQuantity" in each or "doseRange" in each:
            return amount_of(each.get("doseQuantity")), f"{path}.doseAndRate[{at}].dose"
    return (amount_of(dosage.get("doseQuantity")), f"{path}.doseQuantity") if "doseQuantity" in dosage else (None, path)


def _structured(amount: Amount, times: float | None, path: str, strength: float | None) -> Dose:
    if amount.bare:
        return Dose(None, path, "", Reason.DOSE_WITHOUT_UNIT)
    if times is None:
        return Dose(None, path, "", Reason.UNREADABLE_DOSE)
    if amount.mg is not None:
        return Dose(amount.mg * times, path, "dose in mg and how often", None)
    if amount.pieces is not None and strength is not None:
        return Dose(amount.pieces * times * strength, path, "tablets times strength and how often", None)
    return Dose(None, path, "", Reason.UNREADABLE_DOSE)


def _by_text(dosage: Mapping[str, Any], path: str, strength: float | None) -> Dose:
    said = text(dosage.get("text"))
    found = daily_dose_said(said) if said else None
    if found and found.mg is not None:
        return Dose(found.mg, f"{path}.text", "daily dose stated in words", None)
    if found and found.pieces is not None and strength is not None:
        return Dose(found.pieces * strength, f"{path}.text", "tablets in words times strength", None)
    return Dose(None, f"{path}.text", "", Reason.UNREADABLE_DOSE) if said or mapping(dosage) else SILENT


def _sane(dose: Dose) -> Dose:
    if dose.mg is None:
        return dose
    if dose.mg > HIGHEST_MG:
        return Dose(None, dose.path, "", Reason.ABSURD_DOSE)
    rounded = round(dose.mg, 3)
    return dose._replace(mg=int(rounded) if rounded == int(rounded) else rounded) if rounded > 0 else SILENT
