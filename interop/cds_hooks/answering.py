"""From a call to what there is to say: what was sent is gathered, what is missing fetched, and all of it judged."""

import asyncio
from functools import partial
from typing import NamedTuple

from intake.course import MUCH, of_patient
from interop.cds_hooks.cards import Point, Said, by_urgency
from interop.cds_hooks.drafts import Drafts, drafts_in
from interop.cds_hooks.fhir_server import fetched, may_be_asked
from interop.cds_hooks.gathered import Gathered, gathered
from interop.cds_hooks.known import Known
from interop.cds_hooks.order_cards import order_points
from interop.cds_hooks.services import MEDICATION_KEYS, Hook, queries
from interop.cds_hooks.status_card import not_evaluated, status_point, too_late
from interop.cds_hooks.unchecked_card import unchecked_points
from interop.cds_hooks.whose import Whose
from models.cds_call import HookCall
from registry.desk import Desk
from registry.errors import Fault, PreconditionFailed
from registry.known_definitions import Own, own_among
from registry.sent_history import judged_of
from web.hooks import Hooks
from web.worker import COMPOSING, CannotMakeNow

Complete = tuple[Gathered, Drafts | None]
KINDS = ("episodes", "medication_trials", "assessments", "treatments")
NO_MEDICINES = (
    "Nothing is known of this patient's medicines: none of the prefetch keys {} was sent, and the FHIR server of the "
    "call is not one that may be asked from here, or did not answer. Send at least one of them, with null where there "
    "is nothing."
)


class NoHistory(PreconditionFailed):
    """What a service needs was neither sent nor to be fetched."""

    slug, title = "prefetch-missing", "What the service needs was not sent"


class Asked(NamedTuple):
    """One call of one service."""

    hook: Hook
    call: HookCall
    patient_id: str
    desk: Desk
    hooks: Hooks


async def points_of(asked: Asked, links: tuple[Said, ...]) -> list[Point]:
    """What there is to say, the most urgent first; that it took too long, where it did.

    Raises:
        NoHistory: patient-view without anything on medicines.
        InvalidRequest: no definition is called as the settings say.
    """
    try:
        async with asyncio.timeout(asked.hooks.deadline_seconds):
            own = await own_among(asked.desk, (asked.hooks.definition,))
            found, drafts = await _complete(asked)
            work = partial(_points, asked, (found, drafts), own, links)
            return by_urgency(await COMPOSING.do(work) if len(found.resources) > MUCH else work())
    except (TimeoutError, CannotMakeNow):
        return [too_late()]


async def _complete(asked: Asked) -> Complete:
    """What was sent, and what could be fetched besides."""
    sent = asked.call.prefetch or {}
    patient = Whose(asked.patient_id, asked.call.server)
    found = gathered(sent, patient)
    drafts = _drafts(asked, found)
    if drafts is not None and not drafts.chosen:
        return found, drafts  # nothing is ordered on which there could be anything to say
    if found.missing and may_be_asked(asked.call, asked.patient_id, asked.hooks.fhir_servers):
        found = gathered({**sent, **await fetched(asked.call, asked.patient_id, found.missing)}, patient)
        drafts = _drafts(asked, found)
    return found, drafts


def _drafts(asked: Asked, found: Gathered) -> Drafts | None:
    """What is being ordered; None where the service is not about orders."""
    return drafts_in(asked.call.context, found) if asked.hook.orders else None


def _points(asked: Asked, complete: Complete, own: dict[str, Own], links: tuple[Said, ...]) -> list[Point]:
    """All that follows from what is known. Pure."""
    found, drafts = complete
    with_history = not found.answered.isdisjoint(MEDICATION_KEYS)
    if drafts is not None:
        known = _known(asked, found, own) if drafts.chosen else None
        judged = order_points(known, drafts, with_history=with_history) if known else ()
        return [*judged, *unchecked_points(drafts)]
    if not with_history:
        sent = asked.call.prefetch or {}
        # Whoever sends other keys than discovery names, as demonstrations do, is told in a card.
        if not sent or any(query.key in sent for query in queries()):
            raise NoHistory(NO_MEDICINES.format(_listed()), tuple(_faults()))
        return [not_evaluated(found)]
    known = _known(asked, found, own)
    return [status_point(known, links)] if known.is_about_depression else []


def _known(asked: Asked, found: Gathered, own: dict[str, Own]) -> Known:
    course = of_patient(found.resources, on=asked.desk.today)
    made = {kind: [each.entry for each in getattr(course, kind)] for kind in KINDS}
    sent = judged_of(made, asked.hooks.definition, asked.desk, own)
    unread = [f"{each.reference}: {each.sentence}" for each in (*course.not_understood, *course.warnings)]
    return Known(found, sent.judged, sent.entries, (*unread, *sent.left_out))


def _listed() -> str:
    return ", ".join(f"`{key}`" for key in MEDICATION_KEYS)


def _faults() -> list[Fault]:
    return [Fault(f"/prefetch/{key}", "This was not sent.") for key in MEDICATION_KEYS]
