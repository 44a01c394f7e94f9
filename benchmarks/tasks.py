"""What is measured: the names of the tasks, and the calls of our side; those of its peers are in peers.py and peers.R."""

import numpy as np

TASKS = {
    "cox": "Cox, Efron, 10 covariates, SE",
    "cox_one": "Cox, one covariate",
    "cox_20": "Cox, 20 covariates",
    "cox_50": "Cox, 50 covariates",
    "cox_strata": "Cox in 8 strata, 10 covariates",
    "cox_counting": "Cox, (start, stop], 10 covariates, one changing",
    "cox_robust": "Cox, robust SE",
    "cox_weighted": "weighted Cox (treatment, IPTW), robust",
    "ph_test": "PH test, given the fit",
    "kaplan_meier": "Kaplan-Meier by arm, limits",
    "logrank": "log-rank",
    "logrank_strata": "log-rank in 8 strata",
    "concordance": "concordance with SE, score given",
    "incidence": "cumulative incidence, Gray",
    "fine_gray": "Fine-Gray with SE",
    "rmst": "RMST difference",
    "logistic": "logistic",
    "entropy": "entropy balancing, ATT, 10 covariates",
    "baseline": "baseline table of 10 covariates, tests and standardized differences",
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
    "match_largest_fast": "1:1 match in a caliper, largest first, with the extra `fast`",
    "match_data_fast": "1:1 match in a caliper, data order, with the extra `fast`",
    "match_four_fast": "1:4 match in a caliper, with the extra `fast`",
    "match_optimal": "optimal 1:1 match, score given",
    "match_optimal_caliper": "optimal 1:1 match in a caliper, score given",
    "match_bootstrap": "200 resamples: score, match, Cox",
    "firth_limits": "Firth's Cox model, 206 patients, 28 covariates, all profile limits",
}
TAU = 1095.0


def ours(d):
    """Calls of equipoise.stats on cohort `d`, and of whole designs."""
    import designs
    import matches

    from cohort import intervals
    from equipoise import stats

    time, event, treat, C = d["time"], d["event"], d["treat"], d["C"]
    arms = [treat == 0, treat == 1]
    fit = stats.cox(time, event, C)
    start, stop, died, moving = intervals(d, bool((time % 1).any()))
    samples = np.column_stack((np.ones_like(d["weight"]), d["weight"], d["weight"] ** 0.5, np.arange(treat.size) % 3 > 0))
    return {
        "cox": lambda: stats.cox(time, event, C),
        "cox_one": lambda: stats.cox(time, event, treat),
        "cox_20": lambda: stats.cox(time, event, d["wide"][:, :20]),
        "cox_50": lambda: stats.cox(time, event, d["wide"]),
        "cox_strata": lambda: stats.cox(time, event, C, strata=d["strata"]),
        "cox_counting": lambda: stats.cox(stop, died, moving, entry=start),
        "cox_robust": lambda: stats.cox(time, event, C, robust=True),
        "cox_weighted": lambda: stats.cox(time, event, treat, weight=d["weight"], robust=True),
        "ph_test": fit.ph_test,
        "kaplan_meier": lambda: [stats.kaplan_meier(time[a], event[a]) for a in arms],
        "logrank": lambda: stats.logrank(time, event, treat),
        "logrank_strata": lambda: stats.logrank(time, event, treat, strata=d["strata"]),
        "concordance": lambda: stats.concordance(time, event, d["score"]),
        "incidence": lambda: stats.cumulative_incidence(time, d["cause"], treat),
        "fine_gray": lambda: stats.fine_gray(time, d["cause"], C),
        "rmst": lambda: stats.rmst(time, event, treat, TAU),
        "logistic": lambda: stats.logistic(treat, d["X"]),
        "entropy": lambda: stats.entropy_balance(treat, d["X"]),
        "balance": lambda: stats.column_balance(d["X"], treat, samples),
        "score_overlap": lambda: overlap_weights(d["X"], treat),
        "baseline": designs.baseline(d["X"], treat),
        **designs.calls(d["X"], treat),
        **matches.calls(d),
    }


def overlap_weights(X, treat):
    """Logistic score, weights, effective size of each arm."""
    from equipoise import stats

    score = stats.logistic(treat, X).fitted
    weight = np.where(treat == 1, 1 - score, score)
    return weight, [stats.effective_size(weight[treat == k]) for k in (0, 1)]


def small(d):
    """Our calls on 126 subjects with 5 covariates, repeated within the timed call (see REPEATS)."""
    from cohort import sparse_sample
    from equipoise import stats

    time, event, treat = d["time"][:126], d["event"][:126], d["treat"][:126]
    X = np.ascontiguousarray(d["C"][:126, :5])
    sparse = sparse_sample()
    return {
        "cox": lambda: [stats.cox(time, event, X) for _ in range(REPEATS)],
        "logrank": lambda: [stats.logrank(time, event, treat) for _ in range(REPEATS)],
        "kaplan_meier": lambda: [stats.kaplan_meier(time, event) for _ in range(REPEATS)],
        "firth_limits": lambda: stats.cox(*sparse, firth=True).profile_limits(),
    }


REPEATS = 200


def repeats(side, task):
    """How often a timed call does the same."""
    return REPEATS if side == "small" and task != "firth_limits" else 1


OURS = {"ours": ours, "small": small}
