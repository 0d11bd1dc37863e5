"""Definitions at the JSON edge: those of the service to read, and an organisation's own to post and withdraw."""

from typing import Annotated

from fastapi import Header, Path, Query, Response

from api.responses import DEFINITION, DEFINITIONS, HISTORIES, POSTS_VERSION, WITHDRAWS
from models.catalogue import DefinitionInFull, DefinitionList, DefinitionVersionPublic
from models.local_definition import LocalDefinitionCreate
from models.local_definition_example import EXAMPLE
from models.page import Page
from registry import definitions, local_definitions
from registry.desk import Desk
from registry.records import Said
from web.call_parameters import LONGEST_TAGS, MaybeMatch
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, Reading, ReadingDep
from web.conditions import versions_refused, versions_seen
from web.deps import DeskDep
from web.routing import noun_router

router = noun_router("5 Ask for the TRD status")
ALL = "/definitions"
ONE = f"{ALL}/{{definition_id}}"
DefinitionId = Annotated[
    str, Path(max_length=100, description="The definition's name.", examples=["two_failed_medications"])
]
OwnId = Annotated[
    str, Path(max_length=100, description="The name of a definition of your own.", examples=[EXAMPLE["slug"]])
]
NoneMatch = Annotated[
    str | None,
    Header(
        alias="if-none-match",
        max_length=LONGEST_TAGS,
        description="With `*` a definition is posted only if there is none of that name yet, also no withdrawn one; "
        "else the answer is 412.",
    ),
]
Version = Annotated[
    int | None, Query(ge=1, le=1_000_000, description="Which version; the newest if left out.", examples=[1])
]


@router.get(
    ALL,
    operation_id="list_definitions",
    summary="Which definitions are there?",
    response_model=DefinitionList,
    responses=DEFINITIONS,
)
async def list_definitions(desk: DeskDep) -> Said:
    """Every definition with its source, its numbers, how well they were verified, and worked cases.

    The first is the default; those that your organisation posted come last. `criteria` lists all that a definition
    asks; what is not listed it does not ask.
    """
    return await definitions.list_definitions(desk)


@router.post(
    ALL,
    operation_id="create_definition",
    summary="Post a definition of your own",
    status_code=201,
    response_model=DefinitionInFull,
    responses=POSTS_VERSION,
)
async def create_definition(
    body: LocalDefinitionCreate, call: CreatingDep, if_match: MaybeMatch = None, if_none_match: NoneMatch = None
) -> Answered:
    """Add a definition that your organisation uses, such as the rule of a payer or of a clinic.

    It has the same sections as a published one; a section that is left out is not asked. Its worked cases are run
    first: if one does not come out as stated, nothing is stored and the answer says what came out. From then on it
    can be named wherever a definition is asked for, by your organisation alone. Posting the same name again adds a
    version; nothing is edited in place, and old versions can still be read. `If-None-Match: *` adds none.
    """
    seen, refused = versions_seen(if_match), versions_refused(if_none_match)

    async def post(desk: Desk) -> tuple[int, Said]:
        return await local_definitions.post_definition(desk, body, seen, refused)

    return await call.done(post)


@router.get(
    ONE,
    operation_id="read_definition",
    summary="Read one definition",
    response_model=DefinitionInFull,
    responses=DEFINITION,
)
async def read_definition(definition_id: DefinitionId, call: ReadingDep, version: Version = None) -> Answered:
    """One definition: purpose, source, evidence, every number with its source and grade, worked cases and limits.

    `versions` says what each of its latest versions changed. A definition that was withdrawn can still be read.
    """
    return _tagged(call, await definitions.read_definition(call.desk, definition_id, version))


def _tagged(call: Reading, said: Said) -> Answered:
    """A definition of the service changes with the service and not by its version, so it has no ETag."""
    return call.tagged(said) if said["own"] else said


@router.get(
    f"{ONE}/versions",
    operation_id="list_definition_versions",
    summary="List the versions of a definition",
    response_model=Page[DefinitionVersionPublic],
    responses=HISTORIES,
)
async def list_definition_versions(definition_id: DefinitionId, call: ListingDep) -> Said:
    """Every version from the first on, with when it was posted and what it changed; also after it was withdrawn."""
    items, after = await definitions.list_versions(call.desk, definition_id, call.limit, call.after_version)
    return call.linked(items, after)


@router.delete(
    ONE,
    operation_id="withdraw_definition",
    summary="Withdraw a definition of your own",
    status_code=204,
    response_class=Response,
    responses=WITHDRAWS,
)
async def withdraw_definition(definition_id: OwnId, call: ChangingDep) -> None:
    """Withdraw it: it is no longer offered, and asking by it is refused.

    Nothing is destroyed: it can still be read, and answers that were kept can still name it. Posting it again offers
    it again. Needs `If-Match`.
    """
    await call.act(lambda versions: local_definitions.withdraw_definition(call.desk, definition_id, versions))
