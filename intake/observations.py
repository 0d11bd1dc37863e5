"""Observations: totals and items of rating scales by their LOINC codes, never by their text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clinical.rating_scales import Scale
from intake.codings import concept_of
from intake.days import Day
from intake.given import Given, Unusable
from intake.json_parts import mappings, part, text, whole
from intake.lines import date_in
from intake.ratings import ITEMS, PANELS, TOTALS
from intake.statuses import refuse_changed_meaning, refuse_unknown_status, refuse_what_did_not_happen
from intake.words import Reason

ANSWERS = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
"""LOINC answer list LL358-3: not at all, several days, more than half the days, nearly every day."""
POINTS = re.compile(r"1|\{.*\}|\(?total\)?|(?:total )?(?:score|point|pt)s?|phq-?9.{0,20}|gad-?7.{0,20}|no units?")
"""Units of a score, as they are met: the one and the annotations of UCUM, or a word for points."""
VALUES = ("valueInteger", "valueQuantity", "valueDecimal", "valueString")
DATES = ("effectiveDateTime", "effectiveInstant", "effectivePeriod")


class Scored(NamedTuple):
    """One observation of a scale: its total, or answers by the number of the item; a panel may hold many."""

    given: Given
    scale: Scale
    day: Day
    moment: str
    path: str
    total: int | None
    answers: dict[int, int]


def scored(given: Given, on: int) -> Scored:
    """What an observation says of a scale.

    Raises:
        Unusable: it is of nothing that is recorded here, did not happen, has no date, or no value of the scale.
    """
    resource = given.resource
    code = next((each for each in _loinc(resource) if each in TOTALS or each in ITEMS or each in PANELS), None)
    within = {} if code else _scales_within(resource)
    if code is None and not within:
        raise Unusable(Reason.OTHER_OBSERVATION, "code", set_aside=True)
    refuse_what_did_not_happen("Observation", resource)
    refuse_unknown_status("Observation", resource)
    if resource.get("focus"):
        raise Unusable(Reason.OF_ANOTHER, "focus", set_aside=True)
    if len(within) > 1:
        raise Unusable(Reason.SEVERAL_SCALES, "component")
    if code in TOTALS:
        total, path = _value(resource)
        scale, answers = TOTALS[code], _components(resource, TOTALS[code])
        return Scored(given, scale, *_when(resource, on), path, _in_range(total, path, scale), answers)
    if code in ITEMS:
        scale, at = ITEMS[code]
        answer, path = _answer(resource)
        return Scored(given, scale, *_when(resource, on), path, None, {at: _within(answer, path, scale, at)})
    slug = PANELS[code] if code else next(iter(within))
    scale = within.get(slug) or next(scale for scale, _ in ITEMS.values() if scale.slug == slug)
    return _panel(given, scale, on)


def _scales_within(resource: Mapping[str, Any]) -> dict[str, Scale]:
    """The scales that the components are of, where the observation has no code of LOINC that says what it is."""
    if _loinc(resource):
        return {}
    codes = [code for each in mappings(resource.get("component")) for code in _loinc(each)]
    found = [TOTALS[code] if code in TOTALS else ITEMS[code][0] for code in codes if code in TOTALS or code in ITEMS]
    return {scale.slug: scale for scale in found}


def _panel(given: Given, scale: Scale, on: int) -> Scored:
    """The total and the items among the components of a panel, which has no value of its own."""
    resource = given.resource
    answers, total_of_panel = _components(resource, scale), _component_total(resource, scale)
    if not answers and total_of_panel is None:
        value = next((key for key in resource if key.startswith("value")), None)
        if value:
            raise Unusable(Reason.VALUE_OF_PANEL, value)
        raise Unusable(Reason.NO_VALUE, "component", set_aside=True)
    return Scored(given, scale, *_when(resource, on), "component", total_of_panel, answers)


def _loinc(resource: Mapping[str, Any]) -> list[str]:
    return [code for system, code, _ in concept_of(resource.get("code")).codings if system == "loinc" and code]


def _refuse_what_has_no_value(element: Mapping[str, Any]) -> None:
    """An observation, or a component, that says why it has no value has none, whatever stands beside that."""
    refuse_changed_meaning(element)
    if element.get("dataAbsentReason"):
        raise Unusable(Reason.NO_VALUE, "dataAbsentReason", set_aside=True)


def _value(resource: Mapping[str, Any]) -> tuple[int, str]:
    """The total: a whole number, however it is written, of points and of nothing else."""
    _refuse_what_has_no_value(resource)
    for key in VALUES:
        if key in resource:
            value = part(resource[key], "value") if key == "valueQuantity" else resource[key]
            found = whole(value)
            if found is None or part(resource[key], "comparator") is not None or not _is_of_points(resource[key]):
                raise Unusable(Reason.NOT_A_SCORE, key)
            return found, key
    if any(key.startswith("value") for key in resource):
        raise Unusable(Reason.NOT_A_SCORE, "value[x]")
    raise Unusable(Reason.NO_VALUE, "value[x]", set_aside=True)


def _is_of_points(value: object) -> bool:
    """Whether a value has no unit, or one of points."""
    said = {text(part(value, key)) for key in ("unit", "code")} - {None}
    return all(unit and POINTS.fullmatch(unit.lower()) for unit in said)


def _answer(resource: Mapping[str, Any]) -> tuple[int, str]:
    """The answer to an item: a code of the answer list, else a number."""
    _refuse_what_has_no_value(resource)
    if "valueCodeableConcept" in resource:
        codes = [
            ANSWERS[code] for _, code, _ in concept_of(resource["valueCodeableConcept"]).codings if code in ANSWERS
        ]
        if len(set(codes)) != 1:
            raise Unusable(Reason.UNREADABLE_ANSWER, "valueCodeableConcept")
        return codes[0], "valueCodeableConcept"
    return _value(resource)


def _in_range(total: int, path: str, scale: Scale) -> int:
    if not scale.range.minimum <= total <= scale.range.maximum:
        raise Unusable(Reason.OUT_OF_RANGE, path)
    return total


def _within(answer: int, path: str, scale: Scale, at: int) -> int:
    if scale.items is None or not 0 <= answer <= scale.items.maxima[at]:
        raise Unusable(Reason.OUT_OF_RANGE, path)
    return answer


def _components(resource: Mapping[str, Any], scale: Scale) -> dict[int, int]:
    return dict(_component_answers(resource, scale))


def _component_total(resource: Mapping[str, Any], scale: Scale) -> int | None:
    """The total among the components of a panel."""
    for number, each in enumerate(mappings(resource.get("component"))):
        if scale.loinc_total in _loinc(each):
            total, path = _value(each)
            return _in_range(total, f"component[{number}].{path}", scale)
    return None


def _component_answers(resource: Mapping[str, Any], scale: Scale) -> Iterator[tuple[int, int]]:
    for number, each in enumerate(mappings(resource.get("component"))):
        for code in _loinc(each):
            if code in ITEMS and ITEMS[code][0] is scale:
                answer, path = _answer(each)
                at = ITEMS[code][1]
                yield at, _within(answer, f"component[{number}].{path}", scale, at)


def _when(resource: Mapping[str, Any], on: int) -> tuple[Day, str]:
    """The day, and the moment as it was written. When a result was issued is not when it was asked."""
    for key in DATES:
        value = part(resource.get(key), "end") or part(resource.get(key), "start") or resource.get(key)
        day = date_in(value, key, on)
        if day:
            return day, str(value)
    raise Unusable(Reason.NO_DATE, "effective[x]")
