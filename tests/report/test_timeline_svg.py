"""The picture of the timeline: well-formed, legible, honest about what is not known, and harmless."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from report.timeline_svg import Canvas, timeline_parts, timeline_svg
from tests.clinical.trials import day, history, rating, trial
from tests.report.drawing import timeline

Json = dict[str, Any]
SVG = "{http://www.w3.org/2000/svg}"
FULL = {
    **history(
        trial(),
        trial(
            "venlafaxine",
            100,
            doses=[{"daily_dose_mg": 75, "from": day(100)}, {"daily_dose_mg": 225, "from": day(114)}],
        ),
        trial("bupropion", 200, daily_dose_mg=None, outcome=None),
        trial("mirtazapine", 260, stop_reason="intolerance"),
        ratings=tuple(rating(10 * number, 24 - number) for number in range(12)),
    ),
    "treatments": [
        {"kind": "neuromodulation", "modality": "ect", "sessions": 12, "started": day(300), "ended": day(330)}
    ],
}


def drawn(said: Json, width: int = 720) -> ET.Element:
    return ET.fromstring(timeline_svg(said, width))  # noqa: S314 - our own


def texts(picture: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in picture.iter(f"{SVG}text")]


def test_it_names_itself_and_says_in_words_what_it_shows() -> None:
    said = timeline(FULL)
    picture = drawn(said)
    assert picture.get("role") == "img"
    title, words = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert (picture.get("aria-labelledby"), picture.get("aria-describedby")) == (title.get("id"), words.get("id"))
    assert words.text == said["description"]


def test_each_verdict_is_written_at_its_bar_and_has_its_own_fill() -> None:
    picture = drawn(timeline(FULL))
    said = " ".join(texts(picture))
    for words in ("counts as failed", "unknown: outcome not recorded", "does not count: stopped for side effects"):
        assert words in said
    fills = {each.get("fill") for each in picture.iter(f"{SVG}rect")}
    assert {"#0072B2", "url(#t0-no)", "url(#t0-unknown)"} <= fills
    assert {each.get("id") for each in picture.iter(f"{SVG}pattern")} == {"t0-no", "t0-unknown"}


def test_doses_scores_sessions_and_the_day_are_written() -> None:
    said = texts(drawn(timeline(FULL)))
    for words in ("100 mg", "75 mg", "225 mg", "? mg", "24", "13", "remission: 4 or less", "as of 2025-12-31"):
        assert words in said
    assert any("12 sessions" in each for each in said)


@pytest.mark.parametrize("width", [320, 340, 720, 1600])
def test_no_letter_is_smaller_than_11_pixels_and_none_is_outside(width: int) -> None:
    picture = drawn(timeline(FULL), width)
    sizes = {float(each.get("font-size", 99)) for each in picture.iter() if each.get("font-size")}
    assert min(sizes) >= 11
    assert picture.get("viewBox") == f"0 0 {width} {picture.get('height')}"
    for each in picture.iter(f"{SVG}rect"):
        assert float(each.get("x", 0)) + float(each.get("width", 0)) <= width + 30


def test_it_has_no_script_no_style_and_no_address() -> None:
    text = timeline_svg(timeline(FULL))
    assert not re.search(r"<script|<style|style=|href|\son\w+=|javascript:|<foreignObject|<image", text)
    assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"url\(([^)]*)\)", text)) == {"#t0-no", "#t0-unknown"}


def test_nothing_recorded_is_a_picture_too() -> None:
    said = texts(drawn(timeline(history(episodes=()))))
    assert "No trial, treatment or rating is recorded." in said
    assert "as of 2025-12-31" in said


def test_an_episode_alone_is_drawn() -> None:
    assert any("since 2024-11-01" in each for each in texts(drawn(timeline(history()))))


def test_twenty_trials_and_a_hundred_ratings_make_it_higher_not_denser() -> None:
    medicines = ["sertraline", "venlafaxine", "bupropion", "mirtazapine", "duloxetine"]
    many = history(
        *(trial(medicines[number % 5], -100 * number, 80) for number in range(20)),
        ratings=tuple(rating(-20 * number, number % 28) for number in range(100)),
    )
    few = drawn(timeline(history(trial())))
    picture = drawn(timeline(many))
    assert float(picture.get("height", 0)) > float(few.get("height", 0)) + 19 * 60
    assert len([each for each in texts(picture) if " mg a day" in each]) == 20


def test_a_high_timeline_goes_over_several_pages_with_the_axis_on_each_and_one_legend() -> None:
    many = history(*(trial("sertraline", -100 * number, 80) for number in range(20)))
    parts = timeline_parts(timeline(many), Canvas(720, 900, "w"))
    assert len(parts) > 1
    pictures = [ET.fromstring(part) for part in parts]  # noqa: S314 - our own
    assert all(float(each.get("height", 0)) <= 900 for each in pictures)
    assert [sum(words == "does not count" for words in texts(each)) for each in pictures] == [0] * (len(parts) - 1) + [
        1
    ]
    assert all("as of 2025-12-31" in texts(each) for each in pictures)
    ids = [each.get("id") for picture in pictures for each in picture.iter() if each.get("id")]
    assert len(ids) == len(set(ids))


def dashed(picture: ET.Element) -> list[ET.Element]:
    return [each for each in picture.iter(f"{SVG}rect") if each.get("stroke-dasharray")]


def test_what_is_only_possible_is_dashed_and_what_is_sure_is_filled() -> None:
    exact = drawn(timeline(history(trial(), episodes=())))
    assert dashed(exact) == []
    vague = drawn(timeline(history(trial(started="2025-01", ended="2025-04"), episodes=())))
    assert len(dashed(vague)) == 2
    wholly = drawn(timeline(history(trial(started="2025", ended="2025"), episodes=())))
    assert len(dashed(wholly)) == 2
    filled = [each for each in wholly.iter(f"{SVG}rect") if each.get("fill") == "#0072B2"]
    assert [each.get("width") for each in filled] == ["11", "11"], "the swatches of the verdict and of the legend alone"


def arrows(picture: ET.Element) -> int:
    return len([each for each in picture.iter(f"{SVG}path") if each.get("fill") == "#1a1a1a"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0),
        ({"ended": None, "outcome": None}, 1),
        ({"ended": "unknown"}, 1),
        ({"started": None}, 1),
        ({"started": None, "ended": "unknown", "doses": [{"daily_dose_mg": 50, "from": "2025-03"}]}, 2),
        ({"started": None, "ended": "unknown", "doses": []}, 2),
    ],
)
def test_an_end_that_goes_on_or_is_not_recorded_is_an_arrow(changes: Json, expected: int) -> None:
    assert arrows(drawn(timeline(history(trial(**changes), trial("venlafaxine", -90), episodes=())))) == expected


def test_a_medicine_without_a_minimum_is_scaled_by_itself() -> None:
    doses = [{"daily_dose_mg": 2, "from": day(0)}, {"daily_dose_mg": 8, "from": day(30)}]
    picture = drawn(timeline(history(trial("aripiprazole", doses=doses))))
    heights = [float(each.get("height", 0)) for each in picture.iter(f"{SVG}rect") if each.get("fill") == "url(#t0-no)"]
    low, high = heights[1:3]
    assert high == pytest.approx(4 * low, abs=0.3)


def test_a_dose_that_nobody_recorded_at_first_is_a_piece_of_its_own() -> None:
    doses = [{"daily_dose_mg": 50, "from": day(20)}]
    said = texts(drawn(timeline(history(trial(doses=doses)))))
    assert {"? mg", "50 mg"} <= set(said)


def test_a_rating_of_a_vague_day_is_as_wide_as_the_days_that_are_possible() -> None:
    vague = {"instrument": "phq9", "assessed_on": "2025-03", "total_score": 12}
    picture = drawn(timeline(history(trial(), ratings=(rating(0, 20), vague))))
    assert [each for each in picture.iter(f"{SVG}line") if each.get("stroke-width") == "4"]


@pytest.mark.parametrize("on", ["1900-01-01", "2100-12-31", "9999-12-31", "0001-01-31"])
def test_days_at_the_ends_of_the_calendar_are_drawn(on: str) -> None:
    assert f"as of {on}" in texts(drawn(timeline(history(trial(), episodes=()), on)))
