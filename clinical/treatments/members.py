"""The members of a family for one patient: treatments, or classes of medicines, each with what the record says."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from clinical.care import OptionFamily
from clinical.medicine import MedicineRole
from clinical.treatments.attempts import Attempt
from clinical.treatments.cautions import Raised, Treatable, cautions_about, may_forbid
from clinical.treatments.entries import DrugClass, Family
from clinical.treatments.record import Record
from clinical.treatments.words import OptionState
from clinical.vocabulary import Verdict

PRESENT = frozenset({OptionFamily.DOSE_OPTIMISATION, OptionFamily.LONGER_TRIAL})
"""Families that are about the medicines that are taken now."""


class MemberOption(NamedTuple):
    """One member; `tried` and `untried` are medicines of a class, `spoken_against` names what must not be given."""

    id: str
    title: str
    state: OptionState
    attempts: tuple[Attempt, ...]
    tried: tuple[str, ...]
    untried: tuple[str, ...]
    spoken_against: tuple[str, ...]
    treatables: tuple[Treatable, ...]

    @property
    def contraindicated(self) -> bool:
        """Whether nothing of it is left that could be given."""
        return len(self.spoken_against) == len(self.treatables)


def members_of(
    family: Family, mine: Sequence[Attempt], record: Record, raised: tuple[Raised, ...]
) -> list[MemberOption]:
    """The members in the order of the catalogue; of families about the present medicines, those."""
    built = _present(record) if family.slug in PRESENT else _listed(family, mine, record)
    grave = may_forbid(raised)
    return [each._replace(spoken_against=_against(each, grave, family)) for each in built]


def _against(member: MemberOption, grave: tuple[Raised, ...], family: Family) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in member.treatables
        if any(caution.forbids for caution in cautions_about([each], grave, family.slug))
    )


def _present(record: Record) -> Iterator[MemberOption]:
    """The antidepressants and additions that are taken now."""
    for each in record.attempts:
        if each.medicine is not None and each.course.running and (each.antidepressant or each.added):
            treatable = Treatable(each.name, each.medicine)
            yield MemberOption(each.medicine.id, each.name, each.state, (each,), (each.name,), (), (), (treatable,))


def _listed(family: Family, mine: Sequence[Attempt], record: Record) -> Iterator[MemberOption]:
    for member in family.members:
        name = member.modality.value
        given = tuple(each for each in mine if name in (each.modality, each.course.trial.ingredient))
        treatable = Treatable(member.title, modality=member.modality)
        yield MemberOption(name, member.title, said_of(given, record), given, (), (), (), (treatable,))
    for drug_class in record.frame.library.treatments.classes_of(family):
        one = _class(drug_class, family, mine, record)
        if one is not None:
            yield one


def _class(drug_class: DrugClass, family: Family, mine: Sequence[Attempt], record: Record) -> MemberOption | None:
    """One class of medicines; None where none of it is left to be given, or none was tried that could be exchanged."""
    listed = {member.modality.value for member in family.members}
    medicines = [each for each in drug_class.medicines(record.frame.library.formulary) if each.id not in listed]
    ids = {each.id for each in medicines}
    given = [each for each in record.attempts if each.medicine is not None and each.medicine.id in ids]
    if family.drugs is MedicineRole.ANTIDEPRESSANT:
        given = [each for each in given if each.antidepressant]
        medicines = [each for each in medicines if each.antidepressant is not Verdict.NOT_MET]
    tried = tuple(dict.fromkeys(each.name for each in given))
    back = helped_before(given)
    left = tuple(each for each in medicines if each.name not in tried or each.id in back)
    if not left or (family.slug is OptionFamily.SWITCH_WITHIN_CLASS and not tried):
        return None
    if family.slug is not OptionFamily.SWITCH_TO_ANOTHER_CLASS:
        given = [each for each in mine if each.medicine is not None and each.medicine.id in ids]
    treatables = tuple(Treatable(each.name, each) for each in left)
    untried = tuple(each.name for each in left if each.name not in tried)
    state = said_of(given, record)
    return MemberOption(drug_class.group, drug_class.title, state, tuple(given), tried, untried, (), treatables)


def helped_before(attempts: Sequence[Attempt]) -> frozenset[str]:
    """The medicines that helped and are not taken now: one can go back to them."""
    helped = {each.course.trial.ingredient for each in attempts if each.state is OptionState.HELPED}
    return frozenset(helped - {each.course.trial.ingredient for each in attempts if each.course.running})


def said_of(attempts: Sequence[Attempt], record: Record) -> OptionState:
    """Which of several states is said, by the order of the data."""
    states = {each.state for each in attempts}
    order = record.frame.library.treatments.order.states
    return next((state for state in order if state in states), OptionState.NOT_TRIED)
