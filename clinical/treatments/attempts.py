"""What came of each trial and each course of treatment by a day, in the words of the list of options."""

from typing import NamedTuple

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose, was_taken
from clinical.care import Modality, OptionFamily, TreatmentKind
from clinical.conventions import conventions
from clinical.course import Course, longest_run
from clinical.dates import Span, iso
from clinical.failure import failed
from clinical.findings import Finding, Frame, plain
from clinical.history import Treatment, Trial
from clinical.library import Library
from clinical.medicine import Medicine, MedicineRole
from clinical.sections import Dose, Duration, Failure
from clinical.treatments.adequate import CRITERION, adequate_course, as_course
from clinical.treatments.words import OptionState
from clinical.vocabulary import FOR_SOMETHING_ELSE, Role, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
_RESPONSE, _PARTIAL = conventions().response_from, conventions().no_response_below
SHORT_OF_RESPONSE = Failure(
    improvement_below_percent=_RESPONSE.value, source=_RESPONSE.source, evidence=_RESPONSE.evidence
)
SHORT_OF_PARTIAL = Failure(improvement_below_percent=_PARTIAL.value, source=_PARTIAL.source, evidence=_PARTIAL.evidence)
WORDS = {
    OptionState.HELPED: "it helped",
    OptionState.PARTLY_HELPED: "it helped in part",
    OptionState.FAILED: "the depression did not respond",
    OptionState.STOPPED_FOR_SIDE_EFFECTS: "stopped for side effects",
    OptionState.GOING_ON: "going on; its outcome is not known yet",
    OptionState.TRIED_OUTCOME_UNKNOWN: "what came of it is not recorded",
}


class Attempt(NamedTuple):
    """One trial or one course of treatment, what came of it, and whether it was a fair one."""

    record: str
    id: str
    name: str
    state: OptionState
    adequate: Finding
    sentence: str
    course: Course
    medicine: Medicine | None = None
    modality: Modality | None = None
    in_study: bool = False
    group: str = ""

    @property
    def added(self) -> bool:
        """Whether it is a medicine that was given to strengthen another."""
        medicine = self.medicine
        if medicine is None or medicine.role is MedicineRole.RAPID_ACTING:
            return False
        return _is_added(self.course, medicine)

    @property
    def antidepressant(self) -> bool:
        """Whether it is an antidepressant taken as such, or may be one."""
        medicine = self.medicine
        if medicine is None or medicine.role is not MedicineRole.ANTIDEPRESSANT or self.added:
            return False
        return medicine.antidepressant is not NOT_MET


def attempts_in(frame: Frame, treatments: tuple[Treatment, ...]) -> tuple[Attempt, ...]:
    """All of them in order of time; medicines given for something else than depression are left out."""
    found = [_of_trial(each, frame) for each in frame.courses if each.trial.indication not in FOR_SOMETHING_ELSE]
    given = (_of_treatment(each, frame) for each in treatments)
    return tuple(sorted([*found, *(each for each in given if each)], key=_in_time))


def _in_time(attempt: Attempt) -> tuple[Span, Span, str, str]:
    course = attempt.course
    return course.start or course.end, course.end, course.trial.ingredient, attempt.id


def _of_trial(course: Course, frame: Frame) -> Attempt:
    medicine = frame.library.formulary.medicines[course.trial.ingredient]
    adequate = _fair(course, frame)
    state = _state(course, adequate, frame)
    sentence = _sentence(course, state, frame)
    trial = course.trial
    return Attempt(
        "medication_trial",
        trial.id,
        trial.name,
        state,
        adequate,
        sentence,
        course,
        medicine=medicine,
        group=medicine.group,
    )


def _of_treatment(treatment: Treatment, frame: Frame) -> Attempt | None:
    entry = frame.library.treatments.member(treatment.modality)
    name = entry[1].title if entry else treatment.modality.meaning.rstrip(".")
    course = as_course(treatment, name, frame.on)
    if course is None:
        return None
    adequate = adequate_course(treatment, frame.on, frame.library)
    state = _state(course, adequate, frame)
    return Attempt(
        "treatment",
        treatment.id,
        name,
        state,
        adequate,
        _sentence(course, state, frame),
        course,
        modality=treatment.modality,
        in_study=treatment.kind is TreatmentKind.CLINICAL_TRIAL,
    )


def _state(course: Course, adequate: Finding, frame: Frame) -> OptionState:
    """What came of it: response and partial response as the field reads them, whatever the definition asks."""
    if course.stop_reason is StopReason.INTOLERANCE and course.ended is MET:
        return OptionState.STOPPED_FOR_SIDE_EFFECTS
    run = longest_run(course, None)
    short = failed(course, run, frame, SHORT_OF_RESPONSE, 0).verdict
    if short is NOT_MET:
        return OptionState.HELPED
    if failed(course, run, frame, SHORT_OF_PARTIAL, 0).verdict is NOT_MET:
        return OptionState.PARTLY_HELPED
    unfinished = course.running and (short is UNKNOWN or adequate.verdict is not MET)
    if unfinished:
        return OptionState.GOING_ON
    return OptionState.TRIED_OUTCOME_UNKNOWN if short is UNKNOWN else OptionState.FAILED


def _sentence(course: Course, state: OptionState, frame: Frame) -> str:
    """The attempt in one sentence, with its days."""
    words = WORDS[state]
    percent = failed(course, longest_run(course, None), frame, SHORT_OF_RESPONSE, 0).observed
    if state is OptionState.HELPED and course.stop_reason is StopReason.LOSS_OF_EFFECT:
        words = "it helped and later lost its effect"
    elif percent is not None:
        words += f" ({plain(percent)} % improvement)"
    return f"{capital(course.trial.name)}, {when(course)}: {words}."


def capital(words: str) -> str:
    """Words as they begin a sentence."""
    return f"{words[:1].upper()}{words[1:]}"


def when(course: Course) -> str:
    """From when to when, as precisely as it is known."""
    begun = f"from {day(course.start)}" if course.start else "begun on a day not recorded"
    if course.running:
        return f"{begun}, still going on"
    if course.trial.ended is None:
        return f"{begun}, stopped on a day not recorded"
    return f"{begun} to {day(course.end)}"


def day(span: Span) -> str:
    """A day, or the days among which it lies."""
    return iso(span.first) if span.exact else f"a day between {iso(span.first)} and {iso(span.last)}"


def _fair(course: Course, frame: Frame) -> Finding:
    """Whether dose, time and adherence were adequate: by the definition where it asks, else by the cautions.

    What is given in sessions is judged as a treatment: days of an oral medicine say nothing of it.
    """
    if by_session(frame.library.formulary.medicines[course.trial.ingredient], frame.library):
        return adequate_course(_as_sessions(course.trial), frame.on, frame.library)
    dose_rule, time_rule = rules_for(course, frame)
    dose = dose_was_adequate(course, dose_rule, frame)
    duration = lasted_long_enough(course, run_at_dose(course, dose, frame), dose, time_rule)
    taken = was_taken(course, frame.definition.adherence or frame.library.cautions.adherence)
    asked = [dose, duration, *([taken] if taken.verdict is NOT_MET else [])]
    against = [each for each in asked if each.verdict is NOT_MET]
    open_ones = [each for each in asked if each.verdict is UNKNOWN]
    verdict = NOT_MET if against else UNKNOWN if open_ones else MET
    deciding = against or open_ones or asked
    sentence = " ".join(each.sentence for each in deciding)
    source = "; ".join(dict.fromkeys(each.source for each in deciding))
    question = next((each.question for each in deciding if each.question), None)
    return Finding(CRITERION, verdict, sentence, source, deciding[0].evidence, question=question)


def by_session(medicine: Medicine, library: Library) -> bool:
    """Whether the medicine is given in sessions or in one short course, and not day by day."""
    family = library.treatments.families[OptionFamily.RAPID_ACTING]
    return medicine.role is MedicineRole.RAPID_ACTING and medicine.id not in family.taken_daily


def _as_sessions(trial: Trial) -> Treatment:
    """A medicine given in sessions as the treatment of the same name; nobody recorded how many sessions."""
    modality = next((each for each in Modality if each.value == trial.ingredient), Modality.OTHER)
    return Treatment(trial.id, TreatmentKind.RAPID_ACTING, modality, trial.started, trial.ended, trial.running)


def rules_for(course: Course, frame: Frame) -> tuple[Dose, Duration]:
    """The dose and the time that a fair trial asks for; added medicines have rules of their own."""
    if _is_added(course, frame.library.formulary.medicines[course.trial.ingredient]):
        return frame.library.treatments.added
    cautions, definition = frame.library.cautions, frame.definition
    return definition.dose or cautions.dose, definition.duration or cautions.duration


def _is_added(course: Course, medicine: Medicine) -> bool:
    return course.trial.role is Role.AUGMENTATION or medicine.role is MedicineRole.AUGMENTATION_AGENT
