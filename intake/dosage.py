"""The daily dose that the instructions of a resource state, in mg of one ingredient."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from clinical.published_doses import is_absurd
from intake.codings import concept_of
from intake.days import Day, read_day
from intake.dosage_text import LONGEST, NEARLY, daily_dose_said, says_otherwise
from intake.dosage_words import spoken
from intake.json_parts import mapping, mappings, part, text, whole
from intake.modifiers import modifier_in
from intake.units import Amount, amount_of, times_a_day
from intake.words import Reason


class Dose(NamedTuple):
    """mg a day (None: not known), where and how it was read, and what is to be said where it was not."""

    mg: float | None
    path: str
    rule: str
    warning: Reason | None


class Piece(NamedTuple):
    """The mg in one tablet or capsule, if known, and whether the product is one of those."""

    mg: float | None
    counted: bool


class Dosed(NamedTuple):
    """A dose from a day on; None is from the start."""

    since: Day | None
    dose: Dose


SILENT = Dose(None, "", "", None)


BOUNDS = ("boundsPeriod", "boundsDuration", "boundsRange")


def daily_doses(instructions: object, where: str, ingredient: str, piece: Piece) -> list[Dosed]:
    """The daily doses that instructions state, one after the other; at least one, which may be silent.

    Several instructions are taken together where they have one `sequence` number and the same bounds, and one after
    the other where each says when it begins: with a number of its own, or after the end of the one before. Else
    nobody can tell, and the dose is not known.
    """
    listed = mappings(instructions)
    doses = [sane(_one(each, f"{where}[{at}]", piece), ingredient) for at, each in enumerate(listed)]
    if len(listed) < 2:  # noqa: PLR2004 - one after the other takes two
        return [Dosed(None, doses[0] if doses else SILENT)]
    numbers = [whole(each.get("sequence")) for each in listed]
    together = None not in numbers and len(set(numbers)) == 1
    if together and all(_bounds(each) == _bounds(listed[0]) for each in listed):
        return [Dosed(None, sane(_sum(doses, where), ingredient))]
    starts = [read_day(part(each, "timing", "repeat", "boundsPeriod", "start")) for each in listed]
    in_turn = _are_parted(listed) if together else _may_follow_each_other(listed, numbers)
    if all(starts) and len(set(starts)) == len(starts) and in_turn:
        return [Dosed(since, dose) for since, dose in zip(starts, doses, strict=True)]
    return [Dosed(None, Dose(None, where, "", Reason.UNREADABLE_DOSE))]


def _bounds(dosage: Mapping[str, Any]) -> list[object]:
    """Between which days an instruction is followed, as it was written."""
    return [part(dosage, "timing", "repeat", key) for key in BOUNDS]


def _may_follow_each_other(listed: Sequence[Mapping[str, Any]], numbers: Sequence[int | None]) -> bool:
    """Whether nothing speaks against it: not two whose days overlap, unless each has a number of its own."""
    numbered = None not in numbers and len(set(numbers)) == len(numbers)
    open_ended = all(part(each, "timing", "repeat", "boundsPeriod", "end") is None for each in listed)
    return numbered or open_ended or _are_parted(listed)


def _are_parted(listed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether each instruction is over before the next one begins."""
    periods = [part(each, "timing", "repeat", "boundsPeriod") for each in listed]
    spans = sorted((_first(each), _last(each)) for each in periods)
    return all(one[1] < next_one[0] for one, next_one in pairwise(spans))


def _first(period: object) -> int:
    day = read_day(part(period, "start"))
    return day.first if day else 0


def _last(period: object) -> int:
    """The last day of a period; the last of all days where it has none."""
    day = read_day(part(period, "end"))
    return day.last if day else date.max.toordinal()


def _sum(doses: list[Dose], where: str) -> Dose:
    """Instructions that are followed together, such as one in the morning and one in the evening."""
    if any(dose.mg is None for dose in doses):
        return Dose(None, where, "", Reason.UNREADABLE_DOSE)
    return Dose(sum(dose.mg or 0 for dose in doses), where, "doses that are taken together", None)


def _one(dosage: Mapping[str, Any], path: str, piece: Piece) -> Dose:
    if modifier_in(dosage) or modifier_in(mapping(dosage.get("timing"))):
        return Dose(None, path, "", Reason.CHANGED_MEANING)
    if dosage.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage:
        return Dose(None, path, "", Reason.AS_NEEDED)
    amounts = _amounts(dosage, path)
    amount, place = amounts[0] if amounts else (None, path)
    if any(each != amount for each, _ in amounts):
        return Dose(None, place, "", Reason.UNREADABLE_DOSE)
    said = text(dosage.get("text"))
    dose, times = _by_text(said, path, piece), None
    if amount is not None:
        structured = _structured(amount, times_a_day(dosage.get("timing")), place, piece)
        decides = structured.mg is not None or dose.mg is None or structured.warning is Reason.DOSE_WITHOUT_UNIT
        dose, times = (structured, times_a_day(dosage.get("timing"))) if decides else (dose, None)
    if dose.mg is not None and any(_differs(each, dose.mg, times or _times_in(said), piece) for each in _texts(dosage)):
        return Dose(None, place, "", Reason.DOSE_AND_TEXT_DISAGREE)
    return dose


def _texts(dosage: Mapping[str, Any]) -> list[str]:
    """All that is said in words of one dosage."""
    more = (each.get("text") for each in mappings(dosage.get("additionalInstruction")))
    said = (text(each) for each in (dosage.get("text"), dosage.get("patientInstruction"), *more))
    return [each for each in said if each]


def _times_in(said: str | None) -> float | None:
    """How often a day, by a text that was read whole."""
    times = spoken(said or "").times
    return next(iter(times)) if len(times) == 1 else None


def _differs(said: str, mg: float, times: float | None, piece: Piece) -> bool:
    """Whether words say another dose of a day, or that it is not the same every day."""
    stated = _by_text(said, "", piece).mg
    if stated is not None:
        return abs(stated - mg) > NEARLY
    once = mg / times if times else None
    if says_otherwise(said, [each for each in (mg, once, piece.mg) if each]):
        return True
    return spoken(said).differs_from(times, once / piece.mg if once and piece.mg else None)


def _amounts(dosage: Mapping[str, Any], path: str) -> list[tuple[Amount | None, str]]:
    """The dose quantities, where R4 puts them or where earlier versions did; what was ordered, before all others."""
    listed = [
        (each, f"{path}.doseAndRate[{at}].dose")
        for at, each in enumerate(mappings(dosage.get("doseAndRate")))
        if "doseQuantity" in each or "doseRange" in each
    ]
    ordered = [
        (each, place)
        for each, place in listed
        if any(code == "ordered" for _, code, _ in concept_of(each.get("type")).codings)
    ]
    if not listed and "doseQuantity" in dosage:
        listed = [(dosage, f"{path}.doseQuantity")]
    return [(amount_of(each.get("doseQuantity")), place) for each, place in ordered or listed]


def _structured(amount: Amount, times: float | None, path: str, piece: Piece) -> Dose:
    if amount.bare:
        return Dose(None, path, "", Reason.DOSE_WITHOUT_UNIT)
    if times is None:
        return Dose(None, path, "", Reason.UNREADABLE_DOSE)
    if amount.mg is not None:
        return Dose(amount.mg * times, path, "dose in mg and how often", None)
    if amount.pieces is not None and piece.mg is not None:
        return Dose(amount.pieces * times * piece.mg, path, "tablets times strength and how often", None)
    return Dose(None, path, "", Reason.UNREADABLE_DOSE)


def _by_text(said: str | None, path: str, piece: Piece) -> Dose:
    found = daily_dose_said(said) if said and len(said) <= LONGEST else None
    if found and found.mg is not None:
        return Dose(found.mg, f"{path}.text", "daily dose stated in words", None)
    if found and found.pieces is not None and piece.mg is not None and (piece.counted or not found.bare):
        return Dose(found.pieces * piece.mg, f"{path}.text", "tablets in words times strength", None)
    return Dose(None, f"{path}.text", "", Reason.UNREADABLE_DOSE)


def sane(dose: Dose, ingredient: str) -> Dose:
    """The dose in whole milligrams where it is; unknown where nobody takes so much."""
    if dose.mg is None:
        return dose
    rounded = round(dose.mg, 3)
    if rounded <= 0 or is_absurd(ingredient, rounded):
        return Dose(None, dose.path, "", Reason.ABSURD_DOSE)
    return dose._replace(mg=int(rounded) if rounded == int(rounded) else rounded)
