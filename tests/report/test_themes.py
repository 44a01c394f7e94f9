"""A journal's theme decides how numbers are written, in text, tables and figures alike, and in nothing but its own report."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest

from equipoise.document.model import Bullets, Document, Drawing, Figure, Heading, Paragraph, Table
from equipoise.errors import EquipoiseError, ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.report_settings import THEMES, WIDTHS, ReportSettings
from equipoise.records import Study
from equipoise.report import format as fmt
from equipoise.report.assemble import report_document
from equipoise.report.figures import fonts
from equipoise.report.figures.canvas import DASHES, render
from equipoise.report.figures.finish import finish, scale
from equipoise.report.figures.kaplan_meier import kaplan_meier
from equipoise.report.rows import results_csv
from equipoise.report.tables.cells import footnotes
from equipoise.report.themes import GREYS, asked, current, looks_of, theme, themed, with_looks

# What each journal prints of the same P: AMA Manual of Style 18.7.1 (JAMA), statistical guideline of NEJM, Lancet and BMJ usage.
P = {
    "plain": ["<0.001", "0.004", "0.012", "0.045", "0.300", "0.996", ">0.999"],
    "jama": ["<.001", ".004", ".01", ".045", ".30", ">.99", ">.99"],
    "nejm": ["<0.001", "0.004", "0.01", "0.045", "0.30", ">0.99", ">0.99"],
    "lancet": ["0·00032", "0·0041", "0·012", "0·045", "0·30", ">0·99", ">0·99"],
    "bmj": ["<0.001", "0.004", "0.01", "0.045", "0.30", ">0.99", ">0.99"],
    "cmh": ["<0.001", "0.004", "0.012", "0.045", "0.300", "0.996", ">0.999"],
}
SENTENCE = {
    "plain": "P\u00a0=\u00a00.030",
    "jama": "P\u00a0=\u00a0.03",
    "nejm": "P=0.03",
    "lancet": "p=0·030",
    "bmj": "P=0.03",
    "cmh": "P=0.030",
}
LIMITS = {"plain": "0.54–0.89", "jama": "0.54-0.89", "nejm": "0.54 to 0.89", "lancet": "0·54–0·89", "bmj": "0.54 to 0.89"}
STYLE = {
    "jama": r"P\u00a0[=<>]\u00a0\.\d{2,}|P < \.05",
    "nejm": r"P[=<>]0\.\d{2,}",
    "lancet": r"p[=<>]0·\d{2,}",
}
SAID = re.compile(r"\b[Pp][\u00a0 ]?[=<>][\u00a0 ]?[\d.·]+\d")
LIMITS_SAID = re.compile(r"95% CI,? ([\d.·]+\d(?:–|-| to )[\d.·]+\d)")
# Numbers that no theme writes anew: of versions, of works and where they are found.
NOT_OURS = re.compile(r"RECIST 1\.1|doi:\S+|v\d\.\d|[Vv]ersion \d\.\d|LOGLOG since 9\.1|365\.25 / 12")


@pytest.mark.parametrize("name", THEMES)
def test_p_values_are_those_of_the_journal(name: str):
    with themed(theme(name)):
        assert [fmt.p_value(p) for p in (0.00032, 0.00412, 0.0123, 0.0453, 0.3, 0.9961, 0.9999)] == P[name]
        assert fmt.p_sentence(0.03) == SENTENCE[name]


@pytest.mark.parametrize("name", LIMITS)
def test_ratios_have_the_decimals_and_the_dash_of_the_journal(name: str):
    with themed(theme(name)):
        assert fmt.ratio_interval(0.695, 0.544, 0.888) == LIMITS[name]
        assert fmt.interval(-1, 2, 0) == "\u22121 to 2"


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("p", [0.0499996, 0.0496, 0.0451])
def test_a_p_below_the_limit_never_reads_as_the_limit(name: str, p: float):
    with themed(theme(name)):
        assert float(fmt.p_value(p).replace("·", ".")) < 0.05
        assert fmt.p_value(0.0539).replace("·", ".").endswith(".054")


@pytest.mark.parametrize(("name", "comma"), [("jama", ","), ("plain", ""), ("lancet", "")])
def test_an_interval_is_named_as_the_journal_does(name: str, comma: str):
    with themed(theme(name)):
        limits = fmt.ratio_interval(0.695, 0.544, 0.888)
        assert fmt.ratio_with(0.695, 0.544, 0.888, "95% CI").endswith(f"95% CI{comma} {limits}")
        assert f"(95% CI{comma} {limits})" in fmt.ratio_estimate(0.695, 0.544, 0.888, "95% CI")


def test_a_protocol_may_ask_for_other_decimals_of_ratios():
    with themed(asked(ReportSettings(theme="jama", ratio_decimals=3))):
        assert fmt.ratio_estimate(0.695, 0.544, 0.888) == "0.695 (0.544-0.888)"


def test_percentages_follow_the_theme_in_every_form():
    whole = replace(theme("lancet"), numbers=replace(theme("lancet").numbers, percent=0))
    with themed(whole):
        assert fmt.n_percent(27, 40) == "27 (68)" and fmt.share(27, 40) == "68% (27/40)"
        assert fmt.percentage(67.5) == "68" and fmt.percentage_estimate(67.5, 50.9, 81.4) == "68 (51–81)"


def test_a_zero_has_no_sign():
    assert fmt.number(-0.2, 0) == "0" and fmt.number(-1200.4, 0) == "\u22121,200"


def test_footnotes_have_the_symbols_of_the_theme():
    with themed(theme("nejm")):
        notes = footnotes()
        assert [notes.mark(f"note {i}") for i in range(8)] == ["*", "†", "‡", "§", "¶", "‖", "**", "††"]
    with themed(theme("jama")):
        assert footnotes().mark("note") == "a"


def test_two_reports_at_once_do_not_mix():
    """Each thread has its own theme, and the theme ends with its block."""
    inside, seen = threading.Barrier(2), {}

    def write(name: str) -> None:
        with themed(theme(name)):
            inside.wait(10)
            seen[name] = fmt.p_sentence(0.03)
            inside.wait(10)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("jama", "lancet")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert seen == {"jama": SENTENCE["jama"], "lancet": SENTENCE["lancet"]}
    with pytest.raises(KeyError), themed(theme("bmj")):
        raise KeyError
    assert current() == theme("plain")


def test_an_unknown_theme_or_width_names_those_there_are(tiny):
    tiny.protocol += "report: {theme: jamma, width: 100, color: gray}\n"
    with pytest.raises(ProtocolError) as caught:
        load_protocol(tiny.write())
    said = [fault.message for fault in caught.value.faults]
    assert "report.theme: input should be 'plain', 'jama', 'nejm', 'lancet', 'bmj' or 'cmh'" in said
    assert "report.width: input should be 85, 120 or 174" in said
    assert "report.color: input should be 'color' or 'greyscale'" in said


def words_of(document: Document) -> Iterator[str]:
    for block in document.blocks():
        if isinstance(block, Table):
            yield from words_in(block)
        elif isinstance(block, Figure):
            yield from (block.title, block.alt, block.caption)
        elif isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Bullets):
            yield from ("".join(run.text for run in item) for item in block.items)
        elif isinstance(block, Paragraph) and block.style != "reference":
            yield "".join(run.text for run in block.runs)


def words_in(table: Table) -> Iterator[str]:
    yield from (table.title, *table.notes, *(words for _, words in table.footnotes))
    yield from (cell.text for row in (*table.head, *table.body) for cell in row.cells)


def prose_of(document: Document) -> Iterator[str]:
    """The sentences of the results."""
    for section in document.sections:
        if section.under == "Results":
            yield from ("".join(run.text for run in block.runs) for block in section.blocks if isinstance(block, Paragraph))


@dataclass
class Finished:
    """What was found in the figures of a report. widths: mm on paper. types: points of the smallest letters of each there.
    colored: what is no grey."""

    texts: list[str] = field(default_factory=list)
    widths: set[float] = field(default_factory=set)
    types: list[float] = field(default_factory=list)
    colored: set[str] = field(default_factory=set)


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> Finished:
    """The figures of a report, laid out and finished, and not drawn otherwise."""
    from matplotlib.collections import Collection
    from matplotlib.colors import to_rgba_array
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Annotation, Text

    found = Finished()
    drawn = (Line2D, ["color", "markerfacecolor", "markeredgecolor"]), (Text, ["color"])
    areas = (Patch, ["facecolor", "edgecolor"]), (Collection, ["facecolor", "edgecolor"])

    def read(figure) -> Drawing:
        part = finish(figure)
        seen = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        found.texts += [text.get_text() for text in seen]
        found.widths.add(round(part * figure.get_figwidth() * 25.4, 3))
        found.types.append(min(part * text.get_fontsize() for text in seen))
        arrows = [text.arrow_patch for text in figure.findobj(Annotation) if text.arrow_patch is not None]
        for kind, names in (*drawn, *areas):
            for artist in (*figure.findobj(kind), *(arrows if kind is Patch else ())):
                for name in names:
                    colors = to_rgba_array(getattr(artist, f"get_{name}")())
                    found.colored |= {f"{artist} {c}" for c in colors if c[3] and max(c[:3]) - min(c[:3]) > 0.002}
        return Drawing('<svg width="10pt" height="10pt"></svg>')

    monkeypatch.setattr("equipoise.report.sections.parts.render", read)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "width", "color"), [("jama", 85, "color"), ("nejm", 120, "color"), ("lancet", 174, "greyscale")]
)
def test_text_tables_and_figures_keep_to_the_theme(founding: Study, finished: Finished, name: str, width: int, color: str):
    document = report_document(with_looks(founding, {"theme": name, "width": width, "color": color}), {})
    assert finished.widths <= {mm for mm in WIDTHS if mm >= width} and min(finished.types) > 5.999
    assert width in finished.widths
    assert bool(finished.colored) == (color == "color")
    said = [*words_of(document), *finished.texts]
    ps = [p for words in said for p in SAID.findall(words)]
    assert len(ps) > 80
    assert [p for p in ps if not re.fullmatch(STYLE[name], p)] == []
    tables = [words for table in document.tables() for words in words_in(table)]
    limits = [ends for words in prose_of(document) for ends in LIMITS_SAID.findall(words)]
    assert len(limits) > 10 and [ends for ends in limits if not any(ends in words for words in tables)] == []
    commas = {comma for words in said for comma in re.findall(r"95% CI(,?) [\d.·−]+\d", words)}
    assert commas == {theme(name).numbers.named}
    other = "P" if theme(name).p.name == "p" else "p"
    assert [words for words in said if re.search(rf"^{other}(, |$)|\b{other} values?\b", words)] == []
    left = [NOT_OURS.sub("", words) for words in said]
    if theme(name).numbers.mark != ".":
        assert [words for words in left if re.search(r"\d\.\d", words)] == []
    else:
        assert not any("·" in words for words in left)
    if theme(name).numbers.dash != "–":
        assert [words for words in left if re.search(r"\d–\d", words) and not re.search("[Gg]rade 3–4", words)] == []


def test_the_results_know_no_theme(tiny_study: Study):
    plain = results_csv(tiny_study.estimates, tiny_study.protocol)
    with themed(theme("lancet")):
        assert results_csv(tiny_study.estimates, tiny_study.protocol) == plain


def test_a_command_may_ask_for_another_look(tiny_study: Study):
    looks = looks_of("lancet", 85, "greyscale")
    assert with_looks(tiny_study, looks).protocol.report == ReportSettings(theme="lancet", width=85, color="greyscale")
    assert with_looks(tiny_study, looks_of(None, None, None)) is tiny_study
    with pytest.raises(EquipoiseError) as caught:
        looks_of("nature", 90, "grey")
    assert [fault.message for fault in caught.value.faults] == [
        "there is no 'nature'; allowed are plain, jama, nejm, lancet, bmj, cmh",
        "there is no '90'; allowed are 85, 120, 174",
        "there is no 'grey'; allowed are color, greyscale",
    ]


def luminance(color: str) -> float:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_arms_are_told_apart_without_color():
    """Any two of eight arms differ in their line, or in grey by a step that is seen; neighbors in both."""
    looks = [(luminance(grey), DASHES[i % len(DASHES)]) for i, grey in enumerate(GREYS)]
    for one, other in combinations(looks, 2):
        assert abs(one[0] - other[0]) > 0.05 or one[1] != other[1]
    for one, other in zip(looks, looks[1:], strict=False):
        assert abs(one[0] - other[0]) > 0.15 and one[1] != other[1]


@pytest.mark.parametrize(
    ("inches", "asked_for", "mm"),
    [
        (7.4, 174, 174),
        (7.4, 120, 174),
        (5.0, 174, 120),
        (4.9, 85, 85),
        (6.0, 85, 120),
        (12.0, 85, 174),
        (3.0, 120, 85),
        (6.85, 174, 174),
    ],
)
def test_a_figure_has_the_width_asked_for_or_the_next_that_can_be_read(inches: float, asked_for: int, mm: int):
    assert scale(inches, asked_for) * inches * 25.4 == pytest.approx(mm)
    assert scale(inches, 0) == 1


@pytest.mark.parametrize("name", THEMES)
def test_figures_are_in_the_typeface_of_the_journal_or_the_next_one_that_is_there(
    tiny_study: Study, name: str, monkeypatch: pytest.MonkeyPatch
):
    """A machine without any of a theme's has the one that ships; what is drawn and what the manifest names are the same."""
    with themed(asked(ReportSettings(theme=name))):
        drawing, face = render(kaplan_meier(tiny_study, "unadjusted", endpoints=["os"])), fonts.face()
        assert face.name in (*theme(name).figures.typeface, fonts.FAMILY)
        assert f"font-family: '{face.name}', {theme(name).figures.instead}" in drawing.svg
        assert fonts.named("")[face.name] == face.files[0]
        assert drawing.typefaces == (() if face.name == fonts.FAMILY else face.files)
        plain = re.sub(r"[^A-Za-z]", "", face.name).encode()
        assert all(plain in found for found in re.findall(rb"/FontName ?/[A-Z]{6}\+([\w-]+)", drawing.pdf))
        monkeypatch.setattr(fonts, "_installed", dict)
        fonts._first_of.cache_clear()
        assert fonts.face().name == fonts.FAMILY
    fonts._first_of.cache_clear()


def test_a_width_is_measured_in_the_typeface_of_the_theme():
    """Arial's advance of a digit is 0.556 of its size, of Times New Roman 0.5 (their metrics, which Liberation has as well)."""
    for name, em in (("jama", 0.556), ("lancet", 0.5)):
        with themed(theme(name)):
            if fonts.face().name != fonts.FAMILY:
                assert fonts.text_width("0123456789", 72) == pytest.approx(10 * em, abs=0.002)


def test_a_drawing_in_grey_has_its_width_on_paper_and_the_same_bytes_twice(tiny_study: Study):
    def drawn() -> Drawing:
        with themed(asked(ReportSettings(theme="jama", width=85, color="greyscale"))):
            return render(kaplan_meier(tiny_study, "unadjusted", endpoints=["os"]))

    one, other = drawn(), drawn()
    assert one.size[0] == pytest.approx(85 / 25.4 * 72, abs=0.01)
    assert one.svg == other.svg and one.pdf == other.pdf and one.png == other.png
    colors = set(re.findall("#[0-9a-f]{6}", one.svg))
    assert len(colors) > 2 and all(c[1:3] == c[3:5] == c[5:7] for c in colors)
    assert b"/Type3" not in one.pdf and b"/FontFile2" in one.pdf
