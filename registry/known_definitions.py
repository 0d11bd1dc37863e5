"""Which definitions an organisation has: those of the service, and its own. Built-in ones cost no round trip."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from sqlalchemy import ARRAY, DateTime, String, Table, bindparam, null, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from clinical.definition import Definition
from clinical.library import library
from models.evaluation import DEFAULT_DEFINITION
from models.executor import Row
from models.local_definition import LocalDefinition
from registry.desk import Desk, in_calendar
from registry.errors import Fault, InvalidRequest
from registry.record_statements import ORGANISATION
from registry.statements import Statement

DEFINITIONS: Table = LocalDefinition.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
UNKNOWN_DEFINITION = "The definition is not known; `errors` has the nearest names."
WITHDRAWN = "This definition was withdrawn on {}. GET /v1/definitions/{} still shows it; GET /v1/definitions lists all."
POSTED_LATER = "This definition was posted on {} UTC, after `known_at`. Name another, or ask of a later moment."
MOST_READ = 256


class Own(NamedTuple):
    """The newest version of a definition of an organisation's own as known, and whether that version withdraws it."""

    definition: Definition
    withdrawn: bool
    row: Row


class Rule(NamedTuple):
    """A definition that was asked, and when its version was recorded; None for one of the service."""

    definition: Definition
    recorded_at: datetime | None


def _newest() -> Statement:
    """The newest version of each of an organisation's own definitions, or of those named. Read along the key.

    What was recorded after `known_at` does not exist; null is now.
    """
    known_at = bindparam("known_at", type_=DateTime(timezone=True))
    slugs = bindparam("slugs", type_=ARRAY(String))
    named = or_(slugs.is_(null()), DEFINITIONS.c.slug == slugs.any_())
    stood = or_(known_at.is_(null()), DEFINITIONS.c.recorded_at <= known_at)
    rows = select(DEFINITIONS).where(DEFINITIONS.c.organisation_id == ORGANISATION, named, stood)
    newest = rows.ext(distinct_on(DEFINITIONS.c.slug))
    return Statement(newest.order_by(DEFINITIONS.c.slug.desc(), DEFINITIONS.c.version.desc()))


NEWEST = _newest()
_READ: dict[tuple[str, int], Definition] = {}


def read_once(row: Row) -> Definition:
    """The definition that a row states. Versions never change, so each is checked once while it is remembered."""
    key = (row["digest"], row["version"])
    found = _READ.get(key)
    if found is None:
        while len(_READ) >= MOST_READ:
            del _READ[next(iter(_READ))]
        stated = {**row["document"], "version": str(row["version"]), "digest": row["digest"]}
        found = _READ[key] = Definition.model_validate(stated)
    return found


async def own_definitions(
    desk: Desk, slugs: Sequence[str] | None = None, known_at: datetime | None = None
) -> dict[str, Own]:
    """An organisation's own definitions by slug, also withdrawn ones: all, or those named. At most one round trip.

    Each in the version that stood at `known_at`; None is now.
    """
    asked = None if slugs is None else [slug for slug in slugs if slug not in library().definitions]
    if asked == []:
        return {}
    given = {"organisation_id": desk.organisation_id, "slugs": asked, "known_at": in_calendar(known_at)}
    rows = await NEWEST.fetch_all(desk.database, **given)
    return {row["slug"]: Own(read_once(row), row["withdrawn"], row) for row in reversed(rows)}


async def own_among(desk: Desk, slugs: Sequence[str]) -> dict[str, Own]:
    """The organisation's own definitions of these names; all of them if a name is not known, to name the nearest."""
    own = await own_definitions(desk, slugs)
    if all(slug in own or slug in library().definitions for slug in slugs):
        return own
    return await own_definitions(desk)


async def rule_asked(desk: Desk, slug: str, pointer: str, known_at: datetime | None = None) -> Rule:
    """The definition of that name as it stood. No round trip for one of the service, one for the organisation's own.

    Raises:
        InvalidRequest: as in `definition_among`, or it was first posted after `known_at`.
    """
    own = await own_definitions(desk, (slug,), known_at)
    if slug not in own and slug not in library().definitions:
        own = await own_definitions(desk)
        _refuse_later(own.get(slug), pointer)
    mine = own.get(slug)
    return Rule(definition_among(slug, pointer, own), mine.row["recorded_at"] if mine else None)


def _refuse_later(mine: Own | None, pointer: str) -> None:
    """Refuse what is known now and was not then."""
    if mine is not None:
        message = POSTED_LATER.format(mine.row["recorded_at"].date().isoformat())
        raise InvalidRequest(message, (Fault(pointer, message),))


def known_by(known_at: datetime, *rules: datetime | None) -> datetime:
    """The moment of knowledge of an answer that rests on definitions too: asked of it, the answer is the same."""
    return max([known_at, *(each for each in rules if each is not None)])


def definition_among(slug: str, pointer: str, own: Mapping[str, Own]) -> Definition:
    """The definition of that name among those of the service and these.

    Raises:
        InvalidRequest: there is none, or it was withdrawn; `errors` has the nearest names.
    """
    known_to_all = library().definitions.get(slug)
    if known_to_all is not None:
        return known_to_all
    mine = own.get(slug)
    if mine is None:
        known = [*library().definitions, *(name for name, each in own.items() if not each.withdrawn)]
        near = tuple(get_close_matches(slug, known, 3, 0.4)) or tuple(known)
        message = f"No definition is called so. Nearest: {', '.join(near)}. GET /v1/definitions lists all."
        raise InvalidRequest(UNKNOWN_DEFINITION, (Fault(pointer, message, near),))
    if mine.withdrawn:
        message = WITHDRAWN.format(mine.row["recorded_at"].date().isoformat(), slug)
        raise InvalidRequest(message, (Fault(pointer, message),))
    return mine.definition


def built_in() -> Sequence[Definition]:
    """The definitions of the service by name, the default first."""
    return sorted(library().definitions.values(), key=lambda each: (each.slug != DEFAULT_DEFINITION, each.slug))


def offered(own: Mapping[str, Own]) -> list[Definition]:
    """All definitions that may be asked: those of the service, then these of the organisation's own."""
    return [*built_in(), *(each.definition for slug, each in own.items() if is_offered(slug, each))]


def is_offered(slug: str, each: Own) -> bool:
    """A definition that the service gained later under the same name takes its place."""
    return not each.withdrawn and slug not in library().definitions
