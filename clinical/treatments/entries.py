"""The nouns of the catalogue: a family of options, its members, classes of medicines, what a course asks for."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.care import Laterality, Modality, OptionFamily
from clinical.medicine import Formulary, Medicine, MedicineRole
from clinical.sections import Criterion, Days

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
    """One family of options; of rapid-acting medicines, `taken_daily` are those judged like antidepressants."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: OptionFamily
    title: str
    what: str
    statements: Annotated[tuple[Statement, ...], Field(min_length=1)]
    drug_course: CourseRule | None = None
    drugs: MedicineRole | None = None
    dose_table: str | None = None
    taken_daily: tuple[str, ...] = ()
    place: Place | None = None
    under_study: Statement | None = None
    standing: tuple[Statement, ...] = ()
    notes: tuple[Statement, ...] = ()
    members: tuple[Member, ...] = ()


class Classes(BaseModel):
    """The classes of medicines that families are made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    classes: tuple[DrugClass, ...]
