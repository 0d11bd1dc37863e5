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
from interop.cds_hooks.gathered import Gathered, resources_in
from interop.cds_hooks.selections import ORDERS, selected_in

CONTRADICTS = frozenset({Reason.CODE_AND_TEXT_DISAGREE, Reason.CODES_DISAGREE})
MOST_READ = 200
"""Orders that are read in one call, whatever they order."""
MOST_DRAFTS = 20
"""Medicines of the formulary, with their doses, that are checked in one call."""
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
    """What is being ordered: the drafts that were chosen now, and those that stand beside them.

    Attributes:
        others: orders of known medicines that name another patient: they are not judged by the history of this one.
        uncounted: orders beyond what is looked at in one call.
        dangling: selections that name none of the orders, or more than one.
    """

    chosen: tuple[Draft, ...]
    beside: tuple[Draft, ...]
    others: tuple[Given, ...] = ()
    uncounted: tuple[Given, ...] = ()
    dangling: tuple[str, ...] = ()


def drafts_in(context: Mapping[str, Any], found: Gathered) -> Drafts:
    """The drafts of a call. Without `selections`, as on order-sign, all of them are meant."""
    sent = [
        _given(each) for each in resources_in(context.get("draftOrders")) or resources_in(context.get("medications"))
    ]
    index = Index([*map(_given, found.resources), *sent], {})
    selected = selected_in(context.get("selections"), sent)
    meant = [each for each in sent if each.kind in ORDERS and _is_meant(each)]
    asked = [each for each in meant if selected is None or each.reference in selected.references]
    beside = [each for each in meant if selected is not None and each.reference not in selected.references]
    others = [each for each in asked if not found.whose.owns(each.resource)]
    of_others = (each for number, each in enumerate(others) if number >= MOST_READ or any(_read(each, index)))
    chosen, unread = _each_once([each for each in asked if found.whose.owns(each.resource)], index)
    near, unread_near = _each_once([each for each in beside if found.whose.owns(each.resource)], index)
    return Drafts(chosen, near, tuple(of_others), (*unread, *unread_near), selected.dangling if selected else ())


def _given(resource: Mapping[str, Any]) -> Given:
    kind = text(resource.get("resourceType")) or ""
    return Given(f"{kind}/{text(resource.get('id')) or ''}", kind, resource)


def _is_meant(order: Given) -> bool:
    stopped = order.resource.get("status") in WITHDRAWN if isinstance(order.resource.get("status"), str) else False
    return order.resource.get("doNotPerform") is not True and not stopped


def _each_once(orders: Sequence[Given], index: Index) -> tuple[tuple[Draft, ...], tuple[Given, ...]]:
    """Each ingredient and dose once, in the order of the drafts; and the orders for which there was no room."""
    found: dict[Draft, None] = {}
    unread = list(orders[MOST_READ:])
    for order in orders[:MOST_READ]:
        both = found | dict.fromkeys(_read(order, index))
        if len(both) > MOST_DRAFTS:
            unread.append(order)
        else:
            found = both
    return tuple(found), tuple(unread)


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
