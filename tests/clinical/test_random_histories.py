"""What must hold for any history, on random ones: subsets, forgetting, order, changes that are true.

`make test` tries 20,000, `make properties` 100,000.
"""

import os
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest

from clinical.answer import Assessment
from clinical.assess import assess
from clinical.changes import changes_to
from clinical.history import History
from clinical.library import library
from clinical.vocabulary import Status
from tests.clinical.asking import ask
from tests.clinical.random_histories import ON, forgotten, shuffled, stories, vague
from tests.clinical.sent import body_of, named_as_sent
from tests.clinical.trials import changed

MANY = int(os.environ.get("HISTORIES", "2500"))
PORTIONS = 20
portions = pytest.mark.parametrize("portion", range(PORTIONS))
LIBRARY = library()
SLUGS = sorted(LIBRARY.definitions)
OPPOSITE = {Status.RESISTANT: Status.NOT_RESISTANT, Status.NOT_RESISTANT: Status.RESISTANT}
# What a definition takes for granted where nobody recorded otherwise; the answer then asks for it by name.
TAKEN_FOR_GRANTED = {"stop_reason": "stop_reason", "indication": "indication"}
SUBSETS = (
    ("sforzini_2022", "rybak_2021"),
    ("transform_atrq", "rybak_2021_6wk"),
    ("rybak_2021_6wk", "rybak_2021"),
    ("ascertain", "rybak_2021_6wk"),
    ("rizvi_2014", "ahrq_no_response"),
    ("ahrq_no_response", "ahrq_no_remission"),
)


def _stories(portion: int) -> Iterator[tuple[Random, History]]:
    return stories(portion + 1, MANY // PORTIONS)


def _judge(slug: str, history: History) -> Assessment:
    return assess(LIBRARY.definitions[slug], history, ON, LIBRARY)


def _known(answer: Assessment) -> tuple[int, int]:
    """How many surely failed, and how many at most."""
    confirmed = len(answer.confirmed_names)
    return confirmed, confirmed + answer.possible


@portions
def test_whom_the_stricter_of_two_definitions_calls_resistant_the_other_does_too(portion: int) -> None:
    for random, story in _stories(portion):
        history = vague(story, random)
        answers = {slug: _judge(slug, history) for slug in {each for pair in SUBSETS for each in pair}}
        for strict, lenient in SUBSETS:
            if answers[strict].status is Status.RESISTANT:
                assert answers[lenient].status is Status.RESISTANT, (strict, lenient, history)


@portions
def test_forgetting_a_fact_leaves_a_decided_answer_or_opens_it_and_never_turns_it_round(portion: int) -> None:
    """The other way round: filling in an unknown only narrows what is confirmed and what is possible."""
    for random, story in _stories(portion):
        history = vague(story, random)
        slug = random.choice(SLUGS)
        before = _judge(slug, history)
        fact, poorer = forgotten(history, random)
        after = _judge(slug, poorer)
        if fact in TAKEN_FOR_GRANTED:
            _is_asked_for(before, after, TAKEN_FOR_GRANTED[fact])
            continue
        assert after.status in {before.status, Status.INDETERMINATE} or before.status is Status.NOT_APPLICABLE, (
            slug,
            fact,
            history,
        )
        if before.definition.prescriptions:
            continue  # such a rule may count back from another prescription when less is known; its status is above
        (least, most), (least_after, most_after) = _known(before), _known(after)
        assert least_after <= least, (slug, fact, history)
        assert most_after >= most, (slug, fact, history)


def _is_asked_for(before: Assessment, after: Assessment, field: str) -> None:
    """An answer that was turned to resistant by what nobody recorded says so, and asks for it."""
    if after.status is Status.RESISTANT and before.status is not Status.RESISTANT:
        assert field in {each.field for each in after.missing if each.could_change_status}
    else:
        assert after.status is not OPPOSITE.get(before.status)


@portions
def test_the_order_of_the_records_never_matters(portion: int) -> None:
    for random, story in _stories(portion):
        history, slug = vague(story, random), random.choice(SLUGS)
        one, other = _judge(slug, history), _judge(slug, shuffled(history, random))
        assert (one.status, one.summary, _known(one)) == (other.status, other.summary, _known(other)), (slug, history)
        assert sorted((each.trial_id, each.counts) for each in one.trials) == sorted(
            (each.trial_id, each.counts) for each in other.trials
        )


@portions
def test_every_change_that_is_named_gives_the_status_that_is_named_when_it_is_sent(portion: int) -> None:
    """Laid over the history as a merge patch and asked for as a client would."""
    for random, story in _stories(portion):
        history, slug = vague(story, random), random.choice(SLUGS)
        answer = _judge(slug, history)
        changes = changes_to(answer)
        if changes:
            change = random.choice(changes)
            assert change.status is not answer.status
            sent = ask(changed(body_of(history), named_as_sent(change.change)), slug, date.fromordinal(ON))
            assert sent["status"] == change.status, (slug, change, history)


@portions
def test_an_open_answer_says_what_to_ask_and_a_resistant_one_has_enough(portion: int) -> None:
    for random, story in _stories(portion):
        history, slug = vague(story, random), random.choice(SLUGS)
        answer = _judge(slug, history)
        if answer.status is Status.INDETERMINATE:
            assert any(each.could_change_status for each in answer.missing), (slug, history)
        if answer.status is Status.RESISTANT:
            assert len(answer.confirmed_names) >= answer.required
