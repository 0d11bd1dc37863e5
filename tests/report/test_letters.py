"""Text as it is put on paper: nothing in it can break a page or mislead, and nothing is lost unsaid."""

import pytest

from report.letters import clipped, printable, split, wide, wrapped


@pytest.mark.parametrize(
    "bad", ["\x00", "\x01", "\x0b", "\x1f", "\x7f", "\ud800", "\ufffe", "\uffff", "\u202e", "\u2066"]
)
def test_what_cannot_be_drawn_or_could_mislead_is_shown_as_a_mark(bad: str) -> None:
    assert printable(f"a{bad}b") == "a\ufffdb"


@pytest.mark.parametrize("good", ["<b>&\"'", "陈小明", "مريم", "😀", "a\tb", "Zoë", "{{ 7 * 7 }}", "#strong[x]"])
def test_what_people_write_stays_as_it_is(good: str) -> None:
    assert printable(good) == good


def test_a_long_text_is_cut_and_the_rest_counted() -> None:
    assert clipped("x" * 400) == "x" * 400
    assert clipped("x" * 10_000) == "x" * 400 + " … (9,600 more characters in the record)"
    assert clipped(" a \n\n b ") == "a b"


@pytest.mark.parametrize("text", ["", "one", "many words that go on for a while", "W" * 300, "陈" * 80, "a " * 200])
@pytest.mark.parametrize("room", [40, 100, 700])
def test_lines_fit_and_hold_every_letter(text: str, room: float) -> None:
    lines = wrapped(text, 12, room)
    assert all(wide(line, 12) <= room + 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_what_fits_beside_stays_beside_and_the_rest_goes_below() -> None:
    beside, below = split("one two three four", 12, wide("one two", 12), 400)
    assert (beside, below) == ("one two", ["three four"])
    assert split("W" * 50, 12, 30, 700)[0] == ""


def test_square_and_bold_letters_are_wider() -> None:
    assert wide("陈", 10) > wide("a", 10) > wide("i", 10)
    assert wide("a", 10, bold=True) > wide("a", 10)
