"""Validators of FHIR that nobody here wrote."""

from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

Json = dict[str, Any]
MOST_FAULTS = 20


def validated(resource: Json) -> list[str]:
    """The faults that the models of `fhir.resources` find: types, cardinalities, patterns, choices.

    They are of R4B, which differs from R4 in none of the resources that we emit; they check neither value sets nor
    invariants.
    """
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
    return []
