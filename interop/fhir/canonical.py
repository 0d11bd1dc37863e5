"""The names under which FHIR knows what is our own: extensions, code systems, operations; and the names of others.

`.example` is a reserved domain (RFC 2606): the addresses are names that no one else can own, and lead nowhere.
"""

BASE = "https://trialbook.example/fhir"
"""The stable base of every canonical URL of ours."""
HL7 = "http://hl7.org/fhir"
US_CORE = f"{HL7}/us/core/StructureDefinition"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
UNII = "http://fdasis.nlm.nih.gov"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ICD10, ICD10CM = f"{HL7}/sid/icd-10", f"{HL7}/sid/icd-10-cm"
ICD9CM = f"{HL7}/sid/icd-9-cm"
ICD11 = "http://id.who.int/icd/release/11/mms"

SYSTEMS = {
    "rxnorm": RXNORM,
    "atc": ATC,
    "snomed": SNOMED,
    "unii": UNII,
    "loinc": LOINC,
    "icd10": ICD10,
    "icd10cm": ICD10CM,
    "icd9cm": ICD9CM,
    "icd11": ICD11,
}
"""The URI of each code system that this service has a short name for (https://hl7.org/fhir/R4/terminologies-systems.html)."""

ABSENT = f"{HL7}/StructureDefinition/data-absent-reason"
"""The extension that says why an element has no value (https://hl7.org/fhir/R4/extension-data-absent-reason.html)."""


def extension_url(name: str) -> str:
    """The URL of an extension of ours."""
    return f"{BASE}/StructureDefinition/{name}"


def code_system(name: str) -> str:
    """The URL of a code system of ours."""
    return f"{BASE}/CodeSystem/{name}"


def value_set(name: str) -> str:
    """The URL of the value set of all codes of a code system of ours."""
    return f"{BASE}/ValueSet/{name}"


def operation_url(name: str) -> str:
    """The URL of an operation of ours."""
    return f"{BASE}/OperationDefinition/{name}"


def system_of(name: str | None) -> str | None:
    """The URI of a code system as somebody named it; None for a name that stands for none that is known.

    A name that is a URI already is taken as it is.
    """
    if name is None:
        return None
    if is_uri(name):
        return name
    return SYSTEMS.get("".join(letter for letter in name.lower() if letter.isalnum()))


def is_uri(name: str) -> bool:
    """True for what FHIR takes as an absolute URI: a scheme, a colon, and no white space."""
    scheme, colon, rest = name.partition(":")
    plain = scheme.replace("+", "").replace("-", "").replace(".", "")
    return (
        bool(colon and rest)
        and scheme[:1].isalpha()
        and plain.isalnum()
        and scheme.isascii()
        and name.split() == [name]
    )
