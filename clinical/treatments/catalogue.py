"""The catalogue of treatments: families, their members, cautions, the order; read and checked once, at the start."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from clinical.care import Modality, OptionFamily
from clinical.data_file import LibraryFault, read_toml
from clinical.medicine import Formulary
from clinical.sections import Dose, Duration
from clinical.treatments.entries import Classes, DrugClass, Family, Member
from clinical.treatments.rules import CautionList, CautionRule, Order, Reviews, Taken

HERE = Path(__file__).parent


class Fair(NamedTuple):
    """The dose and the time that a fair trial of a medicine asks for."""

    dose: Dose
    duration: Duration


class Treatments(NamedTuple):
    """The whole catalogue; `added` is what a fair trial of an added medicine asks for, `longer` what a longer one."""

    families: Mapping[OptionFamily, Family]
    added: Fair
    longer: Duration
    classes: tuple[DrugClass, ...]
    cautions: tuple[CautionRule, ...]
    order: Order
    reviews: Reviews

    def member(self, modality: Modality | None) -> tuple[Family, Member] | None:
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
    families = {
        each.slug: each for each in (read_toml(path, Family) for path in sorted((folder / "families").glob("*.toml")))
    }
    absent = [word.value for word in OptionFamily if word not in families]
    if absent:
        raise LibraryFault(f"families: no file for {', '.join(absent)}")
    found = Treatments(
        families=MappingProxyType(families),
        added=_fair(families[OptionFamily.AUGMENTATION], formulary),
        longer=_duration(families[OptionFamily.LONGER_TRIAL]),
        classes=read_toml(folder / "classes.toml", Classes).classes,
        cautions=read_toml(folder / "cautions.toml", CautionList).cautions,
        order=read_toml(folder / "order.toml", Order),
        reviews=read_toml(folder / "reviews.toml", Reviews),
    )
    _check_names(found, formulary)
    _check_members(found, formulary)
    _check_daily(found, formulary)
    return found


def _fair(family: Family, formulary: Formulary) -> Fair:
    """The dose and the time of added medicines, for which definitions and cautions have none."""
    duration, table = _duration(family), family.dose_table
    if table not in formulary.dose_tables:
        raise LibraryFault(f"families/{family.slug}.toml: key `dose_table`: no dose table is called {table!r}")
    return Fair(Dose(table=table or "", source=duration.source, evidence=duration.evidence), duration)


def _duration(family: Family) -> Duration:
    """The time that the family asks of a course of a medicine."""
    rule = family.drug_course
    if rule is None or rule.days_at_least is None:
        raise LibraryFault(f"families/{family.slug}.toml: key `drug_course`: give days_at_least")
    return Duration(at_least_days=rule.days_at_least, source=rule.source, evidence=rule.evidence)


def _check_daily(found: Treatments, formulary: Formulary) -> None:
    """Every medicine that a family names as taken daily must be in the formulary."""
    for family in found.families.values():
        for name in family.taken_daily:
            if name not in formulary.medicines:
                raise LibraryFault(f"families/{family.slug}.toml: key `taken_daily`: not in the formulary: {name!r}")


def _check_names(found: Treatments, formulary: Formulary) -> None:
    """Every class and medicine that a caution names must be in the formulary."""
    groups = {medicine.group for medicine in formulary.medicines.values()}
    for rule in found.cautions:
        taken = rule.when.taken or Taken()
        about = rule.about
        named = (*about.ingredients, *about.except_ingredients, *taken.ingredients, *taken.except_ingredients)
        failed = (rule.when.failed.group,) if rule.when.failed else ()
        classes = (*about.groups, *about.except_groups, *taken.groups, *taken.except_groups, *failed)
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
