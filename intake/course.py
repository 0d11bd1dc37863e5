"""The one entrance: the resources of one patient as what is recorded here, each resource accounted for once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from intake.assessments import READERS as RATED
from intake.assessments import assessments_of
from intake.conditions import episodes_of
from intake.denials import denials_in
from intake.given import Book, Given, each_once, in_order
from intake.grouping import courses_of
from intake.made import Course
from intake.medications import KINDS as MEDICATIONS
from intake.medications import lines_of
from intake.patient import patient_of
from intake.procedures import treatments_of
from intake.references import Index, target_of
from intake.trials import trial_of
from intake.words import Reason

MUCH = 150
"""Resources of one patient from which on reading them would hold up whoever else is to be served meanwhile."""
NO_ALIASES: Mapping[str, str] = {}
NOT_R4 = frozenset({"MedicationOrder", "MedicationUsage", "MedicationPrescription", "DiagnosticOrder"})


def of_patient(resources: Sequence[Mapping[str, Any]], *, on: date, aliases: Mapping[str, str] = NO_ALIASES) -> Course:
    """What the FHIR R4 resources of one patient say, as of the day `on`.

    Whatever is in them, nothing is raised: what cannot be read is in `not_understood`. The order of the resources
    does not matter, and one that is given twice counts once. `aliases` says which `Type/id` a full URL stands for.
    """
    book, today = Book(), on.toordinal()
    by_kind: defaultdict[str, list[Given]] = defaultdict(list)
    givens = each_once(resources, book)
    for given in givens:
        by_kind[given.kind].append(given)
    index = Index(givens, aliases)
    drugs = [given for given in givens if given.kind in MEDICATIONS]
    lines = lines_of(drugs, index, today, book)
    denials = denials_in(drugs, index)
    course = Course(
        patient=patient_of(by_kind["Patient"], book),
        episodes=episodes_of(by_kind["Condition"], today, book),
        medication_trials=[trial_of(course, denials, index, today, book) for course in courses_of(lines)],
        assessments=assessments_of((given for given in givens if given.kind in RATED), today, book),
        treatments=treatments_of(by_kind["Procedure"], today, book),
        not_understood=book.not_understood,
        accounted=[],
        warnings=book.warnings,
    )
    _account_for_medicines(by_kind["Medication"], drugs, aliases, book)
    _account_for_the_rest(givens, book)
    return course._replace(
        not_understood=sorted(book.not_understood),
        accounted=in_order(book.accounted.values()),
        warnings=sorted(set(book.warnings)),
    )


def _account_for_medicines(medicines: list[Given], drugs: list[Given], aliases: Mapping[str, str], book: Book) -> None:
    """A Medication shares the fate of what refers to it: used if one of them was."""
    users: defaultdict[str, list[Given]] = defaultdict(list)
    for given in drugs if medicines else ():
        target = target_of(given.resource.get("medicationReference"))
        if target:
            users[aliases.get(target, target).replace("urn:uuid:", "Medication/")].append(given)
    for medicine in medicines:
        fates = sorted(
            (book.accounted[user.reference] for user in users[medicine.reference]), key=lambda fate: fate[1:2]
        )
        if not fates:
            book.set_aside(medicine, Reason.NOT_REFERRED_TO)
        else:
            best = next((fate for fate in fates if fate.reason is None), fates[0])
            book.accounted[medicine.reference] = best._replace(reference=medicine.reference)


def _account_for_the_rest(givens: list[Given], book: Book) -> None:
    for given in givens:
        if given.reference not in book.accounted:
            if given.kind in NOT_R4:
                book.refuse(given, Reason.NOT_R4, "resourceType")
            else:
                book.set_aside(given, Reason.OTHER_KIND)
