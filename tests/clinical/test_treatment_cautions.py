"""Cautions that the record raises: thresholds from both sides, and what is not known is neither yes nor no."""

from datetime import date

import pytest

from clinical.background import Certainty, ContributingFactor, Symptom
from clinical.history import Episode, History, Observation
from clinical.treatments.cautions import Caution, cautions_for
from clinical.treatments.words import CautionLevel
from clinical.vocabulary import Evidence, Indication, Polarity, Response, Severity, Verdict
from tests.clinical.treated import LIBRARY, ON, drug, factor, failed, history, option, span

MET, UNKNOWN = Verdict.MET, Verdict.UNKNOWN
SEIZURES, METAL = ContributingFactor.SEIZURE_DISORDER, ContributingFactor.METAL_IMPLANT_IN_HEAD


def caution(what: str, slug: str, facts: History, on: int = ON) -> Caution | None:
    return next((each for each in cautions_for(what, facts, on, LIBRARY) if each.slug == slug), None)


def days_before(days: int) -> str:
    return date.fromordinal(ON - days).isoformat()


@pytest.mark.parametrize(
    ("what", "slug", "last", "within"),
    [
        ("phenelzine", "maoi_after_serotonergic", "sertraline", 14),
        ("phenelzine", "maoi_after_serotonergic", "mirtazapine", 14),
        ("tranylcypromine", "maoi_after_fluoxetine", "fluoxetine", 35),
        ("moclobemide", "moclobemide_after_fluoxetine", "fluoxetine", 28),
        ("sertraline", "serotonergic_after_maoi", "phenelzine", 14),
        ("dextromethorphan-bupropion", "serotonergic_after_maoi", "phenelzine", 14),
        ("moclobemide", "maoi_after_maoi", "phenelzine", 14),
        ("bupropion", "bupropion_after_maoi", "phenelzine", 14),
    ],
)
def test_an_interval_is_kept_from_the_day_on_that_the_source_gives(
    what: str, slug: str, last: str, within: int
) -> None:
    for days, raised in ((within - 1, True), (within, False), (0, True)):
        found = caution(what, slug, history(drug(last, "2025-01-01", days_before(days))))
        assert (found is not None) is raised, days
        if found is not None:
            assert found.verdict is MET
            assert found.records == (f"{last}-2025-01-01",)


def test_the_sentence_says_how_long_ago_and_how_long_is_asked() -> None:
    found = caution("phenelzine", "maoi_after_serotonergic", history(drug("sertraline", "2025-01-01", days_before(13))))
    assert found is not None
    assert found.level is CautionLevel.CONTRAINDICATION
    assert found.forbids
    assert "Sertraline was last taken on 2025-06-07, 13 days before; 14 days are asked." in found.sentence


def test_a_medicine_that_is_taken_now_raises_it_whatever_the_interval() -> None:
    found = caution("phenelzine", "maoi_after_serotonergic", history(drug("sertraline", "2025-01-01")))
    assert found is not None
    assert "Sertraline is taken now." in found.sentence
    assert caution("moclobemide", "reversible_maoi_with_serotonergic", history(drug("sertraline", "2025-01-01")))
    stopped = history(drug("sertraline", "2025-01-01", days_before(1)))
    assert caution("moclobemide", "reversible_maoi_with_serotonergic", stopped) is None


@pytest.mark.parametrize(
    ("ended", "verdict"),
    [("2025-06", UNKNOWN), ("2025-05", None), ("2025", UNKNOWN), (days_before(13), MET), (days_before(14), None)],
)
def test_a_partly_known_day_may_lie_within_the_interval(ended: str, verdict: Verdict | None) -> None:
    found = caution("phenelzine", "maoi_after_serotonergic", history(drug("sertraline", "2024-01-01", ended)))
    assert (found.verdict if found else None) is verdict
    if verdict is UNKNOWN and found is not None:
        assert found.sentence.startswith("May apply.")
        assert not found.forbids


def test_a_month_that_lies_within_the_interval_altogether_is_sure() -> None:
    on = date(2025, 7, 3).toordinal()
    found = caution("phenelzine", "maoi_after_fluoxetine", history(drug("fluoxetine", "2024-01-01", "2025-06")), on)
    assert found is not None
    assert found.verdict is MET
    assert "a day between 2025-06-01 and 2025-06-30" in found.sentence


def test_a_medicine_stopped_nobody_knows_when_may_have_been_taken_lately() -> None:
    stopped = drug("sertraline", "2024-01-01", running=False)
    found = caution("phenelzine", "maoi_after_serotonergic", history(stopped))
    assert found is not None
    assert found.verdict is UNKNOWN


def test_a_medicine_that_may_begin_after_the_day_may_be_taken_now() -> None:
    found = caution("phenelzine", "maoi_after_serotonergic", history(drug("sertraline", "2025-06")))
    assert found is not None
    assert found.verdict is UNKNOWN
    assert "may be taken now" in found.sentence


def test_what_begins_later_or_is_another_kind_raises_nothing() -> None:
    assert caution("phenelzine", "maoi_after_serotonergic", history(drug("sertraline", "2025-07-01"))) is None
    assert caution("phenelzine", "maoi_after_serotonergic", history(drug("bupropion", "2025-01-01"))) is None
    assert caution("phenelzine", "maoi_after_serotonergic", history(drug("fluoxetine", "2025-01-01"))) is None


def test_a_medicine_for_something_else_interacts_all_the_same() -> None:
    for_sleep = drug("trazodone", "2025-01-01", mg=50.0, indication=Indication.OTHER)
    assert caution("phenelzine", "maoi_after_serotonergic", history(for_sleep)) is not None


def test_no_medicine_is_warned_of_beside_itself() -> None:
    taking = history(drug("phenelzine", "2025-01-01"))
    assert caution("phenelzine", "maoi_after_maoi", taking) is None
    assert caution("tranylcypromine", "maoi_after_maoi", taking) is not None


@pytest.mark.parametrize(
    ("what", "slug", "which", "level"),
    [
        ("bupropion", "bupropion_seizures", SEIZURES, "contraindication"),
        ("bupropion", "bupropion_eating_disorder", ContributingFactor.EATING_DISORDER, "contraindication"),
        ("rtms", "tms_metal", METAL, "contraindication"),
        ("itbs", "tms_seizures", SEIZURES, "caution"),
        ("esketamine", "esketamine_blood_pressure", ContributingFactor.UNCONTROLLED_HYPERTENSION, "caution"),
        ("esketamine", "esketamine_substance_use", ContributingFactor.SUBSTANCE_USE, "caution"),
        ("esketamine", "esketamine_psychotic_disorder", ContributingFactor.PSYCHOTIC_DISORDER, "caution"),
        ("duloxetine", "duloxetine_liver", ContributingFactor.LIVER_DISEASE, "contraindication"),
        ("agomelatine", "agomelatine_liver", ContributingFactor.LIVER_DISEASE, "contraindication"),
        ("amitriptyline", "tca_heart", ContributingFactor.CARDIOVASCULAR_DISEASE, "caution"),
        ("citalopram", "citalopram_heart", ContributingFactor.CARDIOVASCULAR_DISEASE, "caution"),
        ("lithium", "lithium_kidney", ContributingFactor.KIDNEY_DISEASE, "contraindication"),
        ("lithium", "lithium_thyroid", ContributingFactor.THYROID, "caution"),
        ("valproate", "teratogenic", ContributingFactor.PREGNANCY, "caution"),
        ("psilocybin", "psilocybin_disorders", ContributingFactor.BIPOLAR_SPECTRUM, "caution"),
        ("sertraline", "bipolar_signs_antidepressant", ContributingFactor.BIPOLAR_SPECTRUM, "caution"),
    ],
)
def test_a_recorded_factor_raises_its_caution(what: str, slug: str, which: ContributingFactor, level: str) -> None:
    confirmed = caution(what, slug, history(factor(which)))
    assert confirmed is not None
    assert (confirmed.verdict, confirmed.level, confirmed.records) == (MET, level, ("f",))
    suspected = caution(what, slug, history(factor(which, Certainty.SUSPECTED)))
    assert suspected is not None
    assert suspected.verdict is UNKNOWN
    assert caution(what, slug, history(factor(which, Certainty.REFUTED))) is None
    assert caution(what, slug, history()) is None


@pytest.mark.parametrize(
    ("entries", "verdict"),
    [
        ((("confirmed", "2020"), ("refuted", "2024")), None),
        ((("refuted", "2020"), ("confirmed", "2024")), MET),
        ((("refuted", "2024"), ("confirmed", "2024")), UNKNOWN),
        ((("refuted", "2024"), ("confirmed", None)), UNKNOWN),
        ((("confirmed", "2024-05"), ("suspected", "2024-06")), UNKNOWN),
        ((("confirmed", "2025-06"),), UNKNOWN),
        ((("confirmed", "2025-07"),), None),
        ((("confirmed", "2024"), ("refuted", "2025-06")), UNKNOWN),
        ((("confirmed", None),), MET),
    ],
)
def test_a_later_entry_replaces_an_earlier_one_only_if_it_is_surely_later(
    entries: tuple[tuple[str, str | None], ...], verdict: Verdict | None
) -> None:
    facts = history(*(factor(METAL, Certainty(word), noted, f"f{n}") for n, (word, noted) in enumerate(entries)))
    found = caution("rtms", "tms_metal", facts)
    assert (found.verdict if found else None) is verdict


def episode(onset: str | None = "2024-11", **more: object) -> Episode:
    plain = Episode("e1", span(onset), None, Polarity.UNIPOLAR, psychotic=False, severity=Severity.SEVERE)
    return plain._replace(**more)


def test_bipolar_depression_cautions_against_an_antidepressant_alone() -> None:
    bipolar = history(episodes=(episode(polarity=Polarity.BIPOLAR),))
    found = caution("sertraline", "bipolar_antidepressant", bipolar)
    assert found is not None
    assert (found.verdict, found.records) == (MET, ("e1",))
    assert caution("lithium", "bipolar_antidepressant", bipolar) is None
    perhaps = caution(
        "sertraline", "bipolar_antidepressant", history(episodes=(episode("2025", polarity=Polarity.BIPOLAR),))
    )
    assert perhaps is not None
    assert perhaps.verdict is UNKNOWN
    assert caution("sertraline", "bipolar_antidepressant", history(episodes=(episode(),))) is None
    later = history(episodes=(episode("2025-07", polarity=Polarity.BIPOLAR),))
    assert caution("sertraline", "bipolar_antidepressant", later) is None


def test_psychotic_features_of_the_present_episode_caution_against_ketamine() -> None:
    for what in ("ketamine", "esketamine"):
        found = caution(what, "esketamine_psychotic_features", history(episodes=(episode(psychotic=True),)))
        assert found is not None
        assert found.verdict is MET
        over = episode(psychotic=True, resolved=span("2025-06"))
        perhaps = caution(what, "esketamine_psychotic_features", history(episodes=(over,)))
        assert perhaps is not None
        assert perhaps.verdict is UNKNOWN
        past = episode(psychotic=True, resolved=span("2025-05"))
        assert caution(what, "esketamine_psychotic_features", history(episodes=(past,))) is None


def test_suicidal_thoughts_caution_against_a_tricyclic() -> None:
    present = Observation("o", span("2025-06-01"), frozenset({Symptom.SUICIDAL_THOUGHTS}), frozenset())
    facts = history()._replace(observations=(present,))
    found = caution("amitriptyline", "tca_overdose", facts)
    assert found is not None
    assert "Suicidal thoughts are recorded" in found.sentence
    assert caution("sertraline", "tca_overdose", facts) is None
    absent = present._replace(present=frozenset(), absent=frozenset({Symptom.SUICIDAL_THOUGHTS}))
    assert caution("amitriptyline", "tca_overdose", history()._replace(observations=(absent,))) is None


def test_a_third_ssri_after_two_that_failed_is_cautioned_against() -> None:
    one = failed("sertraline", "2024-01-01", "2024-03-01")
    two = failed("escitalopram", "2024-04-01", "2024-06-01")
    assert caution("fluoxetine", "third_ssri", history(one)) is None
    found = caution("fluoxetine", "third_ssri", history(one, two))
    assert found is not None
    assert (found.verdict, found.evidence) == (MET, Evidence.LOCAL)
    assert caution("venlafaxine", "third_ssri", history(one, two)) is None
    same_again = failed("sertraline", "2024-04-01", "2024-06-01", id="again")
    assert caution("fluoxetine", "third_ssri", history(one, same_again)) is None
    open_one = drug("escitalopram", "2024-04-01", "2024-06-01")
    perhaps = caution("fluoxetine", "third_ssri", history(one, open_one))
    assert perhaps is not None
    assert perhaps.verdict is UNKNOWN
    helped = drug("escitalopram", "2024-04-01", "2024-06-01", response=Response.RESPONSE)
    assert caution("fluoxetine", "third_ssri", history(one, helped)) is None


def test_two_serotonergic_medicines_are_a_caution_of_combining_and_not_of_switching() -> None:
    facts = history(drug("sertraline", "2025-01-01"))
    combining = {each.slug for each in option(facts, "combination").cautions}
    switching = {each.slug for each in option(facts, "switch_to_another_class").cautions}
    assert "serotonergic_together" in combining
    assert "serotonergic_together" not in switching


def test_ect_is_cautioned_about_what_is_taken_beside_it() -> None:
    facts = history(drug("lithium", "2025-01-01"), drug("lamotrigine", "2025-01-01"))
    assert {each.slug for each in cautions_for("ect", facts, ON, LIBRARY)} == {"ect_lithium", "ect_anticonvulsant"}


def test_what_was_not_verified_forbids_nothing() -> None:
    facts = history(drug("phenelzine", "2025-01-01", days_before(5)))
    found = caution("reboxetine", "reboxetine_after_maoi", facts)
    assert found is not None
    assert (found.level, found.evidence) == (CautionLevel.CONTRAINDICATION, Evidence.UNVERIFIED)
    assert not found.forbids
    members = {each.id: each for each in option(facts, "switch_to_another_class").members}
    assert "reboxetine" not in members["NRI"].spoken_against


def test_the_gravest_caution_comes_first() -> None:
    facts = history(factor(ContributingFactor.LIVER_DISEASE), drug("phenelzine", "2025-01-01"))
    levels = [each.level for each in cautions_for("duloxetine", facts, ON, LIBRARY)]
    assert levels == sorted(levels, key=list(CautionLevel)[::-1].index)


def test_a_name_that_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="not a valid Modality"):
        cautions_for("zoloft", history(), ON, LIBRARY)


def test_a_condition_that_nobody_recorded_is_asked_about_and_not_taken_as_absent() -> None:
    question = "Is there metal or a device in or near the head?"
    assert question in option(history(), "magnetic_stimulation").questions
    for certainty in Certainty:
        asked = option(history(factor(METAL, certainty)), "magnetic_stimulation").questions
        assert question not in asked
