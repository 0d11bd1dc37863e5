"""The status, and the one sentence that a tired clinician reads first."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.answer import Missing
from clinical.credit import Credit
from clinical.definition import Definition
from clinical.findings import Finding
from clinical.history import Trial
from clinical.vocabulary import Role, Status, Verdict

IN_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


class Assessed(NamedTuple):
    """The status, and how many failed medicines are asked."""

    status: Status
    required: int


def summary_of(
    assessed: Assessed, definition: Definition, credited: Credit, patient: Sequence[Finding], missing: Sequence[Missing]
) -> str:
    """The status with its main reason."""
    status, required = assessed
    against = [each for each in patient if each.asked and each.verdict is Verdict.NOT_MET]
    if against:
        return against[0].sentence
    confirmed = _failed(definition, credited)
    if status is Status.RESISTANT:
        other = definition.describes != "treatment-resistant depression"
        return f"{confirmed} This definition describes {definition.describes}." if other else confirmed
    asked = f"{_number(required).lower()} {'is' if required == 1 else 'are'} asked"
    if status is Status.NOT_RESISTANT:
        return f"{confirmed[:-1]}; {asked}."
    open_names = [each.trial.name for each in credited.possible]
    undecided = f" Undecided: {listed(open_names)}." if open_names else ""
    first = next((each.question for each in missing if each.could_change_status), "")
    return f"{confirmed[:-1]}; {asked}.{undecided} {first}".rstrip()


def _failed(definition: Definition, credited: Credit) -> str:
    """Which medicines count, and as what."""
    names = [_named(each.trial) for each in credited.confirmed]
    rule, where = definition.failure, " in this episode" if definition.current_episode else ""
    of_what = "different antidepressants" if len(names) > 1 else "antidepressant"
    if definition.required.different_classes and len(names) > 1:
        of_what = "antidepressants of different classes"
    if any(each.trial.role is Role.AUGMENTATION for each in credited.confirmed):
        of_what = "different treatments" if len(names) > 1 else "treatment"
    verb = "brought only a partial response" if rule and rule.floor else "failed" if rule else "counted"
    listing = f": {listed(names)}." if names else "."
    return f"{_number(len(names))} {of_what} {verb}{where}{listing}"


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _number(count: int) -> str:
    return IN_WORDS[count] if count < len(IN_WORDS) else str(count)


def _named(trial: Trial) -> str:
    """The medicine, and that it was added where it was."""
    return f"{trial.name} added to another" if trial.role is Role.AUGMENTATION else trial.name
