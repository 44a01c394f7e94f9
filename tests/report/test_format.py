"""Numbers become text in one place, by one rule each."""

import datetime as dt
import math

import pytest

from equipoise.report import format as fmt

NAN = math.nan


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0123, "0.012"),
        (0.0125, "0.013"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.9994, "0.999"),
        (0.9995, ">0.999"),
        (1.0, ">0.999"),
        (NAN, "NA"),
    ],
)
def test_p_has_three_decimals_and_never_0000_or_1000(p, text):
    assert fmt.p_value(p) == text


def test_p_in_a_sentence_does_not_break():
    assert fmt.p_sentence(0.0123) == "P\u00a0=\u00a00.012"
    assert fmt.p_sentence(0.0001) == "P\u00a0<\u00a00.001"


@pytest.mark.parametrize(
    ("events", "n", "rule", "text"),
    [
        (1, 16, "half_up", "6.3"),
        (1, 16, "half_even", "6.2"),
        (3, 16, "half_even", "18.8"),
        (36, 40, "half_up", "90.0"),
        (0, 0, "half_up", "NA"),
    ],
)
def test_percent_is_rounded_from_the_exact_fraction(events, n, rule, text):
    assert fmt.percent(events, n, rule) == text


def test_n_percent_of_none_stands_alone():
    assert fmt.n_percent(0, 40) == "0"
    assert fmt.n_percent(1234, 2468) == "1,234 (50.0)"


@pytest.mark.parametrize(
    ("triple", "recorded", "text"),
    [
        ((4.9, 2.4, 9.6), 1, "4.9 (2.4–9.6)"),
        ((3.45, 2.05, 9.05), 1, "3.45 (2.05–9.05)"),
        ((4.25, 1.75, 7.5), 1, "4.25 (1.75–7.50)"),
        ((63.0, 55.0, 70.0), 0, "63 (55–70)"),
        ((57.0, 49.5, 63.0), 0, "57.0 (49.5–63.0)"),
        ((406.0, 19.0, 5967.0), 0, "406 (19–5,967)"),
        ((0.5, -1.0, 2.0), 1, "0.5 (−1.0 to 2.0)"),
        ((NAN, NAN, NAN), 1, "NA"),
    ],
)
def test_quartiles_take_the_decimals_of_the_data(triple, recorded, text):
    assert fmt.summary(*triple, recorded) == text


def test_a_median_that_was_not_reached_is_na():
    assert fmt.time_estimate(310, 205, NAN, 30, "months") == "10.3 (6.8–NA)"
    assert fmt.time_estimate(2018, 1918, NAN, 1, "days") == "2,018 (1,918–NA)"


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.69457, 0.54402, 0.88810, "0.69 (0.54–0.89)"),
        (14.938, 1.655, 134.8, "14.9 (1.7–134.8)"),
        (30.745, 3.437, 275.06, "30.7 (3.4–275.1)"),
        (7.572, 0.962, 59.61, "7.57 (0.96–59.61)"),
        (12.345, 0.0449, 201.0, "12.35 (0.04–201.00)"),
        (0.0204, 0.00252, 0.14749, "0.020 (0.003–0.147)"),
        (0.0004, 0.00002, 0.2, "<0.001 (<0.001–0.200)"),
        (1200.0, 8.42, 9e9, ">999 (8.4–>999)"),
        (0.5, NAN, NAN, "0.50 (NA–NA)"),
        (0.0, 0.0, 0.3, "0.00 (0.00–0.30)"),
        (NAN, NAN, NAN, "not estimable"),
    ],
)
def test_a_ratio_and_its_limits_have_one_number_of_decimals(value, low, high, text):
    assert fmt.ratio_estimate(value, low, high) == text
    first, _, ends = text.partition(" (")
    assert fmt.ratio_with(value, low, high, "95% CI") == (f"{first}, 95% CI {ends[:-1]}" if ends else text)


def test_ratios_side_by_side_have_one_number_of_decimals():
    assert fmt.ratios([0.5, 2.0]) == ["0.50", "2.00"] and fmt.ratios([14.2, 1.0004]) == ["14.2000", "1.0004"]
    assert fmt.ratio(14.26) == "14.3" and fmt.ratio(NAN) == "not estimable"


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Overall survival", "overall survival"),
        ("BCLC stage", "BCLC stage"),
        ("Child-Pugh class", "Child-Pugh class"),
        ("PD1 status", "PD1 status"),
    ],
)
def test_labels_inside_a_sentence_keep_names_and_abbreviations(label, inside):
    assert fmt.lower_first(label) == inside


def test_decimals_are_read_off_the_data():
    assert fmt.decimals_of([1.0, 2.5, NAN]) == 1
    assert fmt.decimals_of([1.0, 2.0]) == 0
    assert fmt.decimals_of([1.23456]) == 2


def test_dates_are_written_out():
    assert fmt.day(dt.date(2020, 5, 1)) == "1 May 2020"


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (1.006, 1.0004, 1.0113, "1.0060 (1.0004\u20131.0113)"),
        (0.66, 0.44, 0.99996, "0.66000 (0.44000\u20130.99996)"),
        (1.0, 0.9999, 1.0, "1.0000 (0.9999\u20131.0000)"),
        (1.0001, 0.5, 2.0, "1.00 (0.50\u20132.00)"),
        (1.2, 1.0, 1.4, "1.20 (1.00\u20131.40)"),
        (14.2, 1.0004, 201.0, "14.2000 (1.0004\u2013201.0000)"),
    ],
)
def test_a_limit_beside_one_is_never_printed_as_one(value, low, high, text):
    assert fmt.ratio_estimate(value, low, high) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (-1.6, -3.2, -0.02, "\u22121.60 (\u22123.20 to \u22120.02)"),
        (1.6, 0.004, 3.2, "1.600 (0.004\u20133.200)"),
        (-1.6, -3.2, 0.02, "\u22121.60 (\u22123.20 to 0.02)"),
        (1.6, 0.0, 3.2, "1.6 (0.0\u20133.2)"),
        (0.01, -3.2, 3.3, "0.0 (\u22123.2 to 3.3)"),
        (1.0, math.nan, math.nan, "1.0 (NA\u2013NA)"),
    ],
)
def test_a_limit_of_a_difference_is_zero_only_where_it_is(value, low, high, text):
    assert fmt.difference(value, low, high, 1) == text


def test_a_p_below_five_hundredths_is_printed_below_it():
    assert [fmt.p_value(p) for p in (0.0498, 0.04996, 0.05, 0.0504, 0.0494)] == ["0.0498", "0.04996", "0.050", "0.050", "0.049"]
