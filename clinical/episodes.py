"""Which depressive episode is the current one, and since when."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from clinical.dates import Span
from clinical.history import Episode
from clinical.vocabulary import Verdict


class CurrentEpisode(NamedTuple):
    """The current episode as of a day.

    `exists` is unknown when nobody recorded an episode at all, and when the latest one may have resolved. `onset`
    reaches back over episodes that were parted by too short a remission; `ids` are all records that belong to it
    surely, `doubtful_ids` those that only may.
    """

    exists: Verdict
    latest: Episode | None
    onset: Span | None
    ids: frozenset[str]
    doubtful_ids: frozenset[str]


NOBODY_RECORDED = CurrentEpisode(Verdict.UNKNOWN, None, None, frozenset(), frozenset())
ALL_RESOLVED = CurrentEpisode(Verdict.NOT_MET, None, None, frozenset(), frozenset())


LONG_AGO = date(1900, 1, 1).toordinal()  # the earliest day that can be recorded; nobody knows when it began
NEVER = Span(date.max.toordinal(), date.max.toordinal())


def _in_time(episode: Episode) -> tuple[Span, Span, str, str, str]:
    """By onset; what else is known parts those of one day, so that the order of the records does not."""
    onset = Span(episode.onset.last, episode.onset.first) if episode.onset else Span(0, 0)
    return onset, episode.resolved or NEVER, str(episode.psychotic), episode.severity, episode.id


def current_episode(episodes: Sequence[Episode], on: int, remission_days: int) -> CurrentEpisode:
    """The latest episode not resolved on the day, joined with earlier ones that ended too shortly before it.

    An episode that the record dates after `on` does not exist yet.
    """
    begun = [each for each in episodes if not each.onset or each.onset.first <= on]
    if not begun:
        return NOBODY_RECORDED
    if len(begun) > 1:
        begun.sort(key=_in_time)
    open_ones = [each for each in begun if each.resolved is None or each.resolved.last > on]
    if not open_ones:
        return ALL_RESOLVED
    latest = open_ones[-1]
    onset, ids, doubtful = latest.onset, {latest.id}, set[str]()
    for earlier in reversed(begun[: begun.index(latest)]):
        joined = _joined(earlier, onset, remission_days)
        if joined is Verdict.NOT_MET or onset is None:
            break
        sure = joined is Verdict.MET and not doubtful
        (ids if sure else doubtful).add(earlier.id)
        began = earlier.onset or Span(
            LONG_AGO, min(onset.last, earlier.resolved.last) if earlier.resolved else onset.last
        )
        onset = began if sure else Span(began.first, onset.last)
    surely = latest.resolved is None or latest.resolved.first > on
    return CurrentEpisode(
        Verdict.MET if surely else Verdict.UNKNOWN, latest, onset, frozenset(ids), frozenset(doubtful)
    )


def _joined(earlier: Episode, onset: Span | None, remission_days: int) -> Verdict:
    """Whether remission between the end of `earlier` and `onset` was too short to part two episodes."""
    if onset is None or earlier.resolved is None:
        return Verdict.MET
    shortest, longest = onset.first - earlier.resolved.last, onset.last - earlier.resolved.first
    if longest < remission_days:
        return Verdict.MET
    return Verdict.NOT_MET if shortest >= remission_days else Verdict.UNKNOWN
