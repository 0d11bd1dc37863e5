"""What is made of one patient's resources, ready to be stored: checked as if it had come over the JSON edge."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson

from bulk.found import Reject, Why
from bulk.patients import Gathered, Person, person
from intake.course import of_patient
from intake.made import Course, Made
from intake.words import Outcome
from registry.assessments import ASSESSMENTS
from registry.desk import Desk
from registry.episodes import EPISODES
from registry.errors import InvalidRequest
from registry.identity import NAMES
from registry.import_statements import ManyStatements, many
from registry.medication_trials import TRIALS
from registry.noun import Noun, validated
from registry.patients import PATIENTS as OF_PATIENTS
from registry.treatments import TREATMENTS

PATIENTS, SOURCE = "patients", "source"
"""The kind of patients; and where provenance says, as a keyed hash, which source it was."""
Reading = Callable[[Sequence[Any], date], Course]
NOUNS: dict[str, Noun[Any]] = {
    PATIENTS: OF_PATIENTS,
    "episodes": EPISODES,
    "medication_trials": TRIALS,
    "assessments": ASSESSMENTS,
    "treatments": TREATMENTS,
}
"""The kinds that are derived, in the order in which they may refer to one another."""
WRITING: dict[str, ManyStatements] = {kind: many(noun.table) for kind, noun in NOUNS.items()}
LONGEST_KEY, LONGEST_SENTENCE = 300, 1000
HALF = 32


class Derived(NamedTuple):
    """One record to be stored: its columns, the digest of the entry, and where each value came from."""

    kind: str
    key: str
    columns: dict[str, Any]
    digest: str
    provenance: dict[str, Any]


class Prepared(NamedTuple):
    """All that is to be stored of one patient, and what is not.

    Attributes:
        source_key: the keyed hash of where the patient came from: half of it of the source, half of the id there.
        digests: the keyed hashes of the identifiers.
        used, warned: resources by their fate, and parts that were left out, by why.
        names: what names the patient, to be sealed under the id that the patient has or will have.
        patient: the record of the patient; None where nobody is to be made, but somebody found.
        source: the keyed hash of the source.
        read: the resources that were understood, whether anything was made of them or not.
    """

    reference: str
    resources: int
    source_key: str
    digests: list[str]
    names: dict[str, Any]
    patient: Derived | None
    records: list[Derived]
    rejects: list[Reject]
    used: Counter[str]
    warned: Counter[str]
    source: str = ""
    read: frozenset[str] = frozenset()


class Deriver:
    """Reads patients for one import."""

    def __init__(self, desk: Desk, source: str, reading: Reading | None = None) -> None:
        """For one organisation, on one day, from one source."""
        self._desk, self._source = desk, source
        self._source_half = desk.keys.digest("import", source)[:HALF]
        self._read = reading or (lambda resources, on: of_patient(resources, on=on))

    def of_gathered(self, each: Gathered, shared: Mapping[str, bytes]) -> Prepared:
        """What is to be stored of a patient, from what was gathered. It changes nothing, so any thread may do it."""
        return self.prepared(person(each, shared), each.resources)

    def prepared(self, person: Person, resources: int) -> Prepared:
        """What is to be stored of a patient."""
        if not person.resources:
            return self._nothing(person, resources, person.rejects)
        course = self._read(person.resources, self._desk.today)
        rejects = [*person.rejects, *map(_not_understood, course.not_understood)]
        patient, names = None, dict.fromkeys(NAMES)
        if not person.identifier and course.patient is not None:
            patient, names, more = self._patient(course.patient)
            rejects += more
        if patient is None and not person.identifier:
            return self._nothing(person, resources, rejects)
        found = [(made, self._derived(kind, made)) for kind, made in _records(course)]
        rejects += [each for _, each in found if isinstance(each, Reject)]
        records = [each for _, each in found if isinstance(each, Derived)]
        read = _read(course, (made for made, each in found if isinstance(each, Reject)))
        digests = self._digests(names.get("identifiers") or [], person.identifier)
        used = Counter(each.outcome.value for each in course.accounted)
        key = self._source_key(person.key)
        warned = Counter(str(each.code) for each in course.warnings)
        found_by = (person.key, resources, key, digests, names)
        return Prepared(*found_by, patient, records, rejects, used, warned, self._source_half, read)

    def _nothing(self, person: Person, resources: int, rejects: list[Reject]) -> Prepared:
        return Prepared(person.key, resources, "", [], {}, None, [], rejects, Counter(), Counter())

    def _patient(self, made: Made) -> tuple[Derived | None, dict[str, Any], list[Reject]]:
        found = self._derived("patients", made)
        if isinstance(found, Reject):
            return None, {}, [found]
        names = {name: found.columns.pop(name) for name in NAMES}
        # Of names a keyed digest: from a plain one they could be guessed.
        digest = self._desk.keys.request_digest(_canonical(made.entry)).hex()
        return found._replace(digest=digest, provenance={}), names, []

    def _derived(self, kind: str, made: Made) -> Derived | Reject:
        noun = NOUNS[kind]
        try:
            columns = noun.to_row(validated(noun.entry, made.entry), self._desk)
        except InvalidRequest as error:
            return _cannot(made, ((each.pointer, each.message) for each in error.faults))
        provenance = {**_written(made.provenance), SOURCE: self._source_half}
        key = made.key if len(made.key) <= LONGEST_KEY else _digest(made.key.encode())
        return Derived(kind, key, columns, _digest(_canonical(made.entry)), provenance)

    def _digests(self, identifiers: Iterable[Mapping[str, str]], referred_by: str) -> list[str]:
        keys = self._desk.keys
        if referred_by:
            system, _, value = referred_by[1:].partition("|")
            return [keys.digest(system, value)]
        return [keys.digest(each["system"], each["value"]) for each in identifiers]

    def _source_key(self, reference: str) -> str:
        """Half of the source and half of the id there: of one source, two ids are two persons."""
        keys = self._desk.keys
        return self._source_half + keys.digest(f"import {self._source}", reference)[:HALF]


def _records(course: Course) -> Iterable[tuple[str, Made]]:
    for kind in tuple(NOUNS)[1:]:
        for made in getattr(course, kind):
            yield kind, made


def _read(course: Course, not_stored: Iterable[Made]) -> frozenset[str]:
    """What was understood. That something cannot be read, or stored, does not say that it is gone."""
    understood = {each.reference for each in course.accounted if each.outcome != Outcome.NOT_UNDERSTOOD}
    made = (found for each in not_stored for found in each.provenance.values())
    return frozenset(understood - {each.reference for found in made for each in found})


def _canonical(entry: Mapping[str, Any]) -> bytes:
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS, default=str)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _written(provenance: Mapping[str, Iterable[Any]]) -> dict[str, Any]:
    return {pointer: [each._asdict() for each in sources] for pointer, sources in provenance.items()}


def _not_understood(of: Any) -> Reject:  # noqa: ANN401 - intake's NotUnderstood
    return Reject(of.reference[:LONGEST_KEY], str(of.code), of.sentence[:LONGEST_SENTENCE], of.expression[:LONGEST_KEY])


def _cannot(made: Made, faults: Iterable[tuple[str, str]]) -> Reject:
    """What was derived and cannot be stored. The sources are named, never what they say."""
    listed = list(faults)
    sources = sorted({each.reference for found in made.provenance.values() for each in found})
    sentence = " ".join([Why.CANNOT_STORE.meaning, *(f"{pointer}: {message}" for pointer, message in listed)])
    place = listed[0][0] if listed else ""
    reference = sources[0] if sources else made.key
    return Reject(reference[:LONGEST_KEY], Why.CANNOT_STORE.value, sentence[:LONGEST_SENTENCE], place[:LONGEST_KEY])
