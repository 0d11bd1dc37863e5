"""The nouns of the rules over the catalogue: cautions and what raises them, the order of the list, what comes first."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from clinical.background import ContributingFactor
from clinical.care import Modality, OptionFamily
from clinical.medicine import Medicine, MedicineRole
from clinical.sections import Days
from clinical.treatments.entries import Statement, Trials
from clinical.treatments.words import CautionLevel, OptionState, OrderGroup


class Medicines(BaseModel):
    """Medicines by role, group or name; the exceptions hold for what a role or a group would name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    roles: tuple[MedicineRole, ...] = ()
    groups: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    except_groups: tuple[str, ...] = ()
    except_ingredients: tuple[str, ...] = ()

    def lists(self, medicine: Medicine) -> bool:
        """Whether the medicine is meant. A role catches groups that are added later."""
        if medicine.id in self.except_ingredients:
            return False
        if medicine.id in self.ingredients or medicine.group in self.groups:
            return True
        return medicine.role in self.roles and medicine.group not in self.except_groups


class Target(Medicines):
    """What a caution is about: all that is named in any of the lists; `families` narrows it to those."""

    families: tuple[OptionFamily, ...] = ()
    modalities: tuple[Modality, ...] = ()

    def names(self, medicine: Medicine | None, modality: Modality | None) -> bool:
        """Whether this medicine or modality is meant, whatever the family; a family alone means all of it."""
        whole = not (self.modalities or self.roles or self.groups or self.ingredients)
        listed = modality in self.modalities if medicine is None else self.lists(medicine)
        return listed or (whole and (medicine is None or medicine.id not in self.except_ingredients))


class Taken(Medicines):
    """A medicine that is taken on the day, or was last taken fewer than `within_days` before it."""

    within_days: Days | None = None


class FailedInClass(BaseModel):
    """So many different medicines of one class have failed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    group: str
    at_least: Trials


class When(BaseModel):
    """What in the record raises a caution, or makes an option a first choice; exactly one of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    factors: tuple[ContributingFactor, ...] = ()
    bipolar: bool = False
    psychotic_features: bool = False
    suicidal_thoughts: bool = False
    severe_with_psychotic_features: bool = False
    severe_suicidal_thoughts: bool = False
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


class FirstChoice(Statement):
    """A state in which a source calls a family a first choice."""

    family: OptionFamily
    when: When


class Order(Statement):
    """How the list is ordered: groups first, within one the order of families; and which state of many is said."""

    slug: str
    review: str
    groups: tuple[Group, ...]
    families: tuple[OptionFamily, ...]
    states: tuple[OptionState, ...]
    first_choice: tuple[FirstChoice, ...] = ()

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
    safety: Statement
    psychotic_features: Statement
    diagnosis: Statement
    adherence: Statement
    pseudo_resistance: Statement
    deciding_question: Statement
    factors: tuple[FactorReason, ...]
