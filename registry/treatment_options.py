"""The families of options of a patient in the words of the API."""

from datetime import date
from typing import Any
from uuid import UUID

from clinical.definition import Definition
from clinical.history import History
from clinical.library import library
from clinical.safety import safety_on
from clinical.treatments.attempts import Attempt
from clinical.treatments.cautions import Caution
from clinical.treatments.members import MemberOption
from clinical.treatments.options import Option, options_for
from registry.answers import definition_used
from registry.desk import Desk
from registry.status import Moment, known_then
from registry.treatments_catalogue import adequacy_said, cited, known_of

Said = dict[str, Any]


async def treatment_options(desk: Desk, patient_id: UUID, definition: str, moment: Moment) -> Said:
    """Every family of options once, as in `models.treatment_option.TreatmentOptions`. One round trip for the facts.

    Raises:
        InvalidRequest: no such definition.
        NotFound, Gone: as in `registry.records.read`.
    """
    rule, history, on, known_at = await known_then(desk, patient_id, definition, moment)
    safety = safety_on(history, library().scales, on)._asdict()
    return {"patient_id": patient_id, "known_at": known_at, **options_said(rule, history, on), "safety": safety}


def options_said(definition: Definition, history: History, on: int) -> Said:
    """What is said of the options under one history, on one day."""
    found = options_for(definition, history, on, library())
    order = library().treatments.order
    return {
        "on": date.fromordinal(on),
        "definition": definition_used(definition),
        "status": found.assessment.status,
        "statement": order.review,
        "ordering": cited(order),
        "review_first": [{**each._asdict(), "records": list(each.records)} for each in found.review],
        "options": [_option(each, rank) for rank, each in enumerate(found.options, 1)],
        "outside_families": [_basis(each) for each in found.outside],
    }


def _option(option: Option, rank: int) -> Said:
    family = option.family
    return {
        "rank": rank,
        "family": family.slug,
        "title": family.title,
        "what": family.what,
        "state": option.state,
        "sentence": option.sentence,
        "group": option.group,
        "order_sentence": option.order_sentence,
        "basis": [_basis(each) for each in option.attempts],
        "members": [_member(each) for each in option.members],
        "evidence": [cited(each) for each in known_of(family)],
        "adequate_course": adequacy_said(option.adequate) if option.adequate else None,
        "cautions": [_caution(each) for each in option.cautions],
        "questions": list(option.questions),
    }


def _basis(attempt: Attempt) -> Said:
    return {
        "record": attempt.record,
        "id": attempt.id,
        "name": attempt.name,
        "state": attempt.state,
        "sentence": attempt.sentence,
        "adequate_course": adequacy_said(attempt.adequate),
    }


def _member(member: MemberOption) -> Said:
    return {
        "id": member.id,
        "title": member.title,
        "state": member.state,
        "tried": list(member.tried),
        "not_tried": list(member.untried),
        "spoken_against": list(member.spoken_against),
        "records": [each.id for each in member.attempts],
    }


def _caution(caution: Caution) -> Said:
    said = caution._asdict()
    return {"id": said.pop("slug"), **said, "records": list(caution.records), "about": list(caution.about)}
