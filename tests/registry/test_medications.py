"""Finding a medicine: what a search answers first, what a record takes, and what it refuses with which words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.medicines import formulary
from registry import medications
from registry.errors import NotFound, UnknownMedication
from registry.medications import describe, resolve

BOOK = formulary()


def refused(text: str | None = None, system: str | None = None, code: str | None = None) -> UnknownMedication:
    with pytest.raises(UnknownMedication) as caught:
        resolve(text, system, code)
    return caught.value


@pytest.mark.parametrize(
    ("q", "first", "kind"),
    [
        ("zolft", "sertraline", "brand"),
        ("sertralin", "sertraline", "generic"),
        ("certraline", "sertraline", "generic"),
        ("36437", "sertraline", "ingredient"),
        ("N06AB06", "sertraline", "ingredient"),
        ("n06ab06", "sertraline", "ingredient"),
        ("QUC7NX6WMB", "sertraline", "ingredient"),
        ("372594008", "sertraline", "ingredient"),
        ("283406", "mirtazapine", "product"),
        ("ZOLOFT 50 mg", "sertraline", "brand"),
        ("Zoloft 50 MG Oral Tablet", "sertraline", "brand"),
        ("lexa", "escitalopram", "brand"),
        ("esctialopram", "escitalopram", "generic"),
        ("citalopram", "citalopram", "generic"),
        ("effexor xr 75", "venlafaxine", "brand"),
        ("patient took wellbutrn daily", "bupropion", "brand"),
        ("symbyax", "fluoxetine", "combination"),
        ("selegiline", "selegiline-transdermal", "generic"),
    ],
)
def test_a_search_puts_what_was_meant_first_and_says_what_matched(q: str, first: str, kind: str) -> None:
    found = medications.search(q, 10)
    assert (found[0]["id"], found[0]["match"]["kind"]) == (first, kind)


@pytest.mark.parametrize("q", ["zzzzqq", "  ", "\x00", "💊", "50 mg"])
def test_a_search_for_nothing_known_finds_nothing(q: str) -> None:
    assert medications.search(q, 10) == []


def test_exact_comes_before_beginning_and_beginning_before_likeness() -> None:
    def score(q: str) -> float:
        return medications.search(q, 1)[0]["match"]["score"]

    assert score("sertraline") == 1
    assert 0.8 <= score("sertr") < 1
    assert score("zertralyne") < 0.8
    scores = [found["match"]["score"] for found in medications.search("citalopram", 20)]
    assert scores == sorted(scores, reverse=True)


def test_a_search_answers_each_medicine_once_and_keeps_to_its_limit() -> None:
    found = [each["id"] for each in medications.search("m", 5)]
    assert len(found) == len(set(found)) == 5


def test_a_search_takes_less_than_five_milliseconds() -> None:
    questions = ["zolft", "Zoloft 50 MG Oral Tablet", "36437", "a" * 200, "one two three four five six seven"]
    medications.search("warm", 20)
    for q in questions:
        spent = []
        for _ in range(5):
            began = time.process_time()
            medications.search(q, 20)
            spent.append(time.process_time() - began)
        assert min(spent) < 0.005, q


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("Zoloft", "sertraline"),
        ("sertraline 50 mg tablet", "sertraline"),
        ("sertraline 50mg/day", "sertraline"),
        ("sertraline hydrochloride", "sertraline"),
        ("Sertraline HCl 100 MG Oral Tablet", "sertraline"),
        ("paroxetine hcl 20 mg tablet", "paroxetine"),
        ("sertraline (Zoloft) 50 mg", "sertraline"),
        ("Paxil CR", "paroxetine"),
        ("venlafaxine XR 75 mg capsule", "venlafaxine"),
        ("Escitalopram Oxalate", "escitalopram"),
        ("fluoxetine weekly 90 mg", "fluoxetine"),
        ("selegiline patch 6 mg/24 h", "selegiline-transdermal"),
        ("24 HR selegiline 0.25 MG/HR Transdermal System", "selegiline-transdermal"),
        ("bupropion hydrochloride 105 MG / dextromethorphan hydrobromide 45 MG", "dextromethorphan-bupropion"),
        ("Spravato nasal spray", "esketamine"),
    ],
)
def test_a_known_name_is_taken_without_its_strength_form_and_salt(text: str | None, ingredient: str) -> None:
    assert resolve(text, None, None).ingredient == ingredient


@pytest.mark.parametrize(
    ("system", "code", "text", "ingredient"),
    [
        ("rxnorm", "36437", None, "sertraline"),
        ("rxnorm", "283406", "mirtazapine 15 mg", "mirtazapine"),
        ("atc", "n06ax27", None, "esketamine"),
        ("snomed", "321846003", None, "mianserin"),
        ("rxnorm", "36437", "as written on the packet", "sertraline"),
    ],
)
def test_a_code_is_taken_and_decides_where_the_text_is_not_a_known_name(
    system: str, code: str | None, text: str | None, ingredient: str
) -> None:
    assert resolve(text, system, code).ingredient == ingredient


def test_what_was_taken_says_by_which_name_and_with_which_caution() -> None:
    found = resolve("Prozac Weekly 90 mg", None, None)
    assert (found.name, found.matched, found.kind) == ("fluoxetine", "Prozac Weekly", "brand")
    assert "once a week" in (found.note or "")


@pytest.mark.parametrize(
    ("text", "nearest"), [("zolft", "Zoloft"), ("sertralin", "sertraline"), ("venlafaxin", "venlafaxine")]
)
def test_a_misspelling_is_refused_with_the_nearest_names(text: str | None, nearest: str) -> None:
    error = refused(text)
    assert error.status == 422
    assert error.faults[0].pointer == "/medication/text"
    assert error.faults[0].suggestions[0] == nearest
    assert nearest in error.detail


def test_a_name_near_nothing_is_refused_without_a_guess() -> None:
    error = refused("xyzzyqq")
    assert error.faults[0].suggestions == ()
    assert "No known name is near it" in error.detail


@pytest.mark.parametrize(
    "text", ["doxepin cream", "lithium fluoride", "fluoxetine + xyzzyqq", "mg", "20", "()", "\x00", "💊"]
)
def test_a_name_is_never_guessed_from_a_part_of_it(text: str | None) -> None:
    assert refused(text).faults[0].pointer == "/medication/text"


@pytest.mark.parametrize(
    ("text", "named", "suggestions"),
    [
        ("Symbyax 6/25", "fluoxetine and olanzapine", ("fluoxetine", "olanzapine")),
        ("Limbitrol", "amitriptyline and chlordiazepoxide", ("amitriptyline",)),
        ("amitriptyline 10 mg / perphenazine 2 mg tab", "amitriptyline and perphenazine", ("amitriptyline",)),
        ("sertraline and mirtazapine", "sertraline and mirtazapine", ("sertraline", "mirtazapine")),
        ("Motipress", "fluphenazine", ("nortriptyline",)),
    ],
)
def test_several_medicines_in_one_name_are_refused_with_each_of_them(
    text: str | None, named: str, suggestions: tuple[str, ...]
) -> None:
    error = refused(text)
    assert named in error.detail
    assert error.faults[0].suggestions == suggestions


@pytest.mark.parametrize(
    ("system", "code", "told"),
    [
        ("rxnorm", "725064", "fluoxetine and olanzapine"),
        ("rxnorm", "9639", "Parkinson"),
        ("rxnorm", "859186", "Parkinson"),
        ("atc", "N01AX14", "anaesthetic"),
        ("rxnorm", "1000091", "for the skin"),
        ("rxnorm", "99999999", "Send its name in `text`"),
    ],
)
def test_a_code_that_names_no_single_medicine_for_depression_is_refused_with_the_reason(
    system: str, code: str | None, told: str
) -> None:
    error = refused(None, system, code)
    assert told in error.detail
    assert error.faults[0].pointer == "/medication/code"


def test_selegiline_is_refused_with_names_that_would_be_taken() -> None:
    suggested = refused("selegiline 5 mg tablet").faults[0].suggestions
    assert suggested == ("Emsam", "selegiline patch")
    assert {resolve(name, None, None).ingredient for name in suggested} == {"selegiline-transdermal"}


def test_a_text_and_a_code_that_disagree_are_refused_with_what_each_one_is() -> None:
    error = refused("Zoloft", "rxnorm", "4493")
    assert "names sertraline and the code stands for fluoxetine" in error.detail
    assert [fault.pointer for fault in error.faults] == ["/medication/text", "/medication/code"]


def test_an_unknown_code_beside_a_known_name_is_refused_and_says_how_to_send_the_name() -> None:
    error = refused("Zoloft", "rxnorm", "99999999")
    assert "names sertraline" in error.detail
    assert error.faults[0].suggestions == ("sertraline",)


@pytest.mark.parametrize(
    ("text", "system", "code", "pointer"),
    [
        (None, None, None, "/medication/text"),
        ("", "", "", "/medication/text"),
        (None, None, "36437", "/medication/system"),
        (None, "icd10", "36437", "/medication/system"),
        ("Zoloft", "rxnorm", None, "/medication/code"),
    ],
)
def test_half_a_question_is_refused_with_what_is_missing(
    text: str | None, system: str | None, code: str | None, pointer: str
) -> None:
    assert refused(text, system, code).faults[0].pointer == pointer


def test_every_shipped_name_and_code_is_taken_or_refused_with_a_reason() -> None:
    asked = [((entry.text, None, None), entry) for entry in BOOK.names.values()]
    asked += [((None, system, code), entry) for (system, code), entry in BOOK.codes.items()]
    for question, entry in asked:
        if entry.single:
            assert resolve(*question).ingredient == entry.single
        else:
            assert len(refused(*question).detail) > 40


def test_the_text_of_a_product_never_names_another_medicine_than_its_code() -> None:
    for entry in BOOK.codes.values():
        try:
            found = resolve(entry.text, None, None).ingredient
        except UnknownMedication:
            continue
        assert found == entry.single


@given(st.text(max_size=80), st.sampled_from([None, "rxnorm", "atc", "x"]), st.none() | st.text(max_size=20))
def test_whatever_is_sent_is_answered_or_refused_and_never_breaks(
    text: str, system: str | None, code: str | None
) -> None:
    assert len(medications.search(text, 5)) <= 5
    try:
        found = resolve(text, system, code).ingredient
    except UnknownMedication as error:
        found = error.faults[0].pointer
    assert found in BOOK.medicines or found.startswith("/medication/")


def test_the_whole_formulary_is_listed_by_name() -> None:
    names = [each["name"].casefold() for each in medications.list_all(200)]
    assert len(names) == 86
    assert names == sorted(names)
    assert len(medications.list_all(3)) == 3


def test_one_medicine_is_read_with_its_names_codes_doses_and_notes() -> None:
    found = medications.read("citalopram")
    assert "Celexa" in found["brands"]
    assert "enantiomer" in found["notes"][0]
    assert {dose["table"] for dose in found["minimum_doses"]} >= {"mgh_atrq", "canmat_2023", "label"}
    assert found["match"] is None
    assert medications.read("sertraline")["notes"] == []


def test_an_ingredient_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound, match="Find it by name"):
        medications.read("zoloft")


def test_an_answer_of_a_trial_describes_its_medicine() -> None:
    assert describe("sertraline") == {
        "ingredient": "sertraline",
        "name": "sertraline",
        "atc": "N06AB06",
        "rxnorm": "36437",
        "class": "SSRI",
        "role": "antidepressant",
    }
    assert describe("pirlindole")["rxnorm"] is None
