import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness import NAMES, answers, assert_agrees, data_set, numbers

from equipoise.stats import ArrayError, cox, logrank

R = answers("cox")
OPTIONS = {
    "plain": {},
    "weight": {"weight": "weight"},
    "weight_robust": {"weight": "weight", "robust": True},
    "robust": {"robust": True},
    "cluster": {"cluster": "cluster"},
    "strata": {"strata": "stratum"},
    "entry": {"entry": "entry"},
    "all": {"entry": "entry", "strata": "stratum", "weight": "weight", "cluster": "cluster"},
}


def read(name):
    d = data_set(name)
    if d.X.shape[1] == 1:
        d.X = np.column_stack((d.X, np.arange(1, d.time.size + 1) % 5))
    return d


def agrees_with_r(fit, r):
    assert_agrees(fit.coef, r["coef"], floor=1e-10)
    # R gives aliased columns a standard error of zero and leaves them out of the PH test.
    used = fit.estimable
    assert_agrees(fit.se[used], np.atleast_1d(r["se"])[used])
    assert_agrees([fit.loglik_null, fit.loglik], r["loglik"])
    assert_agrees(fit.score_chi2, r["score"])
    assert_agrees(fit.wald_chi2, r["wald"], rel=1e-8)
    limits = numbers(r["conf"]).reshape(-1, 2)
    assert_agrees(fit.low, limits[:, 0])
    assert_agrees(fit.high, limits[:, 1])
    assert (fit.n, fit.n_events) == (r["n"], r["nevent"])
    if "robust_se" in r:
        assert_agrees(fit.robust_se[used], np.array(r["robust_se"])[used])
        box = np.ix_(used, used)
        assert_agrees(fit.covariance[box], numbers(r["covariance"])[box], floor=1e-10)
    else:
        assert fit.robust_se is None
    for transform, z in r.get("zph", {}).items():
        ours = fit.ph_test(transform)
        assert_agrees([*ours.chi2[used], ours.global_chi2], z["chi2"], floor=1e-9)
        assert_agrees([*ours.p[used], ours.global_p], z["p"])


@pytest.mark.parametrize("case", OPTIONS)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", NAMES)
def test_against_r(name, ties, case):
    d = read(name)
    options = {key: getattr(d, value) if isinstance(value, str) else value for key, value in OPTIONS[case].items()}
    agrees_with_r(cox(d.time, d.event, d.X, ties=ties, **options), R[name][ties][case])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", NAMES)
def test_offset_against_r(name, ties):
    d = read(name)
    r = R[name][ties]["offset"]
    fit = cox(d.time, d.event, d.X[:, 1:], ties=ties, offset=d.X[:, 0] / 50)
    assert_agrees(fit.coef, r["coef"], floor=1e-10)
    assert_agrees(fit.se, r["se"])
    assert_agrees([fit.loglik_null, fit.loglik], r["loglik"])


class TestByHand:
    """Five subjects, x = 1, 0, 1, 0, 0 with events at 1, 2, 2, a censoring at 2 and an event at 3."""

    time, event, x = [1, 2, 2, 2, 3], [1, 1, 1, 0, 1], np.array([1.0, 0, 1, 0, 0])

    def efron(self, b):
        h = np.exp(b)
        s = h + 3  # at risk at time 2: one with x = 1, three with x = 0; its two events weigh 1 and h
        return b - np.log(2 * h + 3) + b - np.log(s) - np.log(s - (1 + h) / 2) - np.log(1)

    def breslow(self, b):
        h = np.exp(b)
        return b - np.log(2 * h + 3) + b - 2 * np.log(h + 3) - np.log(1)

    @pytest.mark.parametrize("ties", ["efron", "breslow"])
    def test_likelihood_and_slopes(self, ties):
        loglik = getattr(self, ties)
        fit = cox(self.time, self.event, self.x, ties=ties)
        b, step = fit.coef[0], 1e-4
        assert_agrees(fit.loglik_null, loglik(0.0))
        assert_agrees(fit.loglik, loglik(b))
        assert abs(loglik(b + step) - loglik(b - step)) < 1e-10
        curvature = (loglik(b + step) - 2 * loglik(b) + loglik(b - step)) / step**2
        assert_agrees(fit.se[0], 1 / np.sqrt(-curvature), rel=1e-6)

    def test_breslow_solution(self):
        # The score 1/(h(2 + 3/h)/3 ...) has a closed root: 2 = 2h/(2h + 3) + 2h/(h + 3).
        fit = cox(self.time, self.event, self.x, ties="breslow")
        h = np.exp(fit.coef[0])
        assert_agrees(2 * h / (2 * h + 3) + 2 * h / (h + 3), 2.0)

    def test_score_test_without_ties_is_the_logrank(self):
        time, event, x = [1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 0], [1, 0, 1, 1, 0, 0]
        assert_agrees(cox(time, event, x).score_chi2, logrank(time, event, x).chi2)


class TestDegenerate:
    r = R["degenerate"]

    def test_aliased_columns_are_dropped_as_in_r(self):
        d = data_set("lung")
        X = np.column_stack((d.x1, d.x2, 2 * d.x1 - d.x2, np.ones(d.time.size), d.x3))
        fit = cox(d.time, d.event, X)
        assert fit.estimable.tolist() == [True, True, False, False, True]
        assert_agrees(fit.coef, self.r["alias"]["coef"])
        assert_agrees(fit.se[fit.estimable], np.array(self.r["alias"]["se"])[fit.estimable])
        assert_agrees(fit.loglik, self.r["alias"]["loglik"][1])
        assert fit.df == 3
        assert np.isnan(fit.ph_test().chi2[2])

    def test_separation_is_told(self):
        d = data_set("lung")
        fit = cox(d.time, d.event, np.column_stack((d.x1, 1 - d.event, d.x2)))
        assert fit.estimable.tolist() == [True, False, True]
        assert fit.coef[1] == -np.inf and fit.hr[1] == 0 and np.isnan(fit.se[1])
        assert_agrees(fit.loglik, self.r["separated"]["loglik"][1])
        # R stops with a large finite value; the other coefficients are those of the limit.
        assert_agrees(fit.coef[[0, 2]], np.array(self.r["separated"]["coef"])[[0, 2]], rel=1e-6)
        assert "monotone likelihood" in str(fit)

    def test_one_event(self):
        d = data_set("lung")
        order = np.argsort(d.time, kind="stable")
        event = np.zeros(d.time.size)
        event[19] = 1
        agrees_with_r(cox(d.time[order], event, d.x2[order]), self.r["one_event"])

    @pytest.mark.parametrize("ties", ["efron", "breslow"])
    def test_all_at_one_time(self, ties):
        d = data_set("lung")
        fit = cox(np.full(d.time.size, 100), d.event, d.X[:, :2], ties=ties)
        agrees_with_r(fit, self.r["same_time"][ties])

    def test_a_stratum_per_pair(self):
        d = data_set("lung")
        agrees_with_r(cox(d.time, d.event, d.X[:, :2], strata=np.arange(d.time.size) // 2), self.r["pair_strata"])

    def test_strata_without_events(self):
        d = data_set("lung")
        fit = cox(d.time, d.event * (d.stratum > 0), d.X[:, :2], strata=d.stratum)
        agrees_with_r(fit, self.r["empty_strata"])

    @pytest.mark.parametrize("options", [{}, {"ties": "exact"}, {"firth": True}, {"strata": [0, 1, 1]}, {"weight": [1, 1, 0]}])
    def test_no_events(self, options):
        event = [0, 0, 1] if "weight" in options else [0, 0, 0]
        with pytest.raises(ArrayError, match="there is no event: no hazard ratio"):
            cox([1, 2, 3], event, [1.0, 2.0, 3.0], **options)

    def test_constant_column_alone(self):
        fit = cox([1, 2, 3], [1, 1, 0], [5.0, 5.0, 5.0])
        assert np.isnan(fit.coef[0]) and fit.loglik == fit.loglik_null and fit.df == 0


def data(seed, n=60, p=2, levels=15):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    X[:, 0] = rng.integers(0, 2, n)
    time = rng.integers(1, levels, n).astype(float)
    return time, rng.random(n) < 0.7, X


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=40)
def test_relabelling_the_arms_negates_the_log_hazard_ratio(seed):
    time, event, X = data(seed)
    swapped = X.copy()
    swapped[:, 0] = 1 - swapped[:, 0]
    a, b = cox(time, event, X), cox(time, event, swapped)
    assert_agrees(a.coef * [-1, 1], b.coef, floor=1e-9)
    assert_agrees(a.hr[0], 1 / b.hr[0])
    assert_agrees(a.low[0], 1 / b.high[0])
    assert_agrees(a.p, b.p, floor=1e-9)


@given(seeds)
@settings(max_examples=40)
def test_order_of_rows_is_nothing(seed):
    time, event, X = data(seed)
    order = np.random.default_rng(seed).permutation(time.size)
    a, b = cox(time, event, X, robust=True), cox(time[order], event[order], X[order], robust=True)
    assert_agrees(a.coef, b.coef, floor=1e-9)
    assert_agrees(a.robust_se, b.robust_se)


@given(seeds, st.floats(1e-3, 1e3))
@settings(max_examples=40)
def test_unit_of_time_is_nothing(seed, factor):
    time, event, X = data(seed)
    assert_agrees(cox(time, event, X).coef, cox(time * factor, event, X).coef, floor=1e-9)


@given(seeds, st.floats(1e-3, 1e3), st.floats(-100, 100))
@settings(max_examples=40)
def test_unit_and_origin_of_a_covariate(seed, factor, shift):
    time, event, X = data(seed)
    a, b = cox(time, event, X), cox(time, event, X * [1, factor] + [0, shift])
    assert_agrees(a.coef, b.coef * [1, factor], rel=1e-7, floor=1e-8)


@given(seeds)
@settings(max_examples=40)
def test_breslow_weight_two_is_two_rows(seed):
    time, event, X = data(seed)
    once = cox(time, event, X, ties="breslow", weight=np.full(time.size, 2.0))
    twice = cox(np.tile(time, 2), np.tile(event, 2), np.tile(X, (2, 1)), ties="breslow")
    assert_agrees(once.coef, twice.coef, floor=1e-9)
    assert_agrees(once.se, twice.se)


@given(seeds)
@settings(max_examples=40)
def test_weight_zero_is_no_row(seed):
    time, event, X = data(seed)
    weight = np.random.default_rng(seed).integers(0, 2, time.size).astype(float)
    kept = weight > 0
    a = cox(time, event, X, weight=weight)
    b = cox(time[kept], event[kept], X[kept])
    assert_agrees(a.coef[b.estimable], b.coef[b.estimable], floor=1e-9)


@given(seeds)
@settings(max_examples=40)
def test_splitting_follow_up_changes_nothing(seed):
    time, event, X = data(seed)
    cut = time / 2
    a = cox(time, event, X)
    b = cox(
        np.concatenate((cut, time)),
        np.concatenate((np.zeros(time.size, bool), event)),
        np.tile(X, (2, 1)),
        entry=np.concatenate((np.full(time.size, -1.0), cut)),
    )
    assert_agrees(a.coef, b.coef, floor=1e-9)
    assert_agrees(a.loglik, b.loglik)


@pytest.mark.parametrize("levels", [400, 10**9])
def test_blocks_and_subsample_start_change_nothing(levels):
    """A fit large enough for blocks and the subsample start, against one stratum less clever: a tight refit."""
    time, event, X = data(5, n=50_000, p=3, levels=levels)
    fit = cox(time, event, X, robust=True)
    shuffled = np.random.default_rng(0).permutation(time.size)
    again = cox(time[shuffled], event[shuffled], X[shuffled], robust=True, offset=np.zeros(time.size))
    assert_agrees(fit.coef, again.coef, rel=1e-9, floor=1e-11)
    assert_agrees(fit.robust_se, again.robust_se, rel=1e-9)
    best = fit._maximum.last
    assert np.abs(fit._likelihood.at(fit.coef).gradient / np.sqrt(np.diag(best.information))).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"X": [[1.0, np.nan], [1, 2], [2, 3]]}, "X is missing or infinite in 1 row"),
        ({"X": [1.0, 2.0]}, "X has 2 rows where 3 are expected"),
        ({"ties": "exactly"}, "ties must be one of"),
        ({"weight": [1, -1, 1]}, "weight is negative in 1 row"),
        ({"entry": [0, 2, 0]}, "entry is not before time in 1 row"),
        ({"strata": [1, 2]}, "strata has 2 rows where 3 are expected"),
        ({"cluster": [None, "a", "b"]}, "cluster has missing labels"),
        ({"offset": [0, np.inf, 0]}, "offset is missing or infinite in 1 row"),
    ],
)
def test_bad_arrays(options, sentence):
    arguments = {"time": [1, 2, 3], "event": [1, 1, 0], "X": [1.0, 2.0, 4.0]} | options
    with pytest.raises(ArrayError, match=sentence):
        cox(**arguments)


def test_prints_itself():
    text = str(cox([1, 2, 3, 4], [1, 1, 0, 1], [0.0, 1, 0, 1], robust=True))
    assert text.startswith("Cox proportional hazards regression, Efron ties, robust standard errors, Wald limits")
    assert "HR = " in text
