"""Clinical assessments in the words of the API."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from clinical.answer import Assessment
from clinical.changes import changes_to
from clinical.compare import Parting, partings
from clinical.definition import Definition
from clinical.findings import Finding
from clinical.rating_scales import SafetyFinding

Said = dict[str, Any]


class Asker(NamedTuple):
    """For whom and as of which moment of knowledge an answer is given, and what the record asks for on safety."""

    patient_id: UUID | None
    known_at: datetime | None
    safety: SafetyFinding


def definition_used(definition: Definition) -> Said:
    """The definition that was applied, exactly."""
    return {
        "id": definition.slug,
        "version": definition.version,
        "title": definition.title,
        "citation": definition.citation,
        "evidence": definition.evidence,
        "digest": definition.digest,
    }


def full(assessment: Assessment, asker: Asker) -> Said:
    """The whole answer, as in `models.answer.TrdStatus`."""
    return {
        **_common(assessment, asker),
        **brief(assessment),
        "trials": [
            {
                "trial_id": trial.trial_id,
                "medication": trial.medication,
                "counts": trial.counts,
                "findings": [_finding(each) for each in trial.findings],
            }
            for trial in assessment.trials
        ],
        "patient_findings": [_finding(each) for each in assessment.patient],
        "missing_information": [each._asdict() for each in assessment.missing],
        "what_would_change_it": [each._asdict() for each in changes_to(assessment)],
        "pseudo_resistance_reasons": list(assessment.pseudo_resistance_reasons),
        "notes": list(assessment.notes),
    }


def _common(assessment: Assessment, asker: Asker) -> Said:
    return {
        "patient_id": asker.patient_id,
        "on": date.fromordinal(assessment.on),
        "known_at": asker.known_at,
        "safety": asker.safety._asdict(),
    }


def brief(assessment: Assessment) -> Said:
    """The answer without its reasons."""
    return {
        "definition": definition_used(assessment.definition),
        "status": assessment.status,
        "summary": assessment.summary,
        "failed_medications": {
            "required": assessment.required,
            "confirmed": len(assessment.confirmed_names),
            "possible": assessment.possible,
            "confirmed_names": list(assessment.confirmed_names),
            "possible_names": list(assessment.possible_names),
        },
    }


def _finding(finding: Finding) -> Said:
    span = finding.observed_range
    return {
        "criterion": finding.criterion,
        "verdict": finding.verdict,
        "asked": finding.asked,
        "sentence": finding.sentence,
        "observed": finding.observed,
        "observed_range": None if span is None else {"least": span[0], "most": span[1]},
        "required": finding.required,
        "unit": finding.unit,
        "margin": finding.margin,
        "evidence": finding.evidence,
        "source": finding.source,
    }


def side_by_side(assessments: Sequence[Assessment], asker: Asker) -> Said:
    """Every definition's answer and what parts those that disagree, as in `models.answer.StatusByDefinition`."""
    return {
        **_common(assessments[0], asker),
        "answers": [brief(each) for each in assessments],
        "disagreements": [_disagreement(each) for each in partings(assessments)],
    }


def _disagreement(parting: Parting) -> Said:
    return {
        "definitions": [parting.one.definition.slug, parting.other.definition.slug],
        "statuses": [parting.one.status, parting.other.status],
        "criterion": parting.criterion,
        "trial_id": parting.trial.trial_id if parting.trial else None,
        "sentence": parting.sentence,
    }
