"""Which test makes a printed P: the declared rule, and paired tests after matching."""

import numpy as np
import pytest

from equipoise.estimate.association import Pairing, category_tests, continuous_tests, pairing
from equipoise.protocol.load import load_protocol

BASE = {"phase": "baseline", "variable": "x"}
NO_PAIRS = Pairing(np.empty(0, int), np.empty(0, int))


@pytest.fixture
def protocol(tiny):
    return load_protocol(tiny.write())


def counts(first: tuple[int, int], second: tuple[int, int]):
    """(yes, no) in two arms as codes and arm masks."""
    code = np.repeat([1, 0, 1, 0], [*first, *second])
    arm = np.repeat([True, False], [sum(first), sum(second)])
    return code, [arm, ~arm]


def by_statistic(rows):
    return {r.statistic: r for r in rows}


def test_pearson_where_every_expected_count_is_five_or_more(protocol):
    rows = by_statistic(category_tests(protocol, BASE, *counts((24, 12), (8, 28)), NO_PAIRS))
    assert rows["p"].value == pytest.approx(3.743122471e-04, rel=1e-9)  # R: chisq.test, its continuity correction on
    assert "Pearson" in rows["p"].method and "continuity correction" in rows["p"].method


def test_fisher_where_an_expected_count_is_below_five(protocol):
    rows = by_statistic(category_tests(protocol, BASE, *counts((3, 37), (5, 81)), NO_PAIRS))
    assert rows["p"].value == rows["p_fisher"].value == pytest.approx(7.080049473e-01, rel=1e-9)
    assert "Fisher" in rows["p"].method


def test_the_correction_is_a_convention(tiny):
    tiny.protocol = tiny.protocol.replace("conventions: r\n", "conventions: {profile: r, pearson_correction: false}\n")
    rows = by_statistic(category_tests(load_protocol(tiny.write()), BASE, *counts((24, 12), (8, 28)), NO_PAIRS))
    assert rows["p"].value == pytest.approx(1.478023103e-04, rel=1e-9)


def test_pairs_are_compared_by_mcnemar(tiny):
    tiny.protocol = tiny.protocol.replace("conventions: r\n", "conventions: sas\n")
    protocol = load_protocol(tiny.write())
    # 36 pairs, 9 with only the focal member positive, 7 with only the other: chi-square 4/16, P = 0.617
    focal = np.repeat([1, 0, 1, 0], [9, 7, 10, 10])
    other = np.repeat([0, 1, 1, 0], [9, 7, 10, 10])
    code = np.concatenate([focal, other])
    arm = np.repeat([True, False], 36)
    pairs = pairing(np.tile(np.arange(1, 37), 2), arm)
    rows = by_statistic(category_tests(protocol, BASE, code, [arm, ~arm], pairs))
    assert rows["p"].value == pytest.approx(0.6170750774519738, rel=1e-9)
    assert "McNemar" in rows["p"].method


def test_a_variable_with_one_level_has_no_p(protocol):
    assert list(category_tests(protocol, BASE, *counts((36, 0), (36, 0)), NO_PAIRS)) == []


def test_continuous_variables_skip_missing_values(protocol):
    value = np.array([1.1, 2.3, 3.7, 4.9, 6.2, np.nan, 2.2, 5.8, 7.1, 8.4, 9.9, 10.3])
    arm = np.repeat([True, False], 6)
    rows = by_statistic(continuous_tests(protocol, BASE, value, [arm, ~arm], NO_PAIRS))
    assert rows["p"].value == pytest.approx(0.08225108225, rel=1e-9)  # R: wilcox.test, exact
    assert rows["p"].n == 11


def test_pairs_are_put_side_by_side_in_pair_order():
    pair = np.array([0, 2, 1, 1, 2])
    focal = np.array([True, True, False, True, False])
    found = pairing(pair, focal)
    assert found.focal.tolist() == [3, 1] and found.other.tolist() == [2, 4]


def test_levels_that_only_unmatched_patients_have_do_not_count(protocol):
    """Two levels among the matched, a third outside: still McNemar."""
    code = np.array([1, 0, 0, 1, 1, 0, 2])
    arm = np.array([True, True, True, False, False, False, False])
    pair = np.array([1, 2, 3, 1, 2, 3, 0])
    include = pair > 0
    rows = by_statistic(category_tests(protocol, BASE, code, [arm & include, ~arm & include], pairing(pair, arm)))
    assert "McNemar" in rows["p"].method


def many_levels(n: int, levels: int):
    """A category without relation to the arm, as codes and arm masks."""
    rng = np.random.default_rng(5)
    code, arm = rng.integers(0, levels, n), rng.random(n) < 0.5
    return code, [arm, ~arm]


def test_fisher_is_not_computed_where_nobody_asked_and_it_is_dear(protocol):
    rows = by_statistic(category_tests(protocol, BASE, *many_levels(5000, 7), NO_PAIRS))
    assert "Pearson" in rows["p"].method and "p_fisher" not in rows


def test_fisher_of_a_large_table_is_monte_carlo_where_it_is_chosen(tiny):
    tiny.protocol = tiny.protocol.replace("conventions: r\n", "conventions: r\ntests: {categorical: fisher}\n")
    rows = by_statistic(category_tests(load_protocol(tiny.write()), BASE, *many_levels(5000, 7), NO_PAIRS))
    assert "Monte Carlo with 100,000 tables, seed 1" in rows["p"].method
    assert rows["p"].value == pytest.approx(rows["p_pearson"].value, abs=0.01)


def test_more_than_two_levels_in_pairs_are_compared_by_stuart_maxwell(protocol):
    table = np.array([[20, 10, 5], [3, 30, 15], [0, 5, 40]])
    focal, other = np.nonzero(table)
    focal, other = np.repeat(focal, table[table > 0]), np.repeat(other, table[table > 0])
    arm = np.repeat([True, False], focal.size)
    pairs = pairing(np.tile(np.arange(1, focal.size + 1), 2), arm)
    rows = by_statistic(category_tests(protocol, BASE, np.concatenate([focal, other]), [arm, ~arm], pairs))
    assert rows["p"].value == pytest.approx(0.0010257277265580732, rel=1e-9)  # R: matrix formula, tests/stats/reference/edges.R
    assert "Stuart-Maxwell" in rows["p"].method
