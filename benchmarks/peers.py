"""The calls of the peers in Python: for each a table of task names and functions that make the timed call."""

import numpy as np

from cohort import intervals

TAU = 1095.0
# Largest number of subjects of a peer, and of one of its tasks, that it finishes within about ten seconds.
LARGEST = {
    "lifelines": 1_000_000,
    "sksurv": 100_000,
    "statsmodels": 100_000,
    "glum": 1_000_000,
    "greenwood": 100_000,
    "pymatchit": 10_000,
    "tableone": 100_000,
}
LARGEST_OF = {
    ("lifelines", "cox_one"): 10_000,
    ("lifelines", "cox_20"): 10_000,
    ("lifelines", "cox_50"): 10_000,
    ("lifelines", "cox_robust"): 10_000,
    ("lifelines", "cox_weighted"): 10_000,
    ("sksurv", "cox_20"): 10_000,
    ("sksurv", "cox_50"): 10_000,
    ("sksurv", "concordance"): 10_000,
    ("statsmodels", "cox_50"): 10_000,
    ("greenwood", "cox_20"): 10_000,
    ("greenwood", "cox_50"): 10_000,
    ("greenwood", "cox_counting"): 10_000,
    ("greenwood", "cox_robust"): 10_000,
    ("greenwood", "cox_strata"): 10_000,
    ("greenwood", "concordance"): 10_000,
    ("greenwood", "incidence"): 10_000,
    ("greenwood", "fine_gray"): 1_000,
}


def lifelines(d):
    """Calls of lifelines."""
    import lifelines
    import pandas as pd
    from lifelines.statistics import logrank_test
    from lifelines.utils import concordance_index

    time, event, treat = d["time"], d["event"], d["treat"]
    arms = [treat == 0, treat == 1]
    wide = pd.DataFrame(d["wide"], columns=[f"c{j}" for j in range(50)]).assign(time=time, event=event)
    frame, frame20 = (wide[[*(f"c{j}" for j in range(p)), "time", "event"]] for p in (10, 20))
    one = frame[["c0", "time", "event"]]
    weighted, strata = one.assign(w=d["weight"]), frame.assign(stratum=d["strata"])

    def cox(data, **options):
        return lifelines.CoxPHFitter().fit(data, "time", "event", **options)

    return {
        "cox": lambda: cox(frame),
        "cox_one": lambda: cox(one),
        "cox_20": lambda: cox(frame20),
        "cox_50": lambda: cox(wide),
        "cox_strata": lambda: cox(strata, strata="stratum"),
        "cox_robust": lambda: cox(frame, robust=True),
        "cox_weighted": lambda: cox(weighted, weights_col="w", robust=True),
        "kaplan_meier": lambda: [lifelines.KaplanMeierFitter().fit(time[a], event[a]) for a in arms],
        "logrank": lambda: logrank_test(time[arms[0]], time[arms[1]], event[arms[0]], event[arms[1]]),
        "concordance": lambda: concordance_index(time, -d["score"], event),
    }


def sksurv(d):
    """Calls of scikit-survival."""
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.metrics import concordance_index_censored
    from sksurv.nonparametric import cumulative_incidence_competing_risks, kaplan_meier_estimator
    from sksurv.util import Surv

    time, event, treat = d["time"], d["event"].astype(bool), d["treat"]
    y = Surv.from_arrays(event, time)
    arms = [treat == 0, treat == 1]

    def cox(X):
        return lambda: CoxPHSurvivalAnalysis(ties="efron").fit(X, y)

    return {
        "cox": cox(d["C"]),
        "cox_20": cox(d["wide"][:, :20]),
        "cox_50": cox(d["wide"]),
        "kaplan_meier": lambda: [kaplan_meier_estimator(event[a], time[a], conf_type="log-log") for a in arms],
        "logrank": lambda: compare_survival(y, treat),
        "concordance": lambda: concordance_index_censored(event, time, d["score"]),
        "incidence": lambda: [cumulative_incidence_competing_risks(d["cause"][a], time[a], conf_type="log-log") for a in arms],
    }


def statsmodels(d):
    """Calls of statsmodels."""
    import statsmodels.api as sm

    A = sm.add_constant(d["X"])
    start, stop, died, moving = intervals(d, bool((d["time"] % 1).any()))

    def cox(X, **options):
        return lambda: sm.PHReg(d["time"], X, d["event"], ties="efron", **options).fit()

    return {
        "cox": cox(d["C"]),
        "cox_20": cox(d["wide"][:, :20]),
        "cox_50": cox(d["wide"]),
        "cox_strata": cox(d["C"], strata=d["strata"]),
        "cox_counting": lambda: sm.PHReg(stop, moving, died, entry=start, ties="efron").fit(),
        "logistic": lambda: sm.Logit(d["treat"], A).fit(disp=0),
    }


def glum(d):
    """Calls of glum."""
    from glum import GeneralizedLinearRegressor

    return {
        "logistic": lambda: GeneralizedLinearRegressor(family="binomial", alpha=0, fit_intercept=True).fit(d["X"], d["treat"])
    }


def greenwood(d):
    """Calls of greenwood."""
    import greenwood as gw
    import pandas as pd

    time, treat = d["time"], d["treat"]
    y = gw.Surv(time, d["event"])
    competing = gw.Surv(time, pd.Categorical.from_codes(d["cause"].astype(int), ["censored", "first", "other"]))
    start, stop, died, moving = intervals(d, bool((time % 1).any()))
    counting, fit = gw.Surv(start, stop, died), gw.CoxPH().fit(y, d["C"]) if time.size <= 10_000 else None
    found = {
        "cox": lambda: gw.CoxPH().fit(y, d["C"]),
        "cox_one": lambda: gw.CoxPH().fit(y, treat[:, None].astype(float)),
        "cox_20": lambda: gw.CoxPH().fit(y, d["wide"][:, :20]),
        "cox_50": lambda: gw.CoxPH().fit(y, d["wide"]),
        "cox_strata": lambda: gw.CoxPH().fit(y, d["C"], strata=d["strata"]),
        "cox_counting": lambda: gw.CoxPH().fit(counting, moving),
        "cox_robust": lambda: gw.CoxPH().fit(y, d["C"], robust=True),
        "kaplan_meier": lambda: gw.KaplanMeier().fit(y, by=treat),
        "logrank": lambda: gw.logrank_test(y, treat),
        "logrank_strata": lambda: gw.logrank_test(y, treat, strata=d["strata"]),
        "concordance": lambda: gw.concordance_index(y, d["score"]),
        "incidence": lambda: (
            gw.AalenJohansen().fit(competing, by=treat),
            [gw.grays_test(competing, treat, cause=c) for c in ("first", "other")],
        ),
        "fine_gray": lambda: gw.FineGray("first").fit(competing, d["C"]),
        "rmst": lambda: gw.rmst_test(y, TAU, treat),
    }
    return found | ({"ph_test": lambda: fit.cox_zph()} if fit is not None else {})


def pymatchit(d):
    """Calls of pymatchit-causal, a port of MatchIt."""
    import pandas as pd
    from pymatchit import MatchIt

    frame = pd.DataFrame(d["X"], columns=[f"x{j}" for j in range(10)]).assign(treat=d["treat"])
    formula = "treat ~ " + " + ".join(f"x{j}" for j in range(10))

    def match(**options):
        return lambda: MatchIt(frame, distance=d["logit"], **options).fit(formula)

    return {
        "match_largest": match(method="nearest", caliper=0.2, m_order="largest"),
        "match_data": match(method="nearest", caliper=0.2, m_order="data"),
        "match_four": match(method="nearest", caliper=0.2, m_order="largest", ratio=4),
        "match_optimal": match(method="optimal"),
    }


def tableone(d):
    """Calls of tableone."""
    import pandas as pd
    from tableone import TableOne

    names = [f"x{j}" for j in range(10)]
    frame = pd.DataFrame(d["X"], columns=names).assign(arm=np.where(d["treat"] == 1, "new", "old"))
    binary = names[5:]
    return {
        "baseline": lambda: TableOne(
            frame, columns=names, categorical=binary, groupby="arm", nonnormal=names[:5], pval=True, smd=True
        )
    }


PEERS = {
    "lifelines": lifelines,
    "sksurv": sksurv,
    "statsmodels": statsmodels,
    "glum": glum,
    "greenwood": greenwood,
    "pymatchit": pymatchit,
    "tableone": tableone,
}
