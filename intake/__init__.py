"""Reads the FHIR R4 resources of a patient as what this service records: no web, no SQL, no clock."""
