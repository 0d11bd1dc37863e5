"""The one place that decides: may this caller do this? What is not allowed by the table is refused."""

from collections.abc import Iterable
from uuid import UUID

from access.caller import Caller
from access.operations import Needs, Operation
from access.roles import Role, letters_of

WORDS = {"c": "create", "r": "read", "u": "change", "d": "remove", "s": "search"}
OTHER_PATIENT = "This token is for one patient's record alone, and this is not that record."
NOT_BY_PATIENTS = "Patients add own ratings and say how regularly they took a medicine; they write nothing else."
NOT_OF_PATIENT = "This token is for one patient's record alone; nothing else can be asked with it."


def refusal(caller: Caller, operation: Operation, patient_id: UUID | None, also: Needs = ()) -> str | None:
    """Why the caller may not do this, in a sentence; None if they may.

    `patient_id` is the patient that the path names; `also` is what the request asks for besides.
    """
    if operation.public:
        return None
    needs = (*operation.needs, *also)
    return (
        _other_patient(caller, operation, patient_id)
        or _not_in_role(caller, operation, needs)
        or _not_in_scope(caller, needs)
    )


def is_of_one_patient(caller: Caller) -> bool:
    """Whether the token opens one patient's record alone."""
    return caller.patient_id is not None or Role.PATIENT in caller.roles


def _other_patient(caller: Caller, operation: Operation, patient_id: UUID | None) -> str | None:
    """A token of one patient opens what is about that patient, and what is the same for everybody."""
    if not is_of_one_patient(caller) or not operation.needs:
        return None
    if not operation.of_patient:
        return NOT_OF_PATIENT
    if operation.located and patient_id is None:
        return None  # decided again as soon as the patient is known; the gate sees to it that it was
    return None if patient_id == caller.patient_id else OTHER_PATIENT


def _not_in_role(caller: Caller, operation: Operation, needs: Needs) -> str | None:
    if Role.PATIENT in caller.roles and operation.writes and operation.alone is None:
        return NOT_BY_PATIENTS
    for kind, letter in needs:
        if letter not in letters_of(caller.roles, kind):
            roles = ", ".join(sorted(caller.roles)) or "none"
            return f"Your role ({roles}) may not {WORDS[letter]} this ({kind}). Ask an administrator."
    return None


def _not_in_scope(caller: Caller, needs: Needs) -> str | None:
    """A machine must have every scope; a person's token without any SMART scope is not narrowed by scopes."""
    if caller.kind == "user" and not caller.scopes.any_smart:
        return None
    for kind, letter in needs:
        if not any(letter in caller.scopes.letters(context, kind) for context in _contexts(caller)):
            asked = f"{'system' if caller.kind == 'client' else 'user'}/{kind}.{letter}"
            return f"The token's scopes do not allow to {WORDS[letter]} this. Ask for a token with {asked}."
    return None


def _contexts(caller: Caller) -> Iterable[str]:
    """Which scopes count: a machine's own, a person's, and those of the one patient that the token names."""
    own = "system" if caller.kind == "client" else "user"
    return (own, "patient") if caller.patient_id is not None else (own,)
