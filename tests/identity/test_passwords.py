"""Passwords: what is stored, who gets in, how long it takes, and which are too weak."""

import statistics
import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher, extract_parameters

from identity.passwords import WELL_KNOWN, hashed, matches, outdated, spend_time, weakness

GOOD = "a quiet horse by the lake"


def test_what_is_stored_is_argon2id_with_a_salt_of_its_own() -> None:
    one, two = hashed(GOOD), hashed(GOOD)
    assert one != two
    assert one.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert extract_parameters(one).salt_len == 16


def test_the_password_matches_and_no_other() -> None:
    stored = hashed(GOOD)
    assert matches(stored, GOOD)
    assert not any(matches(stored, other) for other in (GOOD.upper(), f"{GOOD} ", "", "x" * 5000))


def test_letters_match_however_they_were_composed() -> None:
    assert matches(hashed("Zu\u0308rich am See 12"), "Zürich am See 12")


def test_what_is_longer_than_any_password_never_matches_though_it_begins_alike() -> None:
    longest = "abcdefgh" * 16
    assert matches(hashed(longest), longest)
    assert not matches(hashed(f"{longest}i"), f"{longest}i")


def test_half_a_surrogate_pair_is_wrong_but_no_accident() -> None:
    assert not matches(hashed(GOOD), "\ud800" * 12)


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$m=47104,t=1,p=1$AAAA$AAAA", "$argon2id$broken", "ä"])
def test_nobody_gets_in_by_a_broken_hash(stored: str) -> None:
    assert not matches(stored, GOOD)


def test_other_parameters_are_outdated_and_still_match() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert matches(weaker, GOOD)
    assert outdated(weaker)
    assert outdated("nonsense")
    assert not outdated(hashed(GOOD))


def test_a_user_who_does_not_exist_takes_as_long_as_one_who_does() -> None:
    stored = hashed(GOOD)

    def median_of(call: Callable[[], object]) -> float:
        def once() -> float:
            began = time.process_time()
            call()
            return time.process_time() - began

        return statistics.median(once() for _ in range(9))

    assert median_of(lambda: spend_time("wrong")) == pytest.approx(median_of(lambda: matches(stored, "wrong")), rel=0.5)


@pytest.mark.parametrize(
    ("password", "username", "says"),
    [
        (GOOD, "clinician@localhost", None),
        ("elevenchars", "anna", "shorter"),
        ("twelve chars", "anna", None),
        ("x1y2" * 33, "anna", "longer"),
        ("x1y2z" * 25, "anna", None),
        ("ﬁ" * 11, "anna", "first"),
        ("I am ANNA of Zurich", "anna", "user name"),
        ("clinician and more", "clinician@localhost", "user name"),
        ("I am jo of Zurich", "jo", None),
        ("Password1234", "anna", "first"),
        ("ababababababab", "anna", "first"),
        ("Trialbook1234", "anna", "first"),
    ],
)
def test_weak_passwords_are_named_and_good_ones_taken(password: str, username: str, says: str | None) -> None:
    found = weakness(password, username)
    assert (found is None) if says is None else (found is not None and says in found)


def test_what_is_well_known_would_be_long_enough_otherwise() -> None:
    """A shorter word in the list would say nothing."""
    assert [word for word in WELL_KNOWN if len(word) < 11 or word != word.casefold()] == []
