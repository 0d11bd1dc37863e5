"""The words of the list of options."""

from clinical.vocabulary import Word


class OptionState(Word):
    """What the record says of one family of options, or of one member of it."""

    HELPED = "helped", "It helped: at least 50 % improvement or remission, even if the effect was later lost."
    PARTLY_HELPED = "partly_helped", "It helped in part: at least 25 % improvement, and no response is known."
    FAILED = "failed", "It was tried, and the depression did not respond."
    STOPPED_FOR_SIDE_EFFECTS = "stopped_for_side_effects", "It was stopped for side effects, which is not failure."
    GOING_ON = "going_on", "It is being tried, and its outcome is not known yet."
    TRIED_OUTCOME_UNKNOWN = "tried_outcome_unknown", "It was tried, or may have been; what came of it is not recorded."
    NOT_TRIED = "not_tried", "Nothing of it is recorded."


class CautionLevel(Word):
    """How much a caution weighs."""

    NOTE = "note", "Worth knowing."
    CAUTION = "caution", "To be weighed before it is chosen."
    CONTRAINDICATION = "contraindication", "The source says that it must not be given, or not yet."


class OrderGroup(Word):
    """Where an option stands in the list; the order is that of `order.toml`."""

    FIRST_CHOICE = "first_choice", "What a source calls a first choice in a state that the record shows."
    UNFINISHED = "unfinished", "What is running and has not yet been tried fairly."
    GOING_ON = "going_on", "What is being tried now."
    HELPED = "helped", "What helped before."
    PARTLY_HELPED = "partly_helped", "What helped in part."
    NOT_TRIED = "not_tried", "What was never tried."
    NOT_FAIRLY_TRIED = "not_fairly_tried", "What was tried, but not surely with a fair course and a known outcome."
    FAILED = "failed", "What failed although it was tried fairly."
    NOT_YET = "not_yet", "What published sources place later than this record has come, or hold to be under study."
    NOT_NOW = "not_now", "What has nothing to apply to now, as no antidepressant is taken or none was tried."
    CONTRAINDICATED = "contraindicated", "What the record speaks against altogether."


class ReviewKind(Word):
    """Why something is looked at before any option."""

    SAFETY = "safety", "Suicidal thoughts that the record shows, with the level of safety."
    PSYCHOTIC_FEATURES = "psychotic_features", "Psychotic features of the current episode."
    DIAGNOSIS = "diagnosis", "The diagnosis itself, above all whether the depression is bipolar."
    FACTOR = "factor", "A contributing factor that is recorded as confirmed or suspected."
    PSEUDO_RESISTANCE = (
        "pseudo_resistance",
        "A failure that may be none: too little, too short, not taken, not tolerated.",
    )
    ADHERENCE = "adherence", "How a medicine that failed was taken is not recorded."
    DECIDING_QUESTION = "deciding_question", "A question whose answer could change the status."
