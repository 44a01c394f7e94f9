"""What is measured: for each side a table of task names and functions that make the timed call."""

import numpy as np

TASKS = {
    "cox": "Cox, Efron, 10 covariates, SE",
    "cox_one": "Cox, one covariate",
    "cox_robust": "Cox, robust SE",
    "cox_weighted": "weighted Cox (treatment, IPTW), robust",
    "ph_test": "PH test, given the fit",
    "kaplan_meier": "Kaplan-Meier by arm, limits",
    "logrank": "log-rank",
    "incidence": "cumulative incidence, Gray",
    "fine_gray": "Fine-Gray with SE",
    "rmst": "RMST difference",
    "logistic": "logistic",
    "entropy": "entropy balancing, ATT, 10 covariates",
    "balance": "balance with KS of 10 covariates in 4 weightings",
    "score_overlap": "score, overlap weights, effective sizes",
    "design_overlap": "the same as a design, with the balance of both samples",
    "design_entropy": "design by entropy balancing",
    "design_cbps": "design by the covariate balancing score",
    "design_strata": "design in five classes of the score",
    "match_largest": "1:1 match in a caliper, score given, largest first",
    "match_data": "1:1 match in a caliper, score given, data order",
    "match_closest": "1:1 match in a caliper, score given, closest first",
    "match_four": "1:4 match in a caliper, score given",
    "match_optimal": "optimal 1:1 match, score given",
    "match_optimal_caliper": "optimal 1:1 match in a caliper, score given",
    "match_bootstrap": "200 resamples: score, match, Cox",
}
TAU = 1095.0


def ours(d):
    """Calls of equipoise.stats on cohort `d`, and of whole designs."""
    import designs
    import matches

    from equipoise import stats

    time, event, treat, C = d["time"], d["event"], d["treat"], d["C"]
    arms = [treat == 0, treat == 1]
    fit = stats.cox(time, event, C)
    samples = np.column_stack((np.ones_like(d["weight"]), d["weight"], d["weight"] ** 0.5, np.arange(treat.size) % 3 > 0))
    return {
        "cox": lambda: stats.cox(time, event, C),
        "cox_one": lambda: stats.cox(time, event, treat),
        "cox_robust": lambda: stats.cox(time, event, C, robust=True),
        "cox_weighted": lambda: stats.cox(time, event, treat, weight=d["weight"], robust=True),
        "ph_test": fit.ph_test,
        "kaplan_meier": lambda: [stats.kaplan_meier(time[a], event[a]) for a in arms],
        "logrank": lambda: stats.logrank(time, event, treat),
        "incidence": lambda: stats.cumulative_incidence(time, d["cause"], treat),
        "fine_gray": lambda: stats.fine_gray(time, d["cause"], C),
        "rmst": lambda: stats.rmst(time, event, treat, TAU),
        "logistic": lambda: stats.logistic(treat, d["X"]),
        "entropy": lambda: stats.entropy_balance(treat, d["X"]),
        "balance": lambda: stats.column_balance(d["X"], treat, samples),
        "score_overlap": lambda: overlap_weights(d["X"], treat),
        **designs.calls(d["X"], treat),
        **matches.calls(d),
    }


def overlap_weights(X, treat):
    """Logistic score, weights, effective size of each arm."""
    from equipoise import stats

    score = stats.logistic(treat, X).fitted
    weight = np.where(treat == 1, 1 - score, score)
    return weight, [stats.effective_size(weight[treat == k]) for k in (0, 1)]


def lifelines(d):
    """Calls of lifelines."""
    import lifelines
    import pandas as pd
    from lifelines.statistics import logrank_test

    time, event, treat = d["time"], d["event"], d["treat"]
    arms = [treat == 0, treat == 1]
    frame = pd.DataFrame(d["C"], columns=[f"c{j}" for j in range(10)]).assign(time=time, event=event)
    one = frame[["c0", "time", "event"]]
    weighted = one.assign(w=d["weight"])

    def cox(data, **options):
        return lifelines.CoxPHFitter().fit(data, "time", "event", **options)

    return {
        "cox": lambda: cox(frame),
        "cox_one": lambda: cox(one),
        "cox_robust": lambda: cox(frame, robust=True),
        "cox_weighted": lambda: cox(weighted, weights_col="w", robust=True),
        "kaplan_meier": lambda: [lifelines.KaplanMeierFitter().fit(time[a], event[a]) for a in arms],
        "logrank": lambda: logrank_test(time[arms[0]], time[arms[1]], event[arms[0]], event[arms[1]]),
    }


def sksurv(d):
    """Calls of scikit-survival."""
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import cumulative_incidence_competing_risks, kaplan_meier_estimator
    from sksurv.util import Surv

    time, event, treat = d["time"], d["event"].astype(bool), d["treat"]
    y = Surv.from_arrays(event, time)
    arms = [treat == 0, treat == 1]
    return {
        "cox": lambda: CoxPHSurvivalAnalysis(ties="efron").fit(d["C"], y),
        "kaplan_meier": lambda: [kaplan_meier_estimator(event[a], time[a], conf_type="log-log") for a in arms],
        "logrank": lambda: compare_survival(y, treat),
        "incidence": lambda: [cumulative_incidence_competing_risks(d["cause"][a], time[a], conf_type="log-log") for a in arms],
    }


def statsmodels(d):
    """Calls of statsmodels."""
    import statsmodels.api as sm

    A = sm.add_constant(d["X"])
    return {
        "cox": lambda: sm.PHReg(d["time"], d["C"], d["event"], ties="efron").fit(),
        "logistic": lambda: sm.Logit(d["treat"], A).fit(disp=0),
    }


def glum(d):
    """Calls of glum."""
    from glum import GeneralizedLinearRegressor

    return {
        "logistic": lambda: GeneralizedLinearRegressor(family="binomial", alpha=0, fit_intercept=True).fit(d["X"], d["treat"])
    }


def small(d):
    """Our calls on 126 subjects with 5 covariates, repeated within the timed call (see REPEATS)."""
    from equipoise import stats

    time, event, treat = d["time"][:126], d["event"][:126], d["treat"][:126]
    X = np.ascontiguousarray(d["C"][:126, :5])
    return {
        "cox": lambda: [stats.cox(time, event, X) for _ in range(REPEATS)],
        "logrank": lambda: [stats.logrank(time, event, treat) for _ in range(REPEATS)],
        "kaplan_meier": lambda: [stats.kaplan_meier(time, event) for _ in range(REPEATS)],
    }


REPEATS = 200
SIDES = {"ours": ours, "lifelines": lifelines, "sksurv": sksurv, "statsmodels": statsmodels, "glum": glum, "small": small}

# CPU seconds measured once with one thread on 2 vCPU Xeon: (1e5, 1e6); None where not run.
PRINTED = {
    "cox": {"R survival 3.8": (0.44, 5.63), "Cyclops (Breslow, no SE)": (0.15, 2.21)},
    "cox_robust": {"R survival 3.8": (0.73, 17.0)},
    "cox_weighted": {"R survival 3.8": (0.23, 3.07)},
    "kaplan_meier": {"R survival 3.8": (0.0615, 0.58)},
    "logrank": {"R survival 3.8": (0.11, 1.23)},
    "fine_gray": {"fastcmprsk (no SE)": (0.34, 3.76)},
    "rmst": {"survRM2": (0.097, 1.02)},
    "logistic": {"sklearn lbfgs (no SE)": (0.0512, 0.55)},
    "entropy": {"WeightIt": (0.24, None)},
    "balance": {"cobalt": (2.8, None)},
    "score_overlap": {"WeightIt": (1.21, None)},
    "match_largest": {"MatchIt 4.7.2": (0.10, 9.07)},
    "match_data": {"MatchIt 4.7.2, largest first": (0.10, 9.07)},
    "match_closest": {"MatchIt 4.7.2": (0.12, 5.54)},
    "match_four": {"MatchIt 4.7.2": (2.50, None)},
}
# The same at smaller sizes.
PRINTED_AT = {
    ("match_largest", 1_000): {"MatchIt 4.7.2": 0.0030},
    ("match_largest", 10_000): {"MatchIt 4.7.2": 0.0130},
    ("match_closest", 1_000): {"MatchIt 4.7.2": 0.0040},
    ("match_closest", 10_000): {"MatchIt 4.7.2": 0.0110},
    ("match_four", 1_000): {"MatchIt 4.7.2": 0.0060},
    ("match_four", 10_000): {"MatchIt 4.7.2": 0.0730},
    ("match_optimal", 1_000): {"MatchIt 4.7.2 with optmatch": 0.13},
    ("match_optimal", 10_000): {"MatchIt 4.7.2 with optmatch": 4.64},
    ("match_bootstrap", 1_000): {"MatchIt and survival": 1.3},
}
