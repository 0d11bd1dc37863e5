"""Treatments at the JSON edge: the options that are left for a patient, and the catalogue of treatments."""

from typing import Any

from api.answers import DefinitionAsked, MomentDep
from api.responses import ANSWERS, CATALOGUE
from models.evaluation import DEFAULT_DEFINITION
from models.treatment_option import TreatmentOptions
from models.treatments_catalogue import TreatmentsCatalogue
from registry import treatment_options, treatments_catalogue
from web.deps import DeskDep, PatientId
from web.routing import noun_router

router = noun_router("5 Ask for the TRD status")


@router.get(
    "/patients/{patient_id}/treatment-options",
    operation_id="read_treatment_options",
    summary="Which treatments were tried, failed, or never tried?",
    response_model=TreatmentOptions,
    responses=ANSWERS,
)
async def read_treatment_options(
    patient_id: PatientId, desk: DeskDep, moment: MomentDep, definition: DefinitionAsked = DEFAULT_DEFINITION
) -> dict[str, Any]:
    """Every family of options once, in an order that follows from the history: a list to review, never a directive.

    Read `safety` and `review_first` before the options. Each option says what the record shows of it and why it
    stands where it stands, with the trials and treatments behind it, whether they were fair courses, what is known of
    it in depression that does not respond, and the cautions that the record itself raises. What is contraindicated
    stands last and is shown all the same. A factor that nobody recorded is not taken as absent: `questions` asks.
    """
    return await treatment_options.treatment_options(desk, patient_id, definition, moment)


@router.get(
    "/treatments-catalogue",
    operation_id="list_treatments_catalogue",
    summary="Which treatments are there?",
    response_model=TreatmentsCatalogue,
    responses=CATALOGUE,
)
async def list_treatments_catalogue() -> dict[str, Any]:
    """The treatments of the field: what each is, what a fair course of it is, what is known of it, with sources.

    `cautions` lists all that a record can raise against a treatment, and how well each was verified.
    """
    return treatments_catalogue.list_treatments()
