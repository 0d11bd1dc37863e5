"""Writes what was derived of many patients at once: a few statements a batch, in one transaction with its progress.

What was derived before and is the same is left alone; what differs is changed, unless a human changed the record since.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from bulk.found import Reject, Why
from models.base import new_id
from models.executor import Executor, Row
from registry.desk import Desk
from registry.identity import sealed_columns
from registry.import_derived import NOUNS, WRITING, Derived, Prepared
from registry.import_places import Here, Place, placed
from registry.import_statements import FIND, HELD, KEEP

PATIENTS = "patients"
Known = Mapping[tuple[UUID, str, str], Row]
"""What was derived before, by patient, kind and key."""


class Written(NamedTuple):
    """What came of a batch: records by kind and what was done, and rejects."""

    records: dict[str, Counter[str]]
    rejects: list[Reject]


class Batch:
    """One batch of patients, on its way into the database."""

    def __init__(self, desk: Desk, inside: Executor) -> None:
        """In this transaction."""
        self._desk, self._inside = desk, inside
        self._of = {"organisation_id": desk.organisation_id}
        self._records: dict[str, Counter[str]] = defaultdict(Counter)
        self._rejects: list[Reject] = []
        self._added: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._changed: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._notes: dict[tuple[str, str], dict[str, Any]] = {}

    async def write(self, batch: Sequence[Prepared]) -> Written:
        """Write all of it.

        Raises:
            asyncpg.PostgresError: the database refuses something of it.
        """
        places, known = await self._places([each for each in batch if each.source_key])
        for each in batch:
            self._rejects.extend(each.rejects)
            place = places.get(each.reference)
            if place is not None:
                self._plan(each, place, known)
        await self._store()
        return Written(self._records, self._rejects)

    async def _places(self, batch: Sequence[Prepared]) -> tuple[dict[str, Place], Known]:
        """Who each is here, and what was derived of them before; who cannot be told is rejected."""
        asked = sorted({digest for each in batch for digest in (*each.digests, each.source_key)})
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in await FIND.fetch_all(self._inside, **self._of, digests=asked) if asked else []:
            found[row["found_by"]].append(row)
        known = await self._known({row["id"] for rows in found.values() for row in rows})
        sources: defaultdict[UUID, list[str]] = defaultdict(list)
        for patient_id, kind, key in known:
            if kind == PATIENTS:
                sources[patient_id].append(key)
        places: dict[str, Place] = {}
        taken: set[str] = set()
        for each in batch:
            place = placed(each, Here({key: found[key] for key in (*each.digests, each.source_key)}, sources, taken))
            if isinstance(place, Why):
                self._rejects.append(Reject.of(each.reference, place))
                continue
            taken.update(each.digests)
            places[each.reference] = place
        return places, known

    async def _known(self, patients: set[UUID]) -> Known:
        if not patients:
            return {}
        rows = await HELD.fetch_all(self._inside, **self._of, patients=list(patients))
        return {(row["patient_id"], row["kind"], row["key"]): row for row in rows}

    def _plan(self, each: Prepared, place: Place, known: Known) -> None:
        """Decide of each record whether it is new, the same, to be changed, or a human's by now."""
        if each.patient is not None:
            patient = each.patient._replace(key=each.source_key, columns=self._sealed(each, place))
            self._plan_patient(patient, place, known)
        for record in each.records:
            self._plan_one(record, place.patient_id, known)

    def _sealed(self, each: Prepared, place: Place) -> dict[str, Any]:
        """The columns of the patient, without identifiers that are another's."""
        plain = each.patient.columns if each.patient else {}
        kept = [name for name, of in zip(each.names["identifiers"], each.digests, strict=True) if of not in place.taken]
        if place.taken:
            self._rejects.append(Reject.of(each.reference, Why.IDENTIFIER_TAKEN))
        names = {**each.names, "identifiers": kept}
        return {**plain, **sealed_columns(self._desk.keys, place.patient_id, names)}

    def _plan_patient(self, patient: Derived, place: Place, known: Known) -> None:
        if place.new:
            self._add(patient, place.patient_id, place.patient_id)
        elif place.mine:
            self._plan_one(patient, place.patient_id, known)
        else:
            # Somebody else made this patient: it is noted where it was found, and stays as it is.
            self._records[PATIENTS]["found"] += 1
            self._note(patient, place.patient_id, place.patient_id, 0)

    def _plan_one(self, record: Derived, patient_id: UUID, known: Known) -> None:
        held = known.get((patient_id, record.kind, record.key))
        if held is None:
            self._add(record, patient_id, patient_id if record.kind == PATIENTS else new_id())
        elif held["digest"] == record.digest or held["version"] == 0:
            self._records[record.kind]["unchanged" if held["version"] else "found"] += 1
        elif held["version"] != held["current"] or held["in_error"]:
            self._keep_as_edited(record.kind, str(held["record_id"]))
        else:
            row = {**record.columns, "id": str(held["record_id"]), "expected_version": held["version"]}
            self._changed[record.kind].append(row)
            self._note(record, patient_id, held["record_id"], held["version"] + 1)

    def _keep_as_edited(self, kind: str, record_id: str) -> None:
        """What a human changed since is theirs; which one it is, is told."""
        self._records[kind]["kept_as_edited"] += 1
        self._rejects.append(Reject.of(f"{kind}/{record_id}", Why.KEPT_AS_EDITED))

    def _add(self, record: Derived, patient_id: UUID, record_id: UUID) -> None:
        self._records[record.kind]["created"] += 1
        row = {**record.columns, "id": str(record_id), "patient_id": str(patient_id)}
        self._added[record.kind].append(row)
        self._note(record, patient_id, record_id, 1)

    def _note(self, record: Derived, patient_id: UUID, record_id: UUID, version: int) -> None:
        # As text: the driver's own kind of UUID is none that is written as JSON.
        self._notes[record.kind, str(record_id)] = {
            "patient_id": str(patient_id),
            "kind": record.kind,
            "key": record.key,
            "record_id": str(record_id),
            "version": version,
            "digest": record.digest,
            "provenance": record.provenance,
        }

    async def _store(self) -> None:
        """Write what was planned: patients first, then what may refer to what."""
        for kind in NOUNS:
            writing = WRITING[kind]
            if self._added[kind]:
                await writing.insert.fetch_all(self._inside, **self._of, rows=self._added[kind])
            if self._changed[kind]:
                rows = await writing.update.fetch_all(self._inside, **self._of, rows=self._changed[kind])
                self._settle(kind, {str(row["id"]) for row in rows})
        if self._notes:
            await KEEP.fetch_all(self._inside, **self._of, rows=list(self._notes.values()))

    def _settle(self, kind: str, changed: set[str]) -> None:
        """What a human changed in this very moment is theirs."""
        for row in self._changed[kind]:
            if row["id"] in changed:
                self._records[kind]["updated"] += 1
            else:
                self._keep_as_edited(kind, row["id"])
                del self._notes[kind, row["id"]]
