"""Writes what was derived of many patients at once: a few statements a batch, in one transaction with its progress.

What was derived before and is the same is left alone; what differs is changed, and what its sources do not say any more
is marked as entered in error, unless a human changed the record since.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from bulk.found import Reject, Why
from models.base import new_id
from models.executor import Executor, Row
from registry.desk import Desk
from registry.identity import sealed_columns
from registry.import_derived import NOUNS, PATIENTS, WRITING, Derived, Prepared
from registry.import_known import ELSEWHERE, NONE, Notes, beside
from registry.import_places import Here, Place, placed
from registry.import_statements import FIND, HELD, KEEP
from registry.statements import Statement

Known = Mapping[UUID, Notes]
"""What was derived before, by patient."""
AS_IT_IS_NOW = "DISCARD PLANS"
"""Plans are made once and kept, those of triggers and foreign keys too. Made of tables that are empty yet, as before a
first import, they read the whole table for each record, until statistics are made a minute later."""
RETRACTED = ""
"""The digest in the note of a record that an import retracted."""


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
        self._retracted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._notes: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

    async def write(self, batch: Sequence[Prepared]) -> Written:
        """Write all of it.

        Raises:
            asyncpg.PostgresError: the database refuses something of it.
        """
        await self._inside.run(AS_IT_IS_NOW, [], repeatable=False)
        places, known = await self._places([each for each in batch if each.source_key])
        for each in batch:
            self._rejects.extend(each.rejects)
            place = places.get(each.reference)
            if place is not None:
                self._plan(each, place, known.get(place.patient_id, NONE))
        await self._store()
        return Written(self._records, self._rejects)

    async def _places(self, batch: Sequence[Prepared]) -> tuple[dict[str, Place], Known]:
        """Who each is here, and what was derived of them before; who cannot be told is rejected."""
        asked = sorted({digest for each in batch for digest in (*each.digests, each.source_key)})
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in await FIND.fetch_all(self._inside, **self._of, digests=asked) if asked else []:
            found[row["found_by"]].append(row)
        known = await self._known({row["id"] for rows in found.values() for row in rows})
        sources = {one: [key for kind, key in notes if kind == PATIENTS] for one, notes in known.items()}
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
        known: defaultdict[UUID, dict[tuple[str, str], Row]] = defaultdict(dict)
        for row in rows:
            known[row["patient_id"]][row["kind"], row["key"]] = row
        return known

    def _plan(self, each: Prepared, place: Place, notes: Notes) -> None:
        """Decide of each record whether it is new, the same, to be changed, or a human's by now."""
        if each.patient is not None:
            patient = each.patient._replace(key=each.source_key, columns=self._sealed(each, place))
            self._plan_patient(patient, place, notes)
        known = beside(each, notes)
        for record, held in known.records:
            self._plan_one(record, place.patient_id, held)
        for held in known.gone:
            self._retract(held)

    def _sealed(self, each: Prepared, place: Place) -> dict[str, Any]:
        """The columns of the patient, without identifiers that are another's."""
        plain = each.patient.columns if each.patient else {}
        kept = [name for name, of in zip(each.names["identifiers"], each.digests, strict=True) if of not in place.taken]
        if place.taken:
            self._rejects.append(Reject.of(each.reference, Why.IDENTIFIER_TAKEN))
        names = {**each.names, "identifiers": kept}
        return {**plain, **sealed_columns(self._desk.keys, place.patient_id, names)}

    def _plan_patient(self, patient: Derived, place: Place, notes: Notes) -> None:
        if place.new:
            self._add(patient, place.patient_id, place.patient_id)
        elif place.mine:
            self._plan_one(patient, place.patient_id, notes.get((PATIENTS, patient.key)))
        else:
            # Somebody else made this patient: it is noted where it was found, and stays as it is.
            self._records[PATIENTS]["found"] += 1
            self._note(patient, place.patient_id, place.patient_id, 0)

    def _plan_one(self, record: Derived, patient_id: UUID, held: Row | None) -> None:
        if held is None:
            self._add(record, patient_id, patient_id if record.kind == PATIENTS else new_id())
        elif held["digest"] == record.digest or held["version"] == 0:
            self._records[record.kind]["unchanged" if held["version"] else "found"] += 1
            if held["key"] != record.key:
                self._note_anew(record, held, held["version"])
        elif held["version"] != held["current"] or held["in_error"]:
            self._keep_as_edited(record.kind, str(held["record_id"]))
        else:
            row = {**record.columns, "id": str(held["record_id"]), "expected_version": held["version"]}
            self._changed[record.kind].append(row)
            self._note_anew(record, held, held["version"] + 1)

    def _note_anew(self, record: Derived, held: Row, version: int) -> None:
        """Note a record that is known; the note under another key stays, and says that it does not count any more."""
        self._note(record, held["patient_id"], held["record_id"], version)
        if held["key"] != record.key:
            self._note(record._replace(key=held["key"]), held["patient_id"], held["record_id"], ELSEWHERE)

    def _retract(self, held: Row) -> None:
        """All its sources came again, and it does not follow from them any more."""
        if held["version"] == held["current"]:
            row = {"id": str(held["record_id"]), "expected_version": held["version"]}
            self._retracted[held["kind"]].append(row)
            gone = Derived(held["kind"], held["key"], {}, RETRACTED, held["provenance"])
            self._note(gone, held["patient_id"], held["record_id"], held["version"] + 1)
        elif not held["in_error"]:
            self._keep_as_edited(held["kind"], str(held["record_id"]))

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
        note = {
            "patient_id": str(patient_id),
            "kind": record.kind,
            "key": record.key,
            "record_id": str(record_id),
            "version": version,
            "digest": record.digest,
            "provenance": record.provenance,
        }
        self._notes[record.kind, str(record_id)].append(note)

    async def _store(self) -> None:
        """Write what was planned: patients first, then what may refer to what."""
        for kind in NOUNS:
            writing = WRITING[kind]
            if self._added[kind]:
                await writing.insert.fetch_all(self._inside, **self._of, rows=self._added[kind])
            await self._settle(kind, "updated", writing.update, self._changed[kind])
            await self._settle(kind, "retracted", writing.retract, self._retracted[kind])
        if notes := list(chain.from_iterable(self._notes.values())):
            await KEEP.fetch_all(self._inside, **self._of, rows=notes)

    async def _settle(self, kind: str, done: str, statement: Statement, rows: list[dict[str, Any]]) -> None:
        """Change these records. What a human changed in this very moment is theirs."""
        written = await statement.fetch_all(self._inside, **self._of, rows=rows) if rows else []
        changed = {str(row["id"]) for row in written}
        for row in rows:
            if row["id"] in changed:
                self._records[kind][done] += 1
            else:
                self._keep_as_edited(kind, row["id"])
                del self._notes[kind, row["id"]]
