"""Tables of the OMOP CDM (5.3, 5.4), row by row as FHIR resources with the codes that are said."""
