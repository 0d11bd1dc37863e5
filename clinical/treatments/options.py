"""The families of options for one patient, in an order that follows from the history: to review, no directive."""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.answer import Assessment
from clinical.assess import assess, frame_of
from clinical.care import OptionFamily
from clinical.definition import Definition
from clinical.findings import Finding
from clinical.history import History
from clinical.library import Library
from clinical.treatments.attempts import Attempt, attempts_in
from clinical.treatments.cautions import Caution, Raised, cautions_about, raised_in, to_ask
from clinical.treatments.entries import Family
from clinical.treatments.families import Unfinished, by_family, unfinished_in
from clinical.treatments.first_choice import Claim, claims_for
from clinical.treatments.members import PRESENT, MemberOption, members_of, said_of
from clinical.treatments.record import Record, antidepressant_taken
from clinical.treatments.review import OF_DIAGNOSIS, Reason, review_first
from clinical.treatments.words import OptionState, OrderGroup
from clinical.vocabulary import Verdict

MET, NOT_MET = Verdict.MET, Verdict.NOT_MET
NOTHING_TAKEN = "No antidepressant is taken now."
NOTHING_BEFORE = "No class of antidepressants with others left has been tried."
NOT_RECORDED = "Nothing of it is recorded."
NO_REVIEW = "The record holds no reason for it; that a diagnosis was reviewed is not recorded as such."
ADDED_TO = frozenset({OptionFamily.AUGMENTATION, OptionFamily.COMBINATION})
"""Families that need an antidepressant to be added to."""
KEEPS_PLACE = {
    OptionState.HELPED: OrderGroup.HELPED,
    OptionState.PARTLY_HELPED: OrderGroup.PARTLY_HELPED,
    OptionState.FAILED: OrderGroup.NOT_FAIRLY_TRIED,
    OptionState.STOPPED_FOR_SIDE_EFFECTS: OrderGroup.NOT_FAIRLY_TRIED,
    OptionState.TRIED_OUTCOME_UNKNOWN: OrderGroup.NOT_FAIRLY_TRIED,
}


class Option(NamedTuple):
    """One family: what the record says of it, where it stands and why; `adequate` is of the attempt that decides."""

    family: Family
    state: OptionState
    sentence: str
    group: OrderGroup
    order_sentence: str
    attempts: tuple[Attempt, ...]
    members: tuple[MemberOption, ...]
    adequate: Finding | None
    cautions: tuple[Caution, ...]
    questions: tuple[str, ...]


class Options(NamedTuple):
    """The whole answer; `outside` are treatments that belong to no family."""

    assessment: Assessment
    review: tuple[Reason, ...]
    options: tuple[Option, ...]
    outside: tuple[Attempt, ...]


class _Given(NamedTuple):
    """What every family is looked at with."""

    record: Record
    raised: tuple[Raised, ...]
    unfinished: tuple[Unfinished, ...]
    review: tuple[Reason, ...]
    assessment: Assessment


def options_for(definition: Definition, history: History, on: int, library: Library) -> Options:
    """Every family once, in order, as of the day `on` (an ordinal). What happened later does not exist."""
    frame = frame_of(definition, history, on, library)
    attempts = attempts_in(frame, history.treatments)
    record = Record(history, frame, attempts)
    assessment = assess(definition, history, on, library)
    review = review_first(assessment, record)
    given = _Given(record, raised_in(record), tuple(unfinished_in(attempts, frame)), review, assessment)
    placed = by_family(attempts, frame)
    found = [_option(family, placed.get(family.slug, ()), given) for family in library.treatments.families.values()]
    order = library.treatments.order
    groups = [group.slug for group in order.groups]
    found.sort(key=lambda each: (groups.index(each.group), order.families.index(each.family.slug)))
    belonging = {attempt.id for each in placed.values() for attempt in each}
    outside = tuple(each for each in attempts if each.medicine is None and each.id not in belonging)
    return Options(assessment, review, tuple(found), outside)


def _option(family: Family, mine: Sequence[Attempt], given: _Given) -> Option:
    record = given.record
    state = said_of(mine, record)
    members = members_of(family, mine, record, given.raised)
    treatables = [treatable for member in members for treatable in member.treatables]
    open_ones = [each.sentence for each in given.unfinished if each.family is family.slug]
    deciding = _deciding(mine, state)
    claims = claims_for(family.slug, record)
    empty = _has_nothing(family, members, record)
    group = _group(family, _Standing(state, deciding, members, claims, empty, bool(open_ones)), given)
    nothing = _nothing(family, empty, given) if empty or not (open_ones or mine) else ""
    return Option(
        family,
        state,
        " ".join(each for each in (nothing, *open_ones, *(each.sentence for each in mine)) if each),
        group,
        _why(family, group, claims, given),
        tuple(mine),
        tuple(members),
        deciding.adequate if deciding else None,
        tuple(_in_short(each, members) for each in cautions_about(treatables, given.raised, family.slug)),
        to_ask(treatables, record),
    )


def _in_short(caution: Caution, members: list[MemberOption]) -> Caution:
    """The caution with the title of a member in place of all that can still be given of it."""
    about = dict.fromkeys(caution.about)
    for member in members:
        names = [each.name for each in member.treatables]
        if all(name in about for name in names):
            about = dict.fromkeys([*(name for name in about if name not in names), member.title])
    return caution._replace(about=tuple(about))


class _Standing(NamedTuple):
    """What decides where a family stands."""

    state: OptionState
    deciding: Attempt | None
    members: list[MemberOption]
    claims: tuple[Claim, ...]
    empty: bool
    unfinished: bool

    @property
    def fairly_failed(self) -> bool:
        """Whether it failed, and with a fair course."""
        fair = self.deciding is not None and self.deciding.adequate.verdict is MET
        return self.state is OptionState.FAILED and fair


def _deciding(mine: Sequence[Attempt], state: OptionState) -> Attempt | None:
    """The attempt that stands for the family: of those in its state the fairest, and of these the latest."""
    rank = (NOT_MET, Verdict.UNKNOWN, MET)
    latest_first = [each for each in reversed(mine) if each.state is state]
    return max(latest_first, key=lambda each: rank.index(each.adequate.verdict), default=None)


def _group(family: Family, standing: _Standing, given: _Given) -> OrderGroup:
    """Where the family stands. What is being taken or given now is never put last."""
    if standing.unfinished or (family.slug is OptionFamily.REVIEW_OF_DIAGNOSIS and _asks_for_review(given)):
        return OrderGroup.UNFINISHED
    if standing.state is OptionState.GOING_ON:
        return OrderGroup.GOING_ON
    if standing.members and all(each.contraindicated for each in standing.members):
        return OrderGroup.CONTRAINDICATED
    if standing.empty:
        return OrderGroup.NOT_NOW
    return _place(family, standing, given)


def _place(family: Family, standing: _Standing, given: _Given) -> OrderGroup:
    """Where a family stands that is neither under way nor ruled out. A fair failure is never called a first choice."""
    if standing.fairly_failed:
        return OrderGroup.FAILED
    if any(each.verdict is MET for each in standing.claims):
        return OrderGroup.FIRST_CHOICE
    later = OrderGroup.NOT_YET if _is_later(family, given) else OrderGroup.NOT_TRIED
    return KEEPS_PLACE.get(standing.state, later)


def _asks_for_review(given: _Given) -> bool:
    return any(each.kind in OF_DIAGNOSIS for each in given.review)


def _has_nothing(family: Family, members: list[MemberOption], record: Record) -> bool:
    """Whether there is nothing now that the family could apply to."""
    if family.slug in ADDED_TO:
        return not antidepressant_taken(record)
    needs = family.slug in PRESENT or family.slug is OptionFamily.SWITCH_WITHIN_CLASS
    return needs and not members


def _is_later(family: Family, given: _Given) -> bool:
    """Whether sources place it after more failures than there can be, or hold it to be under study."""
    most = len(given.assessment.confirmed_names) + given.assessment.possible
    return family.under_study is not None or (
        family.place is not None and most < family.place.failed_medications_at_least
    )


def _nothing(family: Family, empty: bool, given: _Given) -> str:  # noqa: FBT001 - the answer of `_has_nothing`
    """What is said of a family that was never tried, or that has nothing to apply to."""
    if family.slug is OptionFamily.REVIEW_OF_DIAGNOSIS:
        reasons = [each.sentence for each in given.review if each.kind in OF_DIAGNOSIS]
        return " ".join(reasons) or NO_REVIEW
    if empty:
        return NOTHING_TAKEN if family.slug in PRESENT | ADDED_TO else NOTHING_BEFORE
    return NOT_RECORDED


def _why(family: Family, group: OrderGroup, claims: tuple[Claim, ...], given: _Given) -> str:
    """Why it stands where it stands, with what a source says of its place and of a first choice."""
    order = given.record.frame.library.treatments.order
    sentence = next(each.sentence for each in order.groups if each.slug is group)
    if group is not OrderGroup.NOT_YET:
        return " ".join((sentence, *(each.sentence for each in claims)))
    said = family.under_study or family.place
    count = len(given.assessment.confirmed_names)
    failed = f" Surely failed by this definition: {count}." if family.under_study is None else ""
    return " ".join((f"{sentence} {said.sentence if said else ''}{failed}", *(each.sentence for each in claims)))
