"""Machine clients at the JSON edge, for administrators."""

from api.responses import ADDS, CHANGES, HISTORIES, LISTS_ALL, READS
from models.client import ClientCreate, ClientPublic, ClientUpdate
from models.page import Page
from models.record_version import VersionPublic
from registry.clients import CLIENTS
from registry.records import Said
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import RecordId
from web.routing import noun_router

router = noun_router("0 Sign in")
ALL, ONE = "/clients", "/clients/{record_id}"


@router.post(
    ALL,
    operation_id="create_client",
    summary="Register a machine",
    status_code=201,
    response_model=ClientPublic,
    responses=ADDS,
)
async def create_client(body: ClientCreate, call: CreatingDep) -> Answered:
    """Register a machine with its public keys and the scopes that it may ask for (SMART Backend Services).

    It signs in at `/oauth/token` with `grant_type=client_credentials`; its `client_id` is the `id` of the answer.
    """
    return await call.create(CLIENTS, None, body)


@router.get(
    ALL,
    operation_id="list_clients",
    summary="List the machines",
    response_model=Page[ClientPublic],
    responses=LISTS_ALL,
)
async def list_clients(call: ListingDep) -> Said:
    """All machines that may sign in, page by page."""
    return await call.page(CLIENTS, None)


@router.get(ONE, operation_id="read_client", summary="Read a machine", response_model=ClientPublic, responses=READS)
async def read_client(record_id: RecordId, call: ReadingDep) -> Answered:
    """One machine as stored."""
    return await call.read(CLIENTS, record_id, record_id)


@router.patch(
    ONE, operation_id="change_client", summary="Change a machine", response_model=ClientPublic, responses=CHANGES
)
async def change_client(record_id: RecordId, body: ClientUpdate, call: ChangingDep) -> Said:
    """Change keys, scopes or name, or disable a machine: its tokens are then refused within ten seconds."""
    return await call.change(CLIENTS, record_id, record_id, body)


@router.get(
    f"{ONE}/history",
    operation_id="list_client_versions",
    summary="List the versions of a machine",
    response_model=Page[VersionPublic[ClientPublic]],
    responses=HISTORIES,
)
async def list_client_versions(record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the machine from the first on: which keys and scopes it had when."""
    return await call.history(CLIENTS, record_id, record_id)
