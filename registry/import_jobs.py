"""The statements of the queue of imports: who works on which, how far it is, and its body."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.bulk_import import Import, ImportChunk, ImportQueue, ImportReject
from registry.record_statements import ORGANISATION
from registry.statements import Statement

IMPORTS: Table = Import.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
CHUNKS: Table = ImportChunk.__table__  # type: ignore[attr-defined]
REJECTS: Table = ImportReject.__table__  # type: ignore[attr-defined]
QUEUE: Table = ImportQueue.__table__  # type: ignore[attr-defined]
NOW = func.clock_timestamp()
IMPORT = bindparam("import_id", type_=Uuid)
RUNNER = bindparam("runner", type_=Uuid)
LEASE: ColumnElement[Any] = literal_column("interval '20 seconds'")
"""How long an import stays with a runner that is not heard of."""
LONGEST_UPLOAD: ColumnElement[Any] = literal_column("interval '1 day'")
RECEIVING: ColumnElement[Any] = literal_column("'receiving'")
CANCELLED: ColumnElement[Any] = literal_column("'cancelled'")

_this = and_(IMPORTS.c.organisation_id == ORGANISATION, IMPORTS.c.id == IMPORT)
_queued = and_(QUEUE.c.organisation_id == ORGANISATION, QUEUE.c.import_id == IMPORT)
_said = [column for column in IMPORTS.c if column.name not in {"organisation_id", "who"}]


def _of(table: FromClause) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.organisation_id == ORGANISATION, table.c.import_id == IMPORT


ADD = Statement(
    insert(IMPORTS)
    .from_select(
        ["organisation_id", "id", "state", "form", "source", "subject", "who"],
        select(
            ORGANISATION,
            IMPORT,
            RECEIVING,
            *(bindparam(name, type_=String) for name in ("form", "source", "subject")),
            bindparam("who", type_=JSONB),
        ),
    )
    .returning(*_said),
    repeatable=False,
    records=False,
)
_receiving = exists().where(_this, IMPORTS.c.state == RECEIVING)
_chunk = select(ORGANISATION, IMPORT, bindparam("number", type_=Integer), bindparam("sealed", type_=Text)).where(
    _receiving
)
ADD_CHUNK = Statement(
    insert(CHUNKS).from_select(["organisation_id", "import_id", "number", "sealed"], _chunk),
    repeatable=False,
    records=False,
)
"""A part of a body; of one that was cancelled meanwhile nothing more is kept."""
_ready = (
    update(IMPORTS)
    .values(
        state="waiting",
        bytes_total=bindparam("bytes", type_=BigInteger),
        chunks=bindparam("number", type_=Integer),
        updated_at=NOW,
    )
    .where(_this, IMPORTS.c.state == RECEIVING)
    .returning(*_said)
    .cte("ready")
)
_enqueue = insert(QUEUE).from_select(["organisation_id", "import_id"], select(ORGANISATION, _ready.c.id)).cte("queued")
READY = Statement(select(_ready).add_cte(_enqueue), repeatable=False, records=False)
READ = Statement(select(*_said).where(_this))
PAGE = Statement(
    select(*_said)
    .where(IMPORTS.c.organisation_id == ORGANISATION, IMPORTS.c.id > bindparam("after", type_=Uuid))
    .order_by(IMPORTS.c.id)
    .limit(bindparam("at_most", type_=Integer))
)
PENDING = Statement(
    select(func.count().label("pending"))
    .select_from(IMPORTS)
    .where(IMPORTS.c.organisation_id == ORGANISATION, IMPORTS.c.finished_at.is_(None))
)
_end = (
    update(IMPORTS)
    .values(
        state=bindparam("state", type_=String),
        problem=bindparam("problem", type_=String),
        finished_at=NOW,
        updated_at=NOW,
    )
    .where(_this, IMPORTS.c.finished_at.is_(None))
    .returning(*_said)
    .cte("ended")
)
_unqueue = delete(QUEUE).where(_queued).cte("unqueued")
_emptied = delete(CHUNKS).where(*_of(CHUNKS)).cte("emptied")
END = Statement(select(_end).add_cte(_unqueue, _emptied), repeatable=False, records=False)
"""It is over, for whichever reason; the body goes."""
_abandoned = (
    update(IMPORTS)
    .values(state=CANCELLED, finished_at=NOW, updated_at=NOW)
    .where(
        IMPORTS.c.organisation_id == ORGANISATION,
        IMPORTS.c.state == RECEIVING,
        IMPORTS.c.updated_at < NOW - LONGEST_UPLOAD,
    )
    .returning(IMPORTS.c.id)
    .cte("abandoned")
)
_left = (
    delete(CHUNKS)
    .where(CHUNKS.c.organisation_id == ORGANISATION, CHUNKS.c.import_id.in_(select(_abandoned.c.id)))
    .cte("emptied")
)
GIVE_UP = Statement(select(_abandoned).add_cte(_left), repeatable=False, records=False)
"""A body that stopped coming in because the service did is given up."""
PAGE_OF_REJECTS = Statement(
    select(*(REJECTS.c[name] for name in ("number", "reference", "code", "sentence", "place")))
    .where(*_of(REJECTS), REJECTS.c.number > bindparam("after", type_=Integer))
    .order_by(REJECTS.c.number)
    .limit(bindparam("at_most", type_=Integer))
)
WAITING = Statement(
    select(
        QUEUE.c.organisation_id,
        QUEUE.c.import_id,
        func.coalesce(QUEUE.c.taken_until > NOW, literal_column("false")).label("taken"),
    ).order_by(QUEUE.c.import_id)
)
_until = NOW + LEASE
TAKE = Statement(
    update(QUEUE)
    .values(taken_by=RUNNER, taken_until=_until, takings=QUEUE.c.takings + 1)
    .where(_queued, or_(QUEUE.c.taken_until.is_(None), QUEUE.c.taken_until <= NOW))
    .returning(QUEUE.c.import_id, QUEUE.c.takings),
    repeatable=False,
    records=False,
)
"""It is a runner's, and was taken once more without having got further."""
RENEW = Statement(
    update(QUEUE).values(taken_until=_until).where(_queued, QUEUE.c.taken_by == RUNNER).returning(QUEUE.c.import_id),
    repeatable=False,
    records=False,
)
RELEASE = Statement(
    update(QUEUE)
    .values(taken_by=null(), taken_until=null())
    .where(QUEUE.c.organisation_id == ORGANISATION, QUEUE.c.taken_by == RUNNER)
    .returning(QUEUE.c.import_id),
    repeatable=False,
    records=False,
)
"""Its runner died: another may take it at once. That it was taken still counts."""
HAND_BACK = Statement(
    update(QUEUE)
    .values(taken_by=null(), taken_until=null(), takings=func.greatest(QUEUE.c.takings - 1, 0))
    .where(_queued, QUEUE.c.taken_by == RUNNER)
    .returning(QUEUE.c.import_id),
    repeatable=False,
    records=False,
)
"""Its runner was told to stop: it is as if it had not been taken."""
WHOSE = Statement(select(IMPORTS).where(_this))
CHUNK = Statement(select(CHUNKS.c.sealed).where(*_of(CHUNKS), CHUNKS.c.number == bindparam("number", type_=Integer)))
_number = bindparam("number", type_=Integer)
_got_further = exists().where(_this, IMPORTS.c.batches_done < _number)
_not_in_vain = update(QUEUE).values(takings=0).where(_queued, QUEUE.c.takings > 0, _got_further).cte("not_in_vain")
PROGRESS = Statement(
    update(IMPORTS)
    .values(
        state=bindparam("state", type_=String),
        started_at=func.coalesce(IMPORTS.c.started_at, NOW, type_=DateTime(timezone=True)),
        updated_at=NOW,
        bytes_read=bindparam("bytes", type_=BigInteger),
        resources_read=bindparam("resources", type_=BigInteger),
        resources_done=bindparam("done", type_=BigInteger),
        batches_done=_number,
        counts=bindparam("counts", type_=JSONB),
    )
    .where(_this, IMPORTS.c.finished_at.is_(None))
    .returning(IMPORTS.c.id)
    .add_cte(_not_in_vain),
    repeatable=False,
    records=False,
)
"""How far it is. With one more batch than before it got further, and the takings are counted anew."""
_columns = [each for each in REJECTS.c if each.name not in {"organisation_id", "import_id"}]
_rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(
    *(column(each.name, each.type) for each in _columns), name="sent"
)
_sent = _rows.render_derived(with_types=True)
ADD_REJECTS = Statement(
    insert(REJECTS).from_select(
        ["organisation_id", "import_id", *(each.name for each in _columns)],
        select(ORGANISATION, IMPORT, *(_sent.c[each.name] for each in _columns)),
    ),
    repeatable=False,
    records=False,
)
