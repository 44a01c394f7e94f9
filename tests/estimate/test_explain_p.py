"""Which test made this P: the P that the founding publication prints, and R's values for the same tables."""

import numpy as np
import pytest

from equipoise.errors import EquipoiseError
from equipoise.estimate.explain_p import explain_samples, explain_table, parse_sample, parse_table, prints_as


def named(candidates):
    return {c.method: c for c in candidates}


def matching(candidates):
    return [c.method for c in candidates if c.match]


@pytest.mark.parametrize(
    ("counts", "pearson", "yates", "fisher", "likelihood", "mantel"),
    [  # R 4.2.2
        ((24, 36, 8, 36), 1.478023103e-04, 3.743122471e-04, 3.044951394e-04, 1.101292082e-04, 1.643705130e-04),
        ((2, 36, 3, 36), 6.429340351e-01, 1.0, 1.0, 6.418882902e-01, 6.452508501e-01),
        ((2, 40, 17, 86), 3.106338905e-02, 5.891198769e-02, 3.372522011e-02, 1.927948530e-02, 3.173869961e-02),
        ((3, 40, 5, 86), 7.178875767e-01, 1.0, 7.080049473e-01, 7.215056146e-01, 7.189616183e-01),
        ((18, 40, 44, 86), 5.195079157e-01, 6.507677873e-01, 5.690059490e-01, 5.192223147e-01, 5.211699108e-01),
    ],
)
def test_the_battery_gives_r_s_values(counts, pearson, yates, fisher, likelihood, mantel):
    a, n1, c, n0 = counts
    found = named(explain_table(np.array([[a, n1 - a], [c, n0 - c]]), "0.5"))
    for method, value in {
        "Pearson chi-square, no continuity correction": pearson,
        "Pearson chi-square, Yates' continuity correction": yates,
        "Fisher exact, two-sided": fisher,
        "likelihood-ratio chi-square": likelihood,
        "chi-square with n-1 (Mantel-Haenszel)": mantel,
    }.items():
        assert found[method].value == pytest.approx(value, rel=1e-9)


def test_published_p_values_are_traced_to_their_tests():
    assert "Pearson chi-square, no continuity correction" in matching(explain_table(np.array([[2, 34], [3, 33]]), "0.643"))
    # printed as a P, it is the chi-square statistic of 5 of 36 against 4 of 36
    assert "Pearson chi-square: the statistic, not its P" in matching(explain_table(np.array([[5, 31], [4, 32]]), "0.127"))
    # 0.5195 cut off instead of rounded
    assert [
        c.match for c in explain_table(np.array([[18, 22], [44, 42]]), "0.519") if c.method.startswith("Pearson chi-square, no")
    ] == ["truncated"]
    # nine against seven discordant pairs
    assert any(m.startswith("McNemar, no correction") for m in matching(explain_table(np.array([[10, 9], [7, 10]]), "0.617")))


def test_one_sided_fisher_by_hand():
    # [[3, 1], [1, 3]]: hypergeometric 1, 16, 36, 16, 1 of 70
    found = named(explain_table(np.array([[3, 1], [1, 3]]), "0.243"))
    assert found["Fisher exact, one-sided (greater)"].value == pytest.approx(17 / 70, rel=1e-12)
    assert found["Fisher exact, one-sided (less)"].value == pytest.approx(69 / 70, rel=1e-12)
    assert found["Fisher exact, mid-P"].value == pytest.approx((2 + 32 / 2) / 70, rel=1e-12)
    assert "Fisher exact, one-sided (greater)" in matching(list(found.values()))


def test_samples_give_r_s_values():
    x, y = [1.1, 2.3, 3.7, 4.9, 6.2], [2.2, 5.8, 7.1, 8.4, 9.9, 10.3]
    found = named(explain_samples(x, y, "0.082"))
    assert found["Mann-Whitney, exact"].value == pytest.approx(0.08225108225, rel=1e-9)
    assert found["Mann-Whitney, normal approximation with continuity correction"].value == pytest.approx(0.08283742516, rel=1e-9)
    assert found["Mann-Whitney, normal approximation without correction (Kruskal-Wallis)"].value == pytest.approx(
        0.06788915486, rel=1e-9
    )
    assert found["Mann-Whitney, exact"].match == "rounded"


def test_matching_candidates_come_first():
    candidates = explain_table(np.array([[24, 12], [8, 28]]), "0.0003")
    marks = [c.match for c in candidates]
    assert marks == sorted(marks, key=["rounded", "truncated", ""].index) and marks[0] == "rounded"


@pytest.mark.parametrize(
    ("value", "printed", "match"),
    [(0.0186, "0.019", "rounded"), (0.0185, "0.019", "rounded"), (0.0195079, "0.019", "truncated"), (0.0004, "<0.001", "rounded"),
     (0.001, "<0.001", ""), (0.2, "0.3", ""), (0.64293, "0,643", "rounded")],
)  # fmt: skip
def test_printed_digits(value, printed, match):
    assert prints_as(value, printed) == match


def test_a_table_with_many_columns_has_trend_tests():
    found = named(explain_table(np.array([[29, 8, 3, 0], [36, 18, 20, 12]]), "0.001"))
    assert any("trend" in m for m in found)


@pytest.mark.parametrize("text", ["1,2", "1,2;3", "a,b;c,d", "1,-2;3,4", ""])
def test_a_table_that_is_none_is_refused(text):
    with pytest.raises(EquipoiseError, match="write counts by row"):
        parse_table(text)


def test_inputs_are_parsed():
    assert parse_table("24,12; 8 28").tolist() == [[24, 12], [8, 28]]
    assert parse_sample("1, 2.5 3").tolist() == [1, 2.5, 3]
    with pytest.raises(EquipoiseError):
        parse_sample("1, x")
    with pytest.raises(EquipoiseError, match="is not a P"):
        explain_table(np.array([[1, 2], [3, 4]]), "abc")


def test_what_has_no_number_is_named_and_the_rest_is_listed():
    found = explain_table(np.array([[12, 0], [8, 0]]), "0.5")
    left = [str(c) for c in found if c.match == "left out"]
    assert any(line.startswith("left out: Pearson chi-square, no continuity correction") for line in left)
    assert named(found)["Fisher exact, two-sided"].value == 1


def test_a_large_table_is_tested_by_monte_carlo_and_says_so():
    table = np.array([[31, 44, 52, 38, 47, 60, 29, 41, 35], [40, 39, 45, 51, 36, 49, 44, 33, 42]])
    found = {c.method.split(":")[0]: c for c in explain_table(table, "0.45")}
    assert found["Pearson chi-square, no continuity correction"].value == pytest.approx(0.202140969835, rel=1e-9)  # R: chisq.test
    exact = next(c for c in found.values() if c.method.startswith("Fisher exact, two-sided"))
    assert "Monte Carlo: 100,000 tables, seed 1" in exact.method


def test_identical_pairs_end_in_no_warning():
    x = np.array([1.0, 1.0, 1.0])
    assert all(c.match == "left out" for c in explain_samples(x, x, "0.5") if "t test" in c.method)
