"""Likelihoods that rise for ever along a direction: what stays estimable is the model in the limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness import answers, assert_agrees, data_set

from equipoise.stats import ArrayError, cox, fine_gray, logistic

R = answers("limits")
NAMES = ["lung", "pbc", "gbsg"]
TOLERANCE = 1e-7  # R stops at 1e-13 of the log-likelihood, which leaves half the digits of a coefficient


def factor(name):
    """A data set with a factor of four levels, of which level 0 has no event."""
    d = data_set(name)
    d.level = (np.arange(1, d.time.size + 1) * 7) % 4
    d.event = np.where(d.level == 0, 0, d.event)
    d.cause = np.where((d.level == 0) & (d.cause == 1), 0, d.cause)
    return d


def indicators(level, reference):
    return [level == k for k in range(4) if k != reference]


def contrast(fit, reference, a, b):
    levels = [k for k in range(4) if k != reference]
    c = np.zeros(4)
    for level, sign in ((a, 1.0), (b, -1.0)):
        if level != reference:
            c[1 + levels.index(level)] = sign
    return fit.contrast(c)


def options(d, kind):
    return {
        "plain": {},
        "weight_robust": {"weight": d.weight, "robust": True},
        "cluster": {"cluster": d.cluster},
        "strata": {"strata": d.stratum},
        "entry": {"entry": d.entry},
    }[kind]


@pytest.mark.parametrize("reference", [0, 1, 3])
@pytest.mark.parametrize("kind", ["plain", "weight_robust", "cluster", "strata", "entry"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", NAMES)
def test_a_level_without_events_whichever_is_the_reference(name, ties, kind, reference):
    d, r = factor(name), R[name][ties][kind]
    fit = cox(d.time, d.event, np.column_stack((d.x1, *indicators(d.level, reference))), ties=ties, **options(d, kind))
    used = "se" if fit.robust_se is None else "robust_se"
    assert fit.converged and fit.estimable[0]
    assert_agrees(fit.coef[0], r["coef"][0], rel=TOLERANCE)
    assert_agrees(fit.se[0], r["se"][0], rel=TOLERANCE)
    assert_agrees(getattr(fit, used)[0], r[used][0], rel=TOLERANCE)
    assert_agrees(fit.loglik, r["loglik"])
    for k, level in ((1, 2), (2, 3)):
        found = contrast(fit, reference, level, 1)
        assert found.estimable
        assert_agrees(found.estimate, r["coef"][k], rel=TOLERANCE, floor=1e-9)
        assert_agrees(found.se, r[used][k], rel=TOLERANCE)
    assert not contrast(fit, reference, 0, 1).estimable
    if reference == 0:
        assert fit.estimable.tolist() == [True, False, False, False] and (fit.coef[1:] == np.inf).all()
    else:
        assert fit.estimable.tolist() == [True, False, True, True] and fit.coef[1] == -np.inf


@pytest.mark.parametrize("reference", [0, 1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_exact_ties_agree_with_the_level_left_out(name, reference):
    d = factor(name)
    few = slice(None, 120)
    X = np.column_stack((d.x1, *indicators(d.level, reference)))[few]
    fit = cox(d.time[few], d.event[few], X, ties="exact")
    kept = d.level[few] > 0
    left = cox(
        d.time[few][kept], d.event[few][kept], np.column_stack((d.x1, d.level == 2, d.level == 3))[few][kept], ties="exact"
    )
    assert_agrees([fit.coef[0], fit.se[0], fit.loglik], [left.coef[0], left.se[0], left.loglik])
    assert_agrees(contrast(fit, reference, 3, 1).se, left.se[2])


@pytest.mark.parametrize("reference", [0, 1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_fine_gray(name, reference):
    d, r = factor(name), R[name]["fine_gray"]
    time = d.time + np.arange(1, d.time.size + 1) / (10 * d.time.size)
    fit, other = (fine_gray(time, d.cause, np.column_stack((d.x1, *indicators(d.level, k)))) for k in (reference, 1))
    assert_agrees(fit.coef[0], r["coef"][0], rel=TOLERANCE)
    # crr() has no such limit: the standard error is the same whichever level is the reference.
    assert_agrees(fit.se[0], other.se[0])
    assert_agrees(other.coef[2:], r["coef"][1:], rel=TOLERANCE)
    assert fit.estimable.tolist() == ([True, False, False, False] if reference == 0 else [True, False, True, True])


@pytest.mark.parametrize("reference", [0, 1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_logistic(name, reference):
    d, r = factor(name), R[name]["logistic"]
    fit = logistic(d.event, np.column_stack((d.x1, *indicators(d.level, reference))))
    assert fit.separated
    assert_agrees([fit.coef[1], fit.se[1]], [r["coef"][1], r["se"][1]], rel=TOLERANCE)
    if reference == 1:
        assert_agrees(fit.coef[[0, 1, 3, 4]], r["coef"], rel=TOLERANCE)
        assert_agrees(fit.se[[0, 1, 3, 4]], r["se"], rel=TOLERANCE)
        assert fit.coef[2] == -np.inf and np.isnan(fit.se[2])
    assert fit.fitted[d.level == 0].max() < 1e-8


def test_two_covariates_that_separate_only_together():
    # Nobody with both has an event: x + y rises, neither alone; the others' estimates are those without these rows.
    rng = np.random.default_rng(11)
    n = 120
    x, y, z = rng.integers(0, 2, n), rng.integers(0, 2, n), rng.normal(size=n)
    time, event = rng.permutation(n) + 1, (rng.random(n) < 0.6) & ~((x == 1) & (y == 1))
    both = (x * y).astype(float)
    fit = cox(time, event, np.column_stack((z, x, y, both)))
    kept = both == 0
    left = cox(time[kept], event[kept], np.column_stack((z, x, y))[kept])
    assert fit.estimable.tolist() == [True, True, True, False] and fit.coef[3] == -np.inf
    assert_agrees(fit.coef[:3], left.coef)
    assert_agrees(fit.se[:3], left.se)
    # The same model told by the four cells, of which the reference has no event.
    cells = np.column_stack((z, (x == 0) & (y == 0), (x == 1) & (y == 0), (x == 0) & (y == 1))).astype(float)
    told = cox(time, event, cells)
    assert told.estimable.tolist() == [True, False, False, False]
    assert_agrees([told.coef[0], told.se[0], told.loglik], [left.coef[0], left.se[0], left.loglik])
    assert_agrees(told.contrast([0, -1, 1, 0]).estimate, left.coef[1])
    assert_agrees(told.contrast([0, -1, 1, 0]).se, left.se[1])


def test_complete_monotony_says_nothing_of_anybody():
    fit = cox([1, 2, 3], [1, 1, 1], [0, 0.01, 5.0])
    assert not fit.estimable[0] and fit.coef[0] == -np.inf and np.isnan(fit.p[0]) and np.isnan(fit.high[0])
    assert_agrees(fit.loglik, 0.0)


def test_an_order_of_everybody_leaves_nothing_to_the_others():
    # The covariate gives the order of all events: each risk set is the event alone, and no other covariate has an estimate.
    rng = np.random.default_rng(3)
    x = rng.normal(size=(5000, 2))
    fit = cox(np.argsort(np.argsort(x[:, 0])) + 1.0, np.ones(5000), x)
    assert not fit.estimable.any() and fit.coef[0] == -np.inf and np.isnan(fit.coef[1])


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_nearly_monotone_is_not_estimable(unit):
    # Deaths at 0.50, 0.52, 0.51 (not quite in order), everybody else far above: coefficients near -70, HR below 1e-30.
    marker = np.concatenate(([0.50, 0.52, 0.51], np.linspace(3, 30, 40)))
    time, event = np.concatenate(([10, 20, 30], np.full(40, 100))), np.arange(43) < 3
    fit = cox(time, event, marker * unit)
    assert not fit.estimable[0] and fit.coef[0] == -np.inf and np.isnan(fit.p[0])
    with pytest.raises(ArrayError, match="no finite estimate"):
        fit.ph_test()


def test_a_far_survivor_alone_is_no_separation():
    # The outlier's hazard is e**-40 of the others', which costs nobody's estimate: R coxph gives the same numbers.
    rng = np.random.default_rng(4)
    x = rng.normal(size=60)
    time, event = np.argsort(np.argsort(rng.exponential(np.exp(x)))) + 1.0, np.ones(60)
    far, far_time, far_event = np.append(x, 60.0), np.append(time, 61.0), np.append(event, 0)
    fit, left = cox(far_time[:-1], far_event[:-1], far[:-1]), cox(time, event, x)
    assert_agrees(fit.coef, left.coef)
    both = cox(np.append(far_time, 61.0), np.append(far_event, 0), np.append(far, 0.0))
    assert both.estimable[0]


@pytest.mark.parametrize("weight", [None, np.ones(8)])
def test_rows_of_weight_zero_do_not_hide_separation(weight):
    time, event, x = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 1, 1, 0, 1]
    w = np.append(np.ones(8) if weight is None else weight, 0.0)
    fit = cox([*time, 2.5], [*event, 1], [*x, 1], weight=w)
    assert not fit.estimable[0]
    separated = logistic([0, 0, 1, 1, 0], [1.0, 2.0, 3.0, 4.0, 9.0], weight=[1, 1, 1, 1, 0])
    assert separated.separated and not separated.estimable.any()


def test_a_rare_level_in_a_large_sample():
    rng = np.random.default_rng(2)
    n = 45_000
    x, rare = rng.normal(size=n), np.arange(n) < 7
    time, event = np.ceil(rng.exponential(300, n)), (rng.random(n) < 0.3) & ~rare
    fit, left = cox(time, event, np.column_stack((x, rare))), cox(time[~rare], event[~rare], x[~rare])
    assert fit.estimable.tolist() == [True, False]
    assert_agrees([fit.coef[0], fit.se[0]], [left.coef[0], left.se[0]])
    y = logistic(event, np.column_stack((x, rare)))
    assert y.estimable.tolist() == [True, True, False]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["efron", "breslow"]), st.booleans(), st.integers(3, 5))
def test_the_reference_never_matters(seed, ties, late, levels):
    rng = np.random.default_rng(seed)
    n = 36
    level, x = rng.integers(0, levels, n), rng.normal(size=n)
    time, event = rng.integers(5, 25, n), (rng.random(n) < 0.7) & ~np.isin(level, rng.integers(0, levels, 2))
    event[0] = True
    entry = rng.integers(0, 5, n) if late else None
    found = []
    for reference in range(levels):
        X = np.column_stack((x, *(level == k for k in range(levels) if k != reference)))
        fit = cox(time, event, X, ties=ties, entry=entry)
        found.append((fit.estimable[0], fit.loglik, fit.coef[0], fit.se[0]))
    known = [f[0] for f in found]
    assert len(set(known)) == 1
    for f in found[1:]:
        assert_agrees(f[1], found[0][1], rel=1e-8, floor=1e-8)
        if known[0]:
            assert_agrees(f[2:], found[0][2:], rel=1e-6, floor=1e-8)


class TestLargeLinearPredictors:
    def test_strata_far_apart(self):
        d, r = data_set("pbc"), R["apart"]
        for far in (400.0, 1000.0):
            fit = cox(d.time, d.event, d.X[:, :2], strata=d.stratum, offset=far * (d.stratum - d.stratum.mean()))
            assert_agrees(fit.coef, r["coef"], rel=TOLERANCE)
            assert_agrees(fit.se, r["se"], rel=TOLERANCE)
            assert_agrees(fit.loglik, r["loglik"])

    def test_times_far_apart(self):
        # The offset falls with time by 500: whoever is at risk later is negligible beside the event, so that each event
        # is compared with those of its own time only.
        rng = np.random.default_rng(8)
        x, time = rng.normal(size=40), np.repeat(np.arange(1, 9), 5)
        event = np.tile([1, 0, 0, 0, 0], 8)
        fit = cox(time, event, x, offset=-500.0 * time)
        apart = cox(time, event, x, strata=time)
        assert_agrees(fit.coef, apart.coef)
        assert_agrees(fit.se, apart.se)


class TestConcordance:
    def test_late_entry(self):
        six = {"entry": [0, 2, 1, 0, 4, 3]}
        fit = cox([4, 9, 6, 11, 8, 10], [1, 1, 0, 1, 1, 0], [2, 0.5, 1, 0, 1.5, 3], **six)
        assert_agrees(fit.concordance().c, R["six"])

    @pytest.mark.parametrize("name", NAMES)
    def test_late_entry_of_a_real_sample(self, name):
        d = factor(name)
        k = d.level > 0
        X = np.column_stack((d.x1, d.level == 2, d.level == 3))[k]
        fit = cox(d.time[k], d.event[k], X, entry=d.entry[k])
        assert_agrees(fit.concordance().c, R[name]["concordance"])


@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_proportional_hazards_ignores_rows_without_weight(transform):
    d = data_set("lung")
    fit = cox(d.time, d.event, d.X[:, :2])
    more = np.arange(1, 31) * 11.0
    time, event, X = np.append(d.time, more), np.append(d.event, np.ones(30)), np.vstack((d.X[:, :2], np.zeros((30, 2))))
    padded = cox(time, event, X, weight=np.append(np.ones(d.time.size), np.zeros(30)))
    assert_agrees(padded.ph_test(transform).chi2, fit.ph_test(transform).chi2)
