"""Follow-up split at a switch, clone-censor-weight, Poisson rates and Holm: against R and by hand."""

import math

import numpy as np
import pytest
from witness import answers, assert_agrees, data_set

from equipoise.stats import (
    ArrayError,
    Strategy,
    clone_censor,
    clone_strategies,
    cox,
    holm,
    kaplan_meier,
    poisson_rate,
    rate_ratio,
    split_at,
)

R = answers("time_zero")
NAN = math.nan


def started(n):
    i = np.arange(1, n + 1)
    return np.where(i % 2 == 0, NAN, (i * 37) % 211 + 0.5)


@pytest.mark.parametrize("name", ["lung", "veteran"])
def test_time_dependent_cox_against_tmerge(name):
    d, r = data_set(name), R["switching"][name]
    s = split_at(d.time, d.event, started(d.time.size))
    for ours, theirs in ((s.entry, "tstart"), (s.time, "tstop"), (s.event, "died"), (s.on, "on")):
        np.testing.assert_array_equal(ours, r[theirs])
    fit = cox(s.time, s.event, s.on, entry=s.entry)
    assert_agrees([fit.coef[0], fit.se[0], fit.p[0]], [r["coef"], r["se"], r["p"]])
    assert_agrees(np.log([fit.low[0], fit.high[0]]), np.ravel(r["conf"]))
    fit = cox(s.time, s.event, np.column_stack((s.on, d.X[s.row, :2])), entry=s.entry)
    assert_agrees(fit.coef, r["adjusted"])
    assert_agrees(fit.se, r["adjusted_se"])


def test_a_switch_by_hand():
    s = split_at([10, 10, 10, 10, 8], [1, 1, 0, 1, 1], [4, NAN, 10, 2, 12], entry=[0, 0, 0, 3, 1])
    assert s.row.tolist() == [0, 0, 1, 2, 3, 4]
    assert s.entry.tolist() == [0, 4, 0, 0, 3, 1]
    assert s.time.tolist() == [4, 10, 10, 10, 10, 8]
    assert s.event.tolist() == [0, 1, 1, 0, 1, 1]
    assert s.on.tolist() == [0, 1, 0, 0, 1, 0]
    with pytest.raises(ArrayError):
        split_at([1, 2], [0, 1], [1])


@pytest.mark.parametrize(("name", "grace"), [("lung", 120), ("veteran", 60)])
def test_clone_censor_weight_against_r(name, grace):
    d, r = data_set(name), R["cloning"][name]
    c = clone_censor(d.time, d.event, started(d.time.size), grace, d.X[:, :2])
    assert c.row.size == r["rows"]
    for k in (0, 1):
        assert_agrees(
            [c.weight[c.strategy == k].sum(), c.weight[c.strategy == k].max()], [r["weight_sum"][k], r["weight_max"][k]]
        )
    fit = cox(c.time, c.event, c.strategy, entry=c.entry, weight=c.weight, cluster=c.row)
    assert_agrees([fit.coef[0], fit.robust_se[0]], [r["coef"], r["robust_se"]])
    assert_agrees(np.log([fit.low[0], fit.high[0]]), np.ravel(r["conf"]))
    for k in (0, 1):
        m = c.strategy == k
        curve = kaplan_meier(c.time[m], c.event[m], entry=c.entry[m], weight=c.weight[m])
        assert_agrees(curve.at([300]).survival[0], r["survival"][k])


def test_clones_by_hand():
    # Grace 10. A dies at 5 untreated; B starts at 4, dies at 20; C starts at 8, censored at 30; D never starts, dies at 25.
    c = clone_censor([5, 20, 30, 25], [1, 1, 0, 1], [NAN, 4, 8, NAN], 10)
    rows = list(zip(c.row, c.strategy, c.entry, c.time, c.event, c.weight, strict=True))
    wait = [r for r in rows if r[1] == 0]
    # Waiting: 4 at risk at day 4 and one leaves (3/4 remain); at day 8 C and D are at risk and C leaves (1/2 of 3/4).
    assert wait == [
        (0, 0, 0, 4, 0, 1.0), (0, 0, 4, 5, 1, pytest.approx(4 / 3)),
        (1, 0, 0, 4, 0, 1.0),
        (2, 0, 0, 4, 0, 1.0), (2, 0, 4, 8, 0, pytest.approx(4 / 3)),
        (3, 0, 0, 4, 0, 1.0), (3, 0, 4, 8, 0, pytest.approx(4 / 3)), (3, 0, 8, 25, 1, pytest.approx(8 / 3)),
    ]  # fmt: skip
    # Starting: A dies within the grace period and counts here too; of B, C and D two have started by day 10: weight 3/2.
    assert [r for r in rows if r[1] == 1] == [
        (0, 1, 0, 5, 1, 1.0),
        (1, 1, 0, 10, 0, 1.0), (1, 1, 10, 20, 1, pytest.approx(1.5)),
        (2, 1, 0, 10, 0, 1.0), (2, 1, 10, 30, 0, pytest.approx(1.5)),
        (3, 1, 0, 10, 0, 1.0),
    ]  # fmt: skip
    assert (c.n_started, c.n_censored) == (2, (2, 1))


def test_the_weighted_clones_stand_for_everybody():
    """Without covariates and deaths within the grace period each strategy's weights add up to all patients after it."""
    c = clone_censor([50, 60, 70, 80, 90], [1] * 5, [3, 3, 9, NAN, 40], 10)
    late = c.time > 45
    assert c.weight[late & (c.strategy == 0)].sum() == pytest.approx(5)
    assert c.weight[late & (c.strategy == 1)].sum() == pytest.approx(5)


def test_a_start_at_time_zero_and_one_after_the_end():
    c = clone_censor([5, 6, 7, 9], [1, 1, 0, 1], [0, 6, NAN, NAN], 3)
    assert 0 not in c.row[c.strategy == 0]  # no time as a patient who waits
    assert c.weight[c.strategy == 0].tolist() == pytest.approx([4 / 3] * 3)
    assert c.n_started == 1


def test_poisson_rates_and_their_ratio_against_r():
    for r in R["rates"]:
        found = poisson_rate(r["x"], r["t"], per=100)
        assert_agrees([found.estimate, found.low, found.high], [r["estimate"], *r["conf"]])
    for r in R["ratios"]:
        x = r["x"]
        found = rate_ratio(x[:2], x[2:])
        assert_agrees(
            [found.ratio, found.low, found.high, found.p],
            [r["ratio"], *[v if v != "Inf" else math.inf for v in r["conf"]], r["p"]],
        )
    assert rate_ratio((0, 0), (1, 2)).p == 1  # R: poisson.test(c(0, 0), c(1, 2))


def test_holm_against_r_and_with_a_test_that_was_not_made():
    assert_agrees(holm(R["holm"]["p"]), R["holm"]["adjusted"])
    assert_agrees(holm([0.03, NAN, 0.02]), [0.04, NAN, 0.04])
    assert holm([]).size == 0 and np.isnan(holm([NAN])).all()


CLONES = answers("clones")


@pytest.mark.parametrize("name", ["lung", "veteran"])
def test_strategies_by_kind_and_day_against_r(name):
    """Nothing by the last day; kind a; kind b; either kind in the second half. Progression as a time-dependent covariate."""
    d, r = data_set(name), CLONES[name]
    i = np.arange(1, d.time.size + 1)
    kind, switch = np.where(i % 3 == 0, "a", "b"), np.where(i % 5 == 0, NAN, (i * 29) % 97 + 0.25)
    by = r["by"]
    plans = [Strategy(by, ()), Strategy(by, ("a",)), Strategy(by, ("b",)), Strategy(by, None, by / 2)]
    c = clone_strategies(d.time, d.event, started(i.size), plans, kind, X=d.X[:, :2], switch=switch)
    assert c.row.size == r["rows"]
    for k in range(4):
        m = c.strategy == k
        assert_agrees([c.weight[m].sum(), c.weight[m].max()], [r["weight_sum"][k], r["weight_max"][k]])
        curve = kaplan_meier(c.time[m], c.event[m], entry=c.entry[m], weight=c.weight[m])
        assert_agrees(curve.at([150]).survival[0], r["survival"][k])
    X = (c.strategy[:, None] == [1, 2, 3]).astype(float)
    fit = cox(c.time, c.event, X, entry=c.entry, weight=c.weight, cluster=c.row)
    assert_agrees(fit.coef, r["coef"])
    assert_agrees(fit.robust_se, r["robust_se"])


def test_strategies_by_hand():
    # By day 10. A starts a at 2, dies at 20; B starts b at 4, censored at 30; C never starts, dies at 25; D dies at 3.
    time, event, start, kind = [20, 30, 25, 3], [1, 0, 1, 1], [2, 4, NAN, NAN], ["a", "b", "", ""]
    c = clone_strategies(time, event, start, [Strategy(10, ()), Strategy(10, ("a",))], kind)
    rows = list(zip(c.row, c.entry, c.time, c.event, c.weight, strict=True))
    # Kind a: B leaves at 4, when B and C are at risk (A has started, D is dead): half remain. At day 10 A has started, C has not:
    # C leaves, and half remain again. A left the risk set of starting b at day 2, so A's weight is that of day 10 alone.
    assert [r for r, s in zip(rows, c.strategy, strict=True) if s == 1] == [
        (0, 0, 4, 0, 1.0), (0, 4, 10, 0, 1.0), (0, 10, 20, 1, pytest.approx(2)),
        (1, 0, 4, 0, 1.0),
        (2, 0, 4, 0, 1.0), (2, 4, 10, 0, pytest.approx(2)),
        (3, 0, 3, 1, 1.0),
    ]  # fmt: skip
    assert (c.n_started, c.n_censored) == (2, (2, 2))


def test_a_start_before_the_window_departs_from_it():
    c = clone_strategies([9, 9, 9], [1, 1, 1], [1, 5, NAN], [Strategy(6, ()), Strategy(6, None, 3)])
    late = c.strategy == 1
    assert c.time[late & (c.row == 0)].tolist() == [1] and c.time[late & (c.row == 2)].max() == 6
    assert c.event[late].sum() == 1  # only the second subject is followed to the end
    with pytest.raises(ArrayError, match="two strategies"):
        clone_strategies([1, 2], [0, 1], [NAN, NAN], [Strategy(1)])
    with pytest.raises(ArrayError, match="names kinds"):
        clone_strategies([1, 2], [0, 1], [NAN, NAN], [Strategy(1), Strategy(1, ("a",))])
