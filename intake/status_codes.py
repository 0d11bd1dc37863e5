"""The two statuses of a Condition, by FHIR's own codes: what stands beside them may only contradict them."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from intake.json_parts import mapping, mappings, text
from intake.words import Reason

Meaning = TypeVar("Meaning")
VERIFICATION = "condition-ver-status"
VERIFIED: Mapping[str, Reason | None] = {
    "confirmed": None,
    "refuted": Reason.REFUTED,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unconfirmed": Reason.NOT_CONFIRMED,
    "provisional": Reason.NOT_CONFIRMED,
    "differential": Reason.NOT_CONFIRMED,
}
"""Why a diagnosis is none; None where it is one."""
CLINICAL = "condition-clinical"
OVER: Mapping[str, bool] = {
    **dict.fromkeys(("active", "recurrence", "relapse"), False),
    **dict.fromkeys(("inactive", "remission", "resolved"), True),
}
"""Whether a disorder is over."""


def status_of(value: object, system: str, words: Mapping[str, Meaning]) -> tuple[bool, Meaning | None]:
    """Whether it is known what a status means, and what; (True, None) where there is none.

    A code of FHIR's own system that is no word of it, words that mean different things, and words that are all
    strange leave it unknown. A status of an earlier version is a plain text.
    """
    own, beside = _words(value, system)
    said = {words[word] for word in (*own, *beside) if word in words}
    if not own and not beside and not _says_something(value):
        return True, None
    if len(said) != 1 or any(word not in words for word in own):
        return False, None
    return True, said.pop()


def _says_something(value: object) -> bool:
    if isinstance(value, dict):
        return bool(mappings(value.get("coding")))
    return value is not None


def _words(value: object, system: str) -> tuple[list[str], list[str]]:
    """The codes of this system, or of none, and the texts beside them, each as a code is written."""
    if isinstance(value, str):
        return [_as_code(value)], []
    given = mapping(value)
    codings = mappings(given.get("coding"))
    texts = (text(each) for each in (given.get("text"), *(coding.get("display") for coding in codings)))
    own = [_as_code(code) for coding in codings if _is_own(coding, system) for code in _code(coding)]
    return own, [_as_code(each) for each in texts if each]


def _code(coding: Mapping[str, Any]) -> Iterator[str]:
    code = text(coding.get("code"))
    if code:
        yield code


def _is_own(coding: Mapping[str, Any], name: str) -> bool:
    """A coding of FHIR's system of this name, in any version, or one that names no system."""
    system = coding.get("system")
    if system is None:
        return True
    said = system.strip().partition("|")[0].replace("https://", "http://", 1) if isinstance(system, str) else ""
    return said in (f"http://terminology.hl7.org/CodeSystem/{name}", f"http://hl7.org/fhir/{name}")


def _as_code(said: str) -> str:
    return "-".join(said.lower().replace("_", " ").replace("-", " ").split())
