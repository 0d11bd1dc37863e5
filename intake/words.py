"""The words of the intake: what became of a resource, and why."""

from clinical.vocabulary import Word


class Outcome(Word):
    """What became of a resource."""

    USED = "used", "Something of it is in the records that were made."
    SET_ASIDE = "set_aside", "It was understood and says nothing that is recorded here."
    NOT_UNDERSTOOD = "not_understood", "It could not be read; nothing was taken from it."


class Reason(Word):
    """Why a resource, or a part of one, was not used."""

    # understood, and set aside
    OTHER_KIND = "other_kind", "A kind of resource that is not read here."
    OTHER_MEDICINE = "other_medicine", "No medicine of the formulary."
    OTHER_OBSERVATION = "other_observation", "No total and no item of a rating scale that is recorded here."
    OTHER_CONDITION = "other_condition", "No depressive and no bipolar disorder."
    OTHER_PROCEDURE = "other_procedure", "No treatment of depression, by the codes that are known here."
    OTHER_QUESTIONNAIRE = "other_questionnaire", "Not the answers to a rating scale that is recorded here."
    NOT_REFERRED_TO = "not_referred_to", "A medicine that no other resource refers to."
    DRAFT = "draft", "A draft: nothing was ordered."
    NOT_AN_ORDER = "not_an_order", "A proposal, a plan or an option: nothing was ordered."
    NOT_TO_BE_DONE = "not_to_be_done", "It says that this should not be done or taken."
    ENTERED_IN_ERROR = "entered_in_error", "Marked as entered in error."
    CANCELLED = "cancelled", "Cancelled or declined before anything was taken or done."
    NOT_TAKEN = "not_taken", "It says that the medicine was not taken."
    NOT_YET_TAKEN = "not_yet_taken", "Meant to be taken, ordered or given later."
    NOT_DONE = "not_done", "It was not done."
    NOT_COMPLETED = "not_completed", "Halted before it was complete; how much was taken is not said."
    NOTHING_DISPENSED = "nothing_dispensed", "A quantity of 0 was dispensed."
    REVERSAL = "reversal", "A negative amount: a supply that was dispensed before is taken back."
    REVERSED = "reversed", "Taken back by a dispense with the opposite amount."
    NOT_HANDED_OVER = "not_handed_over", "Not handed over, as far as it says."
    NOT_FINAL = "not_final", "The result is not final."
    OF_ANOTHER = "of_another", "It is about somebody or something else than the patient."
    NO_VALUE = "no_value", "It has no value."
    REFUTED = "refuted", "The diagnosis was refuted."
    NOT_CONFIRMED = "not_confirmed", "The diagnosis is provisional or one of several that are considered."
    SUPERSEDED = "superseded", "A later version of the same resource was given."
    # not understood
    WRONG_TYPE = "wrong_type", "A JSON value of the wrong type."
    TOO_DEEP = "too_deep", "Nested more deeply than is read."
    NOT_R4 = "not_r4", "A resource of another version of FHIR."
    CHANGED_MEANING = "changed_meaning", "`modifierExtension` or `implicitRules`: it may mean something else."
    COPIES_DIFFER = "copies_differ", "Given several times with different content, and nothing says which is the latest."
    ANOTHER_PATIENT = "another_patient", "More than one patient was given."
    NO_PATIENT = "no_patient", "It does not say whom it is about."
    DANGLING_REFERENCE = "dangling_reference", "It refers to what was not given."
    UNKNOWN_STATUS = "unknown_status", "Its status is missing, unknown, or no word of FHIR."
    UNKNOWN_INTENT = "unknown_intent", "Nothing says whether it is an order or a proposal."
    NO_MEDICINE = "no_medicine", "It names no medicine."
    UNKNOWN_CODE = "unknown_code", "A code alone, and none that is known."
    UNKNOWN_NAME = "unknown_name", "A name that cannot be read here."
    NEAR_NAME = "near_name", "A name that is nearly that of a medicine; a misspelling is never guessed."
    CODE_AND_TEXT_DISAGREE = "code_and_text_disagree", "Code and text name different medicines."
    CODES_DISAGREE = "codes_disagree", "Two codes stand for different medicines."
    UNCLEAR_MEDICINE = "unclear_medicine", "The name or code does not say which medicine it is."
    UNREADABLE_DATE = "unreadable_date", "A date that is none, or outside of the years that are recorded."
    NO_DATE = "no_date", "It does not say when."
    FUTURE_DATE = "future_date", "It is dated after the day of the import."
    ENDS_BEFORE_START = "ends_before_start", "It ends before it starts."
    END_NOT_SAID = "end_not_said", "It is over, and nobody says since when."
    NOT_A_SCORE = "not_a_score", "The value is no whole number."
    OUT_OF_RANGE = "out_of_range", "The value is outside of the scale."
    ITEMS_AND_TOTAL_DISAGREE = "items_and_total_disagree", "The items do not give the total."
    ITEM_WITHOUT_SCALE = "item_without_scale", "An item of a scale without the others and without its total."
    UNREADABLE_ANSWER = "unreadable_answer", "An answer that is none of the scale."
    # warnings on parts of what was used
    TEXT_NOT_KNOWN = "text_not_known", "The text beside the code is no name that is known."
    STRENGTHS_DISAGREE = "strengths_disagree", "Code and text give different strengths."
    DOSE_WITHOUT_UNIT = "dose_without_unit", "A dose without a unit."
    UNREADABLE_DOSE = "unreadable_dose", "A dose that cannot be read as mg a day."
    AS_NEEDED = "as_needed", "Taken as needed: no daily dose."
    ABSURD_DOSE = "absurd_dose", "A daily dose that nobody takes."
    TOO_MANY_DOSES = "too_many_doses", "The dose changed more often than is recorded."
    DOSE_AND_TEXT_DISAGREE = (
        "dose_and_text_disagree",
        "The instructions say one dose, their words another or a change.",
    )
    DOSES_DISAGREE = "doses_disagree", "Different doses from the same day on."
    REVERSAL_OF_UNKNOWN = "reversal_of_unknown", "It takes a supply back, and nothing says which one."
    SEVERITIES_DISAGREE = "severities_disagree", "The code of the diagnosis and the severity beside it differ."
    UNREADABLE_BIRTH_DATE = "unreadable_birth_date", "A birth date that is none."
