"""The place of a course among the others: whether it is counted, and the sentence that says why."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.dates import Span, iso
from clinical.findings import Finding, Frame, Question, find
from clinical.prescription_count import Pick, within
from clinical.prescription_rule import Prescriptions, Shifts, Succession, Window
from clinical.prescription_taken import Taken, question_on, vague_date
from clinical.prescription_trial import Own
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


class Scene(NamedTuple):
    """All courses, what is counted of them, and the questions whose answers would settle what is not sure."""

    taken: Sequence[Taken]
    pick: Pick
    frame: Frame
    rule: Prescriptions
    owns: Sequence[Own]
    questions: tuple[Question, ...] = ()


def with_questions(scene: Scene) -> Scene:
    """The scene with the questions that would settle what is not sure."""
    return scene._replace(questions=_questions_of(scene))


def _questions_of(scene: Scene) -> tuple[Question, ...]:
    """What would settle which courses count: dates by which they stand to each other, then what each is in itself."""
    taken, pick = scene.taken, scene.pick
    found = [vague_date(taken[one], taken[other]) for one, other in pick.doubts]
    known = set(pick.sure)
    doubtful = [place for place in pick.maybe if place not in known or taken[place].adequate is UNKNOWN]
    others = [each for place in doubtful for each in _of_itself(taken[place], scene)]
    return tuple(dict.fromkeys(each for each in (*found, *others) if each is not None))


def _of_itself(one: Taken, scene: Scene) -> list[Question]:
    """What is open about a course whatever stands beside it."""
    if one.place is None:
        return [question_on(one, "started")] if one.begun is UNKNOWN else []
    own = scene.owns[one.place]
    asked = (each.question for each in (*own.basic, *own.adequacy) if each.verdict is UNKNOWN)
    return [each._replace(trial_id=each.trial_id or one.course.trial.id) for each in asked if each]


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
        last = pick.maybe[-1]
        if taken[where].fit is UNKNOWN and (where == last or vague_date(taken[where], taken[last]) is None):
            return find("window", MET, _counted_before(where, pick.maybe, taken, rule), rule)
        sentence = f"Whether it counts within {rule.days} days before the last one cannot be told from the dates."
        return find("window", UNKNOWN, sentence, rule, question=_question(where, scene))
    latest = taken[(pick.sure or pick.maybe)[-1]]
    return find("window", NOT_MET, _too_early_or_late(taken[where], latest, rule), rule)


def _too_early_or_late(one: Taken, last: Taken, rule: Window) -> str:
    """Why a course does not count with the last one."""
    if one.course.end.last < last.start.first - rule.days:
        return f"Last taken more than {rule.days} days before {last.name} was begun."
    if one.key == last.key:
        return f"{one.name} is counted once already."
    return f"Not begun before {last.name}, the last that counts."


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
    when = "When" if onset is None else "On which day"
    question = Question("episodes.onset", f"{when} did the current depressive episode begin?")
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
        at = pick.maybe.index(where)
        before = taken[pick.maybe[at - 1]]
        if taken[where].fit is UNKNOWN and at and not pick.tangled and vague_date(before, taken[where]) is None:
            return _followed(before, taken[where], rule)
        sentence = "Whether it stands in the line of those that followed one another cannot be told from the record."
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
    before = [each for each in line if each.start.first <= one.start.first]
    earlier, later = (before[-1], one) if before else (one, line[0])
    other, gap = (earlier if before else later).name, later.start.first - earlier.course.end.last
    barred = _barred(earlier, later)
    if barred:
        return find("sequence", NOT_MET, barred, rule)
    if 1 - gap > rule.overlap_at_most_days and not later.alongside:
        together = f"Taken together with {other} for {1 - gap} day{'' if gap == 0 else 's'}"
        allowed = f"at most {rule.overlap_at_most_days}" if rule.overlap_at_most_days else "none"
        sentence = f"{together}; where one follows the other, {allowed} may be."
        return find("sequence", NOT_MET, sentence, rule, **_numbers(gap, rule))
    if rule.gap_at_most_days is not None and gap > rule.gap_at_most_days:
        sentence = f"{gap} days lie between it and {other}; at most {rule.gap_at_most_days} are allowed."
        return find("sequence", NOT_MET, sentence, rule, **_numbers(gap, rule))
    return find("sequence", NOT_MET, "It does not stand in the longest line of those that followed one another.", rule)


def _barred(earlier: Taken, later: Taken) -> str | None:
    """Why one cannot follow the other whatever lies between them; None where it could."""
    if earlier.added:
        return f"{earlier.name} was added to another and can only be the last."
    if earlier.adequate is NOT_MET:
        return f"{earlier.name} was not an adequate course, so that nothing counts as following it."
    if later.timely is NOT_MET:
        return f"{later.name} was not begun in the time in which a shift counts."
    return None
