"""What the service says of its own definitions and scales."""

from itertools import pairwise

import pytest

from clinical.library import library
from registry import catalogue
from registry.errors import NotFound
from registry.known_definitions import built_in


def test_every_definition_of_the_service_is_known_the_default_first() -> None:
    items = [catalogue.definition_said(each) for each in built_in()]
    assert {each["id"] for each in items} == set(library().definitions)
    assert [each["default"] for each in items] == [True, *[False] * (len(items) - 1)]
    assert items[0]["id"] == "two_failed_medications"


def test_a_definition_lists_all_that_it_asks_with_numbers_and_sources() -> None:
    said = catalogue.definition_said(library().definitions["sforzini_2022"])
    asked = {each["criterion"]: each for each in said["criteria"]}
    assert set(asked) == {"required", "failure", "duration", "dose", "exclusions"}
    assert asked["failure"]["parameters"] == {"improvement_below_percent": 25}
    assert asked["duration"]["parameters"]["at_least_days"] == 28
    assert all(each["source"] and each["evidence"] for each in said["criteria"])
    assert said["digest"].startswith("sha256:")
    assert said["worked_cases"]


def test_every_scale_is_listed_with_bands_that_leave_no_gap() -> None:
    items = catalogue.list_scales()["items"]
    assert {each["id"] for each in items} == set(library().scales)
    for each in items:
        edges = [(band["first"], band["last"]) for band in each["bands"]]
        assert edges[0][0] == each["minimum"]
        assert edges[-1][1] == each["maximum"]
        assert all(last + 1 == first for (_, last), (first, _) in pairwise(edges))


def test_the_item_on_suicidal_thoughts_shows_its_levels() -> None:
    nine = catalogue.read_scale("phq9")["items"][8]
    assert (nine["number"], nine["safety_levels"]) == (9, ["none_reported", "review", "urgent", "urgent"])
    assert catalogue.read_scale("cgi_i")["items"] == []
    assert catalogue.read_scale("qids_sr16")["domains"][0] == [1, 2, 3, 4]


def test_what_is_not_known_is_not_found() -> None:
    with pytest.raises(NotFound):
        catalogue.read_scale("nothing")
