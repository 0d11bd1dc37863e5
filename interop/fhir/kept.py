"""What was sent to us is given back as it was sent, but for what has changed since.

A resource is kept beside the record that was made of it as `{"sent": the document, "gave": what we would have said}`.
On reading, each element at the top is given back as sent, unless the mapping says otherwise of it now than it did then.
"""

from collections.abc import Mapping
from typing import Any

from intake.json_parts import part
from interop.fhir.canonical import extension_url

Document = Mapping[str, Any]
STAMPS = frozenset({"versionId", "lastUpdated"})
"""Within `meta`, the version and its time are always ours."""
NEVER_SENT = frozenset({"resourceType", "id", "meta"})
CHOICES = (
    "deceased",
    "multipleBirth",
    "onset",
    "abatement",
    "medication",
    "effective",
    "value",
    "performed",
    "reported",
)
"""Elements at the top that have one of several types; only one of them may be there at a time."""
OWN_EXTENSIONS = extension_url("")


def keep(sent: Document, emitted: Document) -> dict[str, Any]:
    """What to store of a document, when the record that was made of it is emitted so."""
    return {"sent": dict(sent), "gave": {name: emitted[name] for name in emitted if name not in NEVER_SENT}}


def overlay(kept: Document, emitted: Document) -> dict[str, Any]:
    """The document as it was sent, with what has changed since; id, version and time are those emitted now."""
    sent, gave = kept["sent"], kept["gave"]
    names = {*gave, *emitted} - NEVER_SENT
    changed = {_root(name) for name in names if _differs(name, sent, gave, emitted)}
    shown = {name: value for name, value in sent.items() if _root(name) not in changed}
    shown |= {name: value for name, value in emitted.items() if _root(name) in changed}
    if "extension" in changed:
        shown |= _extensions(sent, emitted)
    return {
        "resourceType": emitted["resourceType"],
        "id": emitted["id"],
        "meta": _meta(sent.get("meta"), emitted.get("meta", {})),
        **{name: value for name, value in shown.items() if name not in NEVER_SENT},
    }


def _differs(name: str, sent: Document, gave: Document, emitted: Document) -> bool:
    """Whether an element has to be said anew. A dosage that was sent without an end does not end with the trial."""
    if gave.get(name) == emitted.get(name):
        return False
    own_end = name != "dosage" or any(map(_has_bounds, _listed(sent.get(name))))
    return own_end or _without_last_end(gave.get(name)) != _without_last_end(emitted.get(name))


def _has_bounds(dosage: object) -> bool:
    repeat = part(dosage, "timing", "repeat")
    return isinstance(repeat, Mapping) and any(key.startswith("bounds") for key in repeat)


def _without_last_end(dosages: object) -> list[Any]:
    """What we say of doses, but for the end of the last, which is that of the whole."""
    listed = _listed(dosages)
    bounds = part(listed[-1], "timing", "repeat", "boundsPeriod") if listed else None
    if bounds is None:
        return listed
    repeat = {**listed[-1]["timing"]["repeat"], "boundsPeriod": {**bounds, "end": None}}
    return [*listed[:-1], {**listed[-1], "timing": {"repeat": repeat}}]


def _root(name: str) -> str:
    """The element that a name of JSON belongs to: `_birthDate` to `birthDate`, `onsetAge` to `onset`."""
    plain = name.removeprefix("_")
    for choice in CHOICES:
        if plain.startswith(choice) and plain[len(choice) : len(choice) + 1].isupper():
            return choice
    return plain


def _extensions(sent: Document, emitted: Document) -> dict[str, Any]:
    """Extensions of others as they were sent, and ours as they are now."""
    others = [each for each in _listed(sent.get("extension")) if not _is_own(each)]
    both = [*others, *emitted.get("extension", [])]
    return {"extension": both} if both else {}


def _is_own(extension: object) -> bool:
    return isinstance(extension, Mapping) and str(extension.get("url")).startswith(OWN_EXTENSIONS)


def _listed(value: object) -> list[Any]:
    """The list that should stand there; nothing for whatever else was sent."""
    return value if isinstance(value, list) else []


def _meta(said: object, emitted: Document) -> dict[str, Any]:
    """Our version and time, what else the sender said, and every security label of either."""
    sent = said if isinstance(said, Mapping) else {}
    stamps = {name: value for name, value in emitted.items() if name in STAMPS}
    given = {name: value for name, value in sent.items() if name not in STAMPS}
    labels = _listed(given.get("security"))
    more = [label for label in emitted.get("security", []) if label not in labels]
    return {**stamps, **given, **({"security": [*labels, *more]} if more else {})}
