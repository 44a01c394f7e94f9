import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness import answers, assert_agrees

from equipoise.stats import (
    ArrayError,
    expected_counts,
    fisher,
    fisher_is_cheap,
    fisher_monte_carlo,
    likelihood_ratio,
    mcnemar,
    pearson,
    stuart_maxwell,
)

R = answers("tests")

# LR chi-square and the others of CONVENTIONS' golden 2 x 2 tables, from reference/r_conventions.txt of the project.
GOLDEN = {
    "DCRm": ([[24, 12], [8, 28]], 1.478023103e-04, 3.743122471e-04, 3.044951394e-04, 1.101292082e-04),
    "ORRm": ([[2, 34], [3, 33]], 6.429340351e-01, 1.000000000e00, 1.000000000e00, 6.418882902e-01),
    "HFS": ([[2, 38], [17, 69]], 3.106338905e-02, 5.891198769e-02, 3.372522011e-02, 1.927948530e-02),
    "ORRu": ([[3, 37], [5, 81]], 7.178875767e-01, 1.000000000e00, 7.080049473e-01, 7.215056146e-01),
}


def grid():
    """All 2 x 2 tables with row totals up to 12, in the order of reference/tests.R."""
    for m in range(1, 13):
        for n in range(1, m + 1):
            for a, c in itertools.product(range(m + 1), range(n + 1)):
                yield np.array([[a, m - a], [c, n - c]])


def test_every_small_two_by_two_table():
    tables = list(grid())
    assert len(tables) == len(R["grid"]["fisher"])
    assert_agrees([fisher(t).p for t in tables], R["grid"]["fisher"], rel=1e-8)
    assert_agrees([pearson(t).p for t in tables], R["grid"]["pearson"], rel=1e-8)
    assert_agrees([pearson(t, correction=True).p for t in tables], R["grid"]["yates"], rel=1e-8)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_tables(name):
    table, plain, yates, exact, ratio = GOLDEN[name]
    ours = [pearson(table).p, pearson(table, correction=True).p, fisher(table).p, likelihood_ratio(table).p]
    assert_agrees(ours, [plain, yates, exact, ratio], rel=1e-9)


@pytest.mark.parametrize("r", R["rxc"], ids=lambda r: "x".join(map(str, np.shape(r["table"]))))
def test_larger_tables(r):
    assert_agrees(fisher(r["table"]).p, r["fisher"], rel=1e-7)
    test = pearson(r["table"])
    assert_agrees([test.statistic, test.p], [r["chi2"], r["p"]])
    assert_agrees(expected_counts(r["table"]), r["expected"])


@pytest.mark.parametrize("r", R["mcnemar"], ids=lambda r: f"{r['b']}-{r['c']}")
def test_mcnemar(r):
    b, c = r["b"], r["c"]
    ours = [mcnemar(b, c).p, mcnemar(b, c, correction=True).p, mcnemar(b, c, exact=True).p]
    assert_agrees(ours, [r["plain"], r["corrected"], r["exact"]])


def test_mcnemar_without_discordant_pairs():
    assert np.isnan(mcnemar(0, 0).p)
    assert mcnemar(0, 0, exact=True).p == 1


def test_fisher_by_hand():
    # Margins (3, 3) and (3, 3): probabilities 1, 9, 9, 1 in 20.
    assert_agrees(fisher([[3, 0], [0, 3]]).p, 2 / 20)
    assert_agrees(fisher([[2, 1], [1, 2]]).p, 1.0)
    assert fisher([[2, 1], [1, 2]]).statistic == 4


def by_enumeration(table):
    """Fisher's P of a 2 x c table by listing every table with its margins."""
    table = np.array(table)
    columns, row = table.sum(axis=0), table[0].sum()
    from math import comb

    total, p, observed = 0, 0, np.prod([comb(n, k) for n, k in zip(columns, table[0], strict=True)])
    for cells in itertools.product(*(range(n + 1) for n in columns)):
        if sum(cells) == row:
            ways = np.prod([comb(n, k) for n, k in zip(columns, cells, strict=True)])
            total += ways
            p += ways if ways <= observed * (1 + 1e-7) else 0
    return p / total


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=2))
def test_two_by_three_against_enumeration(table):
    if np.sum(table) == 0:
        return
    assert_agrees(fisher(table).p, by_enumeration(table), rel=1e-9)


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=3, max_size=3), st.permutations([0, 1, 2]))
def test_order_of_levels_is_nothing(table, order):
    table = np.array(table)
    if table.sum() == 0:
        return
    for test in (fisher, pearson, likelihood_ratio):
        assert_agrees(test(table).p, test(table[order]).p, rel=1e-7)
        assert_agrees(test(table).p, test(table.T).p, rel=1e-7)


def test_empty_margins():
    assert fisher([[3, 0], [2, 0]]).p == 1
    assert np.isnan(pearson([[3, 0], [2, 0]]).p)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([[1, 2]], "at least 2 rows and 2 columns"),
        ([[1, -2], [3, 4]], "whole counts, none negative"),
        ([[1, 2.5], [3, 4]], "whole counts"),
        ([[0, 0], [0, 0]], "all its counts are zero"),
    ],
)
def test_bad_tables(table, sentence):
    for test in (pearson, fisher, likelihood_ratio, expected_counts):
        with pytest.raises(ArrayError, match=sentence):
            test(table)


def test_prints_itself():
    assert (
        str(pearson([[24, 12], [8, 28]]))
        == "Pearson chi-square, no continuity correction: statistic = 14.4, df = 1, P = 0.0001478"
    )


class TestMonteCarlo:
    @pytest.mark.parametrize("r", R["rxc"], ids=lambda r: "x".join(map(str, np.shape(r["table"]))))
    def test_near_the_exact_p(self, r):
        found = fisher_monte_carlo(r["table"], 40_000)
        assert abs(found.p - r["fisher"]) < 4.5 * np.sqrt(r["fisher"] * (1 - r["fisher"]) / 40_000) + 1e-4

    def test_seed_and_large_tables(self):
        table = np.full((6, 6), 40)
        assert fisher(table) == fisher_monte_carlo(table)
        assert fisher(table).method == "Fisher's exact test, Monte Carlo with 100,000 tables, seed 1"
        assert fisher_monte_carlo(table, 2000, seed=3).p == fisher_monte_carlo(table, 2000, seed=3).p
        assert fisher_monte_carlo([[3, 0], [2, 0]]).p == 1


EDGES = answers("edges")


@pytest.mark.parametrize("r", EDGES["fisher_large"], ids=lambda r: "x".join(map(str, np.shape(r["table"]))))
def test_large_counts_neither_overflow_nor_become_one(r):
    # R's own relative error of equally probable tables is 1e-7.
    assert_agrees(fisher(r["table"]).p, r["p"], rel=1e-6)


def test_two_by_two_of_any_size():
    assert_agrees(fisher([[2_000_000, 1_001_000], [1_000_000, 500_000]]).p, EDGES["fisher_millions"], rel=1e-5)
    assert fisher([[300_000_000, 200_000_000], [100_000_000, 100_000_000]]).p == 0


def test_a_thousand_categories_of_one():
    # Every table has the same probability.
    cells = np.arange(400) % 2
    assert fisher([cells, 1 - cells]).p == 1


def test_cheap_is_small():
    assert fisher_is_cheap([[3, 4], [50_000, 900]])
    assert fisher_is_cheap([[10, 11, 12], [9, 20, 30]])
    assert not fisher_is_cheap([[10_000, 11_000, 12_000], [9_000, 20_000, 30_000]])


class TestStuartMaxwell:
    @pytest.mark.parametrize("r", EDGES["stuart_maxwell"], ids=lambda r: str(len(r["table"])))
    def test_by_the_matrix_formula_in_r(self, r):
        found = stuart_maxwell(r["table"])
        assert_agrees([found.statistic, found.df, found.p], [r["chi2"], r["df"], r["p"]])

    def test_two_categories_are_mcnemar(self):
        found = stuart_maxwell([[10, 9], [3, 14]])
        assert_agrees([found.statistic, found.p], [mcnemar(9, 3).statistic, mcnemar(9, 3).p])

    def test_a_category_that_nobody_has_changes_nothing(self):
        table = np.array([[10, 9, 2], [3, 14, 6], [1, 0, 5]])
        empty = np.insert(np.insert(table, 1, 0, axis=0), 1, 0, axis=1)
        assert_agrees(stuart_maxwell(empty).p, stuart_maxwell(table).p, rel=1e-12)
        assert stuart_maxwell(empty).df == 2

    def test_pairs_that_all_agree(self):
        assert np.isnan(stuart_maxwell(np.diag([3, 4, 5])).p)
