"""What an app is granted: of what it asks, what it is registered for, and what can be granted for a person."""

from identity.errors import NoScopeGranted
from identity.scopes import Scopes, parsed
from registry.oauth_errors import WrongScope

FROM_EHR, LAUNCH, OFFLINE, ONLINE = "launch", "launch/patient", "offline_access", "online_access"
REGISTERED_WORDS = (OFFLINE, ONLINE)
"""Words that an app must be registered for; to ask for a patient it needs no registration."""


def granted(asked: str, registered: str, *, from_ehr: bool = False) -> str:
    """The scopes of a launch, which an EHR began or the app itself.

    If all is granted that was asked, they are in the words in which it was asked.

    Raises:
        WrongScope: nothing is, and without a SMART scope a token would not be narrowed at all.
    """
    wanted, allowed = parsed(asked), parsed(registered)
    of_persons = {key: letters for key, letters in wanted.grants.items() if key[0] != "system"}
    try:
        both = allowed.narrowed(Scopes(of_persons))
    except NoScopeGranted as error:
        raise WrongScope(str(error)) from None
    free = {LAUNCH, FROM_EHR} if from_ehr else {LAUNCH}
    words = [w for w in wanted.others if w in free or (w in REGISTERED_WORDS and w in allowed.others)]
    said = str(Scopes(both.grants, tuple(words)))
    all_of_it = said == str(wanted) and not wanted.not_understood
    return " ".join(asked.split()) if all_of_it else said


def needs_patient(scope: str) -> bool:
    """Whether a patient is picked: the app asks for one, or for what only a patient's token gives."""
    found = parsed(scope)
    return LAUNCH in found.others or any(context == "patient" for context, _ in found.grants)
