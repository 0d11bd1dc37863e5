"""The catalogue is checked at the start: a fault in its data names the file and the key."""

from pathlib import Path
from shutil import copytree

import pytest

from clinical.data_file import LibraryFault
from clinical.treatments import catalogue
from clinical.treatments.catalogue import load_treatments
from tests.clinical.treated import LIBRARY


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("families/ect.toml", 'title = "Elec', 'titel = "Elec', "titel"),
        ("families/ect.toml", "sessions_at_least = 6\n", "", "sessions_at_least"),
        ("families/ect.toml", 'modality = "ect"', 'modality = "cbt"', "given twice"),
        ("families/augmentation.toml", "canmat_2023_adjunct", "nowhere", "dose_table"),
        ("families/longer_trial.toml", "days_at_least = 56", "sessions_at_least = 5", "drug_course"),
        ("cautions.toml", '"MAOI"', '"MAIO"', "MAIO"),
        ("cautions.toml", '"fluoxetine"', '"prozac"', "prozac"),
        ("cautions.toml", 'group = "SSRI"', 'group = "SSR"', "SSR"),
        ("cautions.toml", "bipolar = true", "bipolar = false", "exactly one condition"),
        ("classes.toml", 'group = "TCA"', 'group = "TAC"', "TAC"),
        ("families/rapid_acting.toml", '["dextromethorphan-bupropion"]', '["dxm"]', "taken_daily"),
        ("cautions.toml", '"NDRI", "NRI"', '"NDRI", "NIR"', "NIR"),
        ("order.toml", '"helped", ', "", "name each of"),
        ("order.toml", 'slug = "helped"', 'slug = "failed"', "name each of"),
    ],
)
def test_a_fault_in_the_data_names_the_file_and_the_key(
    tmp_path: Path, file: str, old: str, new: str, fault: str
) -> None:
    folder = copytree(Path(catalogue.__file__).parent, tmp_path / "treatments")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(LibraryFault, match=fault):
        load_treatments(LIBRARY.formulary, folder)


def test_a_family_without_a_file_stops_the_start(tmp_path: Path) -> None:
    folder = copytree(Path(catalogue.__file__).parent, tmp_path / "treatments")
    (folder / "families/ect.toml").unlink()
    with pytest.raises(LibraryFault, match="no file for ect"):
        load_treatments(LIBRARY.formulary, folder)
