"""Is it an antidepressant, for depression, in the current episode? Each function decides and writes its sentence."""

from functools import lru_cache

from clinical.course import Course
from clinical.dates import Span, iso
from clinical.episodes import CurrentEpisode
from clinical.findings import Finding, Frame, Question, find
from clinical.sections import Criterion
from clinical.vocabulary import Evidence, Indication, Role, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
CHOICE = "This service's choice, where no source read says anything"
NONE_RECORDED = "No depressive episode is recorded."
ALL_RESOLVED = "Every recorded episode had resolved by then."
PERHAPS_RESOLVED = "Whether the episode had resolved by then cannot be told from its dates."
TOO_VAGUE = "When the current episode began is not known well enough."
NO_RULE = Criterion(source=CHOICE, evidence=Evidence.LOCAL)
FORMULARY_RULE = Criterion(
    source="Class of the medicine in the formulary; the mapping is this service's", evidence=Evidence.LOCAL
)

FOR_DEPRESSION = find("indication", MET, "Given for depression.", NO_RULE)


def is_an_antidepressant(course: Course, frame: Frame) -> Finding:
    """Whether the medicine, in the role it was given, is an antidepressant trial at all."""
    trial = course.trial
    if trial.role is Role.AUGMENTATION:
        sentence = f"{trial.name} was given to augment; this definition does not count that as another antidepressant."
        return find("antidepressant", NOT_MET, sentence, FORMULARY_RULE)
    verdict = frame.library.formulary.medicines[trial.ingredient].antidepressant
    if verdict is MET:
        return _antidepressant(trial.name)
    dose = frame.definition.dose
    if verdict is UNKNOWN and dose and frame.library.formulary.minimum_dose(dose.table, trial.ingredient):
        sentence = f"{trial.name} is listed among the antidepressants that this definition is read with."
        return find("antidepressant", MET, sentence, dose)
    if verdict is UNKNOWN:
        sentence = f"Sources do not agree that {trial.name} counts as an antidepressant."
        question = Question("medication", f"Should {trial.name} be judged as an antidepressant? A clinician decides.")
        return find("antidepressant", UNKNOWN, sentence, FORMULARY_RULE, question=question)
    return find("antidepressant", NOT_MET, f"{trial.name} is not an antidepressant.", FORMULARY_RULE)


@lru_cache(maxsize=1024)  # as many as the formulary has names
def _antidepressant(name: str) -> Finding:
    return find("antidepressant", MET, f"{name} is an antidepressant.", FORMULARY_RULE)


def was_for_depression(course: Course, dose: Finding | None, duration: Finding | None) -> Finding:
    """Whether it was given for depression; given for something else it may still count if dose and time sufficed."""
    trial = course.trial
    if trial.indication is Indication.DEPRESSION:
        return FOR_DEPRESSION
    if trial.indication is Indication.UNKNOWN:
        sentence = "What it was given for is not recorded; taken as for depression."
        return Finding("indication", UNKNOWN, sentence, CHOICE, Evidence.LOCAL, asked=False)
    if trial.indication is Indication.OTHER_ONLY:
        return find("indication", NOT_MET, "Given for something else, and not meant to treat the depression.", NO_RULE)
    inadequate = any(each is not None and each.verdict is NOT_MET for each in (dose, duration))
    if inadequate:
        sentence = "Given for something else than depression, and not as an adequate trial."
        return find("indication", NOT_MET, sentence, NO_RULE)
    words = f"Was {trial.name} also meant to treat the depression (`depression`), or not (`other_only`)?"
    sentence = "Given for something else than depression, though dose and time might have treated it."
    return find("indication", UNKNOWN, sentence, NO_RULE, question=Question("indication", words))


def is_still_taken(course: Course, frame: Frame) -> Finding | None:
    """Whether it is still taken on the day, and of a class that is asked; None where the definition does not ask."""
    rule = frame.definition.still_taken
    if rule is None:
        return None
    trial = course.trial
    group = frame.library.formulary.medicines[trial.ingredient].group
    if rule.classes and group not in rule.classes:
        sentence = f"{trial.name} is of the class {group}; asked is {' or '.join(rule.classes)}."
        return find("still_taken", NOT_MET, sentence, rule)
    if course.ended is UNKNOWN:
        question = Question("ended", f"On which day was {trial.name} last taken?")
        return find("still_taken", UNKNOWN, "Whether it is still taken is not clear.", rule, question=question)
    if course.ended is MET:
        return find("still_taken", NOT_MET, "It is no longer taken; only a present treatment is judged.", rule)
    return find("still_taken", MET, "It is still taken.", rule)


def was_in_current_episode(course: Course, frame: Frame) -> Finding | None:
    """Whether the trial belongs to the current episode; None where the definition does not ask."""
    rule, episode = frame.definition.current_episode, frame.episode
    if rule is None:
        return None
    verdict, sentence = _membership(course, frame)
    if verdict is not UNKNOWN:
        return find("current_episode", verdict, sentence, rule)
    return find("current_episode", verdict, sentence, rule, question=_episode_question(course, episode))


def _episode_question(course: Course, episode: CurrentEpisode) -> Question:
    """What would settle whether the trial was in the current episode."""
    onset = episode.onset
    if episode.latest is not None and episode.exists is UNKNOWN:
        return Question("episodes.resolved", "On which day did the depressive episode resolve?")
    if onset is None:
        return Question("episodes.onset", "When did the current depressive episode begin?")
    if not onset.exact and episode.latest and episode.latest.onset and episode.latest.onset.exact:
        return Question("episodes.resolved", "On which day did the episode before the present one resolve?")
    if not onset.exact:
        return Question("episodes.onset", "On which day did the current depressive episode begin?")
    words = f"Was {course.trial.name} taken in the current episode? Give `episode_id`, or its exact dates."
    return Question("episode_id", words)


def _membership(course: Course, frame: Frame) -> tuple[Verdict, str]:
    """Verdict and sentence: by the episode that the trial names, else by its dates."""
    episode, named = frame.episode, course.trial.episode_id
    if episode.exists is NOT_MET:
        return NOT_MET, ALL_RESOLVED
    if episode.exists is UNKNOWN:
        return UNKNOWN, PERHAPS_RESOLVED if episode.latest else NONE_RECORDED
    return _named(named, episode) if named is not None else _dated(course, episode.onset)


def _dated(course: Course, onset: Span | None) -> tuple[Verdict, str]:
    """Verdict and sentence by the dates: the trial is in the episode when any day of it is."""
    if onset is None:
        return UNKNOWN, TOO_VAGUE
    if course.end.last < onset.first:
        return NOT_MET, f"It ended before the current episode began ({iso(onset.first)})."
    if course.end.first >= onset.last:
        return MET, "Taken in the current episode."
    return UNKNOWN, "Whether it was still taken when the current episode began cannot be told from the dates."


def _named(named: str, episode: CurrentEpisode) -> tuple[Verdict, str]:
    """Verdict and sentence of a trial that names its episode."""
    if named in episode.ids:
        return MET, "Recorded as part of the current episode."
    if named in episode.doubtful_ids:
        return UNKNOWN, TOO_VAGUE
    return NOT_MET, "Recorded as part of an earlier episode."
