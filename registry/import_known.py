"""What imports derived of a patient before, beside what is derived now: the same, under another key, or gone.

A key is never taken twice: where its record was retracted, or is known under another key, the next one has a number.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from models.executor import Row
from registry.derivation import OURS
from registry.import_derived import LONGEST_KEY, PATIENTS, SOURCE, Derived, Prepared

Notes = Mapping[tuple[str, str], Row]
"""What was derived of one patient before, by kind and key."""
NONE: Notes = {}
ELSEWHERE = 0
"""The version in a note whose record is known under another key."""
DECIDES = {"medication_trials": "/medication"}
"""Where the sources stand that tell which record it is: two medicines may share an indication. Else all of them do."""


class Beside(NamedTuple):
    """Each record that is derived now, with the note of it, if any; and the notes of what is not derived any more."""

    records: list[tuple[Derived, Row | None]]
    gone: list[Row]


def beside(each: Prepared, notes: Notes) -> Beside:
    """Find what is derived now among what is known.

    A new one that shares a source with exactly one that is not derived any more is that one, under another key.
    """
    records = [_known(record, notes) for record in each.records]
    again = {(record.kind, record.key) for record, _ in records}
    left = {
        key: row for key, row in notes.items() if key not in again and _of_source(row, each.source) and _counts(row)
    }
    settled = []
    for record, row in records:
        held = row or _same(record, left.values())
        if row is None and held is not None:
            del left[record.kind, held["key"]]
        settled.append((record, held))
    gone = [row for row in left.values() if sources_of(row["provenance"]) <= each.read]
    return Beside(settled, gone)


def _known(record: Derived, notes: Notes) -> tuple[Derived, Row | None]:
    """The record under the key that it has here, and the note."""
    key, number = record.key, 1
    while (row := notes.get((record.kind, key))) is not None and not _counts(row):
        number += 1
        key = _numbered(record.key, number)
    return record._replace(key=key), row


def _numbered(key: str, number: int) -> str:
    numbered = f"{key}#{number}"
    return numbered if len(numbered) <= LONGEST_KEY else f"{hashlib.sha256(key.encode()).hexdigest()}#{number}"


def _counts(row: Row) -> bool:
    """Whether the record stands by this note: it is not known under another key, and no import retracted it."""
    return bool(row["version"] != ELSEWHERE and row["digest"])


def _of_source(row: Row, source: str) -> bool:
    ours = row["kind"] != PATIENTS and not row["key"].startswith(OURS)
    return ours and row["provenance"].get(SOURCE) == source


def _same(record: Derived, left: Iterable[Row]) -> Row | None:
    at = DECIDES.get(record.kind, "")
    mine = sources_of(record.provenance, at)
    found = [row for row in left if row["kind"] == record.kind and mine & sources_of(row["provenance"], at)]
    return found[0] if len(found) == 1 else None


def sources_of(provenance: Mapping[str, Any], at: str = "") -> frozenset[str]:
    """The resources of which values were read; of the value at one pointer, or of all."""
    pointers = [at] if at else [each for each in provenance if each != SOURCE]
    return frozenset(source["reference"] for each in pointers for source in provenance.get(each, ()))
