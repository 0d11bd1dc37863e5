"""The formulary as shipped: what its names and codes mean, what its tables say, and what stops a faulty file."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinical.medicines import HERE, Entry, MedicineRole, NameKind, formulary, key_of, load_formulary
from clinical.vocabulary import Evidence, Verdict

FILES = sorted(path.name for path in HERE.glob("*.csv"))
BOOK = formulary()
ROOT = HERE.parent.parent


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("sertraline", ("sertraline",)),
        ("  SERTRALINE ", ("sertraline",)),
        ("Zoloft", ("sertraline",)),
        ("sertraline hydrochloride", ("sertraline",)),
        ("Brintéllix", ("vortioxetine",)),
        ("St. John's Wort", ("st-johns-wort",)),
        ("St John\u2019s wort", ("st-johns-wort",)),
        ("Paxil CR", ("paroxetine",)),
        ("EMSAM", ("selegiline-transdermal",)),
        ("dextroamphetamine", ("dexamfetamine",)),
        ("Auvelity", ("dextromethorphan-bupropion",)),
        ("Symbyax", ("fluoxetine", "olanzapine")),
        ("sertralin", ()),
        ("", ()),
    ],
)
def test_a_name_is_known_exactly_whatever_its_case_accents_and_punctuation(
    text: str, ingredients: tuple[str, ...]
) -> None:
    assert BOOK.by_name(text) == ingredients


@pytest.mark.parametrize(
    ("system", "code", "ingredient"),
    [
        ("rxnorm", "36437", "sertraline"),
        ("rxnorm", "283406", "mirtazapine"),
        ("rxnorm", "2611260", "dextromethorphan-bupropion"),
        ("rxnorm", "42347", "bupropion"),
        ("rxnorm", "865206", "selegiline-transdermal"),
        ("atc", "N06AB06", "sertraline"),
        ("atc", " n06ab10 ", "escitalopram"),
        ("snomed", "372594008", "sertraline"),
        ("snomed", "321846003", "mianserin"),
        ("unii", "QUC7NX6WMB", "sertraline"),
    ],
)
def test_codes_of_ingredients_and_of_products_are_known(system: str, code: str, ingredient: str) -> None:
    assert BOOK.by_code(system, code) == (ingredient,)


@pytest.mark.parametrize(
    ("system", "code"),
    [("rxnorm", "9639"), ("atc", "N04BD01"), ("unii", "2K1V7GP655"), ("rxnorm", "859186"), ("rxnorm", "859192")],
)
def test_oral_selegiline_is_never_taken_for_the_patch(system: str, code: str) -> None:
    assert BOOK.by_code(system, code) == ()
    assert "Parkinson" in (BOOK.codes[system, code].refusal or "")


@pytest.mark.parametrize("text", ["selegiline", "Eldepryl", "Zelapar", "selegiline hydrochloride", "oral selegiline"])
def test_plain_and_oral_names_of_selegiline_say_too_little(text: str) -> None:
    assert BOOK.by_name(text) == ()
    assert "Emsam" in (BOOK.names[key_of(text)].refusal or "")


def test_every_name_that_a_refusal_puts_in_quotes_can_be_used_instead() -> None:
    entries = (*BOOK.names.values(), *BOOK.codes.values())
    quoted = {part for entry in entries if entry.refusal for part in entry.refusal.split('"')[1::2]}
    assert quoted >= {"Emsam", "selegiline patch", "Spravato"}
    assert all(len(BOOK.by_name(name)) == 1 for name in quoted)


def test_a_combination_names_no_single_ingredient() -> None:
    assert BOOK.codes["rxnorm", "856706"].single is None
    assert BOOK.codes["rxnorm", "856706"].others == ("perphenazine",)
    assert BOOK.names["contrave"].others == ("naltrexone",)
    assert {entry.kind for entry in BOOK.names.values() if entry.single is None and not entry.refusal} == {
        NameKind.COMBINATION
    }


@pytest.mark.parametrize(
    ("table", "ingredient", "least", "evidence"),
    [
        ("mgh_atrq", "sertraline", 50, Evidence.SECONDARY),
        ("mgh_atrq", "venlafaxine", 150, Evidence.SECONDARY),
        ("mgh_atrq", "bupropion", 300, Evidence.SECONDARY),
        ("mgh_atrq", "mirtazapine", 15, Evidence.SECONDARY),
        ("canmat_2023", "venlafaxine", 75, Evidence.PRIMARY),
        ("canmat_2023", "mirtazapine", 30, Evidence.PRIMARY),
        ("canmat_2023_adjunct", "aripiprazole", 2, Evidence.PRIMARY),
        ("label", "duloxetine", 60, Evidence.SECONDARY),
        ("label", "fluvoxamine", None, None),
        ("canmat_2023", "fluvoxamine", None, None),
        ("label", "ketamine", None, None),
    ],
)
def test_each_table_says_its_own_minimum_and_is_silent_where_it_was_not_read(
    table: str, ingredient: str, least: float | None, evidence: Evidence | None
) -> None:
    dose = BOOK.minimum_dose(table, ingredient)
    assert (dose and dose.min_mg, dose and dose.evidence) == (least, evidence)


def test_a_dose_that_is_not_mg_a_day_says_so() -> None:
    def unit(ingredient: str) -> str:
        dose = BOOK.minimum_dose("label", ingredient)
        assert dose
        return dose.unit

    assert unit("esketamine") == "mg/session"
    assert unit("selegiline-transdermal") == "mg/24 h"
    assert unit("dextromethorphan-bupropion") == "mg/day of dextromethorphan"


def test_the_traps_of_release_form_and_of_the_weekly_capsule_are_noted() -> None:
    paroxetine = BOOK.minimum_dose("mgh_atrq", "paroxetine")
    assert paroxetine
    assert (paroxetine.min_mg, "25 mg" in (paroxetine.note or "")) == (20, True)
    assert "once a week" in (BOOK.names["prozac weekly"].note or "")


def test_a_restated_licensed_dose_names_who_restated_it() -> None:
    dose = BOOK.minimum_dose("label", "sertraline")
    assert dose
    assert "CANMAT 2023" in dose.source
    assert "no label was read" in dose.source


@pytest.mark.parametrize(
    ("ingredient", "verdict"),
    [
        ("sertraline", Verdict.MET),
        ("dextromethorphan-bupropion", Verdict.MET),
        ("esketamine", Verdict.NOT_MET),
        ("ketamine", Verdict.NOT_MET),
        ("viloxazine", Verdict.NOT_MET),
        ("aripiprazole", Verdict.NOT_MET),
        ("st-johns-wort", Verdict.UNKNOWN),
    ],
)
def test_what_counts_as_an_antidepressant_is_said_of_each_medicine(ingredient: str, verdict: Verdict) -> None:
    assert BOOK.medicines[ingredient].antidepressant is verdict


def test_no_augmentation_agent_counts_as_an_antidepressant() -> None:
    agents = [each for each in BOOK.medicines.values() if each.role is MedicineRole.AUGMENTATION_AGENT]
    assert len(agents) == 32
    assert {agent.antidepressant for agent in agents} == {Verdict.NOT_MET}


def test_close_kin_are_different_ingredients_with_a_note() -> None:
    assert BOOK.by_name("citalopram") != BOOK.by_name("escitalopram")
    assert "silent" in (BOOK.related("escitalopram", "citalopram") or "")
    assert "metabolite" in (BOOK.related("venlafaxine", "desvenlafaxine") or "")
    assert BOOK.related("sertraline", "citalopram") is None


def test_every_row_has_its_evidence_and_its_sources_and_none_rests_on_memory() -> None:
    for file in FILES:
        with (HERE / file).open(encoding="utf-8", newline="") as lines:
            for cells in csv.DictReader(lines):
                cited = [value for key, value in cells.items() if key.endswith(("evidence", "sources"))]
                assert all(cited), (file, cells)
                assert "memory" not in " ".join(cells.values()).casefold(), (file, cells)
    assert {table.id for table in BOOK.dose_tables.values()} >= {"mgh_atrq", "canmat_2023", "label"}
    assert len(BOOK.medicines) == 86


VERHOEFF = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def turned(a: int, b: int) -> int:
    """The product in the dihedral group of ten elements, on which Verhoeff's check digit rests."""
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b - 5) % 5 + 5
    return (a - 5 - b) % 5 + 5 if b < 5 else (a - b) % 5


def test_every_snomed_identifier_passes_its_check_digit() -> None:
    for system, code in BOOK.codes:
        if system == "snomed":
            check = 0
            for place, digit in enumerate(reversed(code)):
                check = turned(check, int(VERHOEFF[place % 8][int(digit)]))
            assert check == 0, code


MEASURE = """
import time, tracemalloc
from clinical.medicines import load_formulary
def seconds():
    began = time.process_time()
    load_formulary()
    return time.process_time() - began
least = min(seconds() for _ in range(3))
tracemalloc.start()
kept = load_formulary()
print(least, tracemalloc.get_traced_memory()[0])
"""


def test_the_formulary_loads_fast_and_stays_small() -> None:
    # In a process of its own: measuring coverage here would slow it down several times.
    told = subprocess.run([sys.executable, "-c", MEASURE], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603  our own words
    seconds, size = map(float, told.stdout.split())
    assert seconds < 0.15
    assert size < 15 * 2**20


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("ingredients.csv", ",antidepressant,met,", ",antidepresant,met,", "line 2: `role`: must be one of"),
        ("ingredients.csv", "citalopram,citalopram,", "citalopram,,", "line 2: `name`: must not be empty"),
        ("ingredients.csv", ",secondary,", ",hearsay,", "`evidence`: must be one of primary"),
        ("names.csv", "escitalopram,escitalopram,", "escitalopram,escitalopran,", "`ingredients`: escitalopran is not"),
        ("names.csv", "Zoloft,sertraline", "Lustral,sertraline", "`name`: 'Lustral' is given twice"),
        ("names.csv", ",generic,,,secondary,who_atc;rxnorm;unii", ",generic,,,secondary,", "`sources`: nothing is"),
        ("codes.csv", "N06AB06", "N6AB06", "`code`: 'N6AB06' does not have the form of a code of atc"),
        ("codes.csv", ",secondary,who_atc", ",secondary,hearsay", "`sources`: hearsay is not known"),
        ("minimum_doses.csv", "sertraline,50,,", "sertraline,0,,", "`min_mg`: must be a number above 0, not '0'"),
        ("minimum_doses.csv", "sertraline,50,200", "sertraline,50,20", "`max_mg`: must not be below min_mg, 50"),
        ("minimum_doses.csv", "mgh_atrq,sertraline", "mgh_atrk,sertraline", "`table`: mgh_atrk is not known"),
        ("pairs.csv", "citalopram,escitalopram,", "citalopram,escitalopran,", "`b`: escitalopran is not known"),
        ("pairs.csv", ",local,trialbook", ",local", "`sources`: 6 cells are asked for, 5 are there"),
    ],
)
def test_a_faulty_cell_stops_the_start_with_file_line_and_key(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    folder = tmp_path / "formulary"
    shutil.copytree(HERE, folder)
    whole = (folder / file).read_text("utf-8")
    assert old in whole
    (folder / file).write_text(whole.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=f"formulary/{file}: line") as caught:
        load_formulary(folder)
    assert sentence in str(caught.value)


def test_an_empty_file_is_an_empty_list(tmp_path: Path) -> None:
    folder = tmp_path / "formulary"
    shutil.copytree(HERE, folder)
    (folder / "pairs.csv").write_text("", "utf-8")
    assert load_formulary(folder).related("citalopram", "escitalopram") is None


def test_an_entry_is_single_only_when_it_names_one_ingredient_and_is_not_refused() -> None:
    plain = Entry("a", NameKind.BRAND, ("x",), (), None, None)
    assert plain.single == "x"
    assert plain._replace(refusal="Say which.").single is None
    assert plain._replace(others=("y",)).single is None
    assert plain._replace(ingredients=("x", "y")).single is None
