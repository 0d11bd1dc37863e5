"""One import from its body to the last record. Killed at any moment and begun again, it ends in the same state.

Reading sorts the body by patient and stores nothing but how far it is. Writing goes through the patients in a fixed
order, batch by batch; a batch and its progress are one transaction, so that what is begun again skips what is done.
"""

import asyncio
import contextlib
import logging
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from bulk.archive import Archive
from bulk.found import Entry, Reject, Unreadable, Why
from bulk.patients import Gathered, Person, gathered
from bulk.reading import reader_of
from bulk.sorting import Sorter
from bulk.spool import Spool, parts_for
from intake.course import MUCH
from models.bulk_import import ImportForm, ImportState
from models.executor import Executor, Row
from registry.desk import Desk
from registry.errors import TrialbookError, place_of
from registry.faults import REFUSED
from registry.identity import opened
from registry.import_derived import Deriver, Prepared
from registry.import_jobs import ADD_REJECTS, CHUNK, PROGRESS, RENEW
from registry.import_tally import MOST_REJECTS, Tally
from registry.import_writing import Batch, Written
from registry.statements import transaction

log = logging.getLogger("trialbook")
FIELD = "import_chunk"
SECONDS_BETWEEN_NEWS, SECONDS_BETWEEN_BEATS = 1.0, 5.0
RESOURCES_OF_A_BATCH = 2_000
SAVE, BACK, GO_ON = "SAVEPOINT one", "ROLLBACK TO SAVEPOINT one", "RELEASE SAVEPOINT one"


class Lost(Exception):
    """The import is no longer this runner's: it was cancelled, or another took it over."""


class Job(NamedTuple):
    """One import, who works on it, and where."""

    desk: Desk
    row: Row
    runner: UUID
    folder: Path

    @property
    def where(self) -> dict[str, Any]:
        """The import, as statements name it."""
        return {"organisation_id": self.desk.organisation_id, "import_id": self.row["id"]}


async def run(job: Job) -> None:
    """Work it off.

    Raises:
        Unreadable: it is nothing that can be read at all.
        Lost: somebody else has it, or it was cancelled.
    """
    tally = Tally(job.row)
    beating = asyncio.create_task(_stay(job))
    spool = Spool(job.folder, parts_for(job.row["bytes_total"]))
    try:
        sorter = Sorter(spool)
        await _read(job, sorter, tally)
        await _write(job, sorter, spool, tally)
    finally:
        beating.cancel()
        spool.close()


async def _stay(job: Job) -> None:
    """Say now and then that this runner lives, also while nothing is to be stored."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_BEATS)
        with contextlib.suppress(TrialbookError):
            await RENEW.fetch_one(job.desk.database, **job.where, runner=job.runner)


async def _read(job: Job, sorter: Sorter, tally: Tally) -> None:
    """Sort the whole body; what was counted of it before a restart is not counted again."""
    again = job.row["state"] == ImportState.WRITING
    mine = Tally({**job.row, "counts": {}, "bytes_read": 0, "resources_read": 0})
    kept: list[Reject] = []
    told = 0.0
    async for part in _found(job, mine):
        for found in part:
            mine.resources += 1
            reject = found if isinstance(found, Reject) else sorter.take(found)
            if reject is not None:
                mine.rejects[reject.code] += 1
                kept += [reject] if len(kept) < MOST_REJECTS else []
        if time.monotonic() - told > SECONDS_BETWEEN_NEWS:
            told = time.monotonic()
            await _progress(job, ImportState.READING, None if again else mine)
    sorter.finish()
    if again:
        return
    if mine.resources == mine.rejected and not sorter.kinds:
        raise Unreadable(Why.NOT_A_RESOURCE.meaning)
    tally.bytes, tally.resources, tally.kinds = mine.bytes, mine.resources, sorter.kinds
    tally.fates["set_aside"] += sorter.set_aside
    rows, tally.rejects = tally.numbered(kept), mine.rejects
    tally.done = mine.rejected + sorter.set_aside + sorter.unsorted
    await _progress(job, ImportState.WRITING, tally, rows)


async def _found(job: Job, mine: Tally) -> AsyncIterator[Iterable[Entry | Reject]]:
    """What the body holds, part by part."""
    if job.row["form"] == ImportForm.ZIP:
        body = job.folder / "body.zip"
        with body.open("wb") as file:
            async for plain in _body(job, mine):
                file.write(plain)
        parts = Archive(body, job.folder, job.row["source"] or "").parts()
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part
        return
    reader = reader_of(job.row["form"])
    async for plain in _body(job, mine):
        yield reader.feed(plain)
    yield reader.end()


async def _body(job: Job, mine: Tally) -> AsyncIterator[bytes]:
    """The body as it was sent, part by part."""
    for number in range(job.row["chunks"]):
        row = await CHUNK.fetch_one(job.desk.database, **job.where, number=number)
        if row is None:
            raise Lost
        plain = zlib.decompress(opened(job.desk, f"{job.row['id']}/{number}", FIELD, row["sealed"]))
        mine.bytes += len(plain)
        yield plain


async def _progress(job: Job, state: ImportState, tally: Tally | None, rejects: Sequence[dict[str, Any]] = ()) -> None:
    """Say that this runner is there, and how far it is.

    Raises:
        Lost: the import is not its any more.
    """
    async with transaction(job.desk.database) as inside:
        await _hold(job, inside)
        if tally is not None:
            await _store(job, inside, state, tally, rejects)


async def _hold(job: Job, inside: Executor) -> None:
    """Nobody else works on it until this transaction ends."""
    if await RENEW.fetch_one(inside, **job.where, runner=job.runner) is None:
        raise Lost


async def _store(
    job: Job, inside: Executor, state: ImportState, tally: Tally, rejects: Sequence[dict[str, Any]]
) -> None:
    await PROGRESS.fetch_one(inside, **job.where, state=state.value, **tally.stored())
    if rejects:
        await ADD_REJECTS.fetch_all(inside, **job.where, rows=list(rejects))


async def _write(job: Job, sorter: Sorter, spool: Spool, tally: Tally) -> None:
    """Write batch after batch: while the database stores one, the next is made ready."""
    deriver = Deriver(job.desk, job.row["source"] or "")
    skipped, storing = tally.batches, None
    try:
        for number, batch in enumerate(_batches(spool)):
            if number < skipped:
                continue
            prepared = [await _prepared(deriver, each, sorter) for each in batch]
            if storing is not None:
                await storing
            storing = asyncio.create_task(_store_batch(job, prepared, tally))
        if storing is not None:
            await storing
    finally:
        if storing is not None:
            storing.cancel()


def _batches(spool: Spool) -> Iterator[list[Gathered]]:
    """All patients in a fixed order, in batches of about as many resources."""
    batch: list[Gathered] = []
    resources = 0
    for part in spool.parts:
        for each in gathered(part):
            batch.append(each)
            resources += each.resources
            if resources >= RESOURCES_OF_A_BATCH:
                yield batch
                batch, resources = [], 0
    if batch:
        yield batch


async def _prepared(deriver: Deriver, each: Gathered, sorter: Sorter) -> Prepared:
    """What is to be stored of one patient. Whatever goes wrong with one stays with this one."""
    await asyncio.sleep(0)  # let what is being stored go on
    try:
        if each.resources > MUCH:  # meanwhile `_stay` renews what a large one could outlast
            return await asyncio.to_thread(deriver.of_gathered, each, sorter.shared)
        return deriver.of_gathered(each, sorter.shared)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one patient must not stop the others
        log.warning("a patient of an import could not be read: %s at %s", type(error).__name__, place_of(error))
        return deriver.prepared(Person(each.key, [], [Reject.of(each.key, Why.UNEXPECTED)]), each.resources)


async def _store_batch(job: Job, batch: list[Prepared], tally: Tally) -> None:
    """One transaction: the batch and the progress."""
    async with transaction(job.desk.database) as inside:
        await _hold(job, inside)
        await inside.run(SAVE, [], repeatable=False)
        try:
            written = await Batch(job.desk, inside).write(batch)
        except REFUSED:
            await inside.run(BACK, [], repeatable=False)
            written = await _one_by_one(job, inside, batch)
        fates = sum((each.used for each in batch), Counter())
        for each in batch:
            tally.warnings.update(each.warned)
        rejects = tally.add(written, fates, sum(each.resources for each in batch))
        await _store(job, inside, ImportState.WRITING, tally, rejects)


async def _one_by_one(job: Job, inside: Executor, batch: Sequence[Prepared]) -> Written:
    """What the database refuses of one patient is told as a reject of that one."""
    whole = Written({}, [])
    for each in batch:
        await inside.run(SAVE, [], repeatable=False)
        try:
            one = await Batch(job.desk, inside).write([each])
        except REFUSED:
            await inside.run(BACK, [], repeatable=False)
            one = Written({}, [*each.rejects, Reject.of(each.reference, Why.CANNOT_STORE)])
        await inside.run(GO_ON, [], repeatable=False)
        for kind, done in one.records.items():
            whole.records.setdefault(kind, Counter()).update(done)
        whole.rejects.extend(one.rejects)
    return whole
