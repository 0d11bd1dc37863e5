"""Whether the names that a definition uses are known: dose tables, scales, classes of medicines."""

from collections.abc import Iterable, Iterator, Mapping

from clinical.definition import Definition
from clinical.medicine import Formulary
from clinical.rating_scales import Scale

NOT_OF_PRESCRIPTIONS = (
    *("failure", "stable_dose", "adherence", "still_taken"),
    *("augmentation", "current_severity", "current_score"),
)


def unknown_names(
    definition: Definition, formulary: Formulary, scales: Mapping[str, Scale]
) -> Iterator[tuple[str, str]]:
    """Each key that names what there is not, and what is wrong with it."""
    for key, table in definition.named_dose_tables():
        if table not in formulary.dose_tables:
            yield key, f"no dose table is called {table!r}; known are {_listed(formulary.dose_tables)}"
    if definition.still_taken:
        groups = {medicine.group for medicine in formulary.medicines.values()}
        for name in definition.still_taken.classes:
            if name not in groups:
                yield "still_taken.classes", f"no class is called {name!r}; known are {_listed(groups)}"
    yield from _bad_prescriptions(definition, formulary)
    yield from _bad_score(definition, scales)


def _bad_prescriptions(definition: Definition, formulary: Formulary) -> Iterator[tuple[str, str]]:
    rule = definition.prescriptions
    if rule is None:
        return
    for key, name in rule.named_medicines():
        if name not in formulary.medicines:
            yield key, f"no medicine of the formulary is called {name!r}"
    for key in NOT_OF_PRESCRIPTIONS:
        if getattr(definition, key) is not None:
            yield key, "prescriptions say nothing of it; leave it out, or leave prescriptions out"
    for key in ("different_classes", "failed_medications_if_bipolar"):
        if getattr(definition.required, key):
            yield f"required.{key}", "not offered for a definition that reads prescriptions alone"


def _bad_score(definition: Definition, scales: Mapping[str, Scale]) -> Iterator[tuple[str, str]]:
    rule = definition.current_score
    if rule is None:
        return
    known = [slug for slug, scale in scales.items() if scale.rates == "depression"]
    if rule.instrument not in known:
        yield "current_score.instrument", f"no scale of depression is called {rule.instrument!r}; {_listed(known)} are"
    elif rule.at_least > scales[rule.instrument].range.maximum:
        highest = scales[rule.instrument].range.maximum
        yield "current_score.at_least", f"the highest total of {rule.instrument} is {highest}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
