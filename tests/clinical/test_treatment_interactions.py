"""Medicines that do not go together: every MAO inhibitor against every antidepressant, both ways, and single pairs."""

from datetime import date

import pytest

from clinical.medicine import MedicineRole
from clinical.treatments.cautions import Caution, cautions_for
from clinical.treatments.rules import Medicines
from clinical.treatments.words import CautionLevel
from clinical.vocabulary import Evidence
from tests.clinical.treated import LIBRARY, ON, drug, history, option

MEDICINES = LIBRARY.formulary.medicines
MAOI = [each.id for each in MEDICINES.values() if each.group == "MAOI"]
REVERSIBLE = ["moclobemide", "pirlindole"]
IRREVERSIBLE = [each for each in MAOI if each not in REVERSIBLE]
HARMLESS = {"agomelatine", "ademetionine"}  # no source that was read speaks against them with an MAO inhibitor
OTHERS = [
    each.id
    for each in MEDICINES.values()
    if each.role is MedicineRole.ANTIDEPRESSANT and each.group != "MAOI" and each.id not in HARMLESS
]
BESIDE = ["buspirone", "tryptophan", "atomoxetine", "methylphenidate", "lisdexamfetamine", "dexamfetamine"]
BOTH_WAYS = [*OTHERS, *BESIDE, "dextromethorphan-bupropion", "carbamazepine"]
GRAVE, MILD = CautionLevel.CONTRAINDICATION, CautionLevel.CAUTION


def ended(days: int) -> str:
    return date.fromordinal(ON - days).isoformat()


def against(what: str, taken: str, days: int | None = None) -> list[Caution]:
    """The cautions about one medicine or modality while another is taken, or so many days after it."""
    facts = history(drug(taken, "2025-01-01", None if days is None else ended(days)))
    return list(cautions_for(what, facts, ON, LIBRARY))


def forbidden(what: str, taken: str, days: int | None = None) -> bool:
    return any(each.forbids for each in against(what, taken, days))


def spoken_against(taken: str) -> set[str]:
    """All that the options hold to be spoken against while one medicine is taken."""
    facts = history(drug(taken, "2025-01-01"))
    families = ("switch_to_another_class", "switch_within_class", "augmentation", "rapid_acting", "combination")
    members = (each for family in families for each in option(facts, family).members)
    return {name for each in members for name in each.spoken_against}


def names(ids: list[str]) -> set[str]:
    return {MEDICINES[each].name for each in ids if MEDICINES[each].antidepressant.value != "not_met"}


def test_the_formulary_has_mao_inhibitors_of_both_kinds() -> None:
    assert len(IRREVERSIBLE) >= 4
    assert set(REVERSIBLE) < set(MAOI)
    assert len(OTHERS) > 40


@pytest.mark.parametrize("maoi", MAOI)
@pytest.mark.parametrize("other", BOTH_WAYS)
def test_every_mao_inhibitor_is_contraindicated_with_every_antidepressant_and_stimulant_both_ways(
    maoi: str, other: str
) -> None:
    assert forbidden(other, maoi)
    assert forbidden(maoi, other)


@pytest.mark.parametrize("maoi", MAOI)
def test_the_options_list_every_antidepressant_as_spoken_against_while_an_mao_inhibitor_is_taken(maoi: str) -> None:
    named = spoken_against(maoi)
    assert names(OTHERS) <= named
    assert names([each for each in MAOI if each != maoi]) <= named
    assert "dextromethorphan-bupropion" in named
    assert {MEDICINES[each].name for each in HARMLESS}.isdisjoint(named)


@pytest.mark.parametrize("other", [each for each in OTHERS if MEDICINES[each].antidepressant.value != "not_met"])
def test_the_options_list_every_mao_inhibitor_as_spoken_against_while_an_antidepressant_is_taken(other: str) -> None:
    assert names(MAOI) <= spoken_against(other)


@pytest.mark.parametrize("maoi", MAOI)
def test_an_mao_inhibitor_is_contraindicated_with_every_other_one(maoi: str) -> None:
    assert all(forbidden(each, maoi) for each in MAOI if each != maoi)


@pytest.mark.parametrize("harmless", sorted(HARMLESS))
def test_what_no_source_speaks_against_is_not_forbidden_beside_an_mao_inhibitor(harmless: str) -> None:
    assert not any(forbidden(harmless, each) or forbidden(each, harmless) for each in MAOI)


@pytest.mark.parametrize("maoi", IRREVERSIBLE)
@pytest.mark.parametrize("other", [each for each in BOTH_WAYS if each != "reboxetine"])
def test_after_an_irreversible_mao_inhibitor_fourteen_days_are_left(maoi: str, other: str) -> None:
    assert forbidden(other, maoi, 13)
    assert not forbidden(other, maoi, 14)


@pytest.mark.parametrize(
    ("what", "taken", "days"),
    [
        ("phenelzine", "bupropion", 14),
        ("moclobemide", "bupropion", 14),
        ("tranylcypromine", "dextromethorphan-bupropion", 14),
        ("pirlindole", "dextromethorphan-bupropion", 14),
        ("dextromethorphan-bupropion", "moclobemide", 14),
        ("isocarboxazid", "atomoxetine", 14),
        ("moclobemide", "viloxazine", 14),
        ("atomoxetine", "moclobemide", 14),
        ("tianeptine", "moclobemide", 14),
        ("carbamazepine", "pirlindole", 14),
        ("phenelzine", "tianeptine", 1),
        ("sertraline", "moclobemide", 1),
        ("bupropion", "moclobemide", 1),
        ("phenelzine", "methylphenidate", 1),
        ("reboxetine", "phenelzine", 1),
    ],
)
def test_an_interval_ends_on_the_day_that_the_source_gives(what: str, taken: str, days: int) -> None:
    assert forbidden(what, taken, days - 1)
    assert not forbidden(what, taken, days)


@pytest.mark.parametrize(
    ("what", "taken", "slug", "days"),
    [
        ("reboxetine", "phenelzine", "reboxetine_after_maoi", 14),
        ("phenelzine", "reboxetine", "maoi_after_reboxetine", 7),
        ("pirlindole", "fluoxetine", "moclobemide_after_fluoxetine", 28),
        ("modafinil", "phenelzine", "modafinil_with_maoi", 14),
        ("ketamine", "tranylcypromine", "esketamine_with_maoi", 14),
        ("esketamine", "moclobemide", "esketamine_with_reversible_maoi", 1),
        ("armodafinil", "pirlindole", "modafinil_with_reversible_maoi", 1),
        ("moclobemide", "modafinil", "maoi_with_modafinil", 1),
        ("phenelzine", "esketamine", "maoi_with_esketamine", 1),
        ("esketamine", "modafinil", "esketamine_with_stimulant", 1),
        ("quetiapine", "carbamazepine", "quetiapine_with_carbamazepine", 1),
        ("carbamazepine", "quetiapine", "carbamazepine_with_quetiapine", 1),
    ],
)
def test_what_does_not_forbid_is_shown_all_the_same(what: str, taken: str, slug: str, days: int) -> None:
    found = [each for each in against(what, taken, days - 1) if each.slug == slug]
    assert len(found) == 1
    assert not found[0].forbids
    assert found[0].level is MILD or found[0].evidence is Evidence.UNVERIFIED
    assert slug not in [each.slug for each in against(what, taken, days)]


@pytest.mark.parametrize(
    ("one", "other"), [("agomelatine", "fluvoxamine"), ("duloxetine", "fluvoxamine"), ("nefazodone", "carbamazepine")]
)
def test_two_medicines_that_are_contraindicated_together_are_so_both_ways_and_while_taken_only(
    one: str, other: str
) -> None:
    for what, taken in ((one, other), (other, one)):
        assert forbidden(what, taken)
        assert not forbidden(what, taken, 1)


def test_the_fellows_of_a_contraindicated_pair_are_not_forbidden() -> None:
    assert not forbidden("agomelatine", "sertraline")
    assert not forbidden("duloxetine", "sertraline")
    assert not forbidden("nefazodone", "lamotrigine")
    assert not forbidden("quetiapine", "carbamazepine")


def test_an_interval_of_one_day_is_said_as_such() -> None:
    sentences = " ".join(each.sentence for each in against("phenelzine", "tianeptine", 0))
    assert "0 days before; 1 day is asked." in sentences


def test_a_group_that_is_added_later_is_caught_by_its_role() -> None:
    new = MEDICINES["sertraline"]._replace(id="novum", group="a new group")
    rules = {each.slug: each for each in LIBRARY.treatments.cautions}
    for slug in ("serotonergic_after_maoi", "after_moclobemide", "with_pirlindole"):
        assert rules[slug].about.names(new, None)
    for slug in ("maoi_after_serotonergic", "reversible_maoi_with_serotonergic"):
        taken = rules[slug].when.taken
        assert taken is not None
        assert taken.lists(new)
        assert not taken.lists(MEDICINES["lithium"])


def test_an_exception_of_a_role_is_no_exception_of_a_name() -> None:
    listed = Medicines(roles=(MedicineRole.ANTIDEPRESSANT,), except_groups=("NDRI",), ingredients=("lithium",))
    assert listed.lists(MEDICINES["sertraline"])
    assert listed.lists(MEDICINES["lithium"])
    assert not listed.lists(MEDICINES["bupropion"])
    assert not Medicines(groups=("SSRI",), except_ingredients=("sertraline",)).lists(MEDICINES["sertraline"])
