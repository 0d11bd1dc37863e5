"""Cautions that the record raises against one treatment, and what to ask where a condition is not recorded."""

from collections.abc import Iterator
from typing import NamedTuple

from clinical.assess import frame_of
from clinical.care import Modality, OptionFamily
from clinical.history import History
from clinical.library import Library
from clinical.medicine import Medicine
from clinical.treatments.attempts import attempts_in
from clinical.treatments.record import Found, Record, found_for, standing
from clinical.treatments.rules import CautionRule
from clinical.treatments.words import CautionLevel
from clinical.vocabulary import Evidence, Verdict

UNSURE = "May apply. "


class Caution(NamedTuple):
    """One caution: surely raised (met) or perhaps (unknown), by which records, and about which treatments."""

    slug: str
    level: CautionLevel
    verdict: Verdict
    sentence: str
    source: str
    evidence: Evidence
    records: tuple[str, ...]
    about: tuple[str, ...]

    @property
    def forbids(self) -> bool:
        """Whether it speaks against the treatment altogether: surely raised, and verified."""
        sure = self.verdict is Verdict.MET and self.evidence is not Evidence.UNVERIFIED
        return sure and self.level is CautionLevel.CONTRAINDICATION


class Treatable(NamedTuple):
    """What a caution may be about: a medicine or a modality, by the name that is shown."""

    name: str
    medicine: Medicine | None = None
    modality: Modality | None = None


class Raised(NamedTuple):
    """A rule, and all in the record that raises it; evaluated once for all treatments."""

    rule: CautionRule
    found: tuple[Found, ...]


def cautions_for(what: str, history: History, on: int, library: Library) -> tuple[Caution, ...]:
    """The cautions about one ingredient of the formulary or one modality on the day `on` (an ordinal).

    Cautions that hold within one family of options only, such as two medicines together, are included.

    Raises:
        ValueError: neither an ingredient nor a modality is called so.
    """
    medicine = library.formulary.medicines.get(what)
    modality = None if medicine else Modality(what)
    # Any definition will do: cautions ask none of its questions.
    frame = frame_of(next(iter(library.definitions.values())), history, on, library)
    record = Record(history, frame, attempts_in(frame, history.treatments))
    treatable = Treatable(medicine.name if medicine else what, medicine, modality)
    return cautions_about([treatable], raised_in(record), None)


def raised_in(record: Record) -> tuple[Raised, ...]:
    """Every rule with what raises it, those that nothing raises left out."""
    rules = record.frame.library.treatments.cautions
    raised = (Raised(rule, found_for(rule.when, record)) for rule in rules)
    return tuple(each for each in raised if each.found)


def may_forbid(raised: tuple[Raised, ...]) -> tuple[Raised, ...]:
    """The rules that can speak against a treatment altogether."""
    verified = [each for each in raised if each.rule.evidence is not Evidence.UNVERIFIED]
    return tuple(each for each in verified if each.rule.level is CautionLevel.CONTRAINDICATION)


def cautions_about(
    treatables: list[Treatable], raised: tuple[Raised, ...], family: OptionFamily | None
) -> tuple[Caution, ...]:
    """The cautions about any of these treatments within a family (None: within any), the gravest first."""
    found = [caution for each in raised for caution in _of_rule(each, treatables, family)]
    weight = list(CautionLevel)
    return tuple(sorted(found, key=lambda each: (-weight.index(each.level), each.verdict is not Verdict.MET)))


def _of_rule(raised: Raised, treatables: list[Treatable], family: OptionFamily | None) -> Iterator[Caution]:
    """One caution a rule, however many treatments it is about."""
    rule = raised.rule
    if family is not None and rule.about.families and family not in rule.about.families:
        return
    about = {each.name: _raising(each, raised) for each in treatables if rule.about.names(each.medicine, each.modality)}
    named = {name: found for name, found in about.items() if found}
    if not named:
        return
    found = list(dict.fromkeys(each for several in named.values() for each in several))
    verdict = Verdict.MET if any(each.verdict is Verdict.MET for each in found) else Verdict.UNKNOWN
    words = " ".join(each.words for each in found)
    sentence = f"{'' if verdict is Verdict.MET else UNSURE}{rule.sentence} {words}"
    records = tuple(dict.fromkeys(record for each in found for record in each.records))
    yield Caution(rule.slug, rule.level, verdict, sentence, rule.source, rule.evidence, records, tuple(named))


def _raising(treatable: Treatable, raised: Raised) -> list[Found]:
    """What raises the rule for this treatment: a medicine is not warned of beside itself."""
    mine = treatable.medicine.id if treatable.medicine else None
    return [each for each in raised.found if each.ingredient is None or each.ingredient != mine]


def to_ask(treatables: list[Treatable], record: Record) -> tuple[str, ...]:
    """Questions about conditions that would weigh and of which nothing is recorded, each once."""
    asked: dict[str, None] = {}
    for rule in record.frame.library.treatments.cautions:
        silent = not any(standing(factor, record) for factor in rule.when.factors)
        if rule.ask and silent and any(rule.about.names(each.medicine, each.modality) for each in treatables):
            asked[rule.ask] = None
    return tuple(asked)
