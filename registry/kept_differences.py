"""What is different when a kept answer is asked for again: facts, definition, status, trials."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clinical.answer import Assessment
from clinical.definition import Definition
from models.database import Row
from models.kept_answer_public import FactChange

Said = dict[str, Any]
FactVersions = Mapping[tuple[str, str], int]
"""The version of each record by kind and id."""
SAME = "Nothing that it rests on has changed."
OTHERWISE = "The records and the definition are the same, but this version of the service answers otherwise."
NO_LONGER = "There is no such definition any more, so it cannot be asked again."


class Now(NamedTuple):
    """What is known now: the records, the definition (None when it is no more), and the answer by it."""

    facts: FactVersions
    definition: Definition | None
    withdrawn: bool
    assessment: Assessment | None


def versions_in(rows: list[Said]) -> FactVersions:
    """The versions that a list of `kind`, `id`, `version` names."""
    return {(row["kind"], str(row["id"])): row["version"] for row in rows}


def compared(kept: Row, now: Now) -> Said:
    """`outdated` and `differences` of a kept answer, as in `models.kept_answer_public`."""
    facts = list(_facts(versions_in(kept["facts"]), now.facts))
    definition = _definition(kept, now)
    trials = list(_trials(kept["answer"]["trials"], now.assessment))
    status, status_now = kept["answer"]["status"], now.assessment and now.assessment.status
    outdated = bool(facts or definition or trials) or status_now != status
    differences: Said = {
        "facts": facts,
        "definition": definition,
        "status_changed": status_now is not None and status_now != status,
        "status_now": status_now,
        "summary_now": now.assessment and now.assessment.summary,
        "trials": trials,
    }
    sentence = _sentence(differences, status) if outdated else SAME
    return {"outdated": outdated, "differences": {"sentence": sentence, **differences}}


def _facts(kept: FactVersions, now: FactVersions) -> Iterator[Said]:
    """Records that were changed or entered in error since, then those that were added."""
    for which, version in kept.items():
        if which not in now:
            yield _fact(which, FactChange.ENTERED_IN_ERROR, version, None)
        elif now[which] != version:
            yield _fact(which, FactChange.CHANGED, version, now[which])
    for which, version in now.items():
        if which not in kept:
            yield _fact(which, FactChange.ADDED, None, version)


def _fact(which: tuple[str, str], change: FactChange, kept: int | None, now: int | None) -> Said:
    kind, record_id = which
    return {"kind": kind, "id": record_id, "change": change, "kept_version": kept, "version_now": now}


def _definition(kept: Row, now: Now) -> Said | None:
    """How the definition differs; the same content is the same definition, whatever its version is called."""
    digest_now = now.definition and now.definition.digest
    if digest_now == kept["definition_digest"] and not now.withdrawn:
        return None
    return {
        "kept_version": kept["definition_version"],
        "version_now": now.definition and now.definition.version,
        "kept_digest": kept["definition_digest"],
        "digest_now": digest_now,
        "withdrawn": now.withdrawn,
    }


def _trials(kept: list[Said], assessment: Assessment | None) -> Iterator[Said]:
    """Trials whose verdict is another one; without a definition there is nothing to compare with."""
    if assessment is None:
        return
    before = {each["trial_id"]: (each["medication"], each["counts"]) for each in kept}
    after = {each.trial_id: (each.medication, each.counts) for each in assessment.trials}
    for trial_id in [*before, *(each for each in after if each not in before)]:
        old, new = before.get(trial_id), after.get(trial_id)
        if (old and old[1]) != (new and new[1]):
            medication = (new or old or ("",))[0]
            counts = {"counts": old and old[1], "counts_now": new and new[1]}
            yield {"trial_id": trial_id, "medication": medication, **counts}


def _sentence(found: Said, status: str) -> str:
    """What changed since, and whether it matters."""
    if found["status_now"] is None:
        return NO_LONGER
    records = len(found["facts"])
    parts = [f"{records} record{'s' * (records > 1)}"] * bool(records)
    parts += ["the definition"] * bool(found["definition"])
    if not parts:
        return OTHERWISE
    changed = f"Changed since: {' and '.join(parts)}."
    if found["status_changed"]:
        return f"{changed} The status was {_words(status)} and would now be {_words(found['status_now'])}."
    if found["trials"]:
        return f"{changed} The status would be the same, but not every trial counts as it did."
    return f"{changed} The status would be the same, and each trial counts as it did."


def _words(status: str) -> str:
    return status.replace("_", " ")
