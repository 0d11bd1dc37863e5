"""The status, and the one sentence that a tired clinician reads first."""

from collections.abc import Sequence

from clinical.answer import Missing
from clinical.credit import Credit, Tally
from clinical.definition import Definition
from clinical.findings import Finding
from clinical.vocabulary import Status, Verdict

IN_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
EXCLUDING = ("polarity", "psychotic_features")


def status_of(definition: Definition, counted: Tally, patient: Sequence[Finding]) -> Status:
    """Resistant when enough is confirmed, not resistant when even all that is possible is too little."""
    required, unsure, refused = definition.required.failed_medications, False, False
    for each in patient:
        if each.asked and each.verdict is Verdict.NOT_MET:
            if each.criterion in EXCLUDING:
                return Status.NOT_APPLICABLE
            refused = True
        unsure = unsure or (each.asked and each.verdict is Verdict.UNKNOWN)
    if refused or counted.most < required:
        return Status.NOT_RESISTANT
    return Status.INDETERMINATE if unsure or counted.confirmed < required else Status.RESISTANT


def summary_of(
    status: Status, definition: Definition, credited: Credit, patient: Sequence[Finding], missing: Sequence[Missing]
) -> str:
    """The status with its main reason."""
    where = " in this episode" if definition.current_episode else ""
    required = definition.required.failed_medications
    names = [each.trial.name for each in credited.confirmed]
    against = [each for each in patient if each.asked and each.verdict is Verdict.NOT_MET]
    if against:
        return against[0].sentence
    confirmed = f"{_medicines(len(names))} failed{where}" + (f": {listed(names)}." if names else ".")
    if status is Status.RESISTANT:
        return confirmed
    asked = f"{_number(required).lower()} are asked"
    if status is Status.NOT_RESISTANT:
        return f"{confirmed[:-1]}; {asked}."
    open_names = [each.trial.name for each in credited.possible]
    undecided = f" Undecided: {listed(open_names)}." if open_names else ""
    first = next((each.question for each in missing if each.could_change_status), "")
    return f"{confirmed[:-1]}; {asked}.{undecided} {first}".rstrip()


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _number(count: int) -> str:
    return IN_WORDS[count] if count < len(IN_WORDS) else str(count)


def _medicines(count: int) -> str:
    return f"{_number(count)} antidepressant" if count <= 1 else f"{_number(count)} different antidepressants"
