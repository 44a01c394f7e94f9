"""The finished files read back: a clean study gives no finding, a planted error gives one that names its place."""

from __future__ import annotations

import csv
import random
import re
import shutil
from pathlib import Path

import pytest
from plants import another_digit, changed, content, copied, digits, write
from typer.testing import CliRunner
from wide import three_arm_study

from equipoise.audit.audit import audit_folder
from equipoise.audit.finding import COLUMNS
from equipoise.audit.intervals import wald_p
from equipoise.audit.page import Table
from equipoise.audit.printed import ESTIMATE, Number, Probability
from equipoise.audit.web import read_html
from equipoise.audit.word import read_docx
from equipoise.cli import app
from equipoise.errors import EquipoiseError
from equipoise.records import Study
from equipoise.report.bundle import write_report
from equipoise.report.figures.canvas import render

FILES = ("report.html", "manuscript.html", "supplement.html", "manuscript.docx", "supplement.docx")


@pytest.fixture(scope="module")
def no_drawing():
    from tests.conftest import blank

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.report.sections.parts.render", blank)
        yield


@pytest.fixture(scope="module")
def finished(no_drawing, founding: Study, tmp_path_factory) -> Path:
    return write_report(founding, tmp_path_factory.mktemp("finished") / "out", formats=("html", "docx"))


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return copied(finished, tmp_path / "out")


@pytest.fixture(scope="module")
def with_pdf(no_drawing, spreadsheet: Study, tmp_path_factory) -> Path:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not on this machine")
    return write_report(spreadsheet, tmp_path_factory.mktemp("paper") / "out", formats=("html", "pdf"))


def test_a_pdf_says_what_its_page_says(with_pdf: Path):
    assert audit_folder(with_pdf) == []


@pytest.mark.parametrize("place", [r"<p>[^<]*?(\d\.\d)", r"<td[^<]*?>(\d+\.\d)", r"<strong>Table \d\.</strong> (\w+)"])
def test_a_number_that_the_pdf_does_not_hold_is_found(with_pdf: Path, tmp_path: Path, place: str):
    folder = copied(with_pdf, tmp_path / "out")
    page = folder / "manuscript.html"
    said = page.read_text(encoding="utf-8")
    main = said.index("<main>")
    at = re.search(place, said[main:])
    assert at is not None
    begin, end = main + at.start(1), main + at.end(1)
    page.write_text(f"{said[:begin]}777.7{said[end:]}", encoding="utf-8")
    found = [f for f in audit_folder(folder) if f.file == "manuscript.pdf"]
    assert len(found) == 1 and "is not in its text" in found[0].message


def test_a_pdf_that_cannot_be_read_is_said(with_pdf: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("equipoise.audit.paper.shutil.which", lambda name: None)
    assert audit_folder(with_pdf) == []
    told = CliRunner().invoke(app, ["audit", str(with_pdf)])
    assert "the finished files agree (PDF not read: pdftotext is not installed)" in told.output


def rules(folder: Path) -> set[str]:
    return {f.rule for f in audit_folder(folder)}


def test_the_founding_study_gives_no_finding(finished: Path):
    assert audit_folder(finished) == []
    assert list(csv.reader((finished / "audit.csv").open(encoding="utf-8"))) == [list(COLUMNS)]


@pytest.mark.parametrize("name", ["spreadsheet", "one_arm", "three_arms"])
def test_a_clean_study_gives_no_finding(name, no_drawing, spreadsheet, one_arm, tmp_path):
    study = {"spreadsheet": spreadsheet, "one_arm": one_arm}.get(name) or three_arm_study(tmp_path / "study")
    out = write_report(study, tmp_path / "out", formats=("html", "docx"))
    assert [f.sentence() for f in audit_folder(out)] == []


def test_a_reader_finds_the_same_in_both_formats(finished: Path):
    for part in ("manuscript", "supplement"):
        web, word = read_html(finished / f"{part}.html"), read_docx(finished / f"{part}.docx")
        assert [(t.number, t.title, t.columns()) for t in web.tables] == [(t.number, t.title, t.columns()) for t in word.tables]
        assert [(f.number, f.words) for f in web.figures] == [(f.number, f.words) for f in word.figures]
        assert len(web.tables) + len(web.figures) > 5


# what is planted everywhere it stands, so that no copy tells: each must be found by what it contradicts
EVERYWHERE = {
    "count": ("111 (88.1)", "112 (88.1)", "per cent"),
    "per cent": ("111 (88.1)", "111 (88.7)", "per cent"),
    "total of the arms": ("107 (84.9)", "106 (84.1)", "sum of the arms"),
    "limits swapped": ("1.814 (1.094\u20133.010)", "1.814 (3.010\u20131.094)", "limits"),
    "limit": ("1.814 (1.094\u20133.010)", "1.814 (1.094\u20133.810)", "middle of the limits"),
    "estimate": ("2.046 (1.337\u20133.129)", "2.446 (1.337\u20133.129)", "middle of the limits"),
    "P of a Wald interval": (">0.021<", ">0.071<", "interval and P"),
    "P of a test": ("0.774", "0.724", "table and results.csv"),
    "rate in a sentence": ("7.5% (3/40)", "7.5% (4/40)", "per cent"),
    "P in a sentence": ("(P = 0.292)", "(P = 0.922)", "text and results.csv"),
    "a count of patients in a sentence": ("32 of 40 patients (80.0%)", "33 of 40 patients (80.0%)", "per cent"),
    "those excluded": ("68 were excluded", "86 were excluded", "flow"),
    "median in a sentence": ("10.3 months (95% CI 6.8 to", "10.8 months (95% CI 6.8 to", "text and results.csv"),
    "flow": (">152<", ">151<", "flow"),
    "flow in the words of the diagram": ("disease progression: 152", "disease progression: 125", "figure and table"),
    "arms in a sentence": ("40 with lenvatinib and 86 with", "41 with lenvatinib and 86 with", "flow"),
    "citation": (">Table S1</a> gives", ">Table S71</a> gives", "citation"),
    "no number": ("7.5% (3/40)", "nan% (3/40)", "raw word"),
    "a key": ("Could not be evaluated", "not_evaluable", "raw word"),
}


@pytest.mark.parametrize("name", EVERYWHERE)
def test_an_error_in_every_copy_is_found_by_what_it_contradicts(name: str, folder: Path):
    old, new, rule = EVERYWHERE[name]
    planted = 0
    for file in FILES:
        path = folder / file
        words = content(path)
        for before, after in {(old, new), (old.replace(" ", "\u00a0"), new.replace(" ", "\u00a0"))}:
            planted += words.count(before)
            words = words.replace(before, after)
        write(path, words)
    assert planted, f"{old} stands nowhere"
    assert rule in rules(folder)


IN_ONE_FILE = {
    "a digit in Word": ("manuscript.docx", "111 (88.1)", "111 (88.2)", "the same in every file"),
    "a digit in the page": ("report.html", "111 (88.1)", "111 (88.2)", "page and csv"),
    "a note in Word": ("manuscript.docx", "Values are median", "Values of 9 are median", "the same in every file"),
    "a sentence in Word": ("manuscript.docx", "7.5% (3/40)", "8.5% (3/40)", "the same in every file"),
    "a sentence of the manuscript": ("manuscript.html", "7.5% (3/40)", "8.5% (3/40)", "the same in every file"),
}


@pytest.mark.parametrize("name", IN_ONE_FILE)
def test_an_error_in_one_file_is_found_by_the_others(name: str, folder: Path):
    file, old, new, rule = IN_ONE_FILE[name]
    changed(folder / file, old, new)
    found = audit_folder(folder)
    assert rule in {f.rule for f in found}
    assert file in {f.file for f in found}


def test_a_finding_says_where_and_what_to_do(folder: Path):
    changed(folder / "manuscript.docx", "111 (88.1)", "111 (88.6)")
    (said,) = [f.sentence() for f in audit_folder(folder) if f.rule == "per cent"]
    where, _, advice = said.partition("; ")
    assert where == (
        "manuscript.docx, Table 1, row 'Male', column 'Before matching: Total (n=126)': 111 of 126 is not 88.6% (per cent)"
    )
    assert advice.startswith("run the study again")


def test_a_number_is_that_of_the_row_to_which_it_leads(folder: Path):
    page = read_html(folder / "report.html")
    smd = next(c for t in page.tables for r in t.rows() for c in r.cells.values() if c.key == "baseline.unadjusted.age.smd")
    assert smd.text == "0.45"
    changed(folder / "report.html", '#baseline.unadjusted.age.smd">0.45<', '#baseline.unadjusted.age.smd">0.46<', -1)
    found = {(f.rule, f.row, f.message) for f in audit_folder(folder)}
    assert ("table and results.csv", "Age, years", "'0.46' is not the number of its row in results.csv") in found


RESULTS = """key,phase,analysis,design,endpoint,population,statistic,value,low,high,n,events
a,survival,kaplan_meier,plain,os,all,median,308,203,,40,20
b,survival,kaplan_meier,plain,os,all,median,167,142,270,86,61
c,survival,interaction,plain,os,all,p,0.475,,,126,81
d,survival,cox,plain,os,age over 60,hr,0.58,0.37,0.92,60,40
e,survival,cox,plain,os,age under 60,hr,0.75,0.52,1.07,66,41
f,survival,logrank,plain,os,age over 60,p,0.02,,,60,40
g,survival,logrank,plain,os,age under 60,p,0.11,,,66,41
h,survival,cox,plain,os,all,hr,1.814,1.094,3.010,126,81
"""
RISEN_AND_FALLEN = """key,phase,analysis,design,endpoint,population,group,level,statistic,value,low,high,n,events
a,survival,kaplan_meier,plain,os,all,l,,median,308,203,,40,20
b,survival,kaplan_meier,plain,os,all,s,,median,167,142,270,86,61
l0,survival,kaplan_meier,plain,os,all,l,0 months,at_risk,40,,,40,
l1,survival,kaplan_meier,plain,os,all,l,3 months,at_risk,30,,,40,
l2,survival,kaplan_meier,plain,os,all,l,6 months,at_risk,24,,,40,
l3,survival,kaplan_meier,plain,os,all,l,9 months,at_risk,,,,40,
l4,survival,kaplan_meier,plain,os,all,l,12 months,at_risk,<5,,,40,
s0,survival,kaplan_meier,plain,os,all,s,0 months,at_risk,86,,,86,
s1,survival,kaplan_meier,plain,os,all,s,3 months,at_risk,50,,,86,
s2,survival,kaplan_meier,plain,os,all,s,6 months,at_risk,36,,,86,
s3,survival,kaplan_meier,plain,os,all,s,9 months,at_risk,20,,,86,
s4,survival,kaplan_meier,plain,os,all,s,12 months,at_risk,13,,,86,
"""
DRAWN = (
    "0", "6", "12", "Overall survival, %", "Number at risk", "Lenvatinib", "40", "24", "<5", "effective number", "31.2", "40.0",
    "3.0", "Sorafenib", "86", "36", "13", "Lenvatinib: median 10.1 (6.7\u2013NA)", "Sorafenib: median 5.5 (4.7\u20138.9)",
)  # fmt: skip


def drawn_page(folder: Path, drawn: tuple[str, ...], said: str = "", results: str = RESULTS) -> list[str]:
    svg = "".join(f"<text>{words.replace('<', '&lt;')}</text>" for words in drawn)
    caption = "<figcaption><strong>Figure 1.</strong> Survival.</figcaption>"
    figure = f"<figure id='figure_km'><div><svg>{svg}</svg></div>{caption}</figure>"
    (folder / "results.csv").write_text(results, encoding="utf-8")
    (folder / "report.html").write_text(f"<html><main><h2>S</h2><p>{said}</p>{figure}</main></html>", encoding="utf-8")
    return [f"{f.row}: {f.message}" for f in audit_folder(folder) if f.rule in ("numbers at risk", "text and results.csv")]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("40", "40", []),
        ("24", "42", ["Lenvatinib: 42 patients at risk after 40"]),
        ("40", "86", ["Lenvatinib: 86 patients at the start, and 40 in results.csv"]),
        ("86", "85", ["Sorafenib: 85 patients at the start, and 86 in results.csv"]),
        ("Sorafenib: median 5.5 (4.7\u20138.9)", "No median", []),
    ],
)
def test_numbers_at_risk_begin_with_a_group_and_fall(old: str, new: str, found: list[str], tmp_path: Path):
    assert drawn_page(tmp_path, tuple(new if words == old else words for words in DRAWN)) == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("40", "40", []),
        ("36", "35", ["Sorafenib: 86, 35, 13 at risk, which no curve of this median has in results.csv"]),
        ("24", "25", ["Lenvatinib: 40, 25, masked at risk, which no curve of this median has in results.csv"]),
        ("13", "20", ["Sorafenib: 86, 36, 20 at risk, which no curve of this median has in results.csv"]),
    ],
)
def test_numbers_at_risk_are_those_of_the_rows_at_every_second_time(old: str, new: str, found: list[str], tmp_path: Path):
    drawn = tuple(new if words == old else words for words in DRAWN)
    assert drawn_page(tmp_path, drawn, results=RISEN_AND_FALLEN) == found


def test_a_masked_number_at_risk_between_others_is_no_group(tmp_path: Path):
    assert drawn_page(tmp_path, tuple({"24": "masked", "<5": "4"}.get(words, words) for words in DRAWN)) == []


def test_the_words_of_the_next_axis_are_no_numbers_at_risk(tmp_path: Path):
    assert drawn_page(tmp_path, (*DRAWN, "B Competing event", "0", "365", "730")) == []
    axis = (*(words for words in DRAWN if "median" not in words), "B Competing event", "0", "365", "730")
    assert drawn_page(tmp_path, axis) == []


def test_without_medians_the_first_number_at_risk_is_the_size_of_some_group(tmp_path: Path):
    alone = tuple(words for words in DRAWN if "median" not in words)
    assert drawn_page(tmp_path, alone) == []
    assert drawn_page(tmp_path, tuple("87" if words == "86" else words for words in alone)) == [
        "Sorafenib: 87 patients at the start, and the size of no group in results.csv"
    ]


@pytest.mark.parametrize(("p", "agrees"), [("0.475", True), ("0.745", False), ("0.020", False)])
def test_a_p_of_interaction_is_that_of_the_whole_study(p: str, agrees: bool, tmp_path: Path):
    said = f"The hazard ratio was 0.58 (0.37\u20130.92) over 60 and 0.75 (0.52\u20131.07) under 60 (interaction P = {p})."
    assert (drawn_page(tmp_path, DRAWN, said) == []) == agrees


def test_the_curves_of_a_study_are_read_as_drawn(tiny_study: Study, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("equipoise.report.sections.parts.render", render)
    out = write_report(tiny_study, tmp_path / "out")
    at_risk = [f for f in read_html(out / "report.html").figures if "Number at risk" in f.drawn]
    assert at_risk and audit_folder(out) == []
    size = next(f.drawn[f.drawn.index("Number at risk") + 2] for f in at_risk)
    changed(out / "report.html", f">{size}</text>", f">{int(size) + 1000}</text>", 99)
    assert "numbers at risk" in rules(out)


def test_a_row_dropped_from_word_is_found(folder: Path):
    path = folder / "manuscript.docx"
    words = content(path)
    at = words.index(">Male<")
    first, last = words.rindex("<w:tr>", 0, at), words.index("</w:tr>", at) + len("</w:tr>")
    write(path, words[:first] + words[last:])
    assert any(f.file == "manuscript.docx" and f.place == "Table 1" and "rows" in f.message for f in audit_folder(folder))


def test_the_command_ends_with_1_where_files_disagree(folder: Path):
    clean = CliRunner().invoke(app, ["audit", str(folder)])
    assert clean.exit_code == 0 and "the finished files agree" in clean.output
    changed(folder / "manuscript.docx", "111 (88.1)", "111 (88.2)")
    found = CliRunner().invoke(app, ["audit", str(folder)])
    assert found.exit_code == 1 and "Table 1, row 'Male'" in found.output and "findings" in found.output


def test_a_folder_without_a_report_is_refused(tmp_path: Path):
    with pytest.raises(EquipoiseError, match=r"holds no report\.html"):
        audit_folder(tmp_path)


def test_strict_ends_with_1_where_the_files_disagree(tiny, undrawn, monkeypatch):
    from equipoise.audit.finding import Finding

    wrong = [Finding("report.html", "Table 1", "per cent", "1 of 2 is not 40%")]
    monkeypatch.setattr("equipoise.report.bundle.audit_folder", lambda folder: wrong)
    strict = CliRunner().invoke(app, ["run", str(tiny.write()), "--strict"])
    assert strict.exit_code == 1 and "report.html, Table 1: 1 of 2 is not 40% (per cent)" in strict.output
    assert "1 of 2 is not 40%" in (tiny.folder / "out" / "audit.csv").read_text(encoding="utf-8")


def test_a_wald_p_by_hand():
    # HR 2 (1 to 4): log 2 over (log 4 / 3.92) is 1.96 standard errors, P 0.05
    low, high = wald_p(Number(2, 0), Number(1, 0), Number(4, 0), 0.95)
    assert low == pytest.approx(0.05) and high == pytest.approx(0.05)
    wide = wald_p(Number.of("2.0"), Number.of("1.0"), Number.of("4.0"), 0.95)
    assert wide[0] < 0.05 < wide[1]
    assert Probability("", Number.of("0.050")).may_lie(*wide) and not Probability("", Number.of("0.150")).may_lie(*wide)
    below = Probability("<", Number.of("0.001"))
    assert below.may_lie(0.0005, 0.0008) and not below.may_lie(0.01, 1)


@pytest.mark.parametrize(
    "words, found",
    [
        ("1.814 (1.094\u20133.010)", ("1.814", "1.094", "3.010")),
        ("\u22121.9 (\u22123.4 to \u22120.5)", ("-1.9", "-3.4", "-0.5")),
        ("HR 2.131, 95% CI 1.150\u20133.949).", ("2.131", "1.150", "3.949")),
        ("10.3 months (95% CI 6.8 to not reached)", ("10.3", "6.8", "not reached")),
        ("1\u00b781 (1\u00b709\u20133\u00b701)", ("1.81", "1.09", "3.01")),
        ("2,018 (1,918\u2013NA)", ("2,018", "1,918", "NA")),
    ],
)
def test_estimates_are_read_in_every_style(words: str, found: tuple[str, ...]):
    from equipoise.audit.printed import read_signs

    assert ESTIMATE.search(read_signs(words)).groups() == found


def test_footnotes_are_read_by_their_letters():
    below = "CI, confidence interval. a Log-rank test; b Fisher's exact test, 2 x 3; c Cox, Wald limits."
    assert Table("Table 1", "", (), (), below).notes()["b"].startswith("Fisher's exact test")


# --- random digits -------------------------------------------------------------------------------------------------------------


def cell_or_sentence(words: str, text) -> bool:
    """A number that can be checked: of a table's body or a paragraph, not of what is cited nor of a date."""
    before = words[max(0, text.start() - 400) : text.start() + 1]
    tag = before[before.rindex("<") :] if "<" in before else ""
    cited = "doi" in text[1] or re.search(r"\d{4};\d+:", text[1])
    return tag.startswith(("<td", "<p>", "<w:t ", "<w:t>")) and not cited


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_random_digit_is_found(file: str, folder: Path):
    draw = random.Random(file)
    places = digits(folder / file, cell_or_sentence)
    words, missed = content(folder / file), []
    tried = draw.sample(places, 20)
    for at in tried:
        write(folder / file, another_digit(words, at, draw))
        if not audit_folder(folder):
            missed.append(words[at - 40 : at + 20])
    assert len(missed) <= 0.05 * len(tried), missed
