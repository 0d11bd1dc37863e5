"""Sealing, opening and finding: what holds for any text, and what never opens."""

from base64 import b64decode, b64encode
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.cipher import HEAD, key_of
from vault.errors import CannotOpen, UnknownKey, UnknownMaster
from vault.keys import Label, Masters, Wrapped, fingerprint_of, new_key
from vault.search import card_id, identifier_digest, is_card_id, request_digest
from vault.vault import Vault

HOME, PATIENT = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=11), UUID(int=12)
KEYS = {FIRST: b"a" * 32, SECOND: b"b" * 32}
SEARCH = b"s" * 32
VAULT = Vault(HOME, KEYS, SECOND, SEARCH)
TEXTS = st.text(max_size=200)
MASTER, OTHER = "a master key of enough characters", "another master key of enough characters"
LABEL = Label(HOME, FIRST, "fields")


@given(st.binary(max_size=2000))
def test_whatever_is_sealed_opens_in_its_place_as_it_was(plain: bytes) -> None:
    assert VAULT.opened(PATIENT, "identity", VAULT.sealed(PATIENT, "identity", plain)) == plain


@given(st.binary(min_size=8, max_size=500))
def test_nothing_of_what_was_sealed_shows_and_no_two_seals_are_alike(plain: bytes) -> None:
    first, second = (VAULT.sealed(PATIENT, "identity", plain) for _ in range(2))
    assert first != second
    assert plain not in b64decode(first[HEAD:])
    assert first.startswith(f"1:{SECOND.hex}:")


def test_the_id_of_a_record_may_be_the_text_that_json_has_for_it() -> None:
    assert VAULT.opened(str(PATIENT), "identity", VAULT.sealed(PATIENT, "identity", b"x")) == b"x"


@pytest.mark.parametrize(
    ("vault", "record", "field"),
    [
        (VAULT, UUID(int=3), "identity"),
        (VAULT, PATIENT, "answer"),
        (Vault(UUID(int=9), KEYS, SECOND, SEARCH), PATIENT, "identity"),
    ],
    ids=["another record", "another field", "another organisation"],
)
def test_what_was_copied_elsewhere_does_not_open(vault: Vault, record: UUID, field: str) -> None:
    sealed = VAULT.sealed(PATIENT, "identity", b"a name")
    with pytest.raises(CannotOpen):
        vault.opened(record, field, sealed)


@given(st.data())
def test_what_was_altered_anywhere_does_not_open(data: st.DataObject) -> None:
    sealed = VAULT.sealed(PATIENT, "identity", b"a name")
    raw = bytearray(b64decode(sealed[HEAD:]))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        VAULT.opened(PATIENT, "identity", sealed[:HEAD] + b64encode(raw).decode())


def test_the_key_that_is_named_is_bound_too() -> None:
    same = Vault(HOME, {FIRST: KEYS[SECOND], SECOND: KEYS[SECOND]}, SECOND, SEARCH)
    sealed = same.sealed(PATIENT, "identity", b"a name")
    with pytest.raises(CannotOpen):
        same.opened(PATIENT, "identity", sealed.replace(SECOND.hex, FIRST.hex))


@pytest.mark.parametrize("text", ["", "1", "1:", "plain", "2:" + "0" * 32 + ":AAAA", "1:" + "g" * 32 + ":AAAA", "{}"])
def test_what_was_never_sealed_is_no_ciphertext(text: str) -> None:
    with pytest.raises(CannotOpen):
        VAULT.opened(PATIENT, "identity", text)


@pytest.mark.parametrize("rest", ["", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAA"])
def test_a_cut_ciphertext_does_not_open(rest: str) -> None:
    with pytest.raises(CannotOpen):
        VAULT.opened(PATIENT, "identity", f"1:{SECOND.hex}:{rest}")


def test_older_keys_still_open_and_only_the_newest_is_written_with() -> None:
    old = Vault(HOME, KEYS, FIRST, SEARCH).sealed(PATIENT, "identity", b"a name")
    new = VAULT.sealed(PATIENT, "identity", b"a name")
    assert VAULT.opened(PATIENT, "identity", old) == b"a name"
    assert (key_of(old), key_of(new)) == (FIRST, SECOND)
    assert (VAULT.is_current(old), VAULT.is_current(new)) == (False, True)


def test_an_unknown_key_is_named_and_remembered() -> None:
    vault = Vault(HOME, {FIRST: KEYS[FIRST]}, FIRST, SEARCH)
    assert not vault.missed
    with pytest.raises(UnknownKey, match=str(SECOND)):
        vault.opened(PATIENT, "identity", VAULT.sealed(PATIENT, "identity", b"a name"))
    assert vault.missed


def test_a_vault_shows_no_key_when_it_is_printed() -> None:
    assert repr(VAULT) == f"Vault(organisation_id={HOME}, keys=2, writing={SECOND})"


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_digests_are_equal_exactly_when_system_and_value_are(a: str, b: str, c: str, d: str) -> None:
    assert (VAULT.digest(a, b) == VAULT.digest(c, d)) is ((a, b) == (c, d))


@given(TEXTS, TEXTS)
def test_moving_characters_between_system_and_value_changes_the_digest(a: str, b: str) -> None:
    assert VAULT.digest(f"{a}x", b) != VAULT.digest(a, f"x{b}")


def test_a_digest_needs_the_key_and_has_one_form() -> None:
    digest = VAULT.digest("urn:mrn", "1")
    assert digest == identifier_digest(SEARCH, "urn:mrn", "1")
    assert digest != identifier_digest(b"t" * 32, "urn:mrn", "1")
    assert (len(digest), digest) == (64, digest.lower())
    assert VAULT.request_digest(b"f") == request_digest(SEARCH, b"f") != request_digest(b"t" * 32, b"f")


def test_a_data_key_opens_under_its_master_key_also_when_that_is_an_earlier_one() -> None:
    key = new_key()
    wrapped = Masters(OTHER).wrap(LABEL, key)
    assert key not in wrapped.data
    after = Masters.from_settings(MASTER, f" {OTHER} ,")
    assert after.unwrap(LABEL, wrapped) == key
    again = after.wrap(LABEL, key)
    assert again.master == fingerprint_of(MASTER) == Masters(MASTER).fingerprint
    assert Masters(MASTER).unwrap(LABEL, again) == key
    assert (after.knows(wrapped.master), Masters(MASTER).knows(wrapped.master)) == (True, False)
    assert Masters.from_settings(MASTER, None).knows(again.master)


def test_without_its_master_key_a_data_key_stays_closed() -> None:
    wrapped = Masters(OTHER).wrap(LABEL, new_key())
    with pytest.raises(UnknownMaster, match=wrapped.master):
        Masters(MASTER).unwrap(LABEL, wrapped)
    with pytest.raises(CannotOpen):
        Masters(MASTER).unwrap(LABEL, wrapped._replace(master=fingerprint_of(MASTER)))


@pytest.mark.parametrize(
    "label", [LABEL._replace(organisation_id=uuid4()), LABEL._replace(key_id=uuid4()), LABEL._replace(purpose="search")]
)
def test_a_wrapped_key_does_not_open_as_another(label: Label) -> None:
    masters = Masters(MASTER)
    with pytest.raises(CannotOpen):
        masters.unwrap(label, masters.wrap(LABEL, new_key()))


def test_a_cut_wrapped_key_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        Masters(MASTER).unwrap(LABEL, Wrapped(b"short", fingerprint_of(MASTER)))


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_card_has_one_identity_for_the_same_facts_and_another_for_others(one: bytes, other: bytes) -> None:
    card = VAULT.card_id(one)
    assert (card.version, card.variant) == (8, "specified in RFC 4122")
    assert VAULT.made_card(card)
    assert (card == VAULT.card_id(other)) == (one == other)
    assert card != card_id(b"t" * 32, one)
    assert not is_card_id(b"t" * 32, card)


@given(st.integers(0, 127))
def test_an_identity_of_a_card_that_was_changed_is_not_one(bit: int) -> None:
    assert not VAULT.made_card(UUID(int=VAULT.card_id(b"facts").int ^ 1 << bit))
    assert not VAULT.made_card(uuid4())
