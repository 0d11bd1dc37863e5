"""The four kinds of medication resources, read as lines: one for each ingredient of the formulary."""

from collections.abc import Iterable, Mapping
from typing import Any

from clinical.vocabulary import SourceKind
from intake.days import Day
from intake.dosage import SILENT, Dose, Dosed, Piece, daily_doses, sane
from intake.fills import handed_over
from intake.given import Book, Given, Unusable
from intake.json_parts import mapping, part, text
from intake.lines import Line, Taken
from intake.medicines import Medicine, Unread, medicine_of
from intake.modifiers import modifier_in
from intake.orders import ordered
from intake.references import Index, target_of
from intake.reversals import without_reversed
from intake.statements import administered, stated
from intake.statuses import refuse_unknown_status, refuse_what_did_not_happen
from intake.units import amount_of
from intake.words import Reason

READERS = {
    "MedicationRequest": ordered,
    "MedicationDispense": handed_over,
    "MedicationStatement": stated,
    "MedicationAdministration": administered,
}
KINDS = frozenset(READERS)
BY_PATIENT = ("Patient/", "RelatedPerson/")
BY_CLINICIAN = ("Practitioner/", "PractitionerRole/")


def lines_of(givens: Iterable[Given], index: Index, on: int, book: Book) -> list[Line]:
    """All lines of the medication resources, in the order of the resources; the rest is accounted for."""
    found: list[Line] = []
    reversals: list[Given] = []
    for given in givens:
        try:
            found.extend(_lines(given, index, on, book))
        except Unusable as why:
            book.leave(given, why)
            if why.reason is Reason.REVERSAL:
                reversals.append(given)
        else:
            book.used(given)
    return without_reversed(found, reversals, index, book)


def _lines(given: Given, index: Index, on: int, book: Book) -> list[Line]:
    kind, resource = given.kind, given.resource
    refuse_what_did_not_happen(kind, resource)
    medicine = medicine_of(given, index)
    if isinstance(medicine, Unread):
        raise Unusable(medicine.reason, medicine.path, medicine.sentence, set_aside=medicine.set_aside)
    refuse_unknown_status(kind, resource)
    taken = READERS[kind](resource, on)
    if medicine.warning:
        book.warn(given, medicine.warning, f"{kind}.{medicine.path}")
    source = source_kind(kind, resource, index)
    lines = [
        Line(given, name, medicine, source, _from(dosed.since, taken), dosed.dose)
        for name in medicine.ingredients
        for dosed in _doses(given, medicine, name)
        if dosed.since is None or dosed.since.first <= on
    ]
    for dose in dict.fromkeys(line.dose for line in lines if line.ingredient == lines[0].ingredient):
        if dose.warning:
            book.warn(given, dose.warning, f"{kind}.{dose.path}")
    return lines or [Line(given, name, medicine, source, taken, SILENT) for name in medicine.ingredients]


def _from(since: Day | None, taken: Taken) -> Taken:
    """The same, from the day on which a later instruction begins."""
    if since is None or (taken.started and since.first <= taken.started.first):
        return taken
    return taken._replace(started=since, started_path="dosageInstruction", started_rule="start of a later instruction")


def _doses(given: Given, medicine: Medicine, ingredient: str) -> list[Dosed]:
    if given.kind == "MedicationAdministration":
        return [Dosed(None, _administered(mapping(given.resource.get("dosage")), ingredient))]
    piece = Piece(medicine.strengths.get(ingredient), medicine.counted)
    where = "dosage" if given.kind == "MedicationStatement" else "dosageInstruction"
    return daily_doses(given.resource.get(where), where, ingredient, piece)


def _administered(dosage: Mapping[str, Any], ingredient: str) -> Dose:
    """What was given at once, in mg; whether it is the dose of a day is seen from all of them."""
    if modifier_in(dosage):
        return Dose(None, "dosage", "", Reason.CHANGED_MEANING)
    amount = amount_of(dosage.get("dose"))
    if amount and amount.mg is not None:
        return sane(Dose(amount.mg, "dosage.dose", "given once a day", None), ingredient)
    bare = Reason.DOSE_WITHOUT_UNIT if amount and amount.bare else None
    return Dose(None, "dosage.dose", "", bare)


def source_kind(kind: str, resource: Mapping[str, Any], index: Index) -> SourceKind:
    """Who says so: claims for what was dispensed, else the patient or a clinician if named, else the record."""
    if kind == "MedicationDispense":
        return SourceKind.CLAIMS
    if kind == "MedicationRequest":
        says = resource.get("reportedReference")
        if resource.get("reportedBoolean") is True and says is None:
            return SourceKind.PATIENT
    else:
        says = resource.get("informationSource") if kind == "MedicationStatement" else None
    if not isinstance(says, dict):
        return SourceKind.EHR
    who = index.find(says, resource)
    target = f"{who.kind}/" if who else (target_of(says) or f"{text(part(says, 'type'))}/")
    if target.startswith(BY_PATIENT):
        return SourceKind.PATIENT
    return SourceKind.CLINICIAN if target.startswith(BY_CLINICIAN) else SourceKind.EHR
