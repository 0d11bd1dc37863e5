"""What every definition of ours says of itself: who publishes it, in which version, since when."""

from interop.fhir.elements import Fhir

VERSION, DATE = "1", "2026-11-27"
"""Of all of them together; a change of a meaning raises the version."""
FHIR_VERSION = "4.0.1"


def described(kind: str, name: str, url: str, description: str) -> Fhir:
    """The head of a resource of definition."""
    title = name.replace("-", " ").capitalize()
    return {
        "resourceType": kind,
        "id": name,
        "url": url,
        "version": VERSION,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "status": "active",
        "experimental": False,
        "date": DATE,
        "publisher": "Trialbook",
        "description": description,
    }
