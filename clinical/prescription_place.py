"""The place of a course among the others: whether it is counted, and the sentence that says why."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.dates import Span, iso
from clinical.findings import Finding, Frame, Question, find
from clinical.prescription_count import Pick, within
from clinical.prescription_rule import Prescriptions, Shifts, Succession, Window
from clinical.prescription_taken import Taken, question_on, vague_date
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


class Scene(NamedTuple):
    """All courses, what is counted of them, and the questions whose answers would settle what is not sure."""

    taken: Sequence[Taken]
    pick: Pick
    frame: Frame
    rule: Prescriptions
    questions: tuple[Question, ...] = ()


def questions_of(scene: Scene) -> tuple[Question, ...]:
    """The dates that would settle which courses count, those of what may come to the count only."""
    taken, pick = scene.taken, scene.pick
    found = [vague_date(taken[one], taken[other]) for one, other in pick.doubts]
    known = set(pick.sure)
    others = [
        question_on(taken[place], "started")
        for place in pick.maybe
        if place not in known and taken[place].begun is UNKNOWN
    ]
    return tuple(dict.fromkeys(each for each in (*found, *others) if each is not None))


def place_of(where: int, scene: Scene) -> list[Finding]:
    """What is said of a course's place: in the time that counts, in the order that counts."""
    rule = scene.rule
    if rule.succession is not None:
        early = _begun_early(where, scene, rule.shifts) if rule.shifts else None
        return [*([early] if early else []), _in_line(where, scene, rule.succession)]
    if rule.window is None or rule.window.before == "the_day":
        return [_by_the_day(where, scene, rule.window)] if rule.window else []
    return [_before_the_last(where, scene, rule.window)]


def _question(where: int, scene: Scene) -> Question:
    """What to ask of this course, else of those that it stands with."""
    own = scene.taken[where].course.trial.id
    mine = [each for each in scene.questions if each.trial_id == own]
    return next(iter((*mine, *scene.questions)), question_on(scene.taken[where], "started"))


def _by_the_day(where: int, scene: Scene, rule: Window) -> Finding:
    """Within the time before the day asked."""
    on, end = scene.frame.on, scene.taken[where].course.end
    verdict = within(scene.taken[where], rule, Span(on, on))
    asked = {"required": float(rule.days), "unit": "d"}
    if verdict is UNKNOWN:
        sentence = f"Whether it was taken in the {rule.days} days before {iso(on)} cannot be told from the dates."
        return find("window", UNKNOWN, sentence, rule, **asked, question=question_on(scene.taken[where], "ended"))
    if end.exact:
        asked |= {"observed": float(on - end.last), "margin": float(rule.days - on + end.last)}
    when = "Taken" if verdict is MET else "Not taken"
    return find("window", verdict, f"{when} in the {rule.days} days before {iso(on)}.", rule, **asked)


def _before_the_last(where: int, scene: Scene, rule: Window) -> Finding:
    """Within the time before the last one began, or the last one itself."""
    pick, taken = scene.pick, scene.taken
    if where in pick.sure:
        return find("window", MET, _counted_before(where, pick.sure, taken, rule), rule)
    if where in pick.maybe:
        sentence = f"Whether it counts within {rule.days} days before the last one cannot be told from the dates."
        return find("window", UNKNOWN, sentence, rule, question=_question(where, scene))
    last = taken[(pick.sure or pick.maybe)[-1]] if pick.sure or pick.maybe else None
    before = f"{last.name} was begun" if last else "another was begun"
    sentence = f"Not begun before, or not taken in the {rule.days} days before, {before}."
    return find("window", NOT_MET, sentence, rule)


def _counted_before(where: int, sure: Sequence[int], taken: Sequence[Taken], rule: Window) -> str:
    """How a course that is surely counted stands to the last one."""
    last = sure[-1]
    if where != last:
        return f"Begun before {taken[last].name}, and taken in the {rule.days} days before that was begun."
    others = len({taken[place].key for place in sure}) - 1
    if not others:
        return "The only one that counts."
    return f"Begun after {others} other{'' if others == 1 else 's'} taken in the {rule.days} days before."


def _begun_early(where: int, scene: Scene, rule: Shifts) -> Finding | None:
    """Begun early in the episode; not asked of the first, from which the shifts are counted."""
    pick, one, onset = scene.pick, scene.taken[where], scene.frame.episode.onset
    if where in (*pick.sure[:1], *(pick.maybe[:1] if where not in pick.sure else ())):
        return None
    numbers = {"required": float(rule.within_days), "unit": "d"}
    if onset is not None and onset.exact and one.start.exact:
        days = one.start.first - onset.first
        numbers |= {"observed": float(days), "margin": float(rule.within_days - days)}
    if one.timely is MET:
        return find("window", MET, f"Begun within {rule.within_days} days of the onset.", rule, **numbers)
    if one.timely is NOT_MET:
        sentence = f"Not begun within {rule.within_days} days of the onset of the current episode."
        return find("window", NOT_MET, sentence, rule, **numbers)
    question = Question("episodes.onset", "On which day did the current depressive episode begin?")
    if one.start.exact is False and onset is not None and onset.exact:
        question = question_on(one, "started")
    sentence = f"Whether it was begun within {rule.within_days} days of the onset is not known."
    return find("window", UNKNOWN, sentence, rule, **numbers, question=question)


def _in_line(where: int, scene: Scene, rule: Succession) -> Finding:
    """In the line of courses that followed one another."""
    pick, taken = scene.pick, scene.taken
    if where in pick.sure:
        at = pick.sure.index(where)
        return _followed(taken[pick.sure[at - 1]], taken[where], rule) if at else _first(pick, rule)
    if where in pick.maybe:
        sentence = "Whether it stands in the line of those that followed one another cannot be told from the dates."
        return find("sequence", UNKNOWN, sentence, rule, question=_question(where, scene))
    line = [taken[place] for place in pick.sure or pick.maybe]
    return _left_out(taken[where], line, rule)


def _first(pick: Pick, rule: Succession) -> Finding:
    if len(pick.sure) == 1:
        return find("sequence", MET, "The first that counts; none that counts is known to follow it.", rule)
    return find("sequence", MET, f"The first of {len(pick.sure)} that followed one another.", rule)


def _followed(one: Taken, other: Taken, rule: Succession) -> Finding:
    """How the course followed the one before it."""
    if not (one.course.end.exact and other.start.exact):
        return find("sequence", MET, f"It followed {one.name}.", rule)
    gap = other.start.first - one.course.end.last
    return find("sequence", MET, f"It followed {one.name}, {_apart(gap)}.", rule, **_numbers(gap, rule))


def _numbers(gap: int, rule: Succession) -> dict[str, float | str]:
    most = rule.gap_at_most_days
    if most is None:
        return {"observed": float(gap), "unit": "d"}
    return {"observed": float(gap), "required": float(most), "unit": "d", "margin": float(most - gap)}


def _apart(gap: int) -> str:
    """From the last day of one to the first day of the other."""
    if gap > 1:
        return f"begun {gap} days after its last day"
    if gap == 1:
        return "begun the day after its last day"
    return "begun on its last day" if gap == 0 else f"taken together with it for {1 - gap} days"


def _left_out(one: Taken, line: Sequence[Taken], rule: Succession) -> Finding:
    """Why a course is not in the line."""
    if one.key in {each.key for each in line}:
        return find("sequence", NOT_MET, f"{one.name} is counted once already.", rule)
    if not line:
        return find("sequence", NOT_MET, "It follows no other.", rule)
    before = [each for each in line if each.start.first <= one.start.first]
    earlier, later = (before[-1], one) if before else (one, line[0])
    other, gap = (earlier if before else later).name, later.start.first - earlier.course.end.last
    if 1 - gap > rule.overlap_at_most_days and not later.added:
        together = f"Taken together with {other} for {1 - gap} day{'' if gap == 0 else 's'}"
        sentence = f"{together}; at most {rule.overlap_at_most_days} are allowed when one follows the other."
        return find("sequence", NOT_MET, sentence, rule, **_numbers(gap, rule))
    if rule.gap_at_most_days is not None and gap > rule.gap_at_most_days:
        sentence = f"{gap} days lie between it and {other}; at most {rule.gap_at_most_days} are allowed."
        return find("sequence", NOT_MET, sentence, rule, **_numbers(gap, rule))
    return find("sequence", NOT_MET, "It does not stand in the longest line of those that followed one another.", rule)
