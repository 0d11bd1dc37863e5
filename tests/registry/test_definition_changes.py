"""What one version changed against the one before."""

from registry.definition_changes import changes_between


def test_nothing_changed_is_no_change() -> None:
    assert list(changes_between({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]})) == []


def test_each_place_is_named_with_both_values() -> None:
    before = {"title": "A", "duration": {"at_least_days": 28}, "cases": [{"n": 1}, {"n": 2}]}
    after = {"title": "A", "duration": {"at_least_days": 42}, "cases": [{"n": 1}], "dose": {"table": "label"}}
    assert list(changes_between(before, after)) == [
        {"at": "/duration/at_least_days", "before": 28, "after": 42},
        {"at": "/cases/1", "before": {"n": 2}, "after": None},
        {"at": "/dose", "before": None, "after": {"table": "label"}},
    ]


def test_a_list_that_becomes_something_else_is_one_change() -> None:
    assert list(changes_between({"a": [1]}, {"a": 1})) == [{"at": "/a", "before": [1], "after": 1}]
