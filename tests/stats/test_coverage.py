"""A simulated truth: 95 % limits cover 95 % of the time, within Monte Carlo error, for each variance where theory says so.

Explicit seeds. Bounds: 0.95 plus or minus 3.3 Monte Carlo standard errors, 0.023 at 1,000 replicates, and the known small
excess of exact (conservative) intervals upwards only.
"""

import numpy as np
import pytest

from equipoise import stats

pytestmark = pytest.mark.slow
REPLICATES, N = 1000, 300
LOW, HIGH = 0.95 - 0.023, 0.95 + 0.023


def coverage(low, high, truth) -> float:
    return float(np.mean((np.array(low) <= truth) & (truth <= np.array(high))))


def two_arms(rng, log_hr, n=N):
    """Exponential times in two arms of equal size, uniform censoring."""
    x = np.repeat([0.0, 1.0], n // 2)
    time = rng.exponential(np.exp(-log_hr * x))
    censoring = rng.uniform(0.3, 3.0, n)
    return np.minimum(time, censoring), (time <= censoring).astype(int), x


@pytest.mark.parametrize("log_hr", [0.0, -0.6])
@pytest.mark.parametrize("variance", ["model", "robust"])
def test_cox(log_hr, variance):
    rng = np.random.default_rng(20260101)
    low, high = [], []
    for _ in range(REPLICATES):
        time, event, x = two_arms(rng, log_hr)
        fit = stats.cox(time, event, x[:, None], robust=variance == "robust")
        low.append(fit.low[0])
        high.append(fit.high[0])
    assert LOW <= coverage(low, high, np.exp(log_hr)) <= HIGH


def test_cox_with_tied_days():
    rng = np.random.default_rng(20260102)
    low, high = [], []
    for _ in range(REPLICATES):
        time, event, x = two_arms(rng, 0.5)
        fit = stats.cox(np.ceil(time * 100), event, x[:, None])
        low.append(fit.low[0])
        high.append(fit.high[0])
    assert LOW <= coverage(low, high, np.exp(0.5)) <= HIGH


def test_cox_clustered_on_pairs():
    """Pairs share a positive stable frailty (index 0.6), under which the marginal hazards stay proportional with log hazard
    ratio 0.6 times the conditional one (Hougaard 1986). The naive variance covers too often; the clustered one covers."""
    rng = np.random.default_rng(20260103)
    index, conditional = 0.6, 1.0
    robust, naive = [], []
    for _ in range(REPLICATES):
        pairs = N // 2
        u, w = rng.uniform(0, np.pi, pairs), rng.exponential(size=pairs)
        frailty = np.sin(index * u) / np.sin(u) ** (1 / index) * (np.sin((1 - index) * u) / w) ** ((1 - index) / index)
        x = np.tile([0.0, 1.0], pairs)
        time = rng.exponential(size=N) / (np.repeat(frailty, 2) * np.exp(conditional * x))
        time = time**index
        cut = rng.uniform(0.5, 3.0, N)
        event, time = (time <= cut).astype(int), np.minimum(time, cut)
        clustered = stats.cox(time, event, x[:, None], cluster=np.repeat(np.arange(pairs), 2))
        plain = stats.cox(time, event, x[:, None])
        truth = np.exp(index * conditional)
        robust.append(clustered.low[0] <= truth <= clustered.high[0])
        naive.append(plain.low[0] <= truth <= plain.high[0])
    assert LOW <= np.mean(robust) <= HIGH
    assert np.mean(naive) > np.mean(robust)


@pytest.mark.parametrize("conf_type", ["log", "log-log", "plain", "logit", "arcsin"])
def test_kaplan_meier(conf_type):
    rng = np.random.default_rng(20260104)
    low, high = [], []
    for _ in range(REPLICATES):
        time, event, _ = two_arms(rng, 0.0)
        at = stats.kaplan_meier(time, event, conf_type=conf_type).at(np.array([0.7]))
        low.append(at.low[0])
        high.append(at.high[0])
    assert LOW <= coverage(low, high, np.exp(-0.7)) <= HIGH


def test_median_survival():
    rng = np.random.default_rng(20260105)
    low, high = [], []
    for _ in range(REPLICATES):
        time, event, _ = two_arms(rng, 0.0)
        q = stats.kaplan_meier(time, event).quantile(0.5)
        low.append(q.low)
        high.append(np.inf if np.isnan(q.high) else q.high)
    assert LOW <= coverage(low, high, np.log(2)) <= HIGH + 0.01


def test_logistic():
    rng = np.random.default_rng(20260106)
    low, high = [], []
    for _ in range(REPLICATES):
        x = rng.normal(size=N)
        y = (rng.random(N) < 1 / (1 + np.exp(-(0.3 + 0.5 * x)))).astype(float)
        fit = stats.logistic(y, x[:, None])
        low.append(fit.coef[1] - 1.959963985 * fit.se[1])
        high.append(fit.coef[1] + 1.959963985 * fit.se[1])
    assert LOW <= coverage(low, high, 0.5) <= HIGH


def test_proportions():
    """Clopper-Pearson covers at least 95 % by construction, Wilson about 95 % on average over p."""
    rng = np.random.default_rng(20260107)
    exact, score = [], []
    for _ in range(REPLICATES * 3):
        p = rng.uniform(0.05, 0.95)
        x = int(rng.binomial(40, p))
        a, b = stats.clopper_pearson(x, 40), stats.wilson(x, 40)
        exact.append(a.low <= p <= a.high)
        score.append(b.low <= p <= b.high)
    assert np.mean(exact) >= 0.95
    assert 0.95 - 0.0135 <= np.mean(score) <= 0.95 + 0.0135


def test_log_rank_rejects_five_percent_under_the_null():
    rng = np.random.default_rng(20260108)
    rejected = []
    for _ in range(REPLICATES * 2):
        time, event, x = two_arms(rng, 0.0)
        rejected.append(stats.logrank(time, event, x).p < 0.05)
    assert abs(np.mean(rejected) - 0.05) <= 3.3 * np.sqrt(0.05 * 0.95 / (REPLICATES * 2))


def test_weighted_cox_with_robust_variance():
    """Inverse-probability weights that are known: arm depends on a covariate that also moves the hazard. The robust limits
    of the weighted marginal hazard ratio cover at least 95 % (true weights are conservative); its truth by a large sample."""
    rng = np.random.default_rng(20260109)

    def draw(n):
        z = rng.normal(size=n)
        e = 1 / (1 + np.exp(-0.7 * z))
        x = (rng.random(n) < e).astype(float)
        time = rng.exponential(np.exp(-(-0.4 * x + 0.5 * z)))
        cut = rng.uniform(0.3, 3.0, n)
        return np.minimum(time, cut), (time <= cut).astype(int), x, np.where(x == 1, 1 / e, 1 / (1 - e))

    time, event, x, w = draw(400_000)
    truth = stats.cox(time, event, x[:, None], weight=w).hr[0]
    covered = []
    for _ in range(REPLICATES):
        time, event, x, w = draw(N)
        fit = stats.cox(time, event, x[:, None], weight=w, robust=True)
        covered.append(fit.low[0] <= truth <= fit.high[0])
    assert np.mean(covered) >= LOW


def test_restricted_mean_difference():
    rng = np.random.default_rng(20260110)
    truth = (1 - np.exp(-1.2 * np.exp(-0.5))) / np.exp(-0.5) - (1 - np.exp(-1.2))
    covered = []
    for _ in range(REPLICATES):
        time, event, x = two_arms(rng, -0.5)
        contrast = stats.rmst(time, event, x, 1.2).contrasts[0]
        covered.append(contrast.difference_low <= truth <= contrast.difference_high)
    assert LOW <= np.mean(covered) <= HIGH


def competing(rng, coefficient, n=N):
    """Fine & Gray 1999: cause 1 has subdistribution 1 - (1 - p(1 - exp(-t)))^exp(b x), p = 0.6; cause 2 is exponential."""
    x = np.repeat([0.0, 1.0], n // 2)
    share = 1 - 0.4 ** np.exp(coefficient * x)
    first = rng.random(n) < share
    u = rng.random(n) * share
    of_first = -np.log(1 - (1 - (1 - u) ** np.exp(-coefficient * x)) / 0.6)
    time = np.where(first, of_first, rng.exponential(size=n))
    cut = rng.uniform(0.5, 4.0, n)
    return np.minimum(time, cut), np.where(time <= cut, np.where(first, 1, 2), 0), x


def test_fine_gray():
    rng = np.random.default_rng(20260111)
    covered = []
    for _ in range(REPLICATES):
        time, cause, x = competing(rng, 0.5)
        fit = stats.fine_gray(time, cause, x[:, None], cause_of_interest=1)
        covered.append(abs(fit.coef[0] - 0.5) <= 1.959963985 * fit.se[0])
    assert LOW <= np.mean(covered) <= HIGH


def test_cumulative_incidence():
    rng = np.random.default_rng(20260112)
    covered = []
    for _ in range(REPLICATES):
        time, cause, _ = competing(rng, 0.0)
        at = stats.cumulative_incidence(time, cause).curve(1, "all").at(np.array([0.8]))
        covered.append(at.low[0] <= 0.6 * (1 - np.exp(-0.8)) <= at.high[0])
    assert LOW <= np.mean(covered) <= HIGH
