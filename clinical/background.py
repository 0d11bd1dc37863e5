"""The words for what surrounds a depression: its symptoms, what may contribute to it, and results scored elsewhere."""

from clinical.vocabulary import Word


class Symptom(Word):
    """The seven core symptoms that are followed over time."""

    PERSISTENT_SADNESS = "persistent_sadness", "Sad, empty or hopeless most of the day."
    LOSS_OF_INTEREST = "loss_of_interest", "Little interest or pleasure in things once enjoyed."
    POOR_CONCENTRATION = "poor_concentration", "Trouble thinking, concentrating or deciding."
    APPETITE_OR_SLEEP_CHANGE = "appetite_or_sleep_change", "Appetite, weight or sleep changed, in either direction."
    FATIGUE = "fatigue", "Tired, without energy."
    GUILT_OR_WORTHLESSNESS = "guilt_or_worthlessness", "Guilt, or feeling worthless."
    SUICIDAL_THOUGHTS = "suicidal_thoughts", "Thoughts of death or of suicide. Always ask on."


class FactorCategory(Word):
    """The kind of contributing factor."""

    GENETICS = "genetics", "Inherited."
    BRAIN_CHEMISTRY = "brain_chemistry", "Of the body: hormones, inflammation, neurochemistry, metabolism."
    CO_OCCURRING_DISORDER = "co_occurring_disorder", "Another disorder beside the depression."
    ENVIRONMENTAL = "environmental", "Life events and circumstances."


class ContributingFactor(Word):
    """What may contribute to a depression that does not respond."""

    FAMILY_HISTORY = "family_history", "Depression or bipolar disorder in the family."
    DRUG_METABOLISM = "drug_metabolism", "An inherited difference in metabolising medicines (pharmacogenetics)."
    THYROID = "thyroid", "A disorder of the thyroid."
    INFLAMMATION = "inflammation", "Inflammation."
    VITAMIN_DEFICIENCY = "vitamin_deficiency", "Lack of vitamin B12, folate or vitamin D."
    HORMONAL_CHANGE = "hormonal_change", "Hormonal change, as after birth or in the menopause."
    NEUROTRANSMITTER = "neurotransmitter", "A suspected disturbance of neurotransmitters."
    ANXIETY = "anxiety", "An anxiety disorder."
    SUBSTANCE_USE = "substance_use", "Alcohol or other substance use."
    PTSD = "ptsd", "Post-traumatic stress disorder."
    PERSONALITY_DISORDER = "personality_disorder", "A personality disorder."
    ADHD = "adhd", "Attention deficit hyperactivity disorder."
    EATING_DISORDER = "eating_disorder", "An eating disorder."
    OCD = "ocd", "Obsessive-compulsive disorder."
    BIPOLAR_SPECTRUM = "bipolar_spectrum", "Signs of bipolarity; ask about mania and hypomania."
    DEMENTIA = "dementia", "Dementia."
    PSYCHOTIC_DISORDER = "psychotic_disorder", "A psychotic disorder beside the depression."
    CHRONIC_PAIN = "chronic_pain", "Chronic pain."
    SLEEP_APNOEA = "sleep_apnoea", "Sleep apnoea."
    INSOMNIA = "insomnia", "A sleep disorder other than apnoea."
    AUTISM = "autism", "Autism."
    NEUROLOGICAL_DISEASE = "neurological_disease", "Stroke, Parkinson's disease, multiple sclerosis and the like."
    HEAD_INJURY = "head_injury", "An injury of the head that left a mark."
    DIABETES = "diabetes", "Diabetes."
    CANCER = "cancer", "Cancer."
    DEPRESSOGENIC_MEDICINE = "depressogenic_medicine", "A medicine that can bring on low mood, such as a steroid."
    CARDIOVASCULAR_DISEASE = "cardiovascular_disease", "Disease of the heart or the vessels."
    UNCONTROLLED_HYPERTENSION = "uncontrolled_hypertension", "High blood pressure that is not controlled."
    SEIZURE_DISORDER = "seizure_disorder", "Epilepsy or seizures."
    LIVER_DISEASE = "liver_disease", "Disease of the liver."
    KIDNEY_DISEASE = "kidney_disease", "Disease of the kidneys."
    PREGNANCY = "pregnancy", "Pregnancy or breastfeeding."
    METAL_IMPLANT_IN_HEAD = "metal_implant_in_head", "Metal or a device in or near the head."
    TRAUMA = "trauma", "Trauma, in childhood or later."
    CHRONIC_STRESS = "chronic_stress", "Stress that goes on."
    BEREAVEMENT = "bereavement", "Bereavement or loss."
    RELATIONSHIP_CONFLICT = "relationship_conflict", "Conflict or violence at home."
    SOCIAL_ISOLATION = "social_isolation", "Isolation or loneliness."
    FINANCIAL_HARDSHIP = "financial_hardship", "Money, work or housing."
    FUNCTIONAL_IMPAIRMENT = "functional_impairment", "Work, home or social life is impaired."
    OTHER = "other", "Another factor; say which in `note`."


class Certainty(Word):
    """How sure it is."""

    SUSPECTED = "suspected", "Suspected, not settled."
    CONFIRMED = "confirmed", "Confirmed."
    REFUTED = "refuted", "Looked for and not found."


class ScoredInstrument(Word):
    """Instruments whose result is scored elsewhere and kept here as it was given."""

    ATHF_SF2 = "athf_sf2", "ATHF-SF2: the number of failed adequate treatments of the current episode, 0 to 99."


_F = ContributingFactor
_DISORDERS = frozenset(
    {
        *(_F.ANXIETY, _F.SUBSTANCE_USE, _F.PTSD, _F.PERSONALITY_DISORDER, _F.ADHD, _F.EATING_DISORDER, _F.OCD),
        *(_F.BIPOLAR_SPECTRUM, _F.DEMENTIA, _F.PSYCHOTIC_DISORDER, _F.AUTISM, _F.INSOMNIA, _F.CHRONIC_PAIN),
        *(_F.SLEEP_APNOEA, _F.NEUROLOGICAL_DISEASE, _F.HEAD_INJURY, _F.DIABETES, _F.CANCER, _F.THYROID),
        *(_F.CARDIOVASCULAR_DISEASE, _F.UNCONTROLLED_HYPERTENSION, _F.SEIZURE_DISORDER, _F.LIVER_DISEASE),
        *(_F.KIDNEY_DISEASE, _F.PREGNANCY, _F.METAL_IMPLANT_IN_HEAD, _F.VITAMIN_DEFICIENCY, _F.INFLAMMATION),
        _F.FUNCTIONAL_IMPAIRMENT,
    }
)
_BODY = frozenset(
    {
        *(_F.DRUG_METABOLISM, _F.THYROID, _F.INFLAMMATION, _F.VITAMIN_DEFICIENCY, _F.HORMONAL_CHANGE),
        *(_F.NEUROTRANSMITTER, _F.PREGNANCY, _F.DEPRESSOGENIC_MEDICINE, _F.DIABETES, _F.METAL_IMPLANT_IN_HEAD),
    }
)
_CIRCUMSTANCES = frozenset(
    {
        *(_F.TRAUMA, _F.CHRONIC_STRESS, _F.BEREAVEMENT, _F.RELATIONSHIP_CONFLICT, _F.SOCIAL_ISOLATION),
        *(_F.FINANCIAL_HARDSHIP, _F.FUNCTIONAL_IMPAIRMENT, _F.DEPRESSOGENIC_MEDICINE, _F.SUBSTANCE_USE),
    }
)
FACTORS_OF = {
    FactorCategory.GENETICS: frozenset({_F.FAMILY_HISTORY, _F.DRUG_METABOLISM, _F.BIPOLAR_SPECTRUM, _F.OTHER}),
    FactorCategory.BRAIN_CHEMISTRY: _BODY | {_F.OTHER},
    FactorCategory.CO_OCCURRING_DISORDER: _DISORDERS | {_F.OTHER},
    FactorCategory.ENVIRONMENTAL: _CIRCUMSTANCES | {_F.OTHER},
}
"""Which factors make sense under which category; some do under two."""
HIGHEST_SCORE_OF = {ScoredInstrument.ATHF_SF2: 99}
"""The highest result that each instrument may have here; the lowest is 0."""
