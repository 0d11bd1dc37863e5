"""How far an import is, and what came of it so far: counted in memory, stored with each batch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from bulk.found import Reject
from registry.import_writing import Written

MOST_REJECTS = 100_000
"""How many rejects are kept of one import; all are counted."""


class Tally:
    """The counts of one import."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        """As far as it is stored."""
        counts = row["counts"]
        self.bytes, self.resources, self.done = row["bytes_read"], row["resources_read"], row["resources_done"]
        self.batches = row["batches_done"]
        self.kinds: Counter[str] = Counter(counts.get("kinds", {}))
        self.fates: Counter[str] = Counter(counts.get("fates", {}))
        self.warnings: Counter[str] = Counter(counts.get("warnings", {}))
        self.rejects: Counter[str] = Counter(counts.get("rejects", {}))
        self.records: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for kind, done in counts.get("records", {}).items():
            self.records[kind].update(done)

    @property
    def rejected(self) -> int:
        """How many rejects there are."""
        return self.rejects.total()

    def numbered(self, rejects: Iterable[Reject]) -> list[dict[str, Any]]:
        """Count these rejects; those that are kept, with their numbers."""
        kept = []
        for reject in rejects:
            self.rejects[reject.code] += 1
            if self.rejected <= MOST_REJECTS:
                kept.append({"number": self.rejected, **reject._asdict()})
        return kept

    def add(self, written: Written, fates: Mapping[str, int], resources: int) -> list[dict[str, Any]]:
        """Count what came of a batch; the rejects that are kept."""
        for kind, done in written.records.items():
            self.records[kind].update(done)
        self.fates.update(fates)
        self.done += resources
        self.batches += 1
        return self.numbered(written.rejects)

    def stored(self) -> dict[str, Any]:
        """As it is stored."""
        records = {kind: dict(done) for kind, done in self.records.items()}
        counts = {
            "kinds": dict(self.kinds),
            "fates": dict(self.fates),
            "records": records,
            "rejects": dict(self.rejects),
            "warnings": dict(self.warnings),
        }
        numbers = {"bytes": self.bytes, "resources": self.resources, "done": self.done, "number": self.batches}
        return {**numbers, "counts": counts}
