"""A drawing as svg with text, as pdf and as png: what other programs read in them."""

import gc
import io
import re
import shutil
import subprocess
import xml.dom.minidom
import zlib

import pytest
from matplotlib.figure import Figure
from PIL import Image

from equipoise.document.model import Drawing
from equipoise.report.figures import canvas, flow_diagram, fonts, kaplan_meier
from equipoise.report.sections.parts import figure
from equipoise.report.themes import theme

WORDS = "Age \u2265 60, \u03b1 & <b> $x_1$ 5 %"


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    figure = canvas.new_figure(3, 1)
    figure.text(0.05, 0.6, WORDS, fontsize=9)
    figure.text(0.05, 0.2, "two   blanks", fontsize=9, fontweight="bold")
    return canvas.render(figure)


def texts(svg: str) -> list[str]:
    found = xml.dom.minidom.parseString(svg).getElementsByTagName("text")
    return ["".join(n.data for n in e.childNodes if n.nodeType == n.TEXT_NODE) for e in found]


def test_words_of_an_svg_are_text_in_a_typeface_with_a_name(drawing):
    assert texts(drawing.svg) == [WORDS, "two\u00a0\u00a0 blanks"]
    assert drawing.words == tuple(texts(drawing.svg))
    families = re.findall(r"font-family: ([^\";]+)", drawing.svg)
    assert set(families) == {f"'DejaVu Sans', {theme('plain').figures.instead}"} and len(families) == 2


def test_a_pdf_holds_the_letters_of_both_weights_and_nothing_of_a_clock(drawing):
    assert set(re.findall(rb"/FontName ?/[A-Z]{6}\+([\w-]+)", drawing.pdf)) == {b"DejaVuSans", b"DejaVuSans-Bold"}
    streams = [part.split(b"endstream")[0].strip() for part in drawing.pdf.split(b"stream\n")[1:]]
    assert any(b"true" in part[:200] or part[:4] == b"\0\1\0\0" for part in map(_unpacked, streams))  # a TrueType file
    assert re.search(rb"/CreationDate ?\(D:20000101", drawing.pdf)


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_another_program_reads_the_words_of_a_pdf(drawing, tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(drawing.pdf)
    read = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    assert WORDS in read and "two" in read


def test_a_png_has_300_dots_per_inch_and_says_so(drawing):
    image = Image.open(io.BytesIO(drawing.png))
    assert image.size == (900, 300) and [round(d) for d in image.info["dpi"]] == [300, 300]
    dark = [sum(image.convert("L").crop((0, y, 900, y + 150)).histogram()[:128]) for y in (0, 150)]
    assert min(dark) > 500  # both lines of words are there


def test_a_wide_drawing_has_300_dots_per_inch_of_the_widest_page():
    made = Image.open(io.BytesIO(canvas.render(canvas.new_figure(9, 1)).png))
    assert made.width == pytest.approx(174 / 25.4 * 300, abs=1) and [round(d) for d in made.info["dpi"]] == [300, 300]


def test_signs_of_another_typeface_name_it_and_their_own_typeface_stays_that_of_the_figures(monkeypatch):
    monkeypatch.setattr(fonts, "_family_of", lambda sign, name: "Some Sans KR" if sign > "\u1100" else "")
    assert canvas._spans("OS, \uac04\uc138 &amp; more") == (
        f"OS, <tspan style=\"font-family: 'Some Sans KR', {theme('plain').figures.instead}\">\uac04\uc138</tspan> &amp; more"
    )


def test_a_figure_that_was_drawn_is_gone(tiny_study):
    def living() -> int:
        gc.collect()
        return sum(isinstance(thing, Figure) for thing in gc.get_objects())

    before = living()
    for _ in range(4):
        for kind in (flow_diagram, lambda s: kaplan_meier(s, "unadjusted", endpoints=["os"])):
            drawn = figure("figure_x", "Title", kind(tiny_study), "alt")
            assert drawn is not None and drawn.drawing.svg
            figure("figure_y", "Title", canvas.new_figure(1, 1), "alt")
    assert living() <= before
