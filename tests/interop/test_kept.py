"""What was sent comes back as it was sent, but for what has changed since."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from interop.fhir.canonical import extension_url
from interop.fhir.kept import keep, overlay

Json = dict[str, Any]
NAMES = (
    "status",
    "code",
    "note",
    "onsetDateTime",
    "onsetAge",
    "_birthDate",
    "birthDate",
    "effectivePeriod",
    "language",
)
VALUES = st.sampled_from((None, True, 0, "a", "é", [], {"text": "a"}, {"text": "b"}, [{"text": "a"}, {"value": 1.5}]))
THEIRS, OURS = "https://hospital.example/trait", extension_url("role")


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A resource of anything, and of extensions."""
    extensions = [
        {"url": url, "valueCode": draw(st.sampled_from("ab"))} for url in draw(st.sets(st.sampled_from((THEIRS, OURS))))
    ]
    rest = {"extension": extensions} if extensions else {}
    return {"resourceType": "Condition", **draw(st.dictionaries(st.sampled_from(NAMES), VALUES)), **rest}


@st.composite
def emissions(draw: st.DrawFn) -> Json:
    meta = {"versionId": str(draw(st.integers(1, 9))), "lastUpdated": "2026-01-01T00:00:00Z"}
    return {**draw(documents()), "id": "ours", "meta": meta}


def without_stamps(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name not in {"id", "meta"}}


@settings(max_examples=50)
@given(documents(), emissions())
def test_nothing_of_a_document_is_lost_while_its_record_is_unchanged(sent: Json, emitted: Json) -> None:
    assert without_stamps(overlay(keep(sent, emitted), emitted)) == sent


@settings(max_examples=50)
@given(documents(), emissions(), emissions())
def test_what_the_record_says_otherwise_now_is_as_the_record_says(sent: Json, then: Json, now: Json) -> None:
    shown = overlay(keep(sent, then), now)
    for name in {*then, *now} - {"resourceType", "id", "meta", "extension"}:
        if then.get(name) != now.get(name):
            assert shown.get(name) == now.get(name)
    assert shown["id"] == "ours"
    assert shown["meta"] == now["meta"]


def test_a_changed_choice_takes_the_place_of_the_type_that_was_sent() -> None:
    sent = {"resourceType": "Condition", "onsetAge": {"value": 30}, "_onsetString": {}, "note": [{"text": "as sent"}]}
    then = {"resourceType": "Condition", "id": "1", "severity": {"text": "mild"}}
    now = {**then, "onsetDateTime": "2025"}
    assert overlay(keep(sent, then), now) == {
        "resourceType": "Condition",
        "id": "1",
        "meta": {},
        "onsetDateTime": "2025",
        "note": [{"text": "as sent"}],
    }


def dosed(end: str | None, mg: int = 50) -> Json:
    """What we say of a trial with one dose."""
    repeat = {"boundsPeriod": {"start": "2025-01-10", **({"end": end} if end else {})}, "period": 1}
    doses = [{"sequence": 1, "timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": mg}}]}]
    return {"resourceType": "MedicationStatement", "id": "ours", "meta": {}, "dosage": doses}


def test_a_dosage_that_was_sent_without_an_end_stays_when_the_trial_ends_otherwise() -> None:
    plain = {"text": "1 tablet in the morning", "timing": {"code": {"text": "QD"}}}
    bounded = {"timing": {"repeat": {"boundsPeriod": {"end": "2025-03-28"}}}}
    then, later, undecided = dosed("2025-03-28"), dosed("2025-04-11"), dosed(None)
    for now in (later, undecided):
        assert overlay(keep({"dosage": [plain]}, then), now)["dosage"] == [plain]
        assert overlay(keep({"dosage": [plain, bounded]}, then), now)["dosage"] == now["dosage"]
    other = dosed("2025-03-28", 75)
    assert overlay(keep({"dosage": [plain]}, then), other)["dosage"] == other["dosage"]
    without = {name: value for name, value in then.items() if name != "dosage"}
    assert "dosage" not in overlay(keep({"dosage": [plain]}, then), without)


def test_extensions_of_others_outlive_a_change_of_ours() -> None:
    other = {"url": THEIRS, "valueCode": "x"}
    sent = {"resourceType": "Condition", "extension": [{"url": OURS, "valueCode": "old"}, other]}
    then = {"resourceType": "Condition", "id": "1", "extension": [{"url": OURS, "valueCode": "old"}]}
    now = {**then, "extension": [{"url": OURS, "valueCode": "new"}]}
    assert overlay(keep(sent, then), now)["extension"] == [other, {"url": OURS, "valueCode": "new"}]
    assert overlay(keep(sent, then), {"resourceType": "Condition", "id": "1"})["extension"] == [other]
    assert "extension" not in overlay(keep(then, then), {"resourceType": "Condition", "id": "1"})


def test_version_and_time_are_ours_and_the_rest_of_meta_is_the_senders() -> None:
    label, theirs = {"code": "R"}, {"code": "HTEST"}
    sent = {"resourceType": "Patient", "id": "a", "meta": {"versionId": "9", "tag": [theirs], "security": [theirs]}}
    emitted = {"resourceType": "Patient", "id": "b", "meta": {"versionId": "2", "profile": ["p"], "security": [label]}}
    shown = overlay(keep(sent, emitted), emitted)
    assert shown["id"] == "b"
    assert shown["meta"] == {"versionId": "2", "tag": [theirs], "security": [theirs, label]}
