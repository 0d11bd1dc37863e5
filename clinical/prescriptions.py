"""Definitions that read prescriptions alone: medicines are counted, and nobody looks whether they worked.

The answer has the shape of every other assessment, so that it can be compared, kept and shown in the same way.
"""

from collections.abc import Sequence
from functools import partial

from clinical.answer import Assessment, JudgedTrial
from clinical.course import Course
from clinical.credit import Credit, Tally, Ties
from clinical.doubt import notes_on, reasons_for_pseudo_resistance
from clinical.findings import Finding, Frame, find
from clinical.history import History
from clinical.judge import counts
from clinical.patient import is_spoken_of
from clinical.prescription_count import best_pick
from clinical.prescription_patient import diagnosis_found, disorders_found, was_diagnosed
from clinical.prescription_place import Scene, place_of, with_questions
from clinical.prescription_rule import Prescriptions
from clinical.prescription_summary import missing_of, summary_of
from clinical.prescription_taken import Taken, all_taken
from clinical.prescription_trial import Own, of_itself
from clinical.status import Weighed, status_of
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
A_PROXY = (
    "This definition reads prescriptions alone. It was made for research on claims and registers; it stands in for "
    "resistance there, and is not meant for deciding about a person."
)


def assess_prescriptions(frame: Frame, history: History, rule: Prescriptions) -> Assessment:
    """Count what was prescribed as of the day of the frame."""
    owns = [of_itself(course, frame, rule) for course in frame.courses]
    taken = all_taken(history, frame, rule, owns)
    pick = best_pick(taken, frame, rule, partial(was_diagnosed, history, frame, rule.diagnosis))
    scene = with_questions(Scene(taken, pick, frame, rule, owns))
    trials, required = _judged(scene), pick.required
    sure, more = (tuple(taken[place] for place in places) for places in pick.counted(taken))
    patient = _of_patient(history, scene)
    status = status_of(required, Tally(len(sure), len(sure) + len(more)), patient)
    missing = missing_of(scene, trials, patient, status)
    return Assessment(
        definition=frame.definition,
        on=frame.on,
        status=status,
        summary=summary_of(scene, status, patient, missing),
        required=required,
        confirmed_names=tuple(each.name for each in sure),
        possible_names=tuple(each.name for each in more),
        possible=len(more),
        trials=trials,
        patient=patient,
        missing=missing,
        pseudo_resistance_reasons=reasons_for_pseudo_resistance(frame.courses, trials),
        notes=_notes(scene, sure, more),
        weighed=Weighed(status, required, Credit((), ()), [], _same_medicine(frame.courses), patient),
        frame=frame,
        history=history,
    )


def _judged(scene: Scene) -> tuple[JudgedTrial, ...]:
    """Every trial with its findings, in the order of the frame."""
    where = {each.place: at for at, each in enumerate(scene.taken)}
    return tuple(_judge(where[place], scene, own) for place, own in enumerate(scene.owns))


def _judge(where: int, scene: Scene, own: Own) -> JudgedTrial:
    one, pick = scene.taken[where], scene.pick
    findings = (*own.basic, *_adequacy(where, scene, own), *own.cautions)
    if pick.shortcut and one.key in pick.shortcut.agents and where in (*pick.sure, *pick.maybe):
        findings = (_agent(one, scene), *place_of(where, scene))
    elif one.fit is not NOT_MET:
        basic, rest = findings[: len(own.basic)], findings[len(own.basic) :]
        findings = (*basic, *place_of(where, scene), *rest)
    trial = one.course.trial
    return JudgedTrial(trial.id, trial.name, trial.ingredient, counts(findings), findings)


def _adequacy(where: int, scene: Scene, own: Own) -> tuple[Finding, ...]:
    """Dose and duration; of the last in the line they may not be asked."""
    rule, line = scene.rule.succession, scene.pick.sure if where in scene.pick.sure else scene.pick.maybe
    if rule and rule.last_may_be_any and line and line[-1] == where:
        return tuple(each._replace(asked=False) for each in own.adequacy)
    return own.adequacy


def _agent(one: Taken, scene: Scene) -> Finding:
    """A medicine that makes fewer antidepressants enough."""
    shortcut = scene.pick.shortcut or scene.rule.shortcuts[0]
    number = f"{shortcut.antidepressants} antidepressant{'' if shortcut.antidepressants == 1 else 's'}"
    sentence = f"{one.name} is {shortcut.called}; besides {number} this definition takes that as enough."
    return find("antidepressant", MET, sentence, shortcut)


def _of_patient(history: History, scene: Scene) -> tuple[Finding, ...]:
    """Whom the definition leaves out, and the diagnosis where the count comes to it."""
    frame, pick, rule = scene.frame, scene.pick, scene.rule
    found = [*is_spoken_of(history, frame), *disorders_found(history, frame, rule.disorders)]
    sure, more = pick.counted(scene.taken)
    if rule.diagnosis and pick.last is not None and len(sure) + len(more) >= pick.required:
        until = scene.taken[pick.last].start
        found.append(diagnosis_found(history, frame, rule.diagnosis, pick.diagnosed, until))
    return tuple(found)


def _notes(scene: Scene, sure: Sequence[Taken], more: Sequence[Taken]) -> tuple[str, ...]:
    """That this is a proxy; treatments that are counted; medicines that are close kin."""
    credited = Credit(tuple(each.course for each in sure), tuple(each.course for each in more))
    return (A_PROXY, *_on_treatments(scene), *notes_on(credited, scene.frame))


def _on_treatments(scene: Scene) -> list[str]:
    """Treatments that are no medicine and are counted all the same."""
    counted = [scene.taken[place] for place in (*scene.pick.sure, *scene.pick.maybe)]
    names = dict.fromkeys(each.name for each in counted if each.place is None)
    return [f"{name[0].upper()}{name[1:]} counts here as a treatment of its own." for name in names]


def _same_medicine(courses: Sequence[Course]) -> Ties:
    """Trials of one medicine count once; nothing else is tied."""
    masks: dict[str, int] = {}
    for place, course in enumerate(courses):
        masks[course.trial.ingredient] = masks.get(course.trial.ingredient, 0) | 1 << place
    ties = [masks[course.trial.ingredient] & ~(1 << place) for place, course in enumerate(courses)]
    return Ties(courses, ties, ties)
