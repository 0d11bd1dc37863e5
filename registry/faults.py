"""What the database refuses, in the words of whoever sent it. Never names another patient's data."""

from asyncpg import (
    CheckViolationError,
    DataError,
    ForeignKeyViolationError,
    IntegrityConstraintViolationError,
    UniqueViolationError,
)

from models.kept_answer import MOST_SIGNATURES
from registry.errors import Conflict, Fault, InvalidRequest, TrialbookError

IDENTIFIER_TAKEN = (
    "This identifier already belongs to another patient. Find that patient with `?identifier=system|value`."
)
ID_TAKEN = (
    "This `id` is already taken. Leave `id` out and the service makes one, or send the same Idempotency-Key again."
)
NAME_TAKEN = "This user name is taken in your organisation. Choose another."
IN_ERROR = (
    "was marked as entered in error, so the plan cannot be signed with it. Take it off the step or name another, then "
    "sign."
)
REFERENCES = {
    "fk_users_own_patient": Fault("/own_patient_id", "There is no such patient."),
    "fk_medication_trials_episode": Fault("/episode_id", "There is no such episode of this patient."),
    "fk_medication_trials_augments": Fault("/augments", "There is no such medication trial of this patient."),
    "fk_treatments_episode": Fault("/episode_id", "There is no such episode of this patient."),
    "fk_treatment_plans_trial": Fault("/steps/{}/trial_id", "There is no such medication trial of this patient."),
    "fk_treatment_plans_treatment": Fault("/steps/{}/treatment_id", "There is no such treatment of this patient."),
    "fk_treatment_plans_trial_in_error": Fault("/steps/{}/trial_id", f"This medication trial {IN_ERROR}"),
    "fk_treatment_plans_treatment_in_error": Fault("/steps/{}/treatment_id", f"This treatment {IN_ERROR}"),
}
RULES = {
    "ck_kept_answers_signatures_are_not_too_many": f"An answer may have at most {MOST_SIGNATURES} signatures.",
}
"""What the rules that a client may well meet mean."""
REFUSED = (IntegrityConstraintViolationError, DataError)


def _duplicate(error: UniqueViolationError) -> Conflict:
    if error.constraint_name == "one_patient_an_identifier":
        fault = Fault(f"/identifiers/{error.column_name}", IDENTIFIER_TAKEN)
        return Conflict("A patient with the same identifier exists already (duplicate identifier).", (fault,))
    if error.constraint_name == "uq_users_organisation_id_username":
        return Conflict("A user of this name exists already.", (Fault("/username", NAME_TAKEN),))
    return Conflict("A record with this `id` exists already.", (Fault("/id", ID_TAKEN),))


def explained(error: Exception) -> TrialbookError:
    """The error of ours that says what the database refused."""
    if isinstance(error, UniqueViolationError):
        return _duplicate(error)
    if isinstance(error, ForeignKeyViolationError) and error.constraint_name in REFERENCES:
        fault = REFERENCES[error.constraint_name]
        # Where a record refers to several others, the trigger says which one as the column.
        return InvalidRequest(fault.message, (fault._replace(pointer=fault.pointer.format(error.column_name)),))
    if isinstance(error, CheckViolationError) and error.constraint_name in RULES:
        return _invalid(RULES[error.constraint_name])
    if isinstance(error, CheckViolationError):
        rule = str(error.constraint_name).removeprefix("ck_").replace("_", " ")
        return _invalid(f"The record breaks a rule that the database keeps: {rule}. Correct that value.")
    return _invalid("A value does not fit the record. Check the dates and numbers.")


def _invalid(message: str) -> InvalidRequest:
    """A fault of the whole record: the database does not say where."""
    return InvalidRequest(message, (Fault("", message),))
