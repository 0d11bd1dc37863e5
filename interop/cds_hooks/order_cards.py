"""Cards on a medicine that is being ordered: it failed, or its class did; too low a dose; what speaks against it."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from clinical.answer import JudgedTrial
from clinical.assess import frame_of
from clinical.dates import Span
from clinical.findings import plain as number
from clinical.history import Trial
from clinical.library import library
from clinical.medicine import Medicine
from clinical.treatments.attempts import attempts_in
from clinical.treatments.cautions import Caution, Treatable, cautions_about, raised_in
from clinical.treatments.record import Record
from clinical.treatments.words import CautionLevel
from clinical.vocabulary import Counts, Verdict
from interop.cds_hooks.cards import DISCLAIMER, Point, Source, joined, listed, plain
from interop.cds_hooks.drafts import Draft, Drafts
from interop.cds_hooks.known import Known, what_is_lacking
from interop.cds_hooks.status_card import source_of, trial_said

ALREADY_FAILED, CLASS_FAILED, LOW_DOSE, AGAINST = "already_failed", "class_failed", "dose_below_adequate", "caution"
NOT_CHECKED, CONTRADICTORY = "history_not_checked", "contradictory_order"
TWICE = 2
A_DAY = "mg/day"
FAILED_BEFORE = "{} already failed in this patient."
CLASS_BEFORE = "Two or more medicines of the class of {} ({}) already failed: {}."
TOO_LOW = "{} mg of {} a day is ordered; at least {} mg is {} adequate."
A_START = "A first dose may well be lower. What counts as a fair trial is the dose that is reached and kept."
SOURCELESS = Source("Trialbook")
UNCHECKED = "The history of medicines was not sent: earlier failures and interactions were not checked."
UNCLEAR = "The order names two different medicines; nothing was checked for it."
BESIDE = "{} (being ordered as well)"


def order_points(known: Known, drafts: Drafts, *, with_history: bool) -> Iterator[Point]:
    """What there is to say of the drafts that were chosen."""
    ordered = (*drafts.chosen, *drafts.beside)
    record = _record_with(ordered, known)
    raised, failed = raised_in(record), _failed_in(record, known)
    times = Counter(draft.ingredient for draft in ordered)
    for draft in drafts.chosen:
        if draft.ingredient is None:
            detail = joined(plain(draft.contradiction), DISCLAIMER)
            yield Point(CONTRADICTORY, draft.contradiction, UNCLEAR, detail, "warning", SOURCELESS)
            continue
        medicine = library().formulary.medicines[draft.ingredient]
        found = cautions_about([Treatable(medicine.name, medicine)], raised, None)
        cautions = [each for each in found if each.level is not CautionLevel.NOTE]
        yield from _failed(medicine, known, failed)
        yield from _of_class(medicine, known, failed, [each for each in cautions if each.slug in _on_classes()])
        if times[draft.ingredient] == 1:  # several of one medicine may be taken together: none is the daily dose
            yield from _dose(medicine, draft, known)
        yield from _against(medicine, known, [each for each in cautions if each.slug not in _on_classes()])
    named = sorted({draft.ingredient for draft in drafts.chosen if draft.ingredient})
    if named and not with_history:
        yield Point(NOT_CHECKED, named, UNCHECKED, joined(what_is_lacking(known), DISCLAIMER), "info", SOURCELESS)


def _failed_in(record: Record, known: Known) -> list[JudgedTrial]:
    """Trials that count as failed. One that still goes on is being begun until it had a fair dose for a fair time."""
    begun = {each.id for each in record.attempts if each.course.running and each.adequate.verdict is not Verdict.MET}
    return [each for each in known.assessment.trials if each.counts is Counts.YES and each.trial_id not in begun]


def _failed(medicine: Medicine, known: Known, failed: list[JudgedTrial]) -> Iterator[Point]:
    """That this very medicine failed, with the reasons."""
    trials = [each for each in failed if each.ingredient == medicine.id]
    if trials:
        facts = [medicine.id, known.assessment.definition.digest, [_entry(known, each.trial_id) for each in trials]]
        detail = _explained(trials, known)
        source = source_of(known.assessment.definition)
        yield Point(ALREADY_FAILED, facts, FAILED_BEFORE.format(_capital(medicine)), detail, "warning", source)


def _of_class(medicine: Medicine, known: Known, trials: list[JudgedTrial], said: list[Caution]) -> Iterator[Point]:
    """That two or more others of the class failed, with what a source says of a third where one does."""
    medicines = library().formulary.medicines
    failed = {each.ingredient: each for each in trials if medicines[each.ingredient].group == medicine.group}
    if len(failed) < TWICE:
        return
    names = [medicines[ingredient].name for ingredient in sorted(failed)]
    facts = [medicine.id, known.assessment.definition.digest, sorted(failed)]
    words = CLASS_BEFORE.format(medicine.name, medicine.klass, ", ".join(names))
    detail = joined(*(plain(each.sentence) for each in said), _explained(list(failed.values()), known))
    source = Source(said[0].source) if said else source_of(known.assessment.definition)
    yield Point(CLASS_FAILED, facts, words, detail, "warning", source)


def _explained(trials: list[JudgedTrial], known: Known) -> str:
    definition = known.assessment.definition
    by = f"By {plain(definition.title)} (`{definition.slug}`, version {definition.version}):"
    return joined(by, listed(map(trial_said, trials)), what_is_lacking(known), DISCLAIMER)


def _dose(medicine: Medicine, draft: Draft, known: Known) -> Iterator[Point]:
    """That the dose is below the least adequate one: of the definition, else of what is shown as a caution."""
    definition = known.assessment.definition
    rule = definition.dose or library().cautions.dose
    least = library().formulary.minimum_dose(rule.table, medicine.id)
    if draft.daily_mg is None or least is None or least.unit != A_DAY or draft.daily_mg >= least.min_mg:
        return
    table = library().formulary.dose_tables[rule.table]
    held = "asked as" if definition.dose else "held"
    words = TOO_LOW.format(number(draft.daily_mg), medicine.name, number(least.min_mg), held)
    by = (
        f"By {plain(definition.title)} (`{definition.slug}`, version {definition.version}). " if definition.dose else ""
    )
    cited = plain(f"Source: {rule.source}: {least.source}")
    detail = joined(plain(words), f"{by}{cited}", A_START, DISCLAIMER)
    facts = [medicine.id, draft.daily_mg, least.min_mg, rule.table]
    yield Point(LOW_DOSE, facts, words, detail, "info", Source(table.title))


def _against(medicine: Medicine, known: Known, cautions: list[Caution]) -> Iterator[Point]:
    """What the record, and what is being ordered as well, raises against the medicine."""
    for caution in cautions:
        facts = [medicine.id, caution.slug, caution.verdict, [_entry(known, each) for each in caution.records]]
        summary = f"{_capital(medicine)}: {caution.sentence}"
        cited = f"Source ({caution.evidence}): {plain(caution.source)}"
        detail = joined(plain(caution.sentence), cited, what_is_lacking(known), DISCLAIMER)
        yield Point(AGAINST, facts, summary, detail, _gravity(caution), Source(caution.source))


def _gravity(caution: Caution) -> str:
    if caution.forbids:
        return "critical"
    return "warning" if caution.verdict is Verdict.MET else "info"


@lru_cache(maxsize=1)
def _on_classes() -> frozenset[str]:
    """The cautions on classes that failed: they are said with the class."""
    return frozenset(rule.slug for rule in library().treatments.cautions if rule.when.failed)


def _record_with(ordered: tuple[Draft, ...], known: Known) -> Record:
    """What cautions are raised by: the history, and what is being ordered. No medicine is warned of beside itself.

    What is ordered is taken as begun for cautions alone; nothing is judged by it.
    """
    on = Span(known.judged.on, known.judged.on)
    medicines = library().formulary.medicines
    added = [
        Trial(each.ingredient, each.ingredient, BESIDE.format(medicines[each.ingredient].name), on, None, running=True)
        for each in ordered
        if each.ingredient
    ]
    history = known.judged.history._replace(trials=(*known.judged.history.trials, *added))
    frame = frame_of(known.assessment.definition, history, known.judged.on, library())
    return Record(history, frame, attempts_in(frame, history.treatments))


def _entry(known: Known, record: str) -> Any:  # noqa: ANN401 - JSON of a record
    """A record as it was sent, by the place that is its identity here; an ingredient stays what it is."""
    _, _, rest = record.partition("/history/")
    kind, _, place = rest.partition("/")
    return known.entries[kind][int(place)] if place else record


def _capital(medicine: Medicine) -> str:
    return f"{medicine.name[:1].upper()}{medicine.name[1:]}"
