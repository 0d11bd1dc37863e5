"""Reading definitions: those of the service and an organisation's own, with what each version changed."""

from itertools import pairwise
from typing import Any

from sqlalchemy import Integer, String, bindparam, null, or_, select

from clinical.definition import Definition
from clinical.library import library
from models.executor import Row
from registry.catalogue import definition_said
from registry.definition_changes import changes_between
from registry.desk import Desk
from registry.errors import NotFound
from registry.known_definitions import DEFINITIONS, built_in, is_offered, own_definitions, read_once
from registry.record_statements import ORGANISATION
from registry.statements import Statement

Said = dict[str, Any]
NO_DEFINITION = "No definition is called so. GET /v1/definitions lists all."
NO_VERSION = "There is no such version of this definition. GET /v1/definitions/{}/versions lists all."
SHOWN = 10
BUILT_IN: Said = {"own": False, "withdrawn": False, "recorded_at": None}
MINE = (DEFINITIONS.c.organisation_id == ORGANISATION, DEFINITIONS.c.slug == bindparam("slug", type_=String))
AT_MOST = bindparam("at_most", type_=Integer)


def _back_from() -> Statement:
    """Versions of one definition from a version (null: the newest) back."""
    version = bindparam("version", type_=Integer)
    rows = select(DEFINITIONS).where(*MINE, or_(version.is_(null()), DEFINITIONS.c.version <= version))
    return Statement(rows.order_by(DEFINITIONS.c.version.desc()).limit(AT_MOST))


def _forth_from() -> Statement:
    """Versions of one definition from a version on."""
    rows = select(DEFINITIONS).where(*MINE, DEFINITIONS.c.version >= bindparam("after", type_=Integer))
    return Statement(rows.order_by(DEFINITIONS.c.version).limit(AT_MOST))


BACK_FROM, FORTH_FROM = _back_from(), _forth_from()


async def list_definitions(desk: Desk) -> Said:
    """All definitions that can be asked: the default first, the organisation's own last. One round trip."""
    own = await own_definitions(desk)
    mine = (own_said(each.row) for slug, each in own.items() if is_offered(slug, each))
    return {"items": [*({**definition_said(each), **BUILT_IN} for each in built_in()), *mine], "next_cursor": None}


def own_said(row: Row) -> Said:
    """A version of an organisation's own definition, as in `models.catalogue.DefinitionPublic`."""
    standing = {"own": True, "withdrawn": row["withdrawn"], "recorded_at": row["recorded_at"]}
    return {**definition_said(read_once(row)), **standing}


async def read_definition(desk: Desk, slug: str, version: int | None = None) -> Said:
    """One definition, the newest version unless one is named. One round trip for an organisation's own, else none.

    Raises:
        NotFound: no definition is called so, or it has no such version.
    """
    known_to_all = library().definitions.get(slug)
    if known_to_all is not None:
        return _built_in_said(known_to_all, version)
    rows = await BACK_FROM.fetch_all(desk.database, **_mine(desk, slug), version=version, at_most=SHOWN + 1)
    return in_full(rows, slug, version)


def in_full(rows: list[Row], slug: str, version: int | None = None) -> Said:
    """The definition of the first of these rows, and what each of them changed against the next, which is older.

    Raises:
        NotFound: there are no rows, or they do not begin with the version asked.
    """
    if not rows:
        raise NotFound(NO_DEFINITION if version is None else f"{NO_DEFINITION} Or it has no such version.")
    if version is not None and rows[0]["version"] != version:
        raise NotFound(NO_VERSION.format(slug))
    return {**own_said(rows[0]), "versions": list(reversed(_versions(rows[::-1])))[:SHOWN]}


def _versions(rows: list[Row]) -> list[Said]:
    """What each version changed, the oldest first; the first is compared with nothing."""
    changes = [[], *(list(changes_between(one["document"], other["document"])) for one, other in pairwise(rows))]
    return [_version(row, changed) for row, changed in zip(rows, changes, strict=True)]


def _version(row: Row, changes: list[Said]) -> Said:
    return {
        "version": str(row["version"]),
        **{name: row[name] for name in ("recorded_at", "withdrawn", "digest")},
        "changes": changes,
    }


def _built_in_said(definition: Definition, version: int | None) -> Said:
    if version is not None and str(version) != definition.version:
        raise NotFound(f"The service has version {definition.version} of this definition alone.")
    return {**definition_said(definition), **BUILT_IN, "versions": [_only_version(definition)]}


def _only_version(definition: Definition) -> Said:
    same = {"version": definition.version, "digest": definition.digest}
    return {**same, "recorded_at": None, "withdrawn": False, "changes": []}


def _mine(desk: Desk, slug: str) -> Said:
    return {"organisation_id": desk.organisation_id, "slug": slug}


async def list_versions(desk: Desk, slug: str, at_most: int, after: int) -> tuple[list[Said], int | None]:
    """Versions of a definition after one of them, and the last if there are more. One round trip, or none.

    Raises:
        NotFound: no definition is called so.
    """
    known_to_all = library().definitions.get(slug)
    if known_to_all is not None:
        return [_only_version(known_to_all)], None
    rows = await FORTH_FROM.fetch_all(desk.database, **_mine(desk, slug), after=after, at_most=at_most + 2)
    if not rows:
        raise NotFound(NO_DEFINITION)
    listed = [each for each, row in zip(_versions(rows), rows, strict=True) if row["version"] > after]
    return listed[:at_most], after + at_most if len(listed) > at_most else None
