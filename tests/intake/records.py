"""The real-shaped records beside the repository, where they are there."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from intake.bundles import Heap, resources_in
from intake.course import of_patient
from intake.made import Course
from intake.patients import by_patient
from tests.conftest import ROOT

PLACES = [place / "shared" / "data" / "records" for place in (ROOT.parent, ROOT.parent.parent)]
FOLDER = next((place for place in PLACES if place.is_dir()), None)
IMPORTED_ON = date(2026, 11, 27)
HOOK = "cds-request"


class Read(NamedTuple):
    """One case, the heap that it is, and what was made of each patient in it."""

    case: dict[str, Any]
    heap: Heap
    courses: list[Course]


def files() -> list[Path]:
    """The files of FHIR resources."""
    return sorted(FOLDER.glob("*.ndjson*")) if FOLDER else []


def cases(path: Path) -> Iterator[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from (json.loads(line) for line in content.splitlines())


def documents(case: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON may be anything
    """The resources of a case: what is prefetched and what is drafted, in a request of CDS Hooks."""
    payload = case["payload"]
    if case["kind"] != HOOK:
        return payload
    context = payload.get("context") or {}
    drafts = [context[key] for key in ("draftOrders", "medications") if context.get(key)]
    return [*[each for each in (payload.get("prefetch") or {}).values() if each], *drafts]


@lru_cache(maxsize=1)
def everything() -> dict[str, list[Read]]:
    return {path.name.split(".")[0]: [read_case(case) for case in cases(path)] for path in files()}


def read_case(case: dict[str, Any]) -> Read:
    heap = resources_in(documents(case))
    patients = by_patient(heap.found).patients
    return Read(case, heap, [of_patient(each.resources, on=IMPORTED_ON, aliases=each.aliases) for each in patients])


def counted(reads: list[Read]) -> dict[str, str]:
    """The row of the table in docs/intake.md."""
    courses = [course for read in reads for course in read.courses]
    refused = Counter(each.code.value for course in courses for each in course.not_understood)
    return {
        "resources": str(sum(len(read.heap.found) for read in reads)),
        "patients": str(len(courses)),
        "trials": str(sum(len(course.medication_trials) for course in courses)),
        "ratings": str(sum(len(course.assessments) for course in courses)),
        "episodes": str(sum(len(course.episodes) for course in courses)),
        "treatments": str(sum(len(course.treatments) for course in courses)),
        "not understood": ", ".join(f"{code} {count}" for code, count in sorted(refused.items())) or "none",
    }
