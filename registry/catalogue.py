"""Definitions and rating scales in the words of the API."""

from itertools import pairwise
from typing import Any

from clinical.definition import Definition
from clinical.library import library
from clinical.rating_scales import Scale
from clinical.sections import Criterion
from models.evaluation import DEFAULT_DEFINITION
from registry.errors import NotFound

Said = dict[str, Any]


def definition_said(definition: Definition) -> Said:
    """A definition with all that it asks, as in `models.catalogue`, without its standing."""
    same = ("version", "title", "purpose", "citation", "quote", "evidence", "limits", "digest", "describes")
    named = ((name, getattr(definition, name)) for name in type(definition).model_fields)
    return {
        "id": definition.slug,
        **{name: getattr(definition, name) for name in same},
        "default": definition.slug == DEFAULT_DEFINITION,
        "criteria": [_criterion(name, rule) for name, rule in named if isinstance(rule, Criterion)],
        "worked_cases": [each.model_dump() for each in definition.worked_cases],
    }


def _criterion(name: str, rule: Criterion) -> Said:
    hidden = {"source", "evidence"} if rule.evidence_of else {"source", "evidence", "evidence_of"}
    parameters = rule.model_dump(mode="json", exclude=hidden, exclude_defaults=True)
    return {"criterion": name, "parameters": parameters, "evidence": rule.evidence, "source": rule.source}


def list_scales() -> Said:
    """All rating scales by name."""
    return {"items": [_scale(each) for each in library().scales.values()], "next_cursor": None}


def read_scale(slug: str) -> Said:
    """One rating scale.

    Raises:
        NotFound: no scale is called so.
    """
    found = library().scales.get(slug)
    if found is None:
        raise NotFound("No rating scale is called so. GET /v1/scales lists all.")
    return _scale(found)


def _scale(scale: Scale) -> Said:
    groups = [(name, getattr(scale, name)) for name in ("range", "items", "bands", "remission", "safety")]
    return {
        "id": scale.slug,
        **{name: getattr(scale, name) for name in ("title", "rates", "rater", "citation", "loinc_total")},
        "minimum": scale.range.minimum,
        "maximum": scale.range.maximum,
        "items": _items(scale),
        "domains": [list(group) for group in scale.items.domains] if scale.items else [],
        "bands": _bands(scale),
        "remission_at_most": scale.remission.at_most if scale.remission else None,
        "sources": {name: f"{rule.source} ({rule.evidence})" for name, rule in groups if rule},
    }


def _items(scale: Scale) -> list[Said]:
    if scale.items is None:
        return []
    levels = {scale.safety.item: list(scale.safety.levels)} if scale.safety else {}
    listed = enumerate(zip(scale.items.names, scale.items.maxima, strict=True), 1)
    return [
        {"number": number, "name": name, "maximum": maximum, "safety_levels": levels.get(number)}
        for number, (name, maximum) in listed
    ]


def _bands(scale: Scale) -> list[Said]:
    starts = [band.start for band in scale.bands.steps]
    ends = [after - 1 for _, after in pairwise(starts)] + [scale.range.maximum]
    return [
        {"first": band.start, "last": last, "label": band.label, "severity": band.severity}
        for band, last in zip(scale.bands.steps, ends, strict=True)
    ]
