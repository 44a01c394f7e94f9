"""Labels are shown as they are written, whatever they hold, in figures that every reader of SVG can read."""

import html
import warnings
import xml.dom.minidom

import pytest
from matplotlib.text import Text

from equipoise.document.model import Drawing
from equipoise.report.bundle import write_report
from equipoise.report.figures import canvas, fonts
from equipoise.report.undrawn import drawing_remark
from equipoise.study import run_study

LABELS = {
    "dollars": "Weight loss $5% \u2013 $10%",
    "open mathematics": "$\\frac{1$ _x^ \\alpha {",
    "sub and super": "a_b^c $x_1^{2}$",
    "mark-up": "<b>&amp; \"quoted\" 'so' </svg> --> ]]>",
    "dashes": "-- a --- b --",
    "sixty letters": "Atezolizumab plus bevacizumab after progression on a first line",
    "one word of eighty": "x" * 80,
    "Hangul": "\uac04\uc138\ud3ec\uc554 \uc804\uc774",
    "Arabic": "\u0628\u0642\u0627\u0621",
    "two lines": "Age\nat the index date",
    "braces": "{0} {} %s %d {x!r}",
}


def labelled(sheet, label: str):
    p = sheet.protocol
    sheet.columns["x"] = [f"{label[:20]} {i % 2}" if "\n" not in label else f"x{i % 2}" for i in range(60)]
    levels = {t: f"{label} {t[-1]}" for t in sorted(set(sheet.columns["x"]))}
    p["covariates"]["x"] = {"label": label, "kind": "categorical", "from": "x", "levels": levels}
    p["arms"]["groups"]["a"]["label"], p["arms"]["groups"]["b"]["label"] = f"{label} A", f"{label} B"
    p["endpoints"]["os"] |= {"label": f"{label} OS", "short": label[:12].strip(), "event_label": label}
    p["eligibility"] = {"start": label, "steps": [{"label": label, "exclude": [{"reason": label, "where": "age < 41"}]}]}
    p["subgroups"] = {"age": {"label": label, "levels": {f"{label} old": "age > 60", f"{label} young": "age <= 60"}}}
    p["design"] = {"propensity": ["age"], "caliper": 5}
    p["study"] |= {"title": label, "notice": label}
    return run_study(sheet.write())


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
@pytest.mark.slow
def test_a_study_with_such_labels_is_drawn(sheet, tmp_path, label):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = write_report(labelled(sheet, label), tmp_path / "out")
    figures = list(out.rglob("*.svg"))
    assert len(figures) >= 4
    for figure in figures:
        xml.dom.minidom.parse(str(figure))


UNSEEN = ["\x1b[0m", "\x00", "\x07", "\ud800", "\u202e", "\u2067", "\u200f", "\ufffe", "\x85", "\u2028", "\r"]


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
def test_what_no_page_can_show_never_reaches_a_figure(sign):
    """Of data, where no protocol could refuse it."""
    figure = canvas.new_figure(2, 1)
    figure.text(0.5, 0.5, f"site {sign} North $")
    figure.add_axes((0.2, 0.2, 0.5, 0.5)).set_xticks([0, 1], [f"a{sign}b", "$c$"])
    drawn: Drawing = canvas.render(figure)
    xml.dom.minidom.parseString(drawn.svg)
    shown = [t.get_text() for t in figure.findobj(Text)]
    assert not any(sign in words for words in shown) and any("North $" in words for words in shown)


def test_signs_without_a_typeface_are_said_on_the_screen_and_in_the_report(sheet, undrawn, monkeypatch, tmp_path):
    study = labelled(sheet, "\uac04\uc138\ud3ec")
    monkeypatch.setattr(fonts, "_covering", lambda lacking: ((), lacking))
    said = drawing_remark(study)
    assert said.count("\uac04") == 1 and "boxes in their place" in said
    out = write_report(study, tmp_path / "out")
    assert said in html.unescape((out / "report.html").read_text(encoding="utf-8"))
    monkeypatch.setattr(fonts, "_covering", lambda lacking: (("Noto Sans KR",), frozenset()))
    assert drawing_remark(study) == ""


def test_a_study_in_latin_and_greek_needs_no_other_typeface(sheet, undrawn):
    assert drawing_remark(labelled(sheet, "\u03b1-fetoprotein \u2265 400 \u00b5g/L")) == ""


def test_each_text_asks_for_the_typefaces_that_have_its_signs(monkeypatch):
    figure = canvas.new_figure(2, 1)
    plain, other = figure.text(0, 0, "Age \u2265 60, \u03b1"), figure.text(0, 1, "\uac04\uc138\ud3ec")
    monkeypatch.setattr(fonts, "_covering", lambda lacking: (("Some Sans KR",), frozenset()))
    canvas._plain_texts(figure)
    assert plain.get_fontfamily() == [fonts.FAMILY]
    assert other.get_fontfamily() == [fonts.FAMILY, "Some Sans KR"]


def test_a_typeface_of_boxes_is_no_typeface():
    """matplotlib ships one that has a box for every sign there is; U+20000 is in no other that it ships."""
    assert not any(name.startswith(fonts.NO_LETTERS) for name in fonts.more_families("\U00020000"))


def test_a_bold_typeface_goes_with_that_of_text_and_one_like_ours_comes_first(monkeypatch):
    from matplotlib.font_manager import FontEntry, fontManager

    def entry(name, file, weight):
        return FontEntry(
            fname=file, name=name, style="normal", variant="normal", weight=weight, stretch="normal", size="scalable"
        )

    there = [("A Brush", "brush", 400), ("B Gothic", "heavy", 700), ("B Gothic", "text", 400), ("B Gothic", "thin", 250)]
    there += [("C Gothic Coding", "coding", 400), ("D Sans KR", "sans", "normal")]
    monkeypatch.setattr(fontManager, "ttflist", [entry(*each) for each in there])
    monkeypatch.setattr(fonts, "_of_fontconfig", lambda: [])
    found = fonts._installed.__wrapped__()
    assert list(found) == ["B Gothic", "D Sans KR", "A Brush", "C Gothic Coding"]
    assert found["B Gothic"] == ("text", "heavy") and found["D Sans KR"] == ("sans", "sans")


def test_without_fontconfig_the_typefaces_that_matplotlib_knows_are_left(monkeypatch):
    monkeypatch.setattr(fonts.shutil, "which", lambda name: None)
    assert fonts._of_fontconfig() == []


def test_a_typeface_that_fontconfig_lists_is_found_though_matplotlib_had_not_seen_it(monkeypatch):
    from matplotlib import font_manager, get_data_path

    file = f"{get_data_path()}/fonts/ttf/DejaVuSerif.ttf"
    others = [entry for entry in font_manager.fontManager.ttflist if entry.name != "DejaVu Serif"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", others)
    monkeypatch.setattr(fonts, "_of_fontconfig", lambda: [file, f"{file}.gz"])
    assert fonts._installed.__wrapped__()["DejaVu Serif"][0] == file
