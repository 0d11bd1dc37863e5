"""Who a patient of an import is here. Two persons are never taken for one; where it is not clear, nobody is taken."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from bulk.found import Why
from models.base import new_id
from models.executor import Row
from registry.import_derived import HALF, Prepared

NOTHING: frozenset[str] = frozenset()


class Place(NamedTuple):
    """Which patient it is here.

    Attributes:
        new: nobody here is that patient yet.
        mine: an import made it from the same source, so an import may change it.
        taken: digests of identifiers that another patient here carries.
    """

    patient_id: UUID
    new: bool
    mine: bool
    taken: frozenset[str] = NOTHING


class Here(NamedTuple):
    """Who is here already: by digest of identifier or source; from which sources; and whose digests this batch has."""

    found: Mapping[str, Sequence[Row]]
    sources: Mapping[UUID, Sequence[str]]
    taken: Iterable[str]


def placed(each: Prepared, here: Here) -> Place | Why:
    """Who this is; or why nobody, in a word."""
    known = here.found[each.source_key]
    if known:
        [row] = known
        return _refused(row) or _contradicted(each, row) or _again(each, here, row)
    rows = {row["id"]: row for digest in each.digests for row in here.found[digest]}
    if each.patient is None:
        return _referred(list(rows.values()))
    # Others of the same source are other persons, whatever identifiers they share.
    others = {key for key, row in rows.items() if _same_source(each, here.sources.get(row["id"], ()))}
    candidates = [row for key, row in rows.items() if key not in others]
    foreign = _carried_by(each, here, others)
    if len(candidates) > 1:
        return Why.AMBIGUOUS_PATIENT
    if candidates:
        [row] = candidates
        return _refused(row) or _contradicted(each, row) or Place(row["id"], new=False, mine=False, taken=foreign)
    return Place(new_id(), new=True, mine=True, taken=foreign)


def _again(each: Prepared, here: Here, row: Row) -> Place:
    """The patient that the same source sent before."""
    others = {found["id"] for digest in each.digests for found in here.found[digest]} - {row["id"]}
    foreign = _carried_by(each, here, others)
    return Place(row["id"], new=False, mine=True, taken=foreign)


def _referred(rows: Sequence[Row]) -> Place | Why:
    """The patient whom an identifier names."""
    if len(rows) != 1:
        return Why.AMBIGUOUS_PATIENT if rows else Why.UNKNOWN_PATIENT
    return _refused(rows[0]) or Place(rows[0]["id"], new=False, mine=False)


def _refused(row: Row) -> Why | None:
    if row["entered_in_error"]:
        return Why.PATIENT_IN_ERROR
    return Why.RESTRICTED if row["patient_closed"] else None


def _contradicted(each: Prepared, row: Row) -> Why | None:
    """Two birth dates that cannot both be true are two persons; unless an identifier says that it is the same one."""
    born = each.patient.columns["birth_date"] if each.patient else None
    known = row["birth_date"]
    if born is None or known is None or born.startswith(known) or known.startswith(born):
        return None
    return None if row["found_by"] in each.digests else Why.AMBIGUOUS_PATIENT


def _same_source(each: Prepared, came_from: Iterable[str]) -> bool:
    return any(key[:HALF] == each.source_key[:HALF] for key in came_from)


def _carried_by(each: Prepared, here: Here, others: Iterable[UUID]) -> frozenset[str]:
    """Digests of identifiers that one of these carries, or somebody in the same batch."""
    among = set(others)
    return frozenset(
        digest
        for digest in each.digests
        if digest in here.taken or any(row["id"] in among for row in here.found[digest])
    )
