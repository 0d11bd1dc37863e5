"""SMART scopes: each way to write one, what grants nothing, and that narrowing never widens."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from identity.errors import NoScopeGranted
from identity.scopes import LETTERS, Scopes, parsed

CONTEXTS: tuple[str, ...] = ("patient", "user", "system")
RESOURCES = ("*", "Patient", "Observation", "MedicationStatement")
PROBED = (*RESOURCES[1:], "Unheard")
letters = some.sets(some.sampled_from(LETTERS), min_size=1).map(
    lambda chosen: "".join(sorted(chosen, key=LETTERS.index))
)
words = some.builds(
    "{}/{}.{}".format,
    some.sampled_from(CONTEXTS),
    some.sampled_from(RESOURCES),
    letters | some.sampled_from(["read", "write", "*"]),
)
scopes = some.lists(words, max_size=6).map(parsed)


def granted(found: Scopes) -> set[tuple[str, str, str]]:
    """Everything that is allowed, one by one."""
    asked = product(CONTEXTS, PROBED)
    return {(context, name, each) for context, name in asked for each in found.letters(context, name)}


@pytest.mark.parametrize(
    ("word", "context", "resource", "expected"),
    [
        ("user/Patient.r", "user", "Patient", "r"),
        ("user/Patient.cruds", "user", "Patient", "cruds"),
        ("patient/Observation.rs", "patient", "Observation", "rs"),
        ("system/*.cud", "system", "Anything", "cud"),
        ("user/*.read", "user", "Patient", "rs"),
        ("user/Patient.write", "user", "Patient", "cud"),
        ("system/Patient.*", "system", "Patient", "cruds"),
        ("user/*.*", "user", "Patient", "cruds"),
        ("user/Patient.r", "user", "Observation", ""),
        ("user/Patient.r", "system", "Patient", ""),
        ("patient/Patient.r", "user", "Patient", ""),
    ],
)
def test_what_each_word_grants(word: str, context: str, resource: str, expected: str) -> None:
    assert parsed(word).letters(context, resource) == frozenset(expected)


@pytest.mark.parametrize(
    "word",
    [
        "user/Patient.rs?category=laboratory",
        "user/Observation.rs?",
        "user/Patient.sr",
        "user/Patient.rr",
        "user/Patient.",
        "user/Patient",
        "user/.r",
        "user/patient.r",
        "User/Patient.r",
        "user/Patient.READ",
        "user/Patient.r.s",
        "user/**.r",
        "user/Pat*.r",
        "user/Patient.rx",
        "user/Patiënt.r",
        "user/Patient.r\n",
        "user/",
    ],
)
def test_what_is_not_understood_grants_nothing_and_still_limits(word: str) -> None:
    found = parsed([word])
    assert granted(found) == set()
    assert found.not_understood == (word,)
    assert found.any_smart
    assert str(found) == ""


@pytest.mark.parametrize(
    "word", ["openid", "fhirUser", "launch/patient", "launch", "offline_access", "online_access", "x"]
)
def test_other_words_are_kept_apart_and_grant_nothing(word: str) -> None:
    found = parsed(word)
    assert (found.others, found.not_understood, found.any_smart) == ((word,), (), False)
    assert granted(found) == set()


def test_nothing_at_all_is_no_scope() -> None:
    assert parsed("") == parsed([]) == Scopes({})
    assert not parsed("  ").any_smart


def test_a_text_and_a_list_are_the_same() -> None:
    assert (
        parsed("openid user/Patient.rs")
        == parsed(["user/Patient.rs", "openid"])
        == parsed(("openid", "user/Patient.read"))
    )


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("user/Patient.write user/Patient.read", "user/Patient.cruds"),
        ("system/B.r user/A.r patient/Z.r openid patient/A.s", "patient/A.s patient/Z.r user/A.r system/B.r openid"),
        ("user/*.rs user/Patient.r", "user/*.rs"),
        ("user/*.r user/Patient.c", "user/*.r user/Patient.cr"),
        ("user/Patient.r user/Patient.r?x=y", "user/Patient.r"),
    ],
)
def test_there_is_one_way_to_write_it(sent: str, canonical: str) -> None:
    assert str(parsed(sent)) == canonical


@given(scopes)
def test_what_was_written_is_read_as_the_same(found: Scopes) -> None:
    assert parsed(str(found)) == found


@given(some.lists(words, max_size=5))
def test_more_words_never_grant_less_and_no_more_than_each_does(several: list[str]) -> None:
    assert granted(parsed(several)) == {each for word in several for each in granted(parsed(word))}


@given(scopes, scopes)
def test_narrowing_grants_exactly_what_both_do(mine: Scopes, asked: Scopes) -> None:
    both = granted(mine) & granted(asked)
    if both:
        narrowed = mine.narrowed(asked)
        assert granted(narrowed) == both
        assert parsed(str(narrowed)) == narrowed == asked.narrowed(mine)
    else:
        with pytest.raises(NoScopeGranted):
            mine.narrowed(asked)


@given(some.text(alphabet="userpatint/*.Pcruds? \n", max_size=30))
def test_no_text_is_an_accident(text: str) -> None:
    found = parsed(text)
    assert granted(parsed(str(found))) == granted(found)


def test_narrowing_keeps_the_other_words_that_are_allowed() -> None:
    assert str(parsed("openid user/*.rs").narrowed(parsed("openid launch user/Patient.cr"))) == "user/Patient.r openid"


@pytest.mark.parametrize(
    "asked", ["", "openid", "user/Patient.rs?category=x", "user/Observation.r", "system/Patient.r"]
)
def test_a_request_that_comes_to_nothing_is_refused_and_not_unlimited(asked: str) -> None:
    with pytest.raises(NoScopeGranted, match="nothing of it is allowed"):
        parsed("openid user/Patient.rs").narrowed(parsed(asked))


def test_grants_cannot_be_changed_by_whoever_holds_them() -> None:
    with pytest.raises(TypeError):
        parsed("user/Patient.r").grants["user", "*"] = frozenset(LETTERS)  # type: ignore[index]
