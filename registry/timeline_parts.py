"""Each part of the timeline from the clinical facts, as it stood on a day (`on`, an ordinal)."""

from collections.abc import Iterable, Sequence
from datetime import date

from clinical.answer import JudgedTrial
from clinical.brief import in_brief
from clinical.care import Laterality
from clinical.course import Course
from clinical.dates import Span
from clinical.definition import Definition
from clinical.findings import Frame, plain
from clinical.history import Episode, Factor, Observation, Rating, Treatment
from clinical.periods import day, period
from clinical.rating_scales import Scale
from clinical.vocabulary import Polarity, Response, Severity, Verdict
from registry.answers import Said

RATES_IN_ORDER = ("depression", "global severity", "global improvement", "anxiety")
NOBODY_KNOWS = Span(0, 0)


def days(span: Span | None) -> Said | None:
    """The days of a span, in the words of the API."""
    if span is None:
        return None
    return {"earliest": date.fromordinal(span.first), "latest": date.fromordinal(span.last)}


def stretch(began: Span | None, ended: Span | None, ongoing: Verdict, on: int) -> Said:
    """A beginning and an end, with words; `ongoing` is unknown where the dates leave it open."""
    return {
        "began": days(until(began, on)),
        "ended": days(ended),
        "ongoing": None if ongoing is Verdict.UNKNOWN else ongoing is Verdict.MET,
        "when": period(began, ended, running=ongoing is Verdict.MET),
    }


def as_of(ended: Span | None, on: int, *, running: bool) -> tuple[Span | None, Verdict]:
    """An end as it was known on the day, and whether the thing then still went on."""
    if running or (ended is not None and ended.first > on):
        return None, Verdict.MET
    if ended is None:
        return None, Verdict.NOT_MET
    return Span(ended.first, min(ended.last, on)), Verdict.NOT_MET if ended.last <= on else Verdict.UNKNOWN


def until(span: Span | None, on: int) -> Span | None:
    """A beginning that had come by the day, with no later day in it."""
    return None if span is None else Span(span.first, min(span.last, on))


def dated(span: Span, on: int) -> Said:
    """A day that had come, and the same in words."""
    return {"on": days(until(span, on)), "when": day(span)}


def episodes(known: Iterable[Episode], on: int) -> list[Said]:
    """The episodes that had begun, in order of time."""
    begun = [each for each in known if each.onset is None or each.onset.first <= on]
    begun.sort(key=lambda each: (each.onset or NOBODY_KNOWS, each.id))
    return [_episode(each, on) for each in begun]


def _episode(episode: Episode, on: int) -> Said:
    ended, ongoing = as_of(episode.resolved, on, running=episode.resolved is None)
    known = [
        "severity not recorded" if episode.severity is Severity.UNKNOWN else episode.severity.value,
        "" if episode.polarity is Polarity.UNKNOWN else episode.polarity.value,
        "with psychotic features" if episode.psychotic else "",
    ]
    return {
        "episode_id": episode.id,
        **stretch(episode.onset, ended, ongoing, on),
        "polarity": episode.polarity,
        "psychotic_features": episode.psychotic,
        "severity": episode.severity,
        "words": ", ".join(word for word in known if word),
    }


def medication(course: Course, trial: JudgedTrial, definition: Definition, on: int) -> Said:
    """A trial with its doses and the verdict on it."""
    dose = next((each for each in trial.findings if each.criterion == "dose"), None)
    least = dose.required if dose else None
    ongoing = Verdict.UNKNOWN if course.ended is Verdict.UNKNOWN else Verdict.MET if course.running else Verdict.NOT_MET
    ended = None if course.running or course.trial.ended is None else course.end
    return {
        "trial_id": trial.trial_id,
        "ingredient": trial.ingredient,
        "medication": trial.medication,
        "role": course.trial.role,
        **stretch(course.start, ended, ongoing, on),
        "when": period(course.trial.started, ended, running=course.running),
        "doses": [
            {
                "daily_dose_mg": mg,
                "began": days(since or (course.start if place == 0 else None)),
                "of_minimum": round(mg / least, 2) if mg and least else None,
            }
            for place, (mg, since) in enumerate(course.steps)
        ],
        "dosing": dosing([mg for mg, _ in course.steps]),
        "minimum": {"daily_dose_mg": least, "asked": dose.asked, "evidence": dose.evidence, "source": dose.source}
        if dose and least
        else None,
        "counts": trial.counts,
        "verdict": in_brief(trial, course, definition),
    }


def dosing(doses: Sequence[float | None]) -> str:
    """Doses in the order in which they were taken, such as `50 then 100 mg a day`."""
    changed = [mg for place, mg in enumerate(doses) if place == 0 or mg != doses[place - 1]]
    if not any(changed):
        return "dose not recorded"
    return f"{' then '.join('unknown' if mg is None else plain(mg) for mg in changed)} mg a day"


def courses(known: Iterable[Treatment], on: int) -> list[Said]:
    """The other treatments that had begun, in order of time."""
    begun = [each for each in known if each.started is None or each.started.first <= on]
    begun.sort(key=lambda each: (each.started or NOBODY_KNOWS, each.id))
    return [_course(each, on) for each in begun]


def _course(treatment: Treatment, on: int) -> Said:
    ended, ongoing = as_of(treatment.ended, on, running=treatment.running)
    response = _response_by(treatment, ongoing, on)
    sided = treatment.laterality is not Laterality.UNKNOWN
    known = [
        treatment.laterality.value if sided else "",
        "" if treatment.sessions is None else f"{treatment.sessions} session{'s' * (treatment.sessions != 1)}",
        "outcome not recorded" if response is Response.UNKNOWN else f"judged “{response.value}”",
    ]
    return {
        "treatment_id": treatment.id,
        "kind": treatment.kind,
        "modality": treatment.modality,
        "title": treatment.modality.meaning.rstrip("."),
        **stretch(treatment.started, ended, ongoing, on),
        "sessions": treatment.sessions,
        "laterality": treatment.laterality,
        "response": response,
        "words": ", ".join(word for word in known if word),
    }


def _response_by(treatment: Treatment, ongoing: Verdict, on: int) -> Response:
    """The judged response, if it was surely there by the day: from its own date, or without one from the end."""
    judged_on = treatment.outcome.assessed_on
    there = ongoing is Verdict.NOT_MET if judged_on is None else judged_on.last <= on
    return treatment.outcome.response if there else Response.UNKNOWN


def ratings(frame: Frame) -> list[Said]:
    """The totals on each scale, those of depression first."""
    scales, found = frame.library.scales, dict[str, list[Rating]]()
    for rating in frame.ratings:
        if rating.total is not None and rating.on.first <= frame.on and rating.instrument in scales:
            found.setdefault(rating.instrument, []).append(rating)
    order = sorted(found, key=lambda slug: (RATES_IN_ORDER.index(scales[slug].rates), slug))
    return [_scale(scales[slug], found[slug], frame.on) for slug in order]


def _scale(scale: Scale, rated: list[Rating], on: int) -> Said:
    return {
        "instrument": scale.slug,
        "title": scale.title,
        "rates": scale.rates,
        "minimum": scale.range.minimum,
        "maximum": scale.range.maximum,
        "remission_at_most": scale.remission.at_most if scale.remission else None,
        "points": [
            {**dated(each.on, on), "total": each.total, "band": scale.band(each.total or 0).label} for each in rated
        ],
    }


def symptoms(known: Iterable[Observation], on: int) -> list[Said]:
    """The symptom records, in order of time."""
    seen = sorted((each for each in known if each.on.first <= on), key=lambda each: (each.on, each.id))
    return [{**dated(each.on, on), "present": sorted(each.present), "absent": sorted(each.absent)} for each in seen]


def factors(known: Iterable[Factor], on: int) -> list[Said]:
    """The contributing factors, in order of time; those without a day last."""
    noted = [each for each in known if each.noted_on is None or each.noted_on.first <= on]
    noted.sort(key=lambda each: (each.noted_on is None, each.noted_on or NOBODY_KNOWS, each.id))
    return [
        {
            "category": each.category,
            "factor": each.factor,
            "certainty": each.certainty,
            "noted_on": days(until(each.noted_on, on)),
            "when": "day not recorded" if each.noted_on is None else day(each.noted_on),
        }
        for each in noted
    ]
