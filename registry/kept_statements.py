"""The statements of kept answers: read beside the facts of the patient in one round trip, and signed."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.kept_answer import KeptAnswer
from registry.record_statements import RECORD, may_be_written, of_patient, owner, page_of
from registry.statements import Statement
from registry.status import FACTS

KEPT: Table = KeptAnswer.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
KIND = KEPT.name


def _beside_facts(kept: Select[Any]) -> Statement:
    """Every fact of the patient as known now, and these kept answers, each line with its kind."""
    rows = kept.subquery("kept")
    tagged = select(
        false().label("gone"),
        false().label("patient_closed"),
        cast(null(), DateTime(timezone=True)).label("known_at"),
        literal_column(f"'{KIND}'").label("kind"),
        func.to_jsonb(rows.table_valued(), type_=JSONB).label("document"),
    )
    both = union_all(FACTS.clause, tagged).subquery("both")  # type: ignore[call-overload]  # a clause is a select
    return Statement(select(both.c.gone, both.c.patient_closed, both.c.known_at, both.c.kind, both.c.document))


def _sign() -> Statement:
    """Append a signature, if the answer is still one of these versions (null: any) and there at all."""
    versions, owned_by = bindparam("versions", type_=ARRAY(Integer)), owner()
    there = and_(of_patient(KEPT), KEPT.c.id == RECORD, not_(KEPT.c.entered_in_error))
    owned = select(owned_by).where(may_be_written(owned_by)).exists()
    matching = or_(versions.is_(null()), KEPT.c.version == versions.any_())
    longer = KEPT.c.signatures.op("||")(bindparam("signature", type_=JSONB))
    change = update(KEPT).values(signatures=longer).where(there, matching, owned)
    signed = (KEPT.c.version, KEPT.c.updated_at, KEPT.c.signatures)
    return Statement(change.returning(*signed), repeatable=False)


ONE = _beside_facts(select(KEPT).where(of_patient(KEPT), KEPT.c.id == RECORD))
PAGE = _beside_facts(page_of(KEPT))
SIGN = _sign()
