"""Which of the orders were selected now: by their reference, or by the id alone where only one order has it."""

from collections.abc import Sequence
from typing import NamedTuple

from intake.given import Given
from intake.json_parts import text
from intake.references import plain

ORDERS = frozenset({"MedicationRequest", "MedicationOrder", "MedicationPrescription"})
"""The kinds of resources that order a medicine: R4, and what they were called in DSTU 2 and 1."""


class Selected(NamedTuple):
    """The references of what was selected, and the selections of which it cannot be told what they mean."""

    references: frozenset[str]
    dangling: tuple[str, ...]


def selected_in(selections: object, sent: Sequence[Given]) -> Selected | None:
    """What `selections` mean among the orders that were sent; None where nothing is selected, so that all are meant."""
    listed = selections if isinstance(selections, list) else []
    named = dict.fromkeys(plain(name) for name in map(text, listed) if name)
    if not named:
        return None
    meant = {name: _meant_by(name, sent) for name in named}
    unclear = (name for name, references in meant.items() if len(references) != 1 and _may_be_medicine(name))
    found = (reference for references in meant.values() if len(references) == 1 for reference in references)
    return Selected(frozenset(found), tuple(unclear))


def _meant_by(name: str, sent: Sequence[Given]) -> list[str]:
    """The references that a selection may mean: one if it is clear."""
    alone = name.removeprefix("urn:uuid:")
    if "/" in alone:
        return [each.reference for each in sent if each.reference == alone][:1]
    return [each.reference for each in sent if each.reference.partition("/")[2] == alone]


def _may_be_medicine(name: str) -> bool:
    """Whether a selection may mean an order of a medicine: it says no kind, or one of theirs."""
    kind, named, _ = name.partition("/")
    return not named or kind in ORDERS
