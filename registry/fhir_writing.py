"""Writing what FHIR sends: the record that is made of a resource, and the resource beside it, in one transaction."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from models.assessment import AssessmentUpdate
from models.base import Shape
from models.episode import EpisodeUpdate
from models.fhir_resource import FhirResourceEntry, FhirResourceUpdate
from models.medication_trial import MedicationTrialUpdate
from models.patient import PatientUpdate
from models.treatment import TreatmentUpdate
from registry.desk import Desk, Ref
from registry.fhir_resources import FHIR_RESOURCES, kept_beside
from registry.fhir_shelf import RECORDS, Held, Located
from registry.noun import validated
from registry.records import Said, Versions, change, create, read, remove
from registry.statements import transaction

PATCHES: dict[str, type[Shape]] = {
    "Patient": PatientUpdate,
    "Condition": EpisodeUpdate,
    "MedicationStatement": MedicationTrialUpdate,
    "Observation": AssessmentUpdate,
    "Procedure": TreatmentUpdate,
}


class Sent(NamedTuple):
    """A resource as it was sent, and what was understood of it."""

    type: str
    document: Said
    entry: Said | None
    """What a record is made of, as the JSON edge takes it; None where none can be made."""
    keep: Callable[[Said], Said]
    """What is to be kept of the resource beside what is said of the record."""
    id: UUID | None = None
    """The identity that it shall have, where others refer to it already."""

    @property
    def whole(self) -> Said:
        """What is to be kept where there is no record."""
        return {"sent": self.document, "gave": {}}


async def create_resource(desk: Desk, patient_id: UUID | None, sent: Sent) -> Held:
    """Make the record and keep the resource beside it, or keep it alone.

    Raises:
        NotFound, Gone, InvalidRequest, Conflict: as in `registry.records.create`.
    """
    async with transaction(desk.database) as inside:
        ours = desk._replace(database=inside)
        if sent.entry is None:
            return await _keep_alone(ours, patient_id, sent)
        noun = RECORDS[sent.type]
        said = await create(ours, noun, patient_id, validated(noun.entry, {**sent.entry, "id": sent.id}))
        owner = UUID(str(said.get("patient_id", said["id"])))
        content = sent.keep(said)
        await _keep_new(ours, Located(sent.type, Ref(owner, UUID(str(said["id"]))), noun), content)
        return Held(sent.type, owner, said, content, alone=False)


async def _keep_alone(desk: Desk, patient_id: UUID | None, sent: Sent) -> Held:
    entry = FhirResourceEntry(id=sent.id, resource_type=sent.type, content=sent.whole)
    said = await create(desk, FHIR_RESOURCES, patient_id, entry)
    return Held(sent.type, said["patient_id"], said, sent.whole, alone=True)


async def replace_resource(desk: Desk, where: Located, versions: Versions, sent: Sent) -> Held:
    """Let the record say what the resource says now, where FHIR has words for it, and keep the resource as it is now.

    Raises:
        NotFound, Gone, InvalidRequest, Conflict, PreconditionFailed: as in `registry.records.change`.
    """
    async with transaction(desk.database) as inside:
        ours = desk._replace(database=inside)
        if where.alone or sent.entry is None:
            patch: Shape = FhirResourceUpdate(content=sent.whole)
            said = await change(ours, FHIR_RESOURCES, where.ref, versions, patch)
            return Held(where.type, where.ref.patient_id, said, sent.whole, alone=True)
        patch = validated(PATCHES[where.type], sent.entry)
        said = await change(ours, where.noun, where.ref, versions, patch)
        content = sent.keep(said)
        await _keep_beside(ours, where, content)
        return Held(where.type, where.ref.patient_id, said, content, alone=False)


async def _keep_new(desk: Desk, where: Located, content: Said) -> None:
    entry = FhirResourceEntry(resource_type=where.type, held_by=where.ref.record_id, content=content)
    await create(desk, FHIR_RESOURCES, where.ref.patient_id, entry)


async def _keep_beside(desk: Desk, where: Located, content: Said) -> None:
    kept = (await kept_beside(desk, [where.ref.record_id])).get(where.ref.record_id)
    if kept is None:
        await _keep_new(desk, where, content)
        return
    ref = Ref(where.ref.patient_id, kept["id"])
    await change(desk, FHIR_RESOURCES, ref, None, FhirResourceUpdate(content=content))


async def remove_resource(desk: Desk, where: Located, versions: Versions) -> int:
    """Mark the resource as entered in error, with its record if there is one.

    Returns:
        The version that says so.

    Raises:
        NotFound, Gone, PreconditionFailed: as in `registry.records.remove`.
    """
    async with transaction(desk.database) as inside:
        ours = desk._replace(database=inside)
        version = await remove(ours, where.noun, where.ref, versions)
        if not where.alone and where.type != "Patient":
            await _remove_kept(ours, where)
        return version


async def _remove_kept(desk: Desk, where: Located) -> None:
    kept = (await kept_beside(desk, [where.ref.record_id])).get(where.ref.record_id)
    if kept is not None:
        await remove(desk, FHIR_RESOURCES, Ref(where.ref.patient_id, kept["id"]), None)


async def take_back(desk: Desk, where: Located, versions: Versions, sent: Sent) -> Held:
    """Mark the record as entered in error, and keep the resource as it says so.

    Raises:
        NotFound, Gone, PreconditionFailed: as in `registry.records.remove`.
    """
    async with transaction(desk.database) as inside:
        ours = desk._replace(database=inside)
        said = await read(ours, where.noun, where.ref)
        content = sent.keep(said)
        # The record first: what is kept belongs to the version that was written before it.
        version = await remove(ours, where.noun, where.ref, versions)
        await _keep_beside(ours, where, content)
        await _remove_kept(ours, where)
        return Held(where.type, where.ref.patient_id, {**said, "version": version}, content, alone=False)
