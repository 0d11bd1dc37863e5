"""All that a report says of a patient: fetched here in few round trips, then composed without the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from clinical.assess import assess_all
from clinical.definition import Definition
from clinical.library import library
from clinical.safety import safety_on
from clinical.staging.stage import in_order
from models.executor import Row
from registry.answers import Asker, Said, brief, definition_used, full
from registry.desk import Desk
from registry.facts import READERS, history_of
from registry.known_definitions import Own, definition_among, known_by, offered, own_definitions, rule_asked
from registry.patients import PATIENTS
from registry.staging import staged_by
from registry.status import Moment, facts_statement, records_as_known
from registry.timeline import judged, timeline_of
from registry.treatment_options import options_said

OF_PATIENT = ("display_name", "birth_date", "sex", "identifiers")
WITH_PATIENT = facts_statement([*READERS, "patients"])
POINTER = "#query/definition"
Known = Sequence[tuple[str, Row]]


class Gathered(NamedTuple):
    """What was asked, and all records of the patient as they were known; `on` is an ordinal day."""

    patient_id: UUID
    on: int
    known_at: datetime
    rule: Definition
    others: Sequence[Definition]
    records: Known


async def gathered(desk: Desk, patient_id: UUID, definition: str, moment: Moment) -> Gathered:
    """Fetch what a report rests on. One round trip for the patient, one for the organisation's own definitions.

    Raises:
        InvalidRequest: no such definition at that moment.
        NotFound, Gone: as in `registry.records.read`.
    """
    own = await own_definitions(desk, None, moment.known_at)
    rule = await _rule_among(desk, definition, moment, own)
    rows, known_at = await records_as_known(desk, patient_id, moment.known_at, WITH_PATIENT)
    records = [(row["kind"], _opened(row, desk)) for row in rows if row["kind"]]
    on = (moment.on or desk.today).toordinal()
    known_at = known_by(known_at, *(each.row["recorded_at"] for each in own.values()))
    return Gathered(patient_id, on, known_at, rule, offered(own), records)


def _opened(row: Row, desk: Desk) -> Row:
    """The record of a version; that of the patient with its names."""
    record: Row = row["document"]
    return PATIENTS.opened(record, desk) if row["kind"] == PATIENTS.table.name else record


async def _rule_among(desk: Desk, definition: str, moment: Moment, own: Mapping[str, Own]) -> Definition:
    """The definition asked, among those that are here already; only one that is not known costs another round trip."""
    if definition in own:
        return definition_among(definition, POINTER, own)
    return (await rule_asked(desk, definition, POINTER, moment.known_at)).definition


def timeline_in(asked: Gathered) -> Said:
    """The timeline alone. Pure."""
    history = history_of(asked.records)
    asker = Asker(asked.patient_id, asked.known_at, safety_on(history, library().scales, asked.on))
    return timeline_of(judged(asked.rule, history, asked.on), asker)


def report_of(asked: Gathered) -> Said:
    """Everything that a report says. Pure and slow: judges the history by every definition."""
    history, on, known = history_of(asked.records), asked.on, library()
    asker = Asker(asked.patient_id, asked.known_at, safety_on(history, known.scales, on))
    by_rule = judged(asked.rule, history, on)
    return {
        "patient": _patient(asked.records),
        "status": full(by_rule.assessment, asker),
        "definition": _definition(asked.rule),
        "timeline": timeline_of(by_rule, asker),
        "remarks": dict(_remarks(asked.records)),
        "answers": [brief(each) for each in assess_all(asked.others, history, on, known)],
        "staging": staged_by(in_order(known), history, on),
        "options": options_said(asked.rule, history, on),
    }


def _patient(records: Known) -> Said:
    """Who it is, as known; nothing where the patient was recorded later than the moment asked about."""
    row = next((document for kind, document in records if kind == "patients"), {})
    return {name: row.get(name) for name in OF_PATIENT}


def _definition(rule: Definition) -> Said:
    return {**definition_used(rule), "purpose": rule.purpose, "quote": rule.quote, "limits": list(rule.limits)}


def _remarks(records: Known) -> Iterable[tuple[str, Said]]:
    """What people wrote of each record besides facts: the name as entered, the diagnosis, the remark."""
    for _, document in records:
        entered, diagnosis = document.get("medication") or {}, document.get("diagnosis") or {}
        said = {
            "entered_as": entered.get("text") or entered.get("code"),
            "diagnosis": " ".join(str(diagnosis[part]) for part in ("code", "text") if diagnosis.get(part)),
            "note": document.get("note"),
        }
        yield str(document.get("id")), {name: text for name, text in said.items() if text}
