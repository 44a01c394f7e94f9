"""The cohort against print: Tables 3 and 4 and the follow-up text, with small estimators that share no code with the rest.

Months are days / 30, quartiles of type 2, limits of type log, ties by Efron, as the study's conventions say.
"""

from math import erfc, exp, log, sqrt

import numpy as np
import pytest

ENDPOINTS = {"OS": ("os_days", "os_event"), "PFS": ("pfs_days", "pfs_event")}
MEDIANS = {  # months: median, lower, upper limit of lenvatinib, then sorafenib; log-rank P
    ("OS", "all"): ("10.3 6.8 NA", "5.6 4.7 9.0", "0.019"),
    ("OS", "matched"): ("10.3 6.1 NA", "7.5 4.7 11.3", "0.353"),
    ("PFS", "all"): ("3.5 3.0 4.2", "1.8 1.6 2.3", "0.001"),
    ("PFS", "matched"): ("3.5 3.0 4.2", "1.8 1.6 2.4", "0.003"),
}
EVENTS = {("OS", "all"): 81, ("OS", "matched"): 44, ("PFS", "all"): 107, ("PFS", "matched"): 61}
ADJUSTED = {  # the hazard ratios that must agree within 1 %, and the other columns of their models
    "OS": ({"child_pugh": 2.472, "pivka": 1.710, "size": 1.415, "sorafenib": 1.196}, ("ecog2", "cycles")),
    "PFS": ({"child_pugh": 1.508, "ehm": 1.991, "sorafenib": 1.852}, ("ecog2", "cycles")),
}


@pytest.fixture(scope="module")
def data(founding):
    rows = list(founding.cohort.values())

    def number(name):
        return np.array([float(r[name]) for r in rows])

    columns = {
        "child_pugh": number("child_pugh_score") >= 7, "pivka": number("pivka") > 1000, "size": number("max_size_cm") >= 10,
        "ehm": number("ehm") == 1, "ecog2": number("ecog") == 2, "cycles": number("prior_cycles") <= 3,
        "sorafenib": np.array([r["arm"] == "sorafenib" for r in rows]), "matched": number("matched") == 1,
    }  # fmt: skip
    columns |= {name: number(name) for pair in ENDPOINTS.values() for name in pair}
    return columns


def median(time, event):
    """Median and limits in days; infinity where not reached."""
    survival, variance, out = 1.0, 0.0, [np.inf] * 3
    flat = [None] * 3
    for t in np.unique(time[event == 1]):
        n, d = (time >= t).sum(), ((time == t) & (event == 1)).sum()
        survival *= 1 - d / n
        variance += d / (n * (n - d)) if n > d else np.inf
        for k, z in enumerate((0, -1.959963984540054, 1.959963984540054)):
            y = survival * exp(z * sqrt(variance)) if survival > 0 else float(k == 2)
            if np.isinf(out[k]) and min(y, 1) <= 0.5 + 1e-9:
                if flat[k] is None and y >= 0.5 - 1e-9:
                    flat[k] = t
                else:
                    out[k] = t if flat[k] is None else (t + flat[k]) / 2
    return out


def logrank_p(time, event, group):
    u = v = 0.0
    for t in np.unique(time[event == 1]):
        n, n1 = (time >= t).sum(), ((time >= t) & group).sum()
        d, d1 = ((time == t) & (event == 1)).sum(), ((time == t) & (event == 1) & group).sum()
        u += d1 - d * n1 / n
        v += d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1) if n > 1 else 0
    return erfc(abs(u) / sqrt(v) / sqrt(2))


def cox(time, event, X):
    beta = np.zeros(X.shape[1])
    for _ in range(40):
        w, score, info = np.exp(X @ beta), 0.0, 0.0
        for t in np.unique(time[event == 1]):
            risk, dying = time >= t, (time == t) & (event == 1)
            for tied in range(dying.sum()):
                p = w * (risk - tied / dying.sum() * dying)
                mean = p @ X / p.sum()
                score -= mean
                info += (X * (p / p.sum())[:, None]).T @ X - np.outer(mean, mean)
            score += X[dying].sum(0)
        step = np.clip(np.linalg.solve(info, score), -2, 2)
        beta = beta + step
        if abs(step).max() < 1e-10:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(info)))


def printed(days):
    return "NA" if np.isinf(days) else f"{days / 30 + 1e-9:.1f}"


@pytest.mark.parametrize("endpoint, cohort", sorted(MEDIANS))
def test_table_3(data, endpoint, cohort):
    time, event = (data[c] for c in ENDPOINTS[endpoint])
    keep = data["matched"] if cohort == "matched" else np.ones(126, bool)
    assert event[keep].sum() == EVENTS[endpoint, cohort]
    for arm, expected in zip((~data["sorafenib"], data["sorafenib"]), MEDIANS[endpoint, cohort][:2], strict=True):
        assert " ".join(printed(x) for x in median(time[keep & arm], event[keep & arm])) == expected
    p = logrank_p(time[keep], event[keep], data["sorafenib"][keep])
    assert f"{p:.3f}" == MEDIANS[endpoint, cohort][2]


@pytest.mark.parametrize("endpoint", sorted(ADJUSTED))
def test_table_4(data, endpoint):
    time, event = (data[c] for c in ENDPOINTS[endpoint])
    hazard_ratios, others = ADJUSTED[endpoint]
    X = np.column_stack([data[c] for c in (*hazard_ratios, *others)]).astype(float)
    beta, _ = cox(time, event, X)
    for b, (name, hr) in zip(beta, hazard_ratios.items(), strict=False):
        assert abs(exp(b) / hr - 1) < 0.01, name
    beta, se = cox(time, event, data["cycles"][:, None].astype(float))
    assert abs(beta[0] - log(2.268 if endpoint == "OS" else 1.642)) < 0.01
    assert erfc(beta[0] / se[0] / sqrt(2)) < 0.05


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
def test_no_difference_by_prior_cycles(data, endpoint):
    time, event = (data[c] for c in ENDPOINTS[endpoint])
    for keep in (np.ones(126, bool), data["matched"]):
        for few in (data["cycles"], ~data["cycles"]):
            assert logrank_p(time[keep & few], event[keep & few], data["sorafenib"][keep & few]) > 0.05


def test_observed_time_before_matching(data):
    quartiles = {"os_days": (104, (163.5, 166.5), 280), "pfs_days": (41, (62, 62), 104)}
    for name, (q1, (low, high), q3) in quartiles.items():
        found = np.quantile(data[name], [0.25, 0.5, 0.75], method="averaged_inverted_cdf")
        assert found[0] == q1 and low <= found[1] <= high and found[2] == q3


def test_deaths_do_not_pile_up(data):
    """At most three deaths of an arm within five days, at most two on one day; both curves end with somebody alive."""
    for arm in (data["sorafenib"], ~data["sorafenib"]):
        days = np.sort(data["os_days"][arm & (data["os_event"] == 1)])
        assert (days[3:] - days[:-3] >= 5).all() and (days[2:] > days[:-2]).all()
        assert data["os_days"][arm & (data["os_event"] == 0)].max() > days[-1]
    assert (data["os_days"] >= 700).sum() <= 10
