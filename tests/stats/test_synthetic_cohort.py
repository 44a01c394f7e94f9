"""Every estimator on the synthetic cohort of 1,000 against R survival, cmprsk, glm and MatchIt 4.7.2."""

import numpy as np
import pytest
from witness import answers, assert_agrees, cohort

from equipoise import stats

R = answers("cohort_1000")
D = cohort()
C = np.column_stack((D.treat, D.X[:, :9]))
TIMES = [365, 730, 1095]


def numbers(named):
    return list(named.values()) if isinstance(named, dict) else np.atleast_1d(named)


def agrees(fit, r):
    assert_agrees(fit.coef, numbers(r["coef"]))
    assert_agrees(fit.se, numbers(r["se"]))
    assert_agrees([fit.loglik_null, fit.loglik], [r["loglik_null"], r["loglik"]])
    if "robust_se" in r:
        assert_agrees(fit.robust_se, numbers(r["robust_se"]))
    limits = np.array(list(r["ci95_hr"].values()))
    assert_agrees(fit.low, limits[:, 0])
    assert_agrees(fit.high, limits[:, 1])


@pytest.fixture(scope="module")
def propensity():
    return stats.logistic(D.treat, D.X)


def test_propensity_model(propensity):
    r = R["glm_logit"]
    assert_agrees(propensity.coef, numbers(r["coef"]))
    # glm's standard errors belong to its iteration before the last.
    assert_agrees(propensity.se, numbers(r["se"]), rel=1e-7)
    assert_agrees(propensity.loglik, r["loglik"])
    assert_agrees(propensity.linear_predictor[:5], r["logit_first5"])
    assert_agrees(propensity.linear_predictor.std(ddof=1), r["sd_logit_n_minus_1"])


class TestCox:
    def test_ties(self):
        agrees(stats.cox(D.time, D.event, C), R["cox_efron"])
        agrees(stats.cox(D.time, D.event, C, ties="breslow"), R["cox_breslow"])

    def test_robust_and_stratified(self):
        agrees(stats.cox(D.time, D.event, C, robust=True), R["cox_efron_robust_by_row"])
        agrees(stats.cox(D.time, D.event, np.delete(C, 6, axis=1), strata=D.x6), R["cox_stratified_x6_efron"])

    def test_inverse_probability_weighted(self, propensity):
        p = propensity.fitted
        weight = np.where(D.treat == 1, 1 / p, 1 / (1 - p))
        agrees(stats.cox(D.time, D.event, D.treat, weight=weight, robust=True), R["cox_iptw_ate_treat_only_robust"])
        r = R["km_iptw_robust"]
        for arm in (0, 1):
            rows = D.treat == arm
            at = stats.kaplan_meier(D.time[rows], D.event[rows], weight=weight[rows]).at(TIMES)
            part = slice(3 * arm, 3 * arm + 3)
            assert_agrees(at.survival, r["surv"][part])
            assert_agrees(at.std_err, r["std_err"][part])

    def test_matched_pairs(self):
        match = R["match_1to1_largest"]
        rows = np.array(match["treated_id"] + match["control_id"]) - 1
        pair = np.tile(np.arange(rows.size // 2), 2)
        time, event, treat = D.time[rows], D.event[rows], D.treat[rows]
        agrees(stats.cox(time, event, treat, cluster=pair), R["cox_matched_treat_cluster_pair"])
        agrees(stats.cox(time, event, treat, strata=pair), R["cox_matched_treat_strata_pair"])
        assert_agrees(stats.logrank(time, event, treat).chi2, R["logrank_matched"]["chisq"])

    def test_what_follows_from_the_fit(self):
        fit = stats.cox(D.time, D.event, C)
        assert_agrees([fit.concordance().c, fit.concordance().se], numbers(R["concordance_efron"]))
        test = fit.ph_test("km")
        assert_agrees([*test.chi2, test.global_chi2], numbers(R["cox_zph_km"]["chisq"]), rel=1e-7)
        base = fit.baseline_hazard()
        place = np.searchsorted(base.time, TIMES, side="right") - 1
        assert_agrees(base.cumulative_hazard[place], R["cox_efron_basehaz_x0"]["cumhaz"])


@pytest.mark.parametrize("conf_type", ["plain", "log", "log-log", "logit", "arcsin"])
@pytest.mark.parametrize("arm", [0, 1])
def test_kaplan_meier(conf_type, arm):
    r = R["km"][conf_type][f"treat{arm}"]
    rows = D.treat == arm
    curve = stats.kaplan_meier(D.time[rows], D.event[rows], conf_type=conf_type)
    at = curve.at(r["times"])
    for ours, theirs in ((at.survival, "surv"), (at.std_err, "std_err"), (at.low, "lower"), (at.high, "upper")):
        assert_agrees(ours, r[theirs])
    assert_agrees(curve.at_risk_at(r["times"]), r["n_risk"])
    median = curve.quantile(0.5)
    assert_agrees([median.value, median.low, median.high], [r["median"], *r["median_ci"]])
    assert_agrees([curve.quantile(0.25).value, curve.quantile(0.75).value], [r["q25"], r["q75"]])


def test_logrank():
    assert_agrees(stats.logrank(D.time, D.event, D.treat).chi2, R["logrank"]["chisq"])
    assert_agrees(stats.logrank(D.time, D.event, D.treat, rho=1).chi2, R["peto_peto_rho1"]["chisq"])
    stratified = stats.logrank(D.time, D.event, D.treat, strata=D.x6)
    assert_agrees([stratified.chi2, stratified.covariance[0, 0]], [R["logrank_strata_x6"][k] for k in ("chisq", "var11")])


def test_restricted_mean():
    found = stats.rmst(D.time, D.event, D.treat, 1095)
    assert_agrees(found.mean, R["rmst_tau1095"]["rmst"])
    assert_agrees(found.se, R["rmst_tau1095"]["se"])


def test_competing_risks():
    r = R["cuminc"]
    found = stats.cumulative_incidence(D.time, D.etype, D.treat)
    for name, est, var in zip(r["groups"], r["est"], r["var"], strict=True):
        group, cause = name.split()
        at = found.curve(int(cause), float(group)).at(r["times"])
        assert_agrees(at.incidence, est)
        assert_agrees(at.std_err**2, var)
    assert_agrees([t.chi2 for t in found.gray], r["gray_stat"])
    assert_agrees([t.p for t in found.gray], r["gray_p"])
    fit = stats.fine_gray(D.time, D.etype, C)
    # crr was run to a gradient of 1e-10, which leaves its coefficients uncertain by some 1e-10 of their scale.
    assert_agrees(fit.coef, numbers(R["crr_etype1"]["coef"]), rel=1e-7, floor=1e-9)
    assert_agrees(fit.se, numbers(R["crr_etype1"]["se"]), rel=1e-7)


def test_standardized_differences_against_matchit():
    treated, control = D.X[D.treat == 1], D.X[D.treat == 0]
    match = R["match_1to1_largest"]
    pairs = [D.X[np.array(match[key]) - 1] for key in ("treated_id", "control_id")]
    for j in range(10):
        name = f"x{j + 1}"
        pooled = stats.smd_continuous(treated[:, j], control[:, j])
        assert_agrees(pooled, match["smd_all_pooledSD"][name])
        # MatchIt takes p(1 - p) as the variance of a binary covariate.
        smd = stats.smd_continuous if j < 5 else stats.smd_binary
        before = treated[:, j], control[:, j]
        assert_agrees(smd(*before, "treated"), match["smd_all_treatedSD"][name])
        after = smd(pairs[0][:, j], pairs[1][:, j], "treated", reference=before)
        assert_agrees(after, match["smd_matched_treatedSD"][name], floor=1e-10)
        if j < 5:
            assert_agrees(stats.variance_ratio(pairs[0][:, j], pairs[1][:, j]), match["var_ratio_matched"][name])
