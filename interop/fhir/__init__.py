"""FHIR R4: what the registry says of a record, as plain FHIR dicts, and what of FHIR is asked of them. No I/O."""
