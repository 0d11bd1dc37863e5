"""Scored observations and questionnaires as ratings: total and items of one moment are one rating."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from clinical.rating_scales import Items, Scale
from intake.given import Book, Given, Unusable
from intake.made import Made, Source
from intake.observations import Scored, scored
from intake.questionnaires import answered
from intake.ratings import fits
from intake.words import Reason

READERS = {"Observation": scored, "QuestionnaireResponse": answered}
SHORT_FORM = frozenset({0, 1})
"""The items that the PHQ-2 shares with the PHQ-9: on their own they are no PHQ-9."""


def assessments_of(givens: Iterable[Given], on: int, book: Book) -> list[Made]:
    """The ratings, in time."""
    moments: defaultdict[tuple[str, str], list[Scored]] = defaultdict(list)
    for given in givens:
        try:
            read = READERS[given.kind](given, on)
        except Unusable as why:
            book.leave(given, why)
        else:
            moments[read.scale.slug, read.moment].append(read)
    return [made for group in _joined(moments) for made in _ratings(group, book)]


def _joined(moments: dict[tuple[str, str], list[Scored]]) -> list[list[Scored]]:
    """The groups by moment; a lone total and lone items of one day that add up to it are one group."""
    days: defaultdict[tuple[str, str], list[list[Scored]]] = defaultdict(list)
    for key in sorted(moments):
        days[key[0], moments[key][0].day.said].append(moments[key])
    return [group for key in sorted(days) for group in _of_one_day(days[key])]


def _of_one_day(groups: list[list[Scored]]) -> list[list[Scored]]:
    if len(groups) != 2:  # noqa: PLR2004 - a total, and its items
        return groups
    totals = [each for group in groups for each in group if each.total is not None]
    others = [each for group in groups for each in group if each.total is None]
    if len({each.total for each in totals}) != 1 or not others or any(each.answers for each in totals):
        return groups
    items = _items(others)
    total = totals[0].total
    return [[*totals, *others]] if items and totals[0].scale.total_of(items) == total else groups


def _items(group: list[Scored]) -> Items | None:
    """All answers in the order of the scale; None where there are none, or two answers to one item differ."""
    answers: dict[int, int] = {}
    for each in group:
        for at, points in each.answers.items():
            if answers.setdefault(at, points) != points:
                return None
    scale = group[0].scale
    return tuple(answers.get(at) for at in range(len(scale.items.names))) if answers and scale.items else None


def _ratings(group: list[Scored], book: Book) -> list[Made]:
    """One rating for each total of a moment; with its items where there is one total and they fit it."""
    scale = group[0].scale
    totals = sorted({each.total for each in group if each.total is not None})
    items = _items(group)
    if not totals:
        return _without_total(group, scale, items, book)
    itemised = [each for each in group if each.answers]
    usable = items is not None and len(totals) == 1 and fits(scale, items, totals[0])
    if itemised and not usable:
        _leave_items_out(itemised, book)
    for each in group:
        if each.total is not None or usable:
            book.used(each.given)
    return [
        _made([each for each in group if each.total in (total, None)], scale, total, items if usable else None)
        for total in totals
    ]


def _leave_items_out(itemised: list[Scored], book: Book) -> None:
    for each in itemised:
        path = f"{each.given.kind}.{each.path}"
        if each.total is None:
            book.refuse(each.given, Reason.ITEMS_AND_TOTAL_DISAGREE, path)
        else:
            book.warn(each.given, Reason.ITEMS_AND_TOTAL_DISAGREE, path)


def _without_total(group: list[Scored], scale: Scale, items: Items | None, book: Book) -> list[Made]:
    """Items alone are a rating when all are there, or when one form holds more than those of a shorter scale."""
    if items is None:
        for each in group:
            book.refuse(each.given, Reason.UNREADABLE_ANSWER, f"{each.given.kind}.{each.path}", DIFFERENT)
        return []
    one_form = any(
        each.given.kind == "QuestionnaireResponse" and not each.answers.keys() <= SHORT_FORM for each in group
    )
    if None in items and not one_form:
        for each in group:
            book.set_aside(each.given, Reason.ITEM_WITHOUT_SCALE)
        return []
    for each in group:
        book.used(each.given)
    return [_made(group, scale, scale.total_of(items), items)]


DIFFERENT = "Two answers to one item of one moment differ."


def _made(group: list[Scored], scale: Scale, total: int | None, items: Items | None) -> Made:
    first = min(group, key=lambda each: (each.total is None, each.given.reference))
    entry: dict[str, Any] = {"instrument": scale.slug, "assessed_on": first.day.said}
    with_total = [
        Source(each.given.reference, each.path, "total by its code") for each in group if each.total is not None
    ]
    with_items = [Source(each.given.reference, each.path, "items by their codes") for each in group if each.answers]
    provenance = {"/instrument": with_total or with_items, "/assessed_on": with_total or with_items}
    if total is not None:
        entry["total_score"] = total
        provenance["/total_score"] = with_total or with_items
    if items is not None:
        entry["items"], provenance["/items"] = list(items), with_items
    key = f"assessment/{scale.slug}/{first.given.reference}"
    return Made(entry, key, provenance)
