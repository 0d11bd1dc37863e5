"""Which patients a person may pick for an app: theirs alone, by the same table and the same rules as everywhere."""

from typing import NamedTuple
from uuid import UUID

from fastapi import Request

from access.caller import Caller
from access.decide import refusal
from access.operations import OPERATIONS
from access.roles import Role
from identity.scopes import parsed
from models.on_behalf import ANYBODY, OnBehalf
from registry.app_launches import Pending
from registry.app_scopes import needs_patient
from registry.audit_events import Event, Who
from registry.desk import Desk, Ref
from registry.errors import Forbidden, NotFound
from registry.patient_search import patients_identified
from registry.patients import PATIENTS
from registry.records import START, Said, Stretch, page, read
from web.deps import Service, address_of

MOST = 10
OPERATION = "authorize_app"
NOBODY_PICKED = "Pick a patient first: the app asks for the record of one."
NO_SUCH = "There is no such patient among those that you may open. Pick one of the list, or search."
NOT_YOURS = "Your role may open no patient, and the app asks for the record of one. You can only refuse."


class Picking(NamedTuple):
    """What a person looks for."""

    system: str = ""
    value: str = ""
    after: str = ""


class Choice(NamedTuple):
    """The patients to pick from, and after which id the list goes on."""

    items: list[Said]
    after: UUID | None = None


async def desk_of(service: Service, launch: Pending) -> Desk:
    """The registry's desk on behalf of whoever signed in; records that are restricted stay closed to them."""
    subject = ANYBODY if Role.PATIENT in launch.roles else str(launch.user_id)
    bound = service.database.bound(OnBehalf(launch.organisation_id, subject))
    vault = await service.vaults.of(bound, launch.organisation_id)
    return Desk(bound, launch.organisation_id, service.clock().date(), vault)


def may_pick(launch: Pending) -> bool:
    """Whether their role may look for patients at all."""
    roles = frozenset(Role(name) for name in launch.roles)
    caller = Caller(launch.organisation_id, str(launch.user_id), "user", roles, parsed(""))
    return refusal(caller, OPERATIONS["list_patients"], None) is None


async def choice(request: Request, launch: Pending, asked: Picking) -> Choice | None:
    """The patients that fit, a page of all, or the one that the EHR named; the audit has each. None: none is needed.

    Raises:
        NotFound, Gone, Restricted: the one that is looked for, or was named, is not theirs to open.
    """
    needed = launch.patient_id or needs_patient(launch.scope)
    if not needed or launch.own_patient_id is not None or not may_pick(launch):
        return None
    service: Service = request.app.state.service
    found = await _found(await desk_of(service, launch), launch, asked)
    roles = " ".join(sorted(launch.roles))
    source, request_id = address_of(request), str(request.scope["trialbook.request_id"])
    who = Who(str(launch.user_id), "user", roles, None, source, request_id, OPERATION)
    now = service.clock()
    await service.book.record(*(Event(launch.organisation_id, who, now, "R", 200, each["id"]) for each in found.items))
    return found


async def _found(desk: Desk, launch: Pending, asked: Picking) -> Choice:
    if launch.patient_id is not None:
        return Choice([await read(desk, PATIENTS, Ref(launch.patient_id, launch.patient_id))])
    if asked.value:
        return Choice(await patients_identified(desk, (asked.system, asked.value), Stretch(MOST)))
    return Choice(*await page(desk, PATIENTS, None, Stretch(MOST, _id_in(asked.after) or START)))


async def picked(service: Service, launch: Pending, text: str) -> UUID:
    """The patient that was picked.

    Raises:
        Forbidden: none was, or their role may open none.
        NotFound, Gone, Restricted: there is none of that id that they may open.
    """
    if launch.own_patient_id is not None and launch.patient_id in {None, launch.own_patient_id}:
        return launch.own_patient_id
    if not may_pick(launch):
        raise Forbidden(NOT_YOURS)
    if not text and launch.patient_id is None:
        raise Forbidden(NOBODY_PICKED)
    patient_id = launch.patient_id or _id_in(text)
    if patient_id is None:
        raise NotFound(NO_SUCH)
    await read(await desk_of(service, launch), PATIENTS, Ref(patient_id, patient_id))
    return patient_id


def _id_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
