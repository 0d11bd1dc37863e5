"""Conditions as episodes: depression and bipolar disorder by their codes alone; what may be one of them is said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from intake.codings import Coding, Concept, concept_of
from intake.days import Day, read_day
from intake.diagnoses import Diagnosis
from intake.given import Book, Given, Unusable
from intake.json_parts import mapping, mappings, part, sayable, text
from intake.lines import date_in
from intake.made import Made, Source
from intake.mood import diagnosis_in, is_another, says_anything, spoken_of_in, suspected_in
from intake.status_codes import CLINICAL, OVER, VERIFICATION, VERIFIED, status_of
from intake.statuses import refuse_changed_meaning
from intake.words import Reason

SEVERITIES = {"255604002": "mild", "6736007": "moderate", "24484000": "severe"}
"""The SNOMED CT codes that FHIR proposes for the severity of a Condition."""
POLARITY = {"depression": "unipolar", "bipolar": "bipolar"}
ONSETS = ("onsetDateTime", "onsetPeriod")
ABATEMENTS = ("abatementDateTime", "abatementPeriod")
LONGEST_TEXT = 200
CERTAINTY = "icd-10-gm-diagnosesicherheit"
CERTAINTIES = {"A": "refuted", "V": "provisional", "G": "confirmed", "Z": "confirmed"}
"""The German mark of how certain a diagnosis is, in the words of FHIR."""
STATE_AFTER = "Z"
NOTHING_READ = "Which condition it is cannot be read: no code of it is known, and no words of it either."
NOT_CONFIRMED = "A bipolar disorder that is not confirmed: if it is one, it excludes what the rest may show."
WORDS_OF_BIPOLAR = "Its code is of depression, and its words speak of bipolar disorder or of mania."
Read = tuple[int, Coding, Diagnosis]
"""The number of a code, the code, and what it says."""


class Diagnosed(NamedTuple):
    """One condition that is an episode."""

    given: Given
    coding: Coding
    at: int
    text: str | None
    meaning: Diagnosis
    onset: Day | None
    onset_path: str
    resolved: Day | None
    resolved_path: str
    over: bool

    @property
    def severity(self) -> str | None:
        """How severe, by the code or by the element beside it; None where the two differ."""
        beside = severity_beside(self.given.resource)
        said = {self.meaning.severity, beside} - {None}
        return said.pop() if len(said) == 1 else None


def episodes_of(givens: Iterable[Given], on: int, book: Book) -> list[Made]:
    """The episodes; several records of one diagnosis with one onset are one."""
    found: defaultdict[tuple[str, str, str], list[Diagnosed]] = defaultdict(list)
    for given in givens:
        try:
            read = _diagnosed(given, on)
        except Unusable as why:
            book.leave(given, why)
        else:
            book.used(given)
            _warn(read, book)
            onset = read.onset.said if read.onset else ""
            found[read.coding.system or "", read.coding.code or "", onset].append(read)
    return [_episode(found[key]) for key in sorted(found)]


def _warn(read: Diagnosed, book: Book) -> None:
    if read.over and read.resolved is None:
        book.warn(read.given, Reason.END_NOT_SAID, "Condition.abatement[x]")
    elif not status_of(read.given.resource.get("clinicalStatus"), CLINICAL, OVER)[0]:
        book.warn(read.given, Reason.UNKNOWN_STATUS, "Condition.clinicalStatus")
    beside = severity_beside(read.given.resource)
    if beside and read.meaning.severity not in (None, beside):
        book.warn(read.given, Reason.SEVERITIES_DISAGREE, "Condition.severity")


def severity_beside(resource: Mapping[str, Any]) -> str | None:
    """The severity that stands beside the code of a Condition."""
    codes = [SEVERITIES[code] for _, code, _ in concept_of(resource.get("severity")).codings if code in SEVERITIES]
    return codes[0] if codes else None


def _diagnosed(given: Given, on: int) -> Diagnosed:
    resource = given.resource
    concept = concept_of(resource.get("code"))
    read = _meaning(concept)
    if isinstance(read, Unusable) and read.set_aside:
        raise read
    refuse_changed_meaning(resource)
    _refuse_what_is_not_so(resource, read)
    if isinstance(read, Unusable):
        raise read
    at, coding, meaning = read
    onset, onset_path = _date(resource, ONSETS, "start", on)
    resolved, resolved_path = _date(resource, ABATEMENTS, "end", on)
    if onset and resolved and resolved.last < onset.first:
        raise Unusable(Reason.ENDS_BEFORE_START, resolved_path)
    status_known, status = status_of(resource.get("clinicalStatus"), CLINICAL, OVER)
    is_over = bool(status) or meaning.remitted or _says_abated(resource) or STATE_AFTER in _certainties(resource)
    if resolved is None and meaning.disorder == "depression":
        if is_over:
            raise Unusable(Reason.END_NOT_SAID, "abatement[x]")
        if not status_known:
            raise Unusable(Reason.UNKNOWN_STATUS, "clinicalStatus")
    said = concept.text or coding.display
    return Diagnosed(given, coding, at, said, meaning, onset, onset_path, resolved, resolved_path, is_over)


def _refuse_what_is_not_so(resource: Mapping[str, Any], read: Read | Unusable) -> None:
    """Set aside what is no diagnosis; a bipolar disorder of which that is not certain is not understood."""
    known, reason = status_of(_verification(resource), VERIFICATION, VERIFIED)
    if not known:
        raise Unusable(Reason.UNKNOWN_STATUS, "verificationStatus")
    if reason is Reason.NOT_CONFIRMED and (isinstance(read, Unusable) or read[2].disorder == "bipolar"):
        raise read if isinstance(read, Unusable) else Unusable(reason, "verificationStatus", NOT_CONFIRMED)
    if reason:
        raise Unusable(reason, "verificationStatus", set_aside=True)


def _verification(resource: Mapping[str, Any]) -> object:
    """The status of the diagnosis, with the German mark beside its code as one more word for it."""
    status, marks = resource.get("verificationStatus"), _certainties(resource)
    if not marks or isinstance(status, str):
        return status
    beside = [{"code": CERTAINTIES.get(mark, mark)} for mark in marks]
    return {**mapping(status), "coding": [*mappings(part(status, "coding")), *beside]}


def _certainties(resource: Mapping[str, Any]) -> list[str]:
    codings = mappings(part(resource, "code", "coding"))
    found = [each for holder in (resource, *codings) for each in mappings(holder.get("extension"))]
    marks = [each for each in found if (text(each.get("url")) or "").endswith(CERTAINTY)]
    return [text(part(each, "valueCoding", "code")) or text(each.get("valueCode")) or "?" for each in marks]


def _meaning(concept: Concept) -> Read | Unusable:
    """What the codes say; why they say nothing, where none is read or they and the words disagree."""
    found = [(at, coding, meaning) for at, coding in enumerate(concept.codings) if (meaning := diagnosis_in(coding))]
    if not found:
        return _why_unread(concept)
    disorders = {meaning.disorder for _, _, meaning in found}
    if len(disorders) > 1:
        return Unusable(Reason.CODES_DISAGREE, "code", "One code is of depression, another of bipolar disorder.")
    if disorders == {"depression"} and spoken_of_in(concept) is Reason.MAY_BE_BIPOLAR:
        return Unusable(Reason.CODES_DISAGREE, "code", WORDS_OF_BIPOLAR)
    return max(found, key=lambda each: sum(fact is not None for fact in each[2]))


def _why_unread(concept: Concept) -> Unusable:
    """What may be bipolar or depression is not set aside, and neither is what says nothing that can be read."""
    suspected = {spoken_of_in(concept), *map(suspected_in, concept.codings)}
    if Reason.MAY_BE_BIPOLAR in suspected:
        return Unusable(Reason.MAY_BE_BIPOLAR, "code")
    if any(map(is_another, concept.codings)):
        return Unusable(Reason.OTHER_CONDITION, "code", set_aside=True)
    if Reason.MAY_BE_DEPRESSION in suspected:
        return Unusable(Reason.MAY_BE_DEPRESSION, "code")
    if says_anything(concept):
        return Unusable(Reason.OTHER_CONDITION, "code", set_aside=True)
    return Unusable(Reason.UNKNOWN_CODE, "code", NOTHING_READ)


def _date(resource: Mapping[str, Any], keys: tuple[str, str], edge: str, on: int) -> tuple[Day | None, str]:
    """A dateTime, or the edge of a Period; ages and texts give no date. An end that is yet to come is none."""
    for path, value in (
        (keys[0], resource.get(keys[0])),
        (f"{keys[1]}.{edge}", mapping(resource.get(keys[1])).get(edge)),
    ):
        if value is not None:
            day = read_day(value) if edge == "end" else None
            if day and day.first > on:
                return None, ""
            return date_in(value, path, on), path
    return None, ""


def _says_abated(resource: Mapping[str, Any]) -> bool:
    return any(key in resource for key in ("abatementAge", "abatementRange", "abatementString"))


def _severity_source(record: Diagnosed) -> Source:
    path = f"code.coding[{record.at}]" if record.meaning.severity else "severity"
    return Source(record.given.reference, path, "severity of the diagnosis")


def _episode(records: list[Diagnosed]) -> Made:
    first = records[0]
    ended = [record for record in records if record.resolved]
    last = (
        max(ended, key=lambda each: each.resolved.last if each.resolved else 0) if len(ended) == len(records) else None
    )
    code = {"system": first.coding.system, "code": first.coding.code, "text": sayable(first.text, LONGEST_TEXT)}
    entry: dict[str, Any] = {
        "onset": first.onset.said if first.onset else None,
        "resolved": last.resolved.said if last and last.resolved else None,
        "diagnosis": {key: value for key, value in code.items() if value},
        "polarity": POLARITY[first.meaning.disorder],
    }
    by_code = [Source(each.given.reference, f"code.coding[{each.at}]", "diagnosis by its code") for each in records]
    provenance = {"/diagnosis": by_code, "/polarity": by_code}
    if first.meaning.psychotic_features is not None:
        entry["psychotic_features"], provenance["/psychotic_features"] = first.meaning.psychotic_features, by_code
    severities = {record.severity for record in records} - {None}
    if len(severities) == 1:
        entry["severity"] = severities.pop()
        provenance["/severity"] = [_severity_source(each) for each in records if each.severity]
    if first.onset:
        provenance["/onset"] = [Source(each.given.reference, each.onset_path, "onset") for each in records]
    if last:
        provenance["/resolved"] = [Source(last.given.reference, last.resolved_path, "abatement")]
    return Made(entry, f"episode/{first.given.reference}", provenance)
