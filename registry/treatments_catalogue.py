"""The catalogue of treatments in the words of the API."""

from collections.abc import Iterator
from typing import Any

from clinical.findings import Finding
from clinical.library import library
from clinical.medicine import MedicineRole
from clinical.sections import Criterion
from clinical.treatments.entries import CourseRule, Family, Statement
from clinical.treatments.rules import CautionRule

Said = dict[str, Any]


def cited(statement: Statement) -> Said:
    """A sentence with its source, as in `models.treatment_option.Cited`."""
    return {"sentence": statement.sentence, "source": statement.source, "evidence": statement.evidence}


def adequacy_said(finding: Finding) -> Said:
    """Whether a course was a fair one, as in `models.adequate_course.AdequateCourse`."""
    return {
        "verdict": finding.verdict,
        "sentence": finding.sentence,
        "observed": finding.observed,
        "required": finding.required,
        "unit": finding.unit,
        "question": finding.question.words if finding.question else None,
        "source": finding.source,
        "evidence": finding.evidence,
    }


def known_of(family: Family) -> list[Statement]:
    """All that sources say of a family: its effect, its place, and how it stands with regulators."""
    more = (family.place, family.under_study)
    return [*family.statements, *(each for each in more if each is not None), *family.standing]


def list_treatments() -> Said:
    """Every family, in the order of the data, as in `models.treatments_catalogue.TreatmentsCatalogue`."""
    treatments = library().treatments
    return {
        "items": [_family(treatments.families[slug]) for slug in treatments.order.families],
        "cautions": [_caution(each) for each in treatments.cautions],
        "ordering": cited(treatments.order),
        "next_cursor": None,
    }


def _family(family: Family) -> Said:
    place = family.place
    later = {"failed_medications_at_least": place.failed_medications_at_least, **cited(place)} if place else None
    return {
        "id": family.slug,
        "title": family.title,
        "what": family.what,
        "evidence": [cited(each) for each in family.statements],
        "adequate_course": list(_drug_courses(family)),
        "place": later,
        "under_study": cited(family.under_study) if family.under_study else None,
        "standing": [cited(each) for each in family.standing],
        "notes": [cited(each) for each in family.notes],
        "members": list(_members(family)),
    }


def _drug_courses(family: Family) -> Iterator[Said]:
    """For medicines taken day by day: the family's own rule, else that of the cautions."""
    if family.drug_course is not None:
        yield _course(family.drug_course)
    elif family.drugs is MedicineRole.ANTIDEPRESSANT:
        rule, dose = library().cautions.duration, library().cautions.dose
        sentence = f"At least {rule.at_least_days} days at or above the least dose of the table {dose.table}."
        yield _rule(rule, sentence) | {"days_at_least": rule.at_least_days}


def _course(rule: CourseRule) -> Said:
    numbers = rule.model_dump(include={"sessions_at_least", "days_at_least", "laterality"})
    return _rule(rule, rule.sentence) | numbers


def _rule(rule: Criterion, sentence: str) -> Said:
    numbers = dict.fromkeys(("sessions_at_least", "days_at_least", "laterality"))
    return {"sentence": sentence, **numbers, "source": rule.source, "evidence": rule.evidence}


def _members(family: Family) -> Iterator[Said]:
    for member in family.members:
        yield {
            "id": member.modality,
            "kind": "modality",
            "title": member.title,
            "what": member.what,
            "medicines": [],
            "adequate_course": [_course(each) for each in member.adequate_course],
            "evidence": [cited(each) for each in member.statements],
        }
    for drug_class in library().treatments.classes_of(family):
        yield {
            "id": drug_class.group,
            "kind": "class",
            "title": drug_class.title,
            "what": None,
            "medicines": [each.name for each in drug_class.medicines(library().formulary)],
            "adequate_course": [],
            "evidence": [cited(each) for each in drug_class.statements],
        }


def _caution(rule: CautionRule) -> Said:
    return {
        "id": rule.slug,
        "level": rule.level,
        **cited(rule),
        "about": rule.about.model_dump(mode="json", exclude_defaults=True),
        "raised_by": rule.when.model_dump(mode="json", exclude_defaults=True),
    }
