"""What prescriptions alone come to, in a sentence, and what is missing."""

from collections.abc import Sequence

from clinical.answer import JudgedTrial, Missing
from clinical.doubt import EXCLUDABLE, Questions
from clinical.findings import Finding, Question
from clinical.prescription_place import Scene
from clinical.prescription_taken import Taken
from clinical.summary import IN_WORDS, listed
from clinical.vocabulary import Counts, Status, Verdict

NOT_LOOKED_AT = "Prescriptions alone; whether they worked was not looked at."


def summary_of(scene: Scene, status: Status, patient: Sequence[Finding], missing: Sequence[Missing]) -> str:
    """The status with its main reason, and always that response was not looked at."""
    against = [each for each in patient if each.asked and each.verdict is Verdict.NOT_MET]
    if against:
        return f"{against[0].sentence} {NOT_LOOKED_AT}"
    sure, more = (tuple(scene.taken[place] for place in places) for places in scene.pick.counted(scene.taken))
    counted = _counted(scene, sure)
    if status is Status.RESISTANT:
        return f"{counted}. {NOT_LOOKED_AT}"
    asked = f"{counted}; {_asked(scene)}. {NOT_LOOKED_AT}"
    if status is Status.NOT_RESISTANT:
        return asked
    names = [each.name for each in more]
    undecided = f" Undecided: {listed(names)}." if names else ""
    first = next((each.question for each in missing if each.could_change_status), "")
    return f"{asked}{undecided} {first}".rstrip()


def _counted(scene: Scene, sure: Sequence[Taken]) -> str:
    """What surely counts, and how."""
    names, shortcut = [each.name for each in sure], scene.pick.shortcut
    if not names:
        return "No antidepressant counts"
    if shortcut is not None and any(each.key in shortcut.agents for each in sure):
        agent = next(each.name for each in sure if each.key in shortcut.agents)
        called = shortcut.called if agent == shortcut.called else f"{shortcut.called} ({agent})"
        besides = listed([name for name in names if name != agent]) or "no antidepressant"
        return f"{called[0].upper()}{called[1:]} was given besides {besides}"
    what = "treatment" if any(each.place is None or each.added for each in sure) else "antidepressant"
    if len(names) == 1:
        return f"One {what} counts: {names[0]}"
    return f"{_number(len(names))} different {what}s {_how(scene)}: {listed(names)}"


def _how(scene: Scene) -> str:
    rule = scene.rule
    if rule.window is not None:
        return f"were taken within {rule.window.days} days"
    return f"followed one another{' in this episode' if scene.frame.definition.current_episode else ''}"


def _asked(scene: Scene) -> str:
    shortcut, required = scene.pick.shortcut, scene.pick.required
    if shortcut is None:
        return f"{_number(required).lower()} are asked"
    number = _number(shortcut.antidepressants).lower()
    return f"{shortcut.called} and {number} antidepressant{'' if shortcut.antidepressants == 1 else 's'} are asked"


def _number(count: int) -> str:
    return IN_WORDS[count] if count < len(IN_WORDS) else str(count)


def missing_of(
    scene: Scene, trials: Sequence[JudgedTrial], patient: Sequence[Finding], status: Status
) -> tuple[Missing, ...]:
    """Every open question once: those that could change the status first, and of these what decides before cautions."""
    undecided, found = status is Status.INDETERMINATE, Questions()
    alone = undecided and _hangs_on_one(scene)
    for question in _of_patient(patient, asked=True):
        found.add(None, question, could=undecided, alone=undecided)
    for question in scene.questions:
        found.add(None, question, could=undecided, alone=alone)
    for trial in trials:
        for finding in trial.findings if trial.counts is not Counts.NO else ():
            if finding.question:
                could = undecided and finding.asked and trial.counts is Counts.UNKNOWN
                found.add(trial.trial_id, finding.question, could=could, alone=alone and could)
    for question in _of_patient(patient, asked=False):
        found.add(None, question, could=status in EXCLUDABLE, alone=status in EXCLUDABLE)
    return found.ranked()


def _of_patient(patient: Sequence[Finding], *, asked: bool) -> list[Question]:
    return [each.question for each in patient if each.question and each.asked is asked]


def _hangs_on_one(scene: Scene) -> bool:
    """Whether one medicine more that surely counts, or one less that may, would settle the status."""
    sure, more = scene.pick.counted(scene.taken)
    return len(sure) + 1 == scene.pick.required or len(sure) + len(more) == scene.pick.required
