"""All real-shaped records: the counts that docs/intake.md gives, and what the records are known to hold."""

import re
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.intake.records import FOLDER, counted, everything
from tests.intake.test_properties import check_keys

pytestmark = pytest.mark.skipif(FOLDER is None, reason="the records are not beside the repository")
DOCUMENT = (ROOT / "docs" / "intake.md").read_text("utf-8")
HEAD = ("resources", "patients", "trials", "ratings", "episodes", "treatments", "not understood")
DRAFTS = {"cds_hooks"}


def table() -> dict[str, dict[str, str]]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`"): dict(zip(HEAD, row[1:], strict=True)) for row in rows if len(row) == len(HEAD) + 1}


def names_in(reads: list[Any]) -> set[str]:
    return {made.key.split("/")[1] for read in reads for course in read.courses for made in course.medication_trials}


def test_the_counts_are_those_of_the_document() -> None:
    assert {name: counted(reads) for name, reads in everything().items()} == table()


def test_every_resource_of_every_record_is_accounted_for_once() -> None:
    for reads in everything().values():
        for course in (course for read in reads for course in read.courses):
            references = [each.reference for each in course.accounted]
            assert len(references) == len(set(references))
            check_keys(course)


def test_the_antidepressants_that_a_record_is_known_to_hold_are_trials_and_no_others() -> None:
    """Where code and text disagree, and in drafts, there is no trial."""
    for name, reads in everything().items():
        for read in reads:
            known = set(read.case["facts"].get("antidepressants", ()))
            if name in DRAFTS:
                assert names_in([read]) == set()
            elif not read.case["facts"].get("code_text_conflicts"):
                assert known <= names_in([read]), read.case["case"]
            else:
                codes = {each.code for course in read.courses for each in course.not_understood}
                assert "code_and_text_disagree" in codes
                assert names_in([read]) & known < known


def test_the_scores_that_a_record_is_known_to_hold_are_ratings_if_they_are_whole() -> None:
    """One record holds its total as a text, which its facts do not count; those without a patient are left alone."""
    for reads in everything().values():
        for read in reads:
            scores = read.case["facts"].get("phq9", [])
            made = [each.entry for course in read.courses for each in course.assessments]
            found = {(each["assessed_on"], each["total_score"]) for each in made if each["instrument"] == "phq9"}
            if read.courses and all(score is not None for _, score in scores):
                assert found == {(day, int(score)) for day, score in scores if score == int(score)}, read.case["case"]


def test_every_test_that_the_document_names_exists() -> None:
    named = re.findall(r"`(test_\w+)::(test_\w+)`", DOCUMENT)
    assert named
    for file, test in named:
        assert f"def {test}(" in (ROOT / "tests" / "intake" / f"{file}.py").read_text("utf-8"), test
