"""Names beside curves: told apart without colour, clear of the numbers, and words that lie on no curve."""

import numpy as np
import pytest

from equipoise.report.figures import kaplan_meier
from equipoise.report.figures.canvas import DASHES
from equipoise.report.figures.legend import ABOVE, legend
from equipoise.report.figures.risk_table import LONGEST, SIZE, room, short_names, text_width
from equipoise.study import run_study

ONE, OTHER = "Atezolizumab plus bevacizumab then lenvatinib", "Atezolizumab plus bevacizumab then sorafenib"
LATE = (np.array([0.0, 10.0]), np.array([1.0, 0.9]))
FALLING = (np.array([0.0, 1.0, 10.0]), np.array([1.0, 0.1, 0.1]))
NOTHING = (np.array([0.0, 10.0]), np.zeros(2))
RISING = (np.array([0.0, 1.0, 10.0]), np.array([0.0, 0.95, 0.95]))
LINES = [("HR 0.50 (0.25\u20131.00)", "#1a1a1a")]


def test_names_with_the_same_beginning_differ_and_fit():
    short = short_names([ONE, OTHER])
    assert short[0] != short[1] and short[0].endswith("lenvatinib") and short[1].endswith("sorafenib")
    assert all(text_width(name, SIZE, bold=True) <= LONGEST for name in short)


def test_names_that_differ_only_in_their_middle_are_numbered():
    middle = [f"Atezolizumab plus bevacizumab for {n} cycles and then a multikinase inhibitor" for n in (3, 4)]
    short = short_names(middle)
    assert short[0].startswith("1: ") and short[1].startswith("2: ")


@pytest.mark.parametrize("name", ["x" * 80, "\uac04\uc138\ud3ec" * 20])
def test_a_single_long_word_is_cut(name):
    (short,) = short_names([name])
    assert "\u2026" in short and text_width(short, SIZE, bold=True) <= LONGEST


@pytest.mark.parametrize(
    ("curves", "place"),
    [([LATE], "bottom left"), ([FALLING], "top right"), ([RISING], "bottom right"), ([LATE, NOTHING], ABOVE)],
)
def test_words_stand_where_no_curve_is(curves, place):
    assert legend([LINES], curves, 10.0, (4.0, 3.0)).place == place


def test_words_wider_than_the_axes_stand_above_them_in_the_shorter_choice():
    long = [("A name " * 20, "#1a1a1a")]
    found = legend([long, LINES], [LATE, NOTHING], 10.0, (4.0, 3.0))
    assert found.place == ABOVE and found.lines == tuple(LINES)


def test_curves_of_arms_have_lines_of_their_own_which_the_numbers_at_risk_repeat(sheet):
    sheet.protocol["arms"]["groups"]["a"]["label"], sheet.protocol["arms"]["groups"]["b"]["label"] = ONE, OTHER
    figure = kaplan_meier(run_study(sheet.write()), "unadjusted")
    (axes,) = figure.axes
    samples = [line for line in axes.lines if line.get_transform() == axes.transAxes]
    assert [line.is_dashed() for line in samples] == [False, True]
    figure.canvas.draw()
    texts = {t.get_text(): t.get_window_extent() for t in axes.texts}
    names = [texts[name] for name in short_names([ONE, OTHER])]
    numbers = [t.get_window_extent() for t in axes.texts if t.get_text().isdigit()]
    assert not any(name.overlaps(number) for name in names for number in numbers)
    assert all(name.x0 >= 0 for name in names)


def test_there_is_a_line_for_every_arm_of_a_study_of_six():
    assert len({str(d) for d in DASHES}) == 6


def test_room_is_that_of_the_longest_name():
    assert room(["A", ONE]) > room(["A"]) >= room([])
