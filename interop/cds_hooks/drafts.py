"""Orders that are being made: which medicine and which daily dose. A draft is no trial, and is never judged as one.

Drafts of the standard's own examples are no valid R4, or of an earlier version of FHIR: what can be read of them is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from intake.dosage import Piece, daily_doses
from intake.given import Given
from intake.json_parts import mapping, mappings, text
from intake.medicines import Medicine, medicine_of
from intake.references import Index
from intake.words import Reason
from interop.cds_hooks.gathered import resources_in

ORDERS = frozenset({"MedicationRequest", "MedicationOrder", "MedicationPrescription"})
"""The kinds of resources that order a medicine: R4, and what they were called in DSTU 2 and 1."""
CONTRADICTS = frozenset({Reason.CODE_AND_TEXT_DISAGREE, Reason.CODES_DISAGREE})
MOST_DRAFTS = 20
WITHDRAWN = frozenset({"cancelled", "entered-in-error", "stopped"})


class Draft(NamedTuple):
    """One ingredient that is being ordered.

    Attributes:
        ingredient: its identity in the formulary; None where codes and text name different medicines.
        daily_mg: mg a day; None where the order does not say it in a way that can be read.
        contradiction: what contradicts, in a sentence, where there is no ingredient.
    """

    ingredient: str | None
    daily_mg: float | None
    contradiction: str = ""


class Drafts(NamedTuple):
    """What is being ordered: the drafts that were chosen now, and those that stand beside them."""

    chosen: tuple[Draft, ...]
    beside: tuple[Draft, ...]


def drafts_in(context: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> Drafts:
    """The drafts of a call. Without `selections`, as on order-sign, all of them are meant."""
    sent = resources_in(context.get("draftOrders")) or resources_in(context.get("medications"))
    given = [_given(each) for each in (*resources, *sent)]
    index = Index(given, {})
    orders = [each for each in given[len(resources) :] if each.kind in ORDERS and _is_meant(each)][:MOST_DRAFTS]
    named = context.get("selections")
    picked = {name.strip() for name in named if isinstance(name, str)} if isinstance(named, list) else set()
    chosen = [each for each in orders if not picked or each.reference in picked]
    beside = [each for each in orders if each not in chosen]
    return Drafts(_each_once(chosen, index), _each_once(beside, index))


def _given(resource: Mapping[str, Any]) -> Given:
    kind = text(resource.get("resourceType")) or ""
    return Given(f"{kind}/{text(resource.get('id')) or ''}", kind, resource)


def _is_meant(order: Given) -> bool:
    stopped = order.resource.get("status") in WITHDRAWN if isinstance(order.resource.get("status"), str) else False
    return order.resource.get("doNotPerform") is not True and not stopped


def _each_once(orders: Sequence[Given], index: Index) -> tuple[Draft, ...]:
    """Each ingredient and dose once, in the order of the drafts."""
    return tuple(dict.fromkeys(draft for order in orders for draft in _read(order, index)))


def _read(order: Given, index: Index) -> Iterator[Draft]:
    """What one order orders: nothing where it is no medicine of the formulary."""
    found = medicine_of(order, index)
    if isinstance(found, Medicine):
        for ingredient in found.ingredients:
            piece = Piece(found.strengths.get(ingredient), found.counted)
            yield Draft(ingredient, _highest(order.resource, ingredient, piece))
    elif found.reason in CONTRADICTS:
        yield Draft(None, None, found.sentence)


def _highest(order: Mapping[str, Any], ingredient: str, piece: Piece) -> float | None:
    """The highest daily dose that is ordered, one after the other; None where any of them is not known."""
    steps = daily_doses(_instructions(order), "dosageInstruction", ingredient, piece)
    known = [step.dose.mg for step in steps if step.dose.mg is not None]
    return max(known) if known and len(known) == len(steps) else None


def _instructions(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The instructions, with the unit of the period under the name that R4 has for it."""
    return [_as_r4(each) for each in mappings(order.get("dosageInstruction"))]


def _as_r4(dosage: Mapping[str, Any]) -> dict[str, Any]:
    timing = mapping(dosage.get("timing"))
    repeat = mapping(timing.get("repeat"))
    units = repeat.get("periodUnits") or repeat.get("unit")
    if not units or "periodUnit" in repeat:
        return dict(dosage)
    return {**dosage, "timing": {**timing, "repeat": {**repeat, "periodUnit": units}}}
