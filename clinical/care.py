"""The words for treatments that are not a medicine taken day by day."""

from clinical.vocabulary import Word


class TreatmentKind(Word):
    """The kind of treatment."""

    PSYCHOTHERAPY = "psychotherapy", "A talking therapy."
    NEUROMODULATION = "neuromodulation", "Stimulation of the brain or of a nerve."
    RAPID_ACTING = "rapid_acting", "A medicine given in sessions that acts within hours or days."
    LIFESTYLE = "lifestyle", "Exercise, diet, sleep or light, as a planned treatment."
    CLINICAL_TRIAL = "clinical_trial", "An agent under study, given within a clinical trial."
    OTHER = "other", "Another treatment; say which in `note`."


class Modality(Word):
    """The treatment itself."""

    CBT = "cbt", "Cognitive behavioural therapy."
    IPT = "ipt", "Interpersonal psychotherapy."
    MBCT = "mbct", "Mindfulness-based cognitive therapy."
    BEHAVIOURAL_ACTIVATION = "behavioural_activation", "Behavioural activation."
    CBASP = "cbasp", "Cognitive behavioural analysis system of psychotherapy, for chronic depression."
    PROBLEM_SOLVING = "problem_solving", "Problem-solving therapy."
    PSYCHODYNAMIC = "psychodynamic", "Psychodynamic psychotherapy."
    COUNSELLING = "counselling", "Counselling, or supportive therapy."
    FAMILY_OR_COUPLE = "family_or_couple", "Family or couple therapy."
    OTHER_PSYCHOTHERAPY = (
        "other_psychotherapy",
        "Another talking therapy, such as ACT or EMDR; say which in `note`.",
    )
    ECT = "ect", "Electroconvulsive therapy."
    RTMS = "rtms", "Repetitive transcranial magnetic stimulation, with any coil (also deep TMS)."
    ITBS = "itbs", "Intermittent theta burst stimulation, a form of rTMS; also in accelerated courses."
    VNS = "vns", "Vagus nerve stimulation."
    DBS = "dbs", "Deep brain stimulation."
    TDCS = "tdcs", "Transcranial direct current stimulation."
    MST = "mst", "Magnetic seizure therapy."
    LIGHT = "light", "Bright light therapy."
    OTHER_NEUROMODULATION = "other_neuromodulation", "Another stimulation; say which in `note`."
    KETAMINE = "ketamine", "Ketamine, as infusion or otherwise."
    ESKETAMINE = "esketamine", "Esketamine nasal spray."
    BREXANOLONE = "brexanolone", "Brexanolone infusion."
    EXERCISE = "exercise", "A programme of physical exercise."
    DIET = "diet", "A dietary programme."
    SLEEP = "sleep", "Treatment of sleep, such as CBT for insomnia or sleep deprivation."
    PSILOCYBIN = "psilocybin", "Psilocybin with psychological support."
    OTHER_STUDY_AGENT = "other_study_agent", "Another agent under study, such as MDMA; say which in `note`."
    OTHER = "other", "Another treatment; say which in `note`."


class Laterality(Word):
    """For ECT: where the electrodes were."""

    BILATERAL = "bilateral", "Both sides."
    UNILATERAL = "unilateral", "One side."
    UNKNOWN = "unknown", "Not recorded, or not ECT."


class OptionFamily(Word):
    """A kind of next step in care: what a treatment plan is made of, and what the list of options is ordered by."""

    DOSE_OPTIMISATION = "dose_optimisation", "Raise or adjust the dose of the present medicine."
    LONGER_TRIAL = "longer_trial", "Give the present medicine more time at an adequate dose."
    SWITCH_WITHIN_CLASS = "switch_within_class", "Change to another antidepressant of the same class."
    SWITCH_TO_ANOTHER_CLASS = "switch_to_another_class", "Change to an antidepressant of another class."
    COMBINATION = "combination", "Two antidepressants together, both at full intent."
    AUGMENTATION = "augmentation", "Add a medicine that strengthens the present antidepressant."
    RAPID_ACTING = "rapid_acting", "A medicine given in sessions that acts within hours or days, such as esketamine."
    PSYCHOTHERAPY = "psychotherapy", "A talking therapy."
    ECT = "ect", "Electroconvulsive therapy."
    MAGNETIC_STIMULATION = "magnetic_stimulation", "Transcranial magnetic stimulation: rTMS or theta burst."
    VAGUS_NERVE_STIMULATION = "vagus_nerve_stimulation", "An implant that stimulates the vagus nerve."
    DEEP_BRAIN_STIMULATION = "deep_brain_stimulation", "An implant with electrodes within the brain."
    TRANSCRANIAL_DIRECT_CURRENT = "transcranial_direct_current", "A weak direct current through the scalp (tDCS)."
    LIFESTYLE = "lifestyle", "Exercise, diet, sleep or light, as a planned treatment."
    CLINICAL_TRIAL = "clinical_trial", "Taking part in a clinical trial of an agent under study."
    REVIEW_OF_DIAGNOSIS = "review_of_diagnosis", "Look again at the diagnosis and at what else may explain the course."


class StepState(Word):
    """How far a step of a treatment plan is."""

    PLANNED = "planned", "Not begun."
    STARTED = "started", "Under way."
    DONE = "done", "Carried out."
    STOPPED = "stopped", "Given up or broken off; say why in `reason`."


class SignedMeaning(Word):
    """What a signature means."""

    AUTHOR = "author", "Wrote it and answers for it."
    REVIEWER = "reviewer", "Has read it and finds it sound."
    APPROVER = "approver", "Approves that it is carried out."


_M = Modality
MODALITIES_OF = {
    TreatmentKind.PSYCHOTHERAPY: frozenset(
        {
            *(_M.CBT, _M.IPT, _M.MBCT, _M.BEHAVIOURAL_ACTIVATION, _M.CBASP, _M.PROBLEM_SOLVING, _M.PSYCHODYNAMIC),
            *(_M.COUNSELLING, _M.FAMILY_OR_COUPLE, _M.OTHER_PSYCHOTHERAPY),
        }
    ),
    TreatmentKind.NEUROMODULATION: frozenset(
        {_M.ECT, _M.RTMS, _M.ITBS, _M.VNS, _M.DBS, _M.TDCS, _M.MST, _M.OTHER_NEUROMODULATION}
    ),
    TreatmentKind.RAPID_ACTING: frozenset({_M.KETAMINE, _M.ESKETAMINE, _M.BREXANOLONE}),
    TreatmentKind.LIFESTYLE: frozenset({_M.EXERCISE, _M.DIET, _M.SLEEP, _M.LIGHT}),
    TreatmentKind.CLINICAL_TRIAL: frozenset(_M),
    TreatmentKind.OTHER: frozenset({_M.LIGHT, _M.OTHER}),
}
"""Which modalities go with which kind; any may be given within a clinical trial."""
