"""Whom a resource is about: the patient that it refers to, who must be one of ours."""

from typing import Any
from uuid import UUID

from access.decide import OTHER_PATIENT, is_of_one_patient
from interop.fhir.calls import Call
from interop.fhir.elements import Fhir
from registry.errors import Fault, Forbidden, InvalidRequest, Restricted
from registry.patient_search import patients_identified
from registry.records import Stretch
from web.deps import caller_of

NO_PATIENT = "Refer to the patient as `Patient/{id}` of this service, or by an identifier with its system."
ELSEWHERE = "This refers to a patient of another server. Refer to the one here, or send an identifier with its system."
UNKNOWN = "There is no such patient here. Create the patient first, or send both in one transaction."


async def patient_of_document(call: Call, document: Fhir) -> UUID | None:
    """The patient that a resource is about; None for a Patient, who is their own.

    Raises:
        InvalidRequest: it refers to nobody, to a patient of another server, or to one who is not here.
    """
    if call.kind == "Patient":
        return None
    name = "patient" if "patient" in document and "subject" not in document else "subject"
    subject: Any = document.get(name)
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if isinstance(reference, str):
        return _referred(call, reference, name)
    identifier = subject.get("identifier") if isinstance(subject, dict) else None
    if isinstance(identifier, dict) and identifier.get("system") and identifier.get("value"):
        pair = (str(identifier["system"]), str(identifier["value"]))
        return await _identified(call, pair, name)
    raise InvalidRequest(NO_PATIENT, (Fault(f"/{name}", NO_PATIENT),))


async def _identified(call: Call, pair: tuple[str, str], name: str) -> UUID:
    """Whoever has the identifier. To a token of one patient all others are alike: there, closed, or not there."""
    caller = caller_of(call.request)
    alone = is_of_one_patient(caller)
    try:
        known = [UUID(str(each["id"])) for each in await patients_identified(call.desk, pair, Stretch(1))]
    except Restricted:
        if not alone:
            raise
        known = []
    if alone and known != [caller.patient_id]:
        raise Forbidden(OTHER_PATIENT)
    if not known:
        raise InvalidRequest(UNKNOWN, (Fault(f"/{name}/identifier", UNKNOWN),))
    return known[0]


def _referred(call: Call, reference: str, name: str) -> UUID:
    relative = reference.removeprefix(f"{call.base}/")
    kind, _, identity = relative.partition("/")
    if kind != "Patient" or "://" in relative:
        raise InvalidRequest(ELSEWHERE, (Fault(f"/{name}/reference", ELSEWHERE),))
    try:
        return UUID(identity.partition("/")[0])
    except ValueError:
        raise InvalidRequest(UNKNOWN, (Fault(f"/{name}/reference", UNKNOWN),)) from None
