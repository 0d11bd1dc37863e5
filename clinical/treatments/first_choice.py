"""States in which a source calls a family of options a first choice, where the record itself shows them."""

from typing import NamedTuple

from clinical.care import OptionFamily
from clinical.treatments.record import Found, Record, found_for
from clinical.treatments.rules import FirstChoice
from clinical.vocabulary import Verdict

UNSURE = "It may be a first choice here."


class Claim(NamedTuple):
    """What a source says, and what in the record it rests on: surely shown (met), or perhaps (unknown)."""

    verdict: Verdict
    sentence: str


def claims_for(family: OptionFamily, record: Record) -> tuple[Claim, ...]:
    """Every rule of the data for this family whose state the record shows, or may show."""
    rules = [each for each in record.frame.library.treatments.order.first_choice if each.family is family]
    return tuple(_claim(rule, found) for rule in rules for found in found_for(rule.when, record))


def _claim(rule: FirstChoice, found: Found) -> Claim:
    unsure = "" if found.verdict is Verdict.MET else f"{UNSURE} "
    return Claim(found.verdict, f"{unsure}{rule.sentence} {found.words} Source: {rule.source}.")
