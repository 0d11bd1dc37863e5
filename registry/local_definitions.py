"""Definitions of an organisation's own: posted as a new version when they hold what they promise, and withdrawn."""

from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from clinical.definition import Definition
from clinical.library import library
from clinical.names import unknown_names
from models.local_definition import LocalDefinitionCreate, OwnWorkedCase
from registry.canonical import canonical, digest_of
from registry.definitions import BACK_FROM, NO_DEFINITION, in_full
from registry.desk import Desk
from registry.errors import Conflict, Fault, Gone, InvalidRequest, NotFound, PreconditionFailed
from registry.known_definitions import DEFINITIONS, Own, is_offered, own_definitions
from registry.noun import refuse
from registry.records import Versions
from registry.statements import Statement
from registry.worked_cases import refuse_broken_promises

Said = dict[str, Any]
MOST_OFFERED = 50
MOST_CHARACTERS = 100_000
AT_THE_SAME_TIME = "Somebody else posted a version at the same time. Read it, and send yours again if it still stands."
STALE = 'The newest version is "{}". Read it, make your change on what you find, and send its ETag as If-Match.'
THERE = (
    'There is a definition of this name; its newest version is "{}". Read it, and post yours without If-None-Match to '
    "add a version, or under another name."
)
GONE = "This definition was withdrawn already. It can still be read."
COLUMNS = ("organisation_id", "slug", "version", "withdrawn", "digest", "document")
_ROW = {name: bindparam(name, type_=DEFINITIONS.c[name].type) for name in COLUMNS}
ADD = Statement(insert(DEFINITIONS).values(_ROW).on_conflict_do_nothing().returning(*DEFINITIONS.c), repeatable=False)


def document_of(entry: LocalDefinitionCreate) -> Said:
    """What is stored of a definition: all that was said, and the grade and source of each section."""
    said = entry.model_dump(mode="json", exclude_defaults=True, exclude={"worked_cases"})
    said |= {"citation": entry.citation, "evidence": entry.evidence}
    for name in said:
        rule = getattr(entry, name)
        if hasattr(rule, "evidence"):
            said[name] |= {"source": rule.source, "evidence": rule.evidence.value}
    return {**said, "worked_cases": [_case(each) for each in entry.worked_cases]}


def _case(case: OwnWorkedCase) -> Said:
    history = case.history.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {**case.model_dump(mode="json", exclude={"history"}), "history": history}


async def post_definition(
    desk: Desk, entry: LocalDefinitionCreate, versions: Versions, refused: Versions = ()
) -> tuple[int, Said]:
    """Add a version, or answer the newest if it says the same.

    `versions`: what the newest must be; None for any. `refused`: what it must not be; None for any, so that there is
    none.

    Returns:
        201 for a new version, 200 for one that was there; and the definition in full.

    Raises:
        Conflict: the service has a definition of that name, there are too many, or another version came in between.
        InvalidRequest: it names what there is not, it is too long, or a worked case does not come out as stated.
        PreconditionFailed: the newest version is another one.
    """
    refuse_what_is_taken(entry.slug)
    document = document_of(entry)
    _refuse_too_long(document)
    digest = digest_of(document)
    own = await own_definitions(desk)
    newest = own.get(entry.slug)
    check_version(newest, versions)
    _refuse_what_is_there(newest, refused)
    if newest is not None and newest.row["digest"] == digest and not newest.withdrawn:
        return 200, await _in_full(desk, entry.slug)
    _refuse_too_many(own, entry.slug)
    number = newest.row["version"] + 1 if newest else 1
    definition = Definition.model_validate({**document, "version": str(number), "digest": digest})
    refuse_unknown_names(definition)
    await refuse_broken_promises(definition, entry.worked_cases, desk)
    await _add(desk, definition, document, withdrawn=False)
    return 201, await _in_full(desk, entry.slug)


def refuse_what_is_taken(slug: str) -> None:
    """Refuse the name of a definition of the service.

    Raises:
        Conflict: it is one.
    """
    if slug in library().definitions:
        message = f"`{slug}` is a definition of the service itself. Give yours another name."
        raise Conflict(message, (Fault("/slug", message),))


def check_version(newest: Own | None, versions: Versions) -> None:
    """Refuse a version that was made from another than the newest.

    Raises:
        PreconditionFailed: it was.
    """
    number = newest.row["version"] if newest else 0
    if versions is not None and number not in versions:
        raise PreconditionFailed(STALE.format(number))


def _refuse_what_is_there(newest: Own | None, refused: Versions) -> None:
    if newest is not None and (refused is None or newest.row["version"] in refused):
        raise PreconditionFailed(THERE.format(newest.row["version"]))


def _refuse_too_long(document: Said) -> None:
    if len(canonical(document)) > MOST_CHARACTERS:
        message = f"A definition may have at most {MOST_CHARACTERS:,} characters, worked cases included. Shorten it."
        raise InvalidRequest(message, (Fault("", message),))


def _refuse_too_many(own: dict[str, Own], slug: str) -> None:
    others = sum(is_offered(name, each) for name, each in own.items() if name != slug)
    if others >= MOST_OFFERED:
        raise Conflict(f"An organisation may offer {MOST_OFFERED} definitions of its own. Withdraw one first.")


def refuse_unknown_names(definition: Definition) -> None:
    """Refuse a definition that names a dose table, a scale or a class that there is not.

    Raises:
        InvalidRequest: it does.
    """
    known = unknown_names(definition, library().formulary, library().scales)
    refuse([Fault(f"/{key.replace('.', '/')}", f"{message[0].upper()}{message[1:]}.") for key, message in known])


async def _add(desk: Desk, definition: Definition, document: Said, *, withdrawn: bool) -> None:
    given = {"organisation_id": desk.organisation_id, "slug": definition.slug, "version": int(definition.version)}
    rest = {"withdrawn": withdrawn, "digest": definition.digest, "document": document}
    if await ADD.fetch_one(desk.database, **given, **rest) is None:
        raise Conflict(AT_THE_SAME_TIME)


async def _in_full(desk: Desk, slug: str) -> Said:
    given = {"organisation_id": desk.organisation_id, "slug": slug, "version": None, "at_most": 11}
    return in_full(await BACK_FROM.fetch_all(desk.database, **given), slug)


async def withdraw_definition(desk: Desk, slug: str, versions: Versions) -> int:
    """Add a version that withdraws the definition: it is no longer offered, and can still be read.

    Returns:
        That version.

    Raises:
        Conflict: it is one of the service, or another version came in between.
        NotFound: no definition is called so.
        Gone: it was withdrawn before.
        PreconditionFailed: the newest version is another one.
    """
    refuse_what_is_taken(slug)
    newest = (await own_definitions(desk, (slug,))).get(slug)
    if newest is None:
        raise NotFound(NO_DEFINITION)
    if newest.withdrawn:
        raise Gone(GONE)
    check_version(newest, versions)
    version = newest.row["version"] + 1
    last = newest.definition.model_copy(update={"version": str(version)})
    await _add(desk, last, newest.row["document"], withdrawn=True)
    return int(version)
