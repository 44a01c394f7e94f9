"""Two arms after a design: survival at landmarks, restricted means, risks, doubly robust means, standardised curves."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from test_balancing_weights import lalonde
from witness import answers, assert_agrees, cohort

from equipoise import stats

AT = (180, 365, 730, 1095)


def samples() -> dict[str, tuple[np.ndarray, np.ndarray | None, np.ndarray | None]]:
    """Rows, weights and clusters of each sample of the cohort."""
    data, known = cohort(), answers("contrasts")
    score = stats.logistic(data.treat, data.X).fitted
    everybody = np.arange(data.treat.size)
    return {
        "unadjusted": (everybody, None, None),
        "ate": (everybody, np.where(data.treat == 1, 1 / score, 1 / (1 - score)), None),
        "matched": (np.array(known["rows"]) - 1, None, np.array(known["pair"])),
    }


def death_in_a_year() -> np.ndarray:
    data = cohort()
    return (data.event == 1) & (data.time <= 365)


def test_survival_and_restricted_means() -> None:
    data, known = cohort(), answers("contrasts")["contrasts"]
    for name, (rows, weight, cluster) in samples().items():
        given = (data.time[rows], data.event[rows], data.treat[rows])
        said, found = known[name], stats.survival_contrast(*given, AT, weight=weight, cluster=cluster)
        for part in ("treated", "control", "se_treated", "se_control", "se"):
            assert_agrees(getattr(found, part), said[part])
        mean = stats.rmst_contrast(*given, 1095, weight=weight, cluster=cluster)
        ours = (mean.treated, mean.control, mean.se, math.log(mean.ratio_high / mean.ratio) / 1.959963984540054)
        assert_agrees(ours, [said[f"mean_{part}"] for part in ("treated", "control", "se", "log_se")])
        assert_agrees(mean.high - mean.low, 2 * 1.959963984540054 * said["mean_se"])


def test_without_weights_they_are_greenwood_s() -> None:
    """Against rmst2 of survRM2 1.0-4: 75.32313276640116 (20.104463567261007 to 130.5418019655413)."""
    data = cohort()
    mean = stats.rmst_contrast(data.time, data.event, data.treat, 1095)
    assert_agrees((mean.difference, mean.low, mean.high), (75.32313276640116, 20.104463567261007, 130.5418019655413))
    assert_agrees((mean.ratio, mean.p), (1.1218332966355125, 0.0075050029964064445))
    other = stats.rmst(data.time, data.event, data.treat, 1095).contrasts[0]
    assert_agrees(mean.ratio_high, other.ratio_high)
    curve = stats.kaplan_meier(data.time[data.treat == 1], data.event[data.treat == 1]).at(AT)
    assert_agrees(stats.survival_contrast(data.time, data.event, data.treat, AT).se_treated, curve.std_err)


def test_scaling_weights_changes_nothing_and_zeros_are_absent() -> None:
    data, (rows, weight, _) = cohort(), samples()["ate"]
    given = (data.time, data.event, data.treat)
    once, tenfold = (stats.survival_contrast(*given, AT, weight=weight * k) for k in (1, 10))
    assert_agrees(tenfold.se, once.se)
    some = rows % 3 > 0
    absent = stats.rmst_contrast(*given, 700, weight=np.where(some, weight, 0.0))
    part = stats.rmst_contrast(*(x[some] for x in given), 700, weight=weight[some])
    assert_agrees((absent.difference, absent.se, absent.ratio_p), (part.difference, part.se, part.ratio_p))


def test_an_arm_that_has_died_out() -> None:
    """Three treated die on days 1, 2, 3, the controls live: the mean is 2, the curve stays at 0."""
    time, event, treated = [1.0, 2, 3, 9, 9], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0]
    assert stats.rmst_contrast(time, event, treated, 5).treated == pytest.approx(2)
    found = stats.survival_contrast(time, event, treated, [5])
    assert found.difference[0] == -1 and found.se[0] == 0 and math.isnan(found.low[0]) and math.isnan(found.p[0])
    with pytest.raises(stats.ArrayError, match="beyond the last observation of the controls"):
        stats.rmst_contrast(time, event, treated, 10)
    with pytest.raises(stats.ArrayError, match="no treated patient counts"):
        stats.survival_contrast(time, event, treated, [5], weight=[0, 0, 0, 1, 1])


def test_marginal_effects() -> None:
    data, death, known = cohort(), death_in_a_year(), answers("contrasts")["effects"]
    for name, (rows, weight, cluster) in samples().items():
        found = stats.marginal_effects(death[rows], data.treat[rows], weight=weight, cluster=cluster)
        for measure, said in (("difference", "difference"), ("ratio", "log_ratio"), ("odds_ratio", "log_odds")):
            ours, (value, alone, together) = getattr(found, measure), known[name][said]
            assert_agrees(ours.estimate, value if measure == "difference" else math.exp(value))
            assert_agrees(ours.se, alone if cluster is None else together)


def test_marginal_effects_by_hand() -> None:
    """2 of 4 against 1 of 4: ratio 2 with variance of the log 1/2 - 1/4 + 1/1 - 1/4; odds ratio 3 with 1/2 + 1/2 + 1 + 1/3."""
    found = stats.marginal_effects([1, 1, 0, 0, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0])
    assert (found.ratio.estimate, found.ratio.se) == pytest.approx((2, 1))
    assert (found.odds_ratio.estimate, found.odds_ratio.se) == pytest.approx((3, math.sqrt(7 / 3)))
    assert (found.difference.estimate, found.difference.se) == pytest.approx((0.25, math.sqrt(0.25 / 4 + 0.1875 / 4)))


def test_weighted_mean_of_nhefs(third_party: Path) -> None:
    """Hernan and Robins, What If, chapter 12: 3.4405 kg (2.41 to 4.47) by weights, smoking cessation on weight gain."""
    with open(third_party / "matching" / "nhefs.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["wt82"]]
    column = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if all(row[name] for row in rows)}
    parts = [column[name] for name in ("sex", "race")]
    for name in ("age", "smokeintensity", "smokeyrs", "wt71"):
        parts += [column[name], column[name] ** 2]
    for name in ("education", "exercise", "active"):
        parts += [column[name] == level for level in np.unique(column[name])[1:]]
    score = stats.logistic(column["qsmk"], np.column_stack(parts)).fitted
    weight = np.where(column["qsmk"] == 1, 1 / score, 1 / (1 - score))
    found = stats.marginal_means(column["wt82_71"], column["qsmk"], weight=weight)
    assert found.difference.estimate == pytest.approx(3.4405, abs=5e-5)
    assert (found.difference.low, found.difference.high) == pytest.approx((2.41, 4.47), abs=5e-3)


def test_weighted_means_of_lalonde(third_party: Path) -> None:
    """WeightIt 1.3.1 with sandwich's HC0: ATE 224.67630827143876 with standard error 909.4776682484301."""
    treated, X, outcome = lalonde(third_party)
    score = stats.logistic(treated, X).fitted
    found = stats.marginal_means(outcome, treated, weight=np.where(treated, 1 / score, 1 / (1 - score)))
    assert_agrees((found.difference.estimate, found.difference.se), (224.67630827143876, 909.4776682484301), rel=1e-7)
    assert math.isnan(found.odds_ratio.estimate)


def test_risks_of_nobody_and_everybody() -> None:
    none = stats.marginal_effects([0, 0, 1, 0], [1, 1, 0, 0])
    assert none.ratio.estimate == 0 and math.isnan(none.ratio.low) and math.isnan(none.odds_ratio.low)
    assert none.difference.estimate == -0.5 and none.difference.low < -0.5
    everybody = stats.marginal_effects([1, 1, 1, 0], [1, 1, 0, 0])
    assert everybody.ratio.estimate == 2 and math.isfinite(everybody.ratio.low) and math.isnan(everybody.odds_ratio.estimate)


def test_rounding_is_no_standard_error() -> None:
    """Everybody has the same outcome, or every pair cancels: the variance is 0 by algebra, whatever the sums round to."""
    rng = np.random.default_rng(4)
    arm, X = np.repeat([1, 0], 12), rng.normal(size=(24, 2))
    w, score = rng.random(24) + 0.1, 1 / (1 + np.exp(-X[:, 0]))
    everybody = stats.marginal_effects(np.ones(24, int), arm, weight=w)
    fits = [
        everybody.difference,
        everybody.ratio,
        everybody.odds_ratio,
        stats.marginal_means(np.full(24, 0.7), arm, weight=w).ratio,
    ]
    for target in ("ate", "att"):
        fits += [stats.doubly_robust(np.full(24, y), arm, score, X, target=target).difference for y in (1.0, 0.7)]
    pairs = np.tile(np.arange(12), 2)
    time, event = np.tile(rng.integers(1, 30, 12), 2).astype(float), np.tile(rng.integers(0, 2, 12), 2)
    fits.append(stats.marginal_effects(event, arm, cluster=pairs).difference)
    assert [f for f in fits if not (math.isnan(f.low) and math.isnan(f.high) and math.isnan(f.p))] == []
    assert (everybody.difference.estimate, everybody.ratio.estimate) == (0.0, 1.0)
    survival = stats.survival_contrast(time, event, arm, [5.0, 15.0], cluster=pairs)
    mean = stats.rmst_contrast(time, event, arm, 10.0, cluster=pairs)
    cox = stats.cox(time, event, np.where(arm == 1, 1.0, 0.0), cluster=np.zeros(24, int))
    for p in (*survival.p, mean.p, mean.ratio_p, *cox.p, *cox.low, *cox.high):
        assert math.isnan(p)


def test_pseudo_values() -> None:
    data, known = cohort(), answers("contrasts")["pseudo"]
    survival = stats.pseudo_survival(data.time, data.event, AT)
    assert_agrees(survival[::40], known["survival"])
    assert_agrees(survival.mean(axis=0), stats.kaplan_meier(data.time, data.event).at(AT).survival)
    assert_agrees(stats.pseudo_mean(data.time, data.event, 1095)[::40], known["mean"])
    assert_agrees(stats.pseudo_mean(data.time, data.event, 1095, group=data.treat)[::40], known["by_arm_mean"])


def test_doubly_robust() -> None:
    data, known, death = cohort(), answers("contrasts")["aipw"], death_in_a_year().astype(float)
    score = stats.logistic(data.treat, data.X).fitted
    mean = stats.pseudo_mean(data.time, data.event, 1095, group=data.treat)
    asked = {"death_linear": (death, "linear", "ate"), "death_logistic": (death, "logistic", "ate")}
    asked |= {"death_att": (death, "logistic", "att"), "mean": (mean, "linear", "ate")}
    for name, (outcome, model, target) in asked.items():
        found = stats.doubly_robust(outcome, data.treat, score, data.X, model=model, target=target)
        assert_agrees((found.treated.estimate, found.control.estimate), known[name]["means"])
        assert_agrees((found.difference.se, found.ratio.se), (known[name]["se"], known[name]["log_ratio_se"]))


@pytest.mark.parametrize("wrong", ["neither", "score", "outcome"])
def test_doubly_robust_is_right_where_one_of_the_two_is(wrong: str) -> None:
    """Effect 1; both treatment and outcome follow x and its square; the wrong model does not know the square."""
    hits, estimates = 0, []
    for replicate in range(300):
        rng = np.random.default_rng([5, replicate])
        x = rng.normal(size=500)
        both = np.column_stack((x, x**2))
        arm = rng.random(500) < 1 / (1 + np.exp(0.4 - 0.5 * x - 0.4 * x**2))
        y = arm + x + x**2 + rng.normal(size=500)
        score = stats.logistic(arm, x if wrong == "score" else both).fitted
        found = stats.doubly_robust(y, arm, score, x if wrong == "outcome" else both)
        estimates.append(found.difference.estimate)
        hits += found.difference.low <= 1 <= found.difference.high
    assert abs(np.mean(estimates) - 1) < 0.05
    assert hits / 300 > 0.9


def test_standardised_curves() -> None:
    data, known = cohort(), answers("contrasts")["standardised"]
    given, weight = (data.time, data.event, data.treat, data.X[:, :9], AT), samples()["ate"][1]
    asked = {"one_model": {}, "treated_population": {"population": data.treat}, "weighted": {"weight": weight}}
    asked["by_arm"] = {"by_arm": True}
    for name, how in asked.items():
        found = stats.standardised_curves(*given, **how)
        assert_agrees(np.column_stack((found.treated, found.control)), known[name])
        assert np.isnan(found.se).all() and found.replicates == 0


def test_pooled_logistic_curves() -> None:
    data, known = cohort(), answers("contrasts")["pooled"]
    given, nothing = (data.time, data.event, data.treat), np.empty((1000, 0))
    asked = {"plain": (data.X[:, :5], {}), "proportional": (data.X[:, :5], {"changing": False})}
    asked["weighted"] = (nothing, {"weight": samples()["ate"][1]})
    for name, (X, how) in asked.items():
        found = stats.pooled_logistic_curves(*given, X, [365, 730, 1095], interval=73, **how)
        assert_agrees(np.column_stack((found.treated, found.control)), known[name])


def test_pooled_logistic_is_nearly_kaplan_meier() -> None:
    """Without covariates, as far as 73-day intervals, a smooth hazard and censoring inside an interval allow."""
    data = cohort()
    given = (data.time, data.event, data.treat)
    found = stats.pooled_logistic_curves(*given, np.empty((1000, 0)), [365, 730], interval=73, replicates=60, seed=2)
    curves = stats.survival_contrast(*given, [365, 730])
    np.testing.assert_allclose(found.treated, curves.treated, atol=0.02)
    np.testing.assert_allclose(found.control, curves.control, atol=0.02)
    np.testing.assert_allclose(found.se, curves.se, rtol=0.3)


def test_intervals_by_hand() -> None:
    """The treated of day 5 completes no interval, that of day 10 the first; the control of day 0 has the event in the first."""
    time, event, treated = [4, 20, 10, 5, 20, 0, 15, 20, 20], [1, 1, 0, 0, 0, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0, 0, 0, 0]
    found = stats.pooled_logistic_curves(time, event, treated, np.empty((9, 0)), [10, 20], interval=10, df=1)
    np.testing.assert_allclose(found.treated, [3 / 4, 3 / 4 * 1 / 2], rtol=1e-9)
    np.testing.assert_allclose(found.control, [3 / 4, 3 / 4 * 2 / 3], rtol=1e-9)
    with pytest.raises(stats.ArrayError, match="whole multiples of interval"):
        stats.pooled_logistic_curves([4, 20], [1, 1], [1, 0], [0, 1], [15], interval=10)
    with pytest.raises(stats.ArrayError, match="no finite estimate"):
        stats.pooled_logistic_curves([4, 20, 30, 30], [1, 1, 0, 0], [1, 1, 0, 0], np.empty((4, 0)), [30], interval=10, df=1)


def test_bootstrap_of_standardised_curves() -> None:
    """With a covariate of no consequence the errors are those of the two Kaplan-Meier curves, within a fifth."""
    data = cohort()
    idle = np.sin(np.arange(1000) * 7.0)
    given = (data.time, data.event, data.treat)
    found = stats.standardised_curves(*given, idle, [365, 730], by_arm=True, replicates=120, seed=3)
    curves = stats.survival_contrast(*given, [365, 730])
    np.testing.assert_allclose(found.difference, curves.difference, atol=2e-3)
    np.testing.assert_allclose(found.se, curves.se, rtol=0.2)
    np.testing.assert_allclose(found.wald_low, found.low, atol=0.03)
    again = stats.standardised_curves(*given, idle, [365, 730], by_arm=True, replicates=120, seed=3)
    assert (again.se == found.se).all() and found.replicates == 120


def test_whole_clusters_are_drawn() -> None:
    """Every patient twice, as a cluster: the errors are those of the patients once."""
    data = cohort()
    some = slice(0, 300)
    given = [x[some] for x in (data.time, data.event, data.treat, data.X[:, 0])]
    once = stats.standardised_curves(*given, [365], replicates=40, seed=2, ties="breslow")
    twice = [np.repeat(x, 2) for x in given]
    both = stats.standardised_curves(*twice, [365], replicates=40, seed=2, cluster=np.repeat(np.arange(300), 2), ties="breslow")
    assert_agrees(both.se, once.se, rel=1e-6)


def test_resamples_without_an_estimate_are_counted() -> None:
    time, event, treated = np.arange(1.0, 13), np.arange(12) % 2, np.arange(12) % 4 > 1
    found = stats.standardised_curves(time, event, treated, np.arange(12) % 3, [4], replicates=60, seed=1)
    assert 0 < found.failed < 60 and found.failed + found.replicates == 60
    with pytest.raises(stats.ArrayError, match="no finite estimate"):
        stats.standardised_curves(time, (time == 2), treated, np.arange(12) % 3, [4])
