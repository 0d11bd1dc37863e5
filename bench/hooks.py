"""How long a call of CDS Hooks takes at 8 callers at once, with everything sent along: `python -m bench.hooks`.

A chart of 60 resources: conditions, five antidepressants with their fills, other medicines, ratings, a procedure; and
the short one of the documentation's examples, of the size that the standard's own examples have. Each call is about
another patient, so that nothing can be remembered from one to the next.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple

import orjson

from bench.processes import Server, served
from bench.records import Patients
from bench.stage import stage
from interop.cds_hooks.examples import SIGN, VIEW
from settings import read_settings

Json = dict[str, Any]
CALLERS, SECONDS, CHARTS = 8, 8.0, 64
MOST_MILLISECONDS = 100
GIVEN = (("36437", 100), ("39786", 225), ("4493", 40), ("15996", 30), ("42347", 300))
OTHERS = ("197361", "860975", "314076", "311995", "198211")
FIRST = date(2024, 1, 1)
RXNORM, LOINC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://loinc.org"
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
PATHS = ("trd-patient-view", "trd-order-sign")


class Figures(NamedTuple):
    """For one kind of chart: milliseconds of a call, calls a second, and milliseconds of the service's CPU a call."""

    chart: str
    half: float
    most: float
    rate: float
    cpu: float

    def __str__(self) -> str:
        """In one line."""
        kept = "kept" if self.most <= MOST_MILLISECONDS else "NOT KEPT"
        return (
            f"{CALLERS} callers at once, {self.chart}: half within {self.half:.1f} ms, 99 of 100 within "
            f"{self.most:.1f} ms (at most {MOST_MILLISECONDS} asked: {kept}); {self.rate:.0f} calls/s, "
            f"{self.cpu:.1f} ms of CPU each"
        )


def _daily(mg: int) -> list[Json]:
    return [{"timing": DAILY, "doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}]}]


def _medicine(code: str) -> Json:
    return {"medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]}}


def _course(day: date, code: str, mg: int) -> Iterator[tuple[str, Json]]:
    """One antidepressant: as a statement, an order and two fills, rated three times."""
    began, medicine = day.isoformat(), _medicine(code)
    period = {"start": began, "end": (day + timedelta(days=55)).isoformat()}
    said = {"status": "completed", "effectivePeriod": period, "dosage": _daily(mg)}
    yield "medicationStatements", {"resourceType": "MedicationStatement", **said, **medicine}
    ordered = {"status": "completed", "intent": "order", "authoredOn": began, "dosageInstruction": _daily(mg)}
    yield "medicationRequests", {"resourceType": "MedicationRequest", **ordered, **medicine}
    for fill in (0, 28):
        handed = {"status": "completed", "whenHandedOver": (day + timedelta(days=fill)).isoformat()}
        supply = {"quantity": {"value": 28}, "daysSupply": {"value": 28, "code": "d"}}
        yield "medicationDispenses", {"resourceType": "MedicationDispense", **handed, **supply, **medicine}
    for at, total in ((0, 20), (28, 19), (54, 18)):
        scored = {"status": "final", "code": {"coding": [{"system": LOINC, "code": "44261-6"}]}, "valueInteger": total}
        when = {"effectiveDateTime": (day + timedelta(days=at)).isoformat()}
        yield "ratings", {"resourceType": "Observation", **scored, **when}


def _resources() -> Iterator[tuple[str, Json]]:
    """A chart, each resource with the key of its query."""
    for code in ("F33.2", "I10", "E78.5"):
        coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]}
        yield "conditions", {"resourceType": "Condition", "code": coded, "onsetDateTime": "2023-11-02"}
    for number, (code, mg) in enumerate(GIVEN):
        yield from _course(FIRST + timedelta(days=60 * number), code, mg)
    for code in OTHERS * 4:
        ordered = {"status": "active", "intent": "order", "authoredOn": "2024-02-01", **_medicine(code)}
        yield "medicationRequests", {"resourceType": "MedicationRequest", **ordered}
    yield "procedures", {"resourceType": "Procedure", "status": "completed", "code": {"text": "Appendectomy"}}


def call_for(patient: str, hook: str) -> Json:
    """One call with everything that discovery asks for."""
    mine = {"subject": {"reference": f"Patient/{patient}"}}
    prefetch: Json = {"patient": {"resourceType": "Patient", "id": patient, "gender": "female"}}
    for number, (key, resource) in enumerate(_resources()):
        bundle = prefetch.setdefault(key, {"resourceType": "Bundle", "type": "searchset", "entry": []})
        bundle["entry"].append({"resource": {"id": f"r{number}", **mine, **resource}})
    context: Json = {"userId": "Practitioner/measured", "patientId": patient}
    if hook != "patient-view":
        draft = {"resourceType": "MedicationRequest", "id": "d", "status": "draft", **_medicine("36437")}
        context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
    return {"hook": hook, "hookInstance": patient, "context": context, "prefetch": prefetch}


def _short_call_for(patient: str, hook: str) -> Json:
    """The example of the documentation, about this patient."""
    said = orjson.dumps(SHORT[hook])
    return dict(orjson.loads(said.replace(SHORT[hook]["context"]["patientId"].encode(), patient.encode())))


SHORT: dict[str, Json] = {"patient-view": VIEW, "order-sign": SIGN}
CALLS: dict[str, Callable[[str, str], Json]] = {"60 resources each": call_for, "a short example each": _short_call_for}


def _requests(server: Server, made: Callable[[str, str], Json]) -> list[bytes]:
    """The bytes of many calls, made before the time begins."""
    found = []
    for number in range(CHARTS):
        path = PATHS[number % len(PATHS)]
        body = orjson.dumps(made(f"measured-{number}", path.removeprefix("trd-")))
        headers = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = "".join(f"\r\n{key}: {value}" for key, value in {**headers, **server.headers}.items())
        found.append(f"POST /cds-services/{path} HTTP/1.1{lines}\r\n\r\n".encode() + body)
    return found


async def _caller(port: int, requests: list[bytes], first: int, until: float) -> list[float]:
    """Call one after the other until the time is over; milliseconds of each.

    Raises:
        SystemExit: an answer was an error.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken, number = [], first
    while time.monotonic() < until:
        begun = time.perf_counter()
        writer.write(requests[number % len(requests)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        taken.append((time.perf_counter() - begun) * 1000)
        number += CALLERS
        if b" 200 " not in head[:16]:
            raise SystemExit(f"A call of CDS Hooks was answered with {head[:16].decode()}.")
    writer.close()
    await writer.wait_closed()
    return taken


async def _called(server: Server, chart: str, seconds: float) -> list[float]:
    requests, until = _requests(server, CALLS[chart]), time.monotonic() + seconds
    callers = [_caller(server.port, requests, first, until) for first in range(CALLERS)]
    return [each for listed in await asyncio.gather(*callers) for each in listed]


def measured(server: Server, chart: str, seconds: float = SECONDS) -> Figures:
    """Call a service that runs about charts of one kind; what came before is for warming up."""
    asyncio.run(_called(server, chart, seconds / 4))
    cpu, begun = server.cpu_seconds(), time.monotonic()
    taken = asyncio.run(_called(server, chart, seconds))
    spent = time.monotonic() - begun
    parts = quantiles(taken, n=100)
    return Figures(chart, parts[49], parts[98], len(taken) / spent, (server.cpu_seconds() - cpu) * 1000 / len(taken))


def main() -> None:
    """Start a service on a database of its own, call it, and print what came of it."""
    with (
        tempfile.TemporaryDirectory(prefix="trialbook-bench-") as folder,
        stage(read_settings(), Patients(read=10, written=10)) as at,
        served("ops.serve", at.service.environment, Path(folder), signs_in=True) as service,
    ):
        for chart in CALLS:
            print(f"CDS Hooks: {measured(service, chart)}")


if __name__ == "__main__":
    main()
