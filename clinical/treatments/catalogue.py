"""The catalogue of treatments as data: families, their members, cautions, the order; read and checked at the start."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.background import ContributingFactor
from clinical.care import Laterality, Modality, OptionFamily
from clinical.data_file import LibraryFault, read_toml
from clinical.medicine import Formulary, Medicine, MedicineRole
from clinical.sections import Criterion, Days, Dose, Duration
from clinical.treatments.words import CautionLevel, OptionState, OrderGroup

HERE = Path(__file__).parent
Sessions = Annotated[int, Field(ge=1)]
Trials = Annotated[int, Field(ge=1)]


class Statement(Criterion):
    """One sentence of a source, in our words."""

    sentence: str


class CourseRule(Statement):
    """What one source calls a course, or what is read so here. Without `laterality` it holds for all."""

    sessions_at_least: Sessions | None = None
    days_at_least: Days | None = None
    laterality: Laterality | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.sessions_at_least is None and self.days_at_least is None:
            raise ValueError("give sessions_at_least, days_at_least, or both")
        return self


class Member(BaseModel):
    """One treatment of a family that is given in courses."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    modality: Modality
    title: str
    what: str
    adequate_course: tuple[CourseRule, ...] = ()
    statements: tuple[Statement, ...] = ()


class DrugClass(Criterion):
    """One class of medicines, by role and group of the formulary, and what is said of it."""

    role: MedicineRole
    group: str
    title: str
    statements: tuple[Statement, ...] = ()

    def medicines(self, formulary: Formulary) -> tuple[Medicine, ...]:
        """The medicines of the class, by name."""
        mine = (self.role, self.group)
        found = [each for each in formulary.medicines.values() if (each.role, each.group) == mine]
        return tuple(sorted(found, key=lambda each: each.name))


class Place(Statement):
    """After how many failed antidepressants a source places a family."""

    failed_medications_at_least: Trials


class Family(BaseModel):
    """One family of options."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: OptionFamily
    title: str
    what: str
    statements: Annotated[tuple[Statement, ...], Field(min_length=1)]
    drug_course: CourseRule | None = None
    drugs: MedicineRole | None = None
    dose_table: str | None = None
    place: Place | None = None
    under_study: Statement | None = None
    standing: tuple[Statement, ...] = ()
    notes: tuple[Statement, ...] = ()
    members: tuple[Member, ...] = ()


class Target(BaseModel):
    """What a caution is about: all that is named in any of the lists; `families` narrows it to those."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    families: tuple[OptionFamily, ...] = ()
    modalities: tuple[Modality, ...] = ()
    groups: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    except_ingredients: tuple[str, ...] = ()

    def names(self, medicine: Medicine | None, modality: Modality | None) -> bool:
        """Whether this medicine or modality is meant, whatever the family; a family alone means all of it."""
        if medicine is None:
            return modality in self.modalities or not (self.modalities or self.groups or self.ingredients)
        if medicine.id in self.except_ingredients:
            return False
        listed = medicine.id in self.ingredients or medicine.group in self.groups
        return listed or not (self.modalities or self.groups or self.ingredients)


class Taken(BaseModel):
    """A medicine or treatment that is taken on the day, or was last taken fewer than `within_days` before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    groups: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    except_ingredients: tuple[str, ...] = ()
    within_days: Days | None = None


class FailedInClass(BaseModel):
    """So many different medicines of one class have failed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    group: str
    at_least: Trials


class When(BaseModel):
    """What in the record raises a caution; exactly one of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    factors: tuple[ContributingFactor, ...] = ()
    bipolar: bool = False
    psychotic_features: bool = False
    suicidal_thoughts: bool = False
    taken: Taken | None = None
    failed: FailedInClass | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [getattr(self, name) for name in type(self).model_fields]
        if len([each for each in given if each]) != 1:
            raise ValueError("give exactly one condition")
        return self


class CautionRule(Statement):
    """One caution: what it is about, what in the record raises it, and what to ask where nothing is recorded."""

    slug: str
    level: CautionLevel
    about: Target
    when: When
    ask: str | None = None


class CautionList(BaseModel):
    """All cautions."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    cautions: tuple[CautionRule, ...]


class Group(BaseModel):
    """One stretch of the list, and why it stands there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: OrderGroup
    sentence: str


class Order(Statement):
    """How the list is ordered: groups first, within one the order of families; and which state of many is said."""

    slug: str
    review: str
    groups: tuple[Group, ...]
    families: tuple[OptionFamily, ...]
    states: tuple[OptionState, ...]

    @model_validator(mode="after")
    def _names_all_once(self) -> Self:
        for named, words in ((self.families, OptionFamily), (self.states, OptionState)):
            if sorted(named) != sorted(words):
                raise ValueError(f"name each of {', '.join(words)} once")
        if sorted(group.slug for group in self.groups) != sorted(OrderGroup):
            raise ValueError(f"name each of {', '.join(OrderGroup)} once")
        return self


class FactorReason(Statement):
    """A factor that is looked at before any option."""

    factor: ContributingFactor


class Reviews(BaseModel):
    """What is looked at before any option."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    diagnosis: Statement
    adherence: Statement
    pseudo_resistance: Statement
    deciding_question: Statement
    factors: tuple[FactorReason, ...]


class Classes(BaseModel):
    """The classes of medicines that families are made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    classes: tuple[DrugClass, ...]


class Fair(NamedTuple):
    """The dose and the time that a fair trial of a medicine asks for."""

    dose: Dose
    duration: Duration


class Treatments(NamedTuple):
    """The whole catalogue; `added` is what a fair trial of an added medicine asks for."""

    families: Mapping[OptionFamily, Family]
    added: Fair
    classes: tuple[DrugClass, ...]
    cautions: tuple[CautionRule, ...]
    order: Order
    reviews: Reviews

    def member(self, modality: Modality) -> tuple[Family, Member] | None:
        """The family and the entry of a modality; None for one that belongs to none."""
        for family in self.families.values():
            for member in family.members:
                if member.modality is modality:
                    return family, member
        return None

    def classes_of(self, family: Family) -> tuple[DrugClass, ...]:
        """The classes of medicines of a family, in the order of the data."""
        return tuple(each for each in self.classes if each.role is family.drugs)


def load_treatments(formulary: Formulary, folder: Path = HERE) -> Treatments:
    """Read and check the catalogue.

    Raises:
        LibraryFault: a file cannot be used, a family has none, or a medicine that is named is not in the formulary.
    """
    families = {each.slug: each for each in (read_toml(path, Family) for path in sorted(_families_in(folder)))}
    absent = [word.value for word in OptionFamily if word not in families]
    if absent:
        raise LibraryFault(f"families: no file for {', '.join(absent)}")
    found = Treatments(
        families=MappingProxyType(families),
        added=_fair(families[OptionFamily.AUGMENTATION], formulary),
        classes=read_toml(folder / "classes.toml", Classes).classes,
        cautions=read_toml(folder / "cautions.toml", CautionList).cautions,
        order=read_toml(folder / "order.toml", Order),
        reviews=read_toml(folder / "reviews.toml", Reviews),
    )
    _check_names(found, formulary)
    _check_members(found, formulary)
    return found


def _fair(family: Family, formulary: Formulary) -> Fair:
    """The rules for added medicines, which their own definition or caution does not give."""
    rule, table = family.drug_course, family.dose_table
    if rule is None or rule.days_at_least is None or table not in formulary.dose_tables:
        raise LibraryFault(
            f"families/{family.slug}.toml: keys `drug_course`, `dose_table`: days and a known table of doses"
        )
    graded = {"source": rule.source, "evidence": rule.evidence}
    return Fair(Dose.model_validate({"table": table, **graded}), Duration(at_least_days=rule.days_at_least, **graded))


def _families_in(folder: Path) -> Iterator[Path]:
    return (folder / "families").glob("*.toml")


def _check_names(found: Treatments, formulary: Formulary) -> None:
    """Every class and medicine that a caution names must be in the formulary."""
    groups = {medicine.group for medicine in formulary.medicines.values()}
    for rule in found.cautions:
        lists = [rule.about, rule.when.taken] if rule.when.taken else [rule.about]
        named = [name for each in lists for name in (*each.ingredients, *each.except_ingredients)]
        failed = (rule.when.failed.group,) if rule.when.failed else ()
        classes = [name for each in lists for name in each.groups] + list(failed)
        unknown = [name for name in named if name not in formulary.medicines]
        unknown += [name for name in classes if name not in groups]
        if unknown:
            raise LibraryFault(f"treatments/cautions.toml: key `{rule.slug}`: not in the formulary: {unknown[0]!r}")


def _check_members(found: Treatments, formulary: Formulary) -> None:
    """Every class has a medicine, and every modality is in one family at most."""
    for each in found.classes:
        if not each.medicines(formulary):
            raise LibraryFault(
                f"treatments/classes.toml: key `{each.title}`: no medicine is of the group {each.group!r}"
            )
    seen: set[Modality] = set()
    for family in found.families.values():
        for member in family.members:
            if member.modality in seen:
                raise LibraryFault(
                    f"families/{family.slug}.toml: key `members`: {member.modality.value!r} is given twice"
                )
            seen.add(member.modality)
