"""What is stored of a kept answer, and what is said of it. Pure: nothing is read or stored here."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from clinical.assess import assess
from clinical.definition import Definition
from clinical.library import library
from clinical.safety import safety_on
from models.answer import TrdStatus
from models.base import Shape
from models.executor import Row
from models.kept_answer import KeptAnswerCreate
from models.kept_answer_public import KeptAnswerPublic
from registry.answers import Asker, Said, full
from registry.canonical import digest_of
from registry.desk import Desk
from registry.facts import history_of
from registry.kept_differences import FactVersions, Now, compared_in_full, versions_in
from registry.kept_statements import KEPT, KIND
from registry.noun import Noun

SET_BY_DATABASE = ("version", "created_at", "updated_at", "signatures")


class KeptContent(Shape):
    """What is stored of an answer."""

    id: UUID | None
    columns: dict[str, Any]


class Asked(NamedTuple):
    """What is to be kept: the question, the definition that it is asked by, and what is known of the patient."""

    patient_id: UUID
    on: date
    rule: Definition
    rows: list[Row]
    known_at: datetime


def _to_row(content: KeptContent, _desk: Desk) -> Said:
    return dict(content.columns)


def stored_said(row: Row) -> Said:
    """The answer as it was kept, as in `models.kept_answer_public.KeptAnswerVersionPublic`."""
    answer, same = row["answer"], ("id", "version", "created_at", "updated_at", "patient_id", "known_at", "note")
    definition = {"id": row["definition_id"], "version": row["definition_version"], "digest": row["definition_digest"]}
    return {
        **{name: row[name] for name in same},
        "definition": {**definition, "title": answer["definition"]["title"]},
        **{name: answer[name] for name in ("on", "status", "summary")},
        **{name: row[name] for name in ("signatures", "digest", "answer", "facts")},
        "intact": row["digest"] == digest_of(_content(answer, row["facts"], row["note"])),
    }


KEPT_ANSWERS = Noun("kept answer", KEPT, KeptContent, _to_row, stored_said, dict)


def _content(answer: Said, facts: list[Said], note: str | None) -> Said:
    """What the digest is made of."""
    return {"answer": answer, "facts": facts, "note": note}


def fact_versions(rows: list[Row]) -> FactVersions:
    """The version of each fact among these rows, in the order of kind and id; a patient without facts has none."""
    known = [{**row["document"], "kind": row["kind"]} for row in rows if row["kind"] not in (None, KIND)]
    return dict(sorted(versions_in(known).items()))


def composed(entry: KeptAnswerCreate, asked: Asked) -> tuple[KeptContent, Said]:
    """What is to be stored, and what will be said of it then: an answer that cannot be given is not stored.

    Raises:
        ValidationError: it cannot be given; a fault of the service.
    """
    history = history_of((row["kind"], row["document"]) for row in asked.rows)
    day = asked.on.toordinal()
    safety = safety_on(history, library().scales, day)
    assessment = assess(asked.rule, history, day, library())
    said = full(assessment, Asker(asked.patient_id, asked.known_at, safety))
    versions = fact_versions(asked.rows)
    columns = _columns(entry, asked, TrdStatus.model_validate(said).model_dump(mode="json", by_alias=True), versions)
    row = {**columns, "id": entry.id or asked.patient_id, "patient_id": asked.patient_id}
    kept = stored_said({**row, "version": 1, "created_at": asked.known_at, "updated_at": asked.known_at})
    now = Now(versions, asked.rule, withdrawn=False, safety=safety.level)
    answer = {**kept, **compared_in_full(row, now, assessment)}
    KeptAnswerPublic.model_validate({**answer, "signatures": []})
    return KeptContent(id=entry.id, columns=columns), answer


def _columns(entry: KeptAnswerCreate, asked: Asked, answer: Said, versions: FactVersions) -> Said:
    facts = [{"kind": kind, "id": record, "version": version} for (kind, record), version in versions.items()]
    return {
        **{f"definition_{name}": answer["definition"][name] for name in ("id", "version", "digest")},
        "asked_on": asked.on,
        "known_at": asked.known_at,
        "answer": answer,
        "facts": facts,
        "note": entry.note,
        "digest": digest_of(_content(answer, facts, entry.note)),
        "signatures": [entry.signature.model_dump(mode="json")] if entry.signature else [],
    }
