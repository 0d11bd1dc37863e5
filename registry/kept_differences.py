"""What is different when a kept answer is asked for again: facts, definition, status, trials."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clinical.answer import Assessment
from clinical.definition import Definition
from clinical.vocabulary import SafetyLevel
from models.executor import Row
from models.kept_answer_public import FactChange

Said = dict[str, Any]
FactVersions = Mapping[tuple[str, str], int]
"""The version of each record by kind and id."""
SAME = "Nothing that it rests on has changed."
OTHERWISE = "The records and the definition are the same, but this version of the service answers otherwise."
NO_LONGER = "There is no such definition any more, so it cannot be asked again."
READ_IT = "Read it alone to see what the answer would be now."
WITHDRAWN = "the definition, which was withdrawn"
NOT_ASKED: Said = {"status_changed": None, "status_now": None, "summary_now": None, "trials": None}
"""What is left open where the question is not asked again."""


class Now(NamedTuple):
    """What is known now: the records, the definition (None when it is no more), and the level of safety on that day."""

    facts: FactVersions
    definition: Definition | None
    withdrawn: bool
    safety: SafetyLevel


def versions_in(rows: list[Said]) -> FactVersions:
    """The versions that a list of `kind`, `id`, `version` names."""
    return {(row["kind"], str(row["id"])): row["version"] for row in rows}


def compared(kept: Row, now: Now) -> Said:
    """`outdated` and `differences` in a list: what the records and the definition show, without asking again."""
    found = _found(kept, now)
    outdated = any(found.values())
    whether = READ_IT if now.definition else NO_LONGER
    sentence = f"{_changed(found)} {whether}" if outdated else SAME
    return {"outdated": outdated, "differences": {"sentence": sentence.strip(), **found, **NOT_ASKED}}


def compared_in_full(kept: Row, now: Now, assessment: Assessment | None) -> Said:
    """`outdated` and `differences` when the same is asked again; None when there is nothing to ask it by.

    As in `models.kept_answer_public`.
    """
    found = _found(kept, now)
    trials = list(_trials(kept["answer"]["trials"], assessment))
    status, status_now = kept["answer"]["status"], assessment and assessment.status
    outdated = bool(any(found.values()) or trials) or status_now != status
    again: Said = {
        "status_changed": status_now is not None and status_now != status,
        "status_now": status_now,
        "summary_now": assessment and assessment.summary,
        "trials": trials,
    }
    sentence = f"{_changed(found)} {_whether(found, again, status)}" if outdated else SAME
    return {"outdated": outdated, "differences": {"sentence": sentence.strip(), **found, **again}}


def _found(kept: Row, now: Now) -> Said:
    """What differs, safety first; each is empty where nothing does."""
    return {
        "safety": _safety(kept["answer"]["safety"]["level"], now.safety),
        "facts": list(_facts(versions_in(kept["facts"]), now.facts)),
        "definition": _definition(kept, now),
    }


def _safety(kept: str, now: SafetyLevel) -> Said | None:
    return None if kept == now else {"kept_level": kept, "level_now": now}


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


def _changed(found: Said) -> str:
    """What changed since, safety first; empty where records, definition and safety are the same."""
    safety, rule, records = found["safety"], found["definition"], len(found["facts"])
    parts = [f"{records} record{'s' * (records > 1)}"] * bool(records)
    if rule and rule["version_now"]:  # one that is no more is said elsewhere
        parts.append(WITHDRAWN if rule["withdrawn"] else "the definition")
    changed = [f"Changed since: {' and '.join(parts)}."] * bool(parts)
    if safety:
        before, level = _words(safety["kept_level"]), _words(safety["level_now"])
        changed.insert(0, f"Suicidal thoughts: the level of safety was {before} and is now {level}.")
    return " ".join(changed)


def _whether(found: Said, again: Said, status: str) -> str:
    """Whether it matters for the answer."""
    if again["status_now"] is None:
        return NO_LONGER
    if not (found["facts"] or found["definition"]):
        return OTHERWISE
    if again["status_changed"]:
        return f"The status was {_words(status)} and would now be {_words(again['status_now'])}."
    if again["trials"]:
        return "The status would be the same, but not every trial counts as it did."
    return "The status would be the same, and each trial counts as it did."


def _words(word: str) -> str:
    return word.replace("_", " ")
