"""Whether a body looks like something that can be read at all, by its beginning; and who reads it."""

from itertools import chain

from bulk.found import Entry, Unreadable
from bulk.readers import BOM, Document, Lines, Reader

EMPTY = "The body is empty. Send a FHIR Bundle, FHIR resources one a line, or a ZIP archive."
NOTHING = (
    "No FHIR resource can be read in the body. Send one JSON object with a `resourceType` a line, or one FHIR Bundle."
)
NO_ARCHIVE = "The body is no ZIP archive. Send tables of the OMOP CDM or FHIR files as ZIP, or FHIR as JSON."
NDJSON, ZIP = "ndjson", "zip"
MARK_OF_ZIP = b"PK"


def reader_of(form: str) -> Reader:
    """Who reads a body of JSON."""
    return Lines() if form == NDJSON else Document()


def refuse_unreadable_start(form: str, first: bytes, *, whole: bool) -> None:
    """Refuse at the door what is nothing; a small body is looked at whole.

    Raises:
        Unreadable: nothing of it can be read.
    """
    if not first.strip():
        raise Unreadable(EMPTY)
    if form == ZIP:
        if not first.startswith(MARK_OF_ZIP):
            raise Unreadable(NO_ARCHIVE)
    elif not first.removeprefix(BOM).lstrip(b" \t\r\n").startswith(b"{"):
        raise Unreadable(NOTHING)
    elif whole:
        _refuse_without_resource(reader_of(form), first)


def _refuse_without_resource(reader: Reader, body: bytes) -> None:
    found = chain(reader.feed(body), reader.end())
    if not any(isinstance(each, Entry) and _says_its_kind(each.resource) for each in found):
        raise Unreadable(NOTHING)


def _says_its_kind(resource: object) -> bool:
    return isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)
