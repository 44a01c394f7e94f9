"""Balance of columns: means, scales, variance ratios, Kolmogorov-Smirnov distances, overlap coefficients."""

import csv
from pathlib import Path

import numpy as np
import pytest
from test_balancing_weights import lalonde
from witness import answers, assert_agrees, cohort

from equipoise import stats


def agrees(X: np.ndarray, treated: np.ndarray, known: dict[str, dict]) -> None:
    score = stats.logistic(treated, X).fitted
    own = np.where(treated, score, 1 - score)
    samples = {"unadjusted": np.ones(treated.size), "ATE": 1 / own, "ATO": 1 - own, "inside": (score > 0.2) & (score < 0.8)}
    W = np.column_stack([samples[name] for name in known])
    found = stats.column_balance(X, treated, W)
    for k, said in enumerate(known.values()):
        for name in ("mean_treated", "mean_control", "variance_ratio", "ks"):
            assert_agrees(getattr(found, name)[:, k], said[name], floor=1e-11)
        overlap = [stats.overlap_coefficient(x, treated, W[:, k]) for x in X.T]
        assert_agrees(1 - np.array(overlap), said["one_less_overlap"], floor=1e-11)
    for place, denominator in enumerate(("pooled", "treated", "control", "all", "hedges", "weighted")):
        scaled = stats.column_balance(X, treated, W, denominator)
        assert_agrees(scaled.scale, np.array([said["scale"][place] for said in known.values()]).T)
        np.testing.assert_allclose(scaled.smd * scaled.scale, found.difference, rtol=1e-12, atol=1e-15)


def test_every_measure_of_the_cohort() -> None:
    data = cohort()
    agrees(data.X, data.treat == 1, answers("design_balance")["cohort"])


def test_every_measure_of_lalonde(third_party: Path) -> None:
    treated, X, _ = lalonde(third_party)
    known = answers("design_balance")
    agrees(X, treated, known["lalonde"])
    products, pairs = stats.squares_and_products(X, [0, 0, 1, 2, 3, 4, 5, 6])
    smd = stats.column_balance(products, treated).smd[pairs.index((2, 3)), 0]
    assert smd == pytest.approx(known["lalonde_age_times_educ"], rel=1e-10) == pytest.approx(-0.1350169, abs=1e-7)


def test_agrees_with_cobalt_on_lalonde(third_party: Path) -> None:
    """bal.tab of the pairs of MatchIt and of three weightings; where glm stops, its score moves overlap weights by 1e-8."""
    with open(third_party / "matching" / "lalonde_matchit.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    treated, X, _ = lalonde(third_party)
    e = stats.logistic(treated, X).fitted
    pairs = answers("lalonde_pairs")
    matched = np.isin([row["id"] for row in rows], pairs["treated"] + pairs["control"])
    samples = {"matched": matched, "ATE": np.where(treated, 1 / e, 1 / (1 - e)), "ATT": np.where(treated, 1, e / (1 - e))}
    samples["ATO"] = np.where(treated, 1 - e, e)
    for name, said in answers("lalonde_cobalt")["cases"].items():
        sample, denominator, _ = name.split("_")
        columns = np.column_stack([_term(rows, term) for term in said["term"]])
        found = stats.column_balance(columns, treated, np.column_stack((np.ones(614), samples[sample])), denominator)
        assert_agrees(found.smd[:, 1], said["difference"], floor=5e-8)
        if "difference_before" in said:
            assert_agrees(found.smd[:, 0], said["difference_before"])
        if "ks" in said:
            assert_agrees(found.ks[:, 1], said["ks"], floor=5e-8)
            assert_agrees(found.variance_ratio[:, 1], said["variance_ratio"], rel=5e-8)
            overlap = [stats.overlap_coefficient(x, treated, samples[sample]) for x in columns.T]
            assert_agrees(1 - np.array(overlap), said["one_less_overlap"], floor=5e-8)


def _term(rows: list[dict[str, str]], term: str) -> np.ndarray:
    name, _, level = term.partition("_")
    return np.array([float(row[name] == level) if level else float(row[name]) for row in rows])


def test_agrees_with_the_single_measures() -> None:
    data = cohort()
    treated = data.treat == 1
    found = stats.column_balance(data.X, treated)
    for j, x in enumerate(data.X.T):
        single = stats.smd_binary if found.binary[j] else stats.smd_continuous
        assert found.smd[j, 0] == pytest.approx(single(x[treated], x[~treated]), rel=1e-12)


def test_ks_by_hand() -> None:
    """Treated 1 and 3 (weights 3, 1), controls 2 and 3: after 1 the functions are 3/4 and 0."""
    assert stats.ks_distance([1, 3, 2, 3], [1, 1, 0, 0], [3, 1, 1, 1]) == pytest.approx(0.75)
    assert stats.ks_distance([2, 2, 2, 2], [1, 1, 0, 0]) == 0


def test_a_row_without_weight_counts_for_nothing() -> None:
    data = cohort()
    treated, kept = data.treat == 1, np.arange(data.treat.size) % 3 > 0
    whole = stats.column_balance(data.X, treated, kept.astype(float))
    part = stats.column_balance(data.X[kept], treated[kept])
    for name in ("mean_treated", "sd_control", "variance_ratio", "ks", "ess_control"):
        np.testing.assert_allclose(getattr(whole, name), getattr(part, name), rtol=1e-9, atol=1e-12)


def test_constant_columns_and_single_rows() -> None:
    found = stats.column_balance([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0], [0.1, 5.0]], [1, 1, 1, 0])
    assert found.smd[0, 0] == 0 and np.isnan(found.variance_ratio).all() and np.isnan(found.smd[1, 0])
    assert (stats.column_balance(np.full(23, 0.1), np.arange(23) < 7).smd == 0).all()  # whose means differ by rounding
    apart = stats.column_balance([0.1, 0.1, 0.3, 0.3], [1, 1, 0, 0])
    assert np.isnan(apart.smd[0, 0]) and apart.ks[0, 0] == pytest.approx(1)
    assert np.isnan(stats.overlap_coefficient([0.1, 0.1, 0.3, 0.4], [1, 1, 0, 0]))


def test_overlap_of_normal_samples() -> None:
    """Of N(0, 1) and N(1, 1) it is 2 * Phi(-1/2) = 0.6171, were the samples endless and the kernels narrow."""
    from scipy.special import ndtri

    at = ndtri((np.arange(4000) + 0.5) / 4000)
    found = stats.overlap_coefficient(np.concatenate((at, at + 1)), np.arange(8000) >= 4000)
    assert found == pytest.approx(0.6171, abs=0.01)


def test_squares_and_products() -> None:
    columns, pairs = stats.squares_and_products([[2.0, 1, 0], [3.0, 0, 1]], [0, 1, 1])
    assert pairs == ((0, 0), (0, 1), (0, 2))
    assert columns.tolist() == [[4, 2, 0], [9, 0, 3]]


def test_sentences() -> None:
    with pytest.raises(stats.ArrayError, match="every sample must hold somebody of both arms"):
        stats.column_balance([1.0, 2.0], [1, 0], [1.0, 0.0])
    with pytest.raises(stats.ArrayError, match="one variable per column"):
        stats.squares_and_products([[1.0, 2.0]], [1])
