"""Bundles, what is served, and what is our own."""

import json

from interop.fhir import bundle, provenance
from interop.fhir.canonical import BASE as OURS
from interop.fhir.capability import capability_statement
from interop.fhir.definitions import called, definitions
from interop.fhir.search import read_search
from interop.fhir.search_parameters import PARAMETERS
from tests.interop.examples import BASE, SERVICE
from tests.interop.said import MOMENT, Json

PATIENT = {"resourceType": "Patient", "id": "1"}


def test_a_page_of_a_search_says_what_matched_and_what_came_along() -> None:
    page = bundle.searchset(
        BASE,
        [PATIENT],
        {"self": "s", "next": "n"},
        included=[{"resourceType": "Medication", "id": "2"}, {"resourceType": "OperationOutcome", "issue": []}],
        total=7,
    )
    assert [entry["search"]["mode"] for entry in page["entry"]] == ["match", "include", "outcome"]
    assert page["entry"][0]["fullUrl"] == f"{BASE}/Patient/1"
    assert "fullUrl" not in page["entry"][2]
    assert page["link"] == [{"relation": "self", "url": "s"}, {"relation": "next", "url": "n"}]
    assert page["total"] == 7
    assert "total" not in bundle.searchset(BASE, [], {})
    assert bundle.searchset(BASE, [], {}, total=0)["total"] == 0


def test_a_history_says_what_was_asked_and_what_came_of_it() -> None:
    done = [
        bundle.Done("DELETE", "Patient/1", "204 No Content", 2, MOMENT),
        bundle.Done("POST", "Patient", "201 Created", 1, MOMENT, "l", PATIENT),
    ]
    removed, made = bundle.history(BASE, done, {})["entry"]
    assert removed == {
        "fullUrl": f"{BASE}/Patient/1",
        "request": {"method": "DELETE", "url": "Patient/1"},
        "response": {"status": "204 No Content", "etag": 'W/"2"', "lastModified": "2026-11-27T09:30:00.123456Z"},
    }
    assert made["resource"] == PATIENT
    answered = bundle.responses(done, transaction=True)
    assert answered["type"] == "transaction-response"
    assert "request" not in answered["entry"][0]


def test_the_statement_lists_what_the_table_serves_and_all_of_it_can_be_asked() -> None:
    said = capability_statement(SERVICE)
    assert said["implementation"]["url"] == BASE
    assert said["patchFormat"] == ["application/json-patch+json"]
    for resource in said["rest"][0]["resource"]:
        kind = resource["type"]
        names = {each["name"]: each["type"] for each in resource["searchParam"]}
        assert names.keys() == {"_id", "_lastUpdated", *PARAMETERS[kind]}
        for name, how in names.items():
            asked = read_search(kind, [(name, "2025" if how == "date" else "x")])
            assert asked.matches({"resourceType": kind, "id": "1"}) is False
        for include in resource.get("searchInclude", []):
            read_search(kind, [("_include", include)])
        for include in resource["searchRevInclude"]:
            read_search(kind, [("_revinclude", include)])


def test_a_type_that_is_not_searched_lists_no_parameter() -> None:
    reads = SERVICE.resources[0]._replace(interactions=("read",))
    said = capability_statement(SERVICE._replace(resources=(reads,)))["rest"][0]["resource"][0]
    assert {"searchParam", "searchInclude", "searchRevInclude"} & said.keys() == set()


def test_what_is_our_own_is_found_by_its_url() -> None:
    url = f"{OURS}/CodeSystem/stop-reason"
    assert called("CodeSystem", url) == called("CodeSystem", f"{url}|1") == [definitions()["CodeSystem", "stop-reason"]]
    assert called("CodeSystem", f"{url}|2") == called("ValueSet", url) == []
    assert len(called("OperationDefinition")) == 2
    for (kind, name), made in definitions().items():
        assert made["url"] == f"{OURS}/{kind}/{name}"


def test_every_value_set_and_definition_that_is_named_is_there() -> None:
    urls = {made["url"] for made in definitions().values()}
    named = {part for part in json.dumps(list(definitions().values())).split('"') if part.startswith(OURS)}
    assert named <= urls
    served = capability_statement(SERVICE)["rest"][0]["operation"]
    assert {each["definition"] for each in served} <= urls


def test_a_version_says_who_recorded_it_and_when() -> None:
    version: Json = {"kind": "Condition", "id": "c", "version": 2, "recorded_at": MOMENT, "entered_in_error": False}
    said = provenance.to_fhir({**version, "subject": "user-1", "roles": "clinician auditor", "on_behalf_of": "user-2"})
    assert (said["id"], said["target"]) == ("c-2", [{"reference": "Condition/c/_history/2"}])
    agent = said["agent"][0]
    assert agent["who"] == {"identifier": {"value": "user-1"}}
    assert agent["onBehalfOf"] == {"identifier": {"value": "user-2"}}
    assert [role["text"] for role in agent["role"]] == ["clinician", "auditor"]
    assert provenance.to_fhir(version)["agent"][0]["who"] == {"display": "Not recorded"}
    activities = [(1, False, "CREATE"), (2, False, "UPDATE"), (3, True, "DELETE")]
    for number, in_error, activity in activities:
        made = provenance.to_fhir({**version, "version": number, "entered_in_error": in_error})
        assert made["activity"]["coding"][0]["code"] == activity
