"""QuestionnaireResponses: the answers to a scale by the LOINC codes of its items, however deeply they are grouped."""

from collections.abc import Iterator, Mapping
from typing import Any

from clinical.rating_scales import Scale
from intake.given import Given, Unusable
from intake.json_parts import mappings, part, text, whole
from intake.lines import date_in
from intake.observations import ANSWERS, Scored
from intake.ratings import ITEMS, TOTALS
from intake.statuses import refuse_changed_meaning, refuse_unknown_status, refuse_what_did_not_happen
from intake.words import Reason

MOST_LEVELS, MOST_ITEMS = 20, 2000
ORDINALS = frozenset(
    {"http://hl7.org/fhir/StructureDefinition/ordinalValue", "http://hl7.org/fhir/StructureDefinition/itemWeight"}
)


def answered(given: Given, on: int) -> Scored:
    """The answers and the total of one filled-in scale.

    Raises:
        Unusable: no scale that is recorded here, or an answer that is none of the scale.
    """
    resource = given.resource
    answers: dict[int, int] = {}
    scale, total = None, None
    for item, code in _items(resource):
        own, at = ITEMS[code] if code in ITEMS else (TOTALS[code], None)
        if scale and own is not scale:
            raise Unusable(Reason.UNREADABLE_ANSWER, "item", "It holds the items of more than one scale.")
        scale = own
        value = _answer(item)
        if at is None:
            total = value
        elif value is not None:
            answers[at] = _within(value, scale, at)
    if scale is None:
        raise Unusable(Reason.OTHER_QUESTIONNAIRE, "item", set_aside=True)
    refuse_what_did_not_happen("QuestionnaireResponse", resource)
    refuse_unknown_status("QuestionnaireResponse", resource)
    return _scored(given, scale, total, answers, on)


def _scored(given: Given, scale: Scale, total: int | None, answers: dict[int, int], on: int) -> Scored:
    if total is None and not answers:
        raise Unusable(Reason.NO_VALUE, "item.answer", set_aside=True)
    if total is not None and not scale.range.minimum <= total <= scale.range.maximum:
        raise Unusable(Reason.OUT_OF_RANGE, "item.answer")
    day = date_in(given.resource.get("authored"), "authored", on)
    if day is None:
        raise Unusable(Reason.NO_DATE, "authored")
    return Scored(given, scale, day, str(given.resource["authored"]), "item", total, answers)


def _items(resource: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each item of a known scale with its code, depth first, without recursion and within bounds."""
    waiting = [(each, 1) for each in reversed(mappings(resource.get("item")))]
    seen = 0
    while waiting:
        item, level = waiting.pop()
        seen += 1
        if level > MOST_LEVELS or seen > MOST_ITEMS:
            raise Unusable(
                Reason.TOO_DEEP, "item", f"More than {MOST_LEVELS} levels or {MOST_ITEMS} items are not read."
            )
        code = (text(item.get("linkId")) or "").strip("/").rpartition("/")[2]
        if code in ITEMS or code in TOTALS:
            refuse_changed_meaning(item, "item.")
            yield item, code
        inner = [*mappings(item.get("item"))]
        inner += [each for answer in mappings(item.get("answer")) for each in mappings(answer.get("item"))]
        waiting.extend((each, level + 1) for each in reversed(inner))


def _answer(item: Mapping[str, Any]) -> int | None:
    """The points of the one answer: by its code, else its number. None where it was left out."""
    answers = mappings(item.get("answer"))
    if not answers:
        return None
    value: Mapping[str, Any] = answers[0]
    code = part(value, "valueCoding", "code")
    points = ANSWERS.get(code) if isinstance(code, str) else None
    if points is None:
        points = next((whole(value[key]) for key in ("valueInteger", "valueDecimal") if key in value), None)
    if points is None:
        points = _ordinal(value.get("valueCoding"))
    if points is None or len(answers) > 1:
        raise Unusable(Reason.UNREADABLE_ANSWER, "item.answer")
    return points


def _ordinal(coding: object) -> int | None:
    """The points that a coding of another answer list carries with it."""
    carried = [each for each in mappings(part(coding, "extension")) if text(each.get("url")) in ORDINALS]
    found = {whole(each.get("valueDecimal")) for each in carried}
    return found.pop() if len(found) == 1 else None


def _within(points: int, scale: Scale, at: int) -> int:
    if scale.items is None or not 0 <= points <= scale.items.maxima[at]:
        raise Unusable(Reason.OUT_OF_RANGE, "item.answer")
    return points
