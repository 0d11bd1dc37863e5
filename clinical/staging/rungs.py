"""How far up a ladder of stages a record reaches: every demand of a stage must be met, classes by separate trials."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from clinical.choice import largest_choice, members
from clinical.staging.method import Stage


class Failures(NamedTuple):
    """Trials that failed, as bits, with what ties two of them together, classes among it."""

    mask: int
    ties: Sequence[int]
    tricyclic: int
    maoi: int


class Reached(NamedTuple):
    """What a stage asks about, on one reading of the record."""

    failures: Failures
    medications: float
    days: float
    augmentations: float
    bilateral_ect: float


def last_reached(stages: Sequence[Stage], reached: Reached) -> int:
    """The place of the last stage whose demands are all met; the first asks for nothing."""
    return max(place for place, stage in enumerate(stages) if place == 0 or _holds(stage, reached))


def _holds(stage: Stage, reached: Reached) -> bool:
    """Whether all that the stage asks for is there."""
    return (
        reached.medications >= stage.failed_medications
        and reached.days >= stage.days
        and reached.augmentations >= stage.augmentation
        and reached.bilateral_ect >= stage.bilateral_ect
        and _classes_suffice(stage, reached.failures, 0)  # without the picks it only rules out
        and any(_classes_suffice(stage, reached.failures, picked) for picked in _picks(stage, reached.failures))
    )


def _picks(stage: Stage, failures: Failures) -> Iterator[int]:
    """Every choice of one tricyclic and one MAOI, as far as the stage asks for them, that are not one combination."""
    first = members(failures.mask & failures.tricyclic) if stage.tricyclic else iter((None,))
    for one in first:
        picked = 0 if one is None else 1 << one
        if not stage.maoi:
            yield picked
            continue
        tied = 0 if one is None else failures.ties[one]
        yield from (picked | 1 << other for other in members(failures.mask & failures.maoi & ~tied))


def _classes_suffice(stage: Stage, failures: Failures, picked: int) -> bool:
    """Whether enough classes failed besides the picked ones, and enough in all."""
    rest = failures.mask & ~picked
    for each in members(picked):
        rest &= ~failures.ties[each]
    others = rest & ~failures.tricyclic & ~failures.maoi
    if stage.other_classes and largest_choice(others, failures.ties).bit_count() < stage.other_classes:
        return False
    return picked.bit_count() + largest_choice(rest, failures.ties).bit_count() >= stage.classes
