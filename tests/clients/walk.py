"""What every client does here, and how it is told: a line for each operation."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

OK, FAILED, LACKS = "ok", "FAILED", "lacks"
WAYS = {
    "metadata": "metadata",
    "create": "create",
    "create if absent": "create_if_absent",
    "read": "read",
    "search by pages": "search",
    "count": "count",
    "update": "update",
    "patch": "patch",
    "version conflict": "conflict",
    "delete": "delete",
    "transaction": "transaction",
    "$trd-status": "status",
    "$validate": "validate",
}
"""Each operation, and the method of a client's journey that does it."""
OPERATIONS = tuple(WAYS)
PAGES, ON_A_PAGE = 3, 2
"""How many pages a search has, and how many resources each."""
Json = dict[str, Any]
Step = Callable[[], None]


class Lacks(Exception):
    """The client has no way to do it. The message says what it has instead."""


class Said(NamedTuple):
    """What came of one operation of one client."""

    client: str
    operation: str
    result: str
    why: str = ""

    @property
    def line(self) -> str:
        """As it is printed."""
        return f"{self.client:<24} {self.operation:<18} {self.result:<7} {self.why}".rstrip()


def steps_of(journey: object) -> dict[str, Step]:
    """The operations that a journey has a way for."""
    return {operation: getattr(journey, way) for operation, way in WAYS.items() if hasattr(journey, way)}


def walk(client: str, steps: Mapping[str, Step]) -> Iterator[Said]:
    """Do each step. One that there is no function for is a failure: nothing is left out in silence."""
    for operation in OPERATIONS:
        try:
            steps[operation]()
        except Lacks as lacks:
            yield Said(client, operation, LACKS, str(lacks))
        except Exception as error:  # noqa: BLE001 - whatever a client throws is told
            yield Said(client, operation, FAILED, f"{type(error).__name__}: {error}"[:1000])
        else:
            yield Said(client, operation, OK)


def person(mark: str | None = None) -> Json:
    """A patient whom nobody else sends."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:example:clients", "value": mark or str(uuid4())}],
        "name": [{"family": "Example", "given": ["Anna"]}],
        "birthDate": "1984-03",
        "gender": "female",
    }


def statement(patient: str, month: int = 1, system_code: tuple[str, str] = ("36437", "sertraline")) -> Json:
    """A medicine that was taken for eight weeks or so."""
    code, name = system_code
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}
    return {
        "resourceType": "MedicationStatement",
        "status": "stopped",
        "medicationCodeableConcept": {"coding": [coding], "text": name},
        "subject": {"reference": patient},
        "effectivePeriod": {"start": f"2025-{month:02}-10", "end": f"2025-{month + 2:02}-28"},
    }


def transaction() -> Json:
    """A new patient with two medicines, which refer to them by a `urn:uuid`."""
    urn = f"urn:uuid:{uuid4()}"
    sent = [statement(urn, 1), statement(urn, 5, ("39786", "venlafaxine"))]
    entries = [{"resource": each, "request": {"method": "POST", "url": "MedicationStatement"}} for each in sent]
    first = {"fullUrl": urn, "resource": person(), "request": {"method": "POST", "url": "Patient"}}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [first, *entries]}


def expect(kept: bool, sentence: str) -> None:  # noqa: FBT001 - a statement that is true or not
    """Go on if it is so.

    Raises:
        AssertionError: it is not.
    """
    if not kept:
        raise AssertionError(sentence)
