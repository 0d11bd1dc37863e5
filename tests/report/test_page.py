"""The report as a page and as a PDF: the same words in both, in an order that a hurried reader needs, and harmless."""

import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdf
import pytest

from report.page import POLICY, STYLE, page
from report.pdf import laid_out, to_lay_out
from tests.clinical.trials import EPISODE, day, history, rating, trial
from tests.report.drawing import NOBODY, report

Json = dict[str, Any]
MENTIONS = 4  # name, identifier, diagnosis, remark
HOSTILE = '<script>alert(1)</script>{{ 7 * 7 }}#panic("x")]$*_`\\\'&quot;--><svg onload=alert(2)>'
EVERYTHING = (
    *("Nausea.", "fatigue", "not said", "Trauma, in childhood or later", "20 (severe)", "Ketamine"),
    *("At the day clinic.", "F33.2 Severe"),
)
BIPOLAR = {**EPISODE, "polarity": "bipolar"}
KNOWN = {
    **history(
        trial(note="Nausea."),
        trial("venlafaxine", 100),
        trial("bupropion", 200, outcome=None),
        ratings=(rating(0, 20), rating(50, 18)),
        episodes=({**EPISODE, "diagnosis": {"system": "icd10", "code": "F33.2", "text": "Severe"}},),
    ),
    "treatments": [
        {
            "kind": "rapid_acting",
            "modality": "ketamine",
            "sessions": 6,
            "started": day(300),
            "note": "At the day clinic.",
        }
    ],
    "symptoms": [{"observed_on": day(20), "present": ["fatigue"], "absent": ["guilt_or_worthlessness"]}],
    "contributing_factors": [{"category": "environmental", "factor": "trauma", "certainty": "suspected"}],
}


class Outline(HTMLParser):
    """Headings, ids and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [value or "" for name, value in attrs if name == "id"]


def words(text: str) -> str:
    """The text of a page without its tags and style."""
    return html.unescape(" ".join(re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL).split()))


def pdf(said: Json) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(laid_out(to_lay_out(said))))


def text_of(document: pypdf.PdfReader) -> str:
    return " ".join(" ".join(each.extract_text().split()) for each in document.pages)


@pytest.fixture(scope="module")
def said() -> Json:
    return report(KNOWN)


def test_safety_comes_first_then_the_answer_why_and_what_is_missing(said: Json) -> None:
    shown = words(page(said))
    order = [
        "Suicidal thoughts: no answer recorded. Ask.",
        "Treatment-resistant",
        "Two different antidepressants failed: sertraline and venlafaxine.",
        "2 of 2 failed, 1 more possible",
        "Why",
        "What is missing",
        "Timeline",
        "Each trial: counts or not, and why",
        "What other definitions say",
        "Staging",
        "Families of treatment, to review",
        "Ratings, symptoms and contributing factors",
        "What this rests on",
        "Sources",
    ]
    places = [shown.index(each, shown.index("Report on treatment resistance")) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("known", "definition", "status"),
    [
        (history(trial()), "two_failed_medications", "Not treatment-resistant"),
        (history(trial(), trial("venlafaxine", 100, outcome=None)), "two_failed_medications", "Cannot be said yet"),
        (
            history(trial(), episodes=({**EPISODE, "polarity": "bipolar"},)),
            "fda_label",
            "The definition does not apply",
        ),
        (history(episodes=()), "two_failed_medications", "Not treatment-resistant"),
    ],
)
def test_every_status_has_its_words(known: Json, definition: str, status: str) -> None:
    shown = report(known, definition=definition)
    assert f'tabindex="-1">{status}</h2>' in page(shown)
    assert status in text_of(pdf(shown))


@pytest.mark.parametrize(
    ("answer", "level", "heading"),
    [
        (0, "none_reported", "0 does not rule out risk"),
        (1, "review", "review at this contact"),
        (3, "urgent", "assess the risk today"),
    ],
)
def test_the_note_on_safety_follows_the_answer_and_zero_never_reassures(answer: int, level: str, heading: str) -> None:
    known = history(trial(), ratings=({"instrument": "phq9", "assessed_on": day(300), "items": [1] * 8 + [answer]},))
    shown = page(report(known))
    assert f'class="safety {level}"' in shown
    assert heading in words(shown)
    assert heading in text_of(pdf(report(known)))


def test_a_definition_that_is_not_verified_says_so_in_both() -> None:
    shown = report(history(trial()), definition="gsrd")
    for text in (words(page(shown)), text_of(pdf(shown))):
        assert "has not been checked against its source" in text
    assert 'class="warning"' not in page(report(history(trial())))


def test_every_criterion_has_a_sign_words_and_a_numbered_source(said: Json) -> None:
    shown = page(said)
    outline = Outline(shown)
    cited = {f"source-{number}" for number in re.findall(r'href="#source-(\d+)"', shown)}
    assert cited
    assert cited <= set(outline.ids)
    text = words(shown)
    for part in ("✓ met", "? unknown", "(not asked by this definition)", "[1]"):
        assert part in text


def test_symptoms_factors_ratings_and_remarks_are_shown(said: Json) -> None:
    for text in (words(page(said)), text_of(pdf(said))):
        for part in (
            "Nausea.",
            "fatigue",
            "not said",
            "Trauma, in childhood or later",
            "20 (severe)",
            "Ketamine",
            "At the day clinic.",
            "F33.2 Severe",
        ):
            assert part in text, part


def test_the_page_is_well_built(said: Json) -> None:
    outline = Outline(page(said))
    assert outline.headings[0] == 1 or outline.headings.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    for landmark in ("header", "main", "footer"):
        assert outline.tags.count(landmark) == 1
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(outline.tags)


def test_the_policy_allows_the_style_of_the_page_and_nothing_else(said: Json) -> None:
    shown = page(said)
    assert f"<style>{STYLE}</style>" in shown
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert not re.search(r"\sstyle=|\son\w+=", shown)


def hostile(text: str) -> tuple[Json, Json]:
    """A history and a patient with the text wherever people may write."""
    known = history(
        trial(note=text, medication={"text": "Zoloft"}),
        episodes=({**EPISODE, "diagnosis": {"system": text[:64], "code": text[:64], "text": text[:200]}},),
    )
    known["medication_trials"][0]["source"] = {"kind": "ehr", "reference": text[:200]}
    identifiers = [{"system": text[:300], "value": text[:200]}]
    return known, {**NOBODY, "display_name": text[:200], "identifiers": identifiers}


@pytest.mark.parametrize(
    "text", [HOSTILE, HOSTILE * 100, "x" * 10_000, "陈" * 10_000, "\u202e\x01\x1b" * 50, "a\u0301" * 5000], ids=range(6)
)
def test_what_people_write_does_no_harm(text: str) -> None:
    known, patient = hostile(text[:10_000])
    shown = report(known, patient=patient)
    assert not {"script", "img", "iframe"} & set(Outline(page(shown)).tags)
    assert len(pdf(shown).pages) < 20


def test_markup_is_shown_as_it_was_written() -> None:
    known, patient = hostile(HOSTILE)
    shown = report(known, patient=patient)
    assert words(page(shown)).count("<script>alert(1)</script>{{ 7 * 7 }}#panic") >= MENTIONS
    assert text_of(pdf(shown)).count("<script>alert(1)</script>{{ 7 * 7 }}#panic") >= MENTIONS


NAMES = ["陈小明", "Александр", "Αλέξανδρος", "김철수", "さくら", "Zoë Ærøskøbing", "נועה", "ไทย"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_other_scripts_are_in_the_pdf_which_stays_accessible(name: str) -> None:
    document = pdf(report(history(trial()), patient={**NOBODY, "display_name": name}))
    assert name[-2:] in text_of(document) or name[::-1][:2] in text_of(document)
    assert b"pdfuaid" in laid_out(to_lay_out(report(history(trial()), patient={**NOBODY, "display_name": name})))


def test_a_character_that_no_font_has_is_no_reason_to_give_no_report() -> None:
    document = pdf(report(history(trial()), patient={**NOBODY, "display_name": "Smile \U0001f600"}))
    assert "Smile" in text_of(document)


def test_the_pdf_is_tagged_titled_and_on_a4(said: Json) -> None:
    document = pdf(said)
    assert document.metadata is not None
    assert document.metadata.title == "Treatment-resistant: Test"
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    width, height = (round(float(each) / 72 * 25.4) for each in document.pages[0].mediabox[2:])
    assert (width, height) == (210, 297)


def test_the_same_question_gives_the_same_pdf(said: Json) -> None:
    assert laid_out(to_lay_out(said)) == laid_out(to_lay_out(said))


def test_nothing_recorded_at_all_is_a_report_too() -> None:
    empty = report(history(episodes=()), patient={**NOBODY, "display_name": None, "birth_date": None})
    for text in (words(page(empty)), text_of(pdf(empty))):
        for part in ("Name not recorded", "No trial is recorded.", "No rating is recorded.", "No symptom record."):
            assert part in text


def test_a_layout_that_takes_too_long_is_ended(said: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("report.pdf.SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        laid_out(to_lay_out(said))


def test_the_process_that_lays_out_is_given_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked.py"
    asked.write_text("import os, sys; sys.stdout.write(','.join(os.environ) + str(sys.flags.isolated))")
    monkeypatch.setenv("SECRET_KEY", "not to be seen")
    monkeypatch.setattr("report.pdf.TYPESET", asked)
    assert "SECRET_KEY" not in laid_out("{}").decode()
    assert laid_out("{}").decode().endswith("1")
