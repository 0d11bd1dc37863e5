"""Whose a resource is: what names anybody but the patient of the call is not theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from intake.json_parts import mappings, part, text
from intake.references import identifiers_of

PATIENT, URN = "Patient", "urn:uuid:"
NAMING = ("subject", "patient")
"""The fields by which the kinds of resources that are read here say whom they are about, of all versions of FHIR."""


@dataclass(frozen=True)
class Whose:
    """The patient of a call, by all that a reference may call them.

    Attributes:
        patient_id: the id on the client's FHIR server.
        server: the address of that server without a slash at the end; empty where the call names none.
        identifiers: the patient's identifiers as `system|value`.
    """

    patient_id: str
    server: str = ""
    identifiers: frozenset[str] = frozenset()

    def identified_by(self, resources: Iterable[Mapping[str, Any]]) -> "Whose":
        """The same patient, with the identifiers that their own resource among these has."""
        mine = [each for each in resources if each.get("resourceType") == PATIENT and self.owns(each)]
        return replace(self, identifiers=frozenset(name for each in mine for name in identifiers_of(each)))

    def owns(self, resource: Mapping[str, Any]) -> bool:
        """Whether the resource names nobody else as the one whom it is about."""
        if resource.get("resourceType") == PATIENT:
            return bool(resource.get("id", self.patient_id) == self.patient_id)
        return all(self._is_named_by(resource.get(field), resource) for field in NAMING)

    def _is_named_by(self, value: object, owner: Mapping[str, Any]) -> bool:
        """Whether a reference means the patient, or says nothing of whom it means."""
        said = text(value) or text(part(value, "reference"))
        if said is None:
            names = identifiers_of({"identifier": part(value, "identifier")})
        elif said.startswith("#"):
            within = [each for each in mappings(owner.get("contained")) if each.get("id") in (said, said[1:])]
            if any(each.get("resourceType") != PATIENT for each in within):
                return False
            names = [name for each in within for name in identifiers_of(each)]
        else:
            return said.partition("/_history/")[0] in self._references
        return not names or not self.identifiers.isdisjoint(names)

    @cached_property
    def _references(self) -> frozenset[str]:
        """All that refers to the patient: the relative reference, the absolute one on the same server, the bare id."""
        relative = f"{PATIENT}/{self.patient_id}"
        absolute = {f"{self.server}/{relative}"} if self.server else set()
        return frozenset({self.patient_id, f"{URN}{self.patient_id}", relative, *absolute})
