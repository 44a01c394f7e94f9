import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness import answers, assert_agrees, cohort, data_set, numbers

from equipoise.stats import ArrayError, cumulative_incidence, fine_gray, kaplan_meier

R = answers("incidence")
SETS = ("pbc", "pbc_months", "cohort", "cohort_months")


def read(name):
    if name.startswith("pbc"):
        d = data_set("pbc")
        d.time = np.floor(d.time / 60) if name == "pbc_months" else d.time
        return d
    d = cohort()
    d.cause, d.group, d.stratum = d.etype, d.treat, d.x6 + 2 * d.x7
    d.time = np.floor(d.time / 30) + 1 if name == "cohort_months" else d.time
    return d


def curves_agree(found, r, at):
    # cmprsk gives nan beyond the last observation of a group, where ours asks to be told so.
    for label, est, var in zip(r["names"], numbers(r["est"]), numbers(r["var"]), strict=True):
        group, cause = label.split()
        curve = found.curve(int(cause), float(group) if len(found.groups) > 1 else found.groups[0])
        ours = curve.at(at)
        known = ~np.isnan(est)
        assert_agrees(ours.incidence[known], est[known])
        assert_agrees(ours.std_err[known] ** 2, var[known], floor=1e-14)


@pytest.mark.parametrize("name", SETS)
class TestAgainstCmprsk:
    def test_curves_and_gray(self, name):
        d, r = read(name), R[name]
        for key, group in (("group", d.group), ("stratum", d.stratum)):
            found = cumulative_incidence(d.time, d.cause, group)
            curves_agree(found, r[key], r["at"])
            assert_agrees([[t.chi2, t.p, t.df] for t in found.gray], r[key]["tests"], rel=1e-8)
        curves_agree(cumulative_incidence(d.time, d.cause), r["one"], r["at"])

    def test_gray_weighted_and_stratified(self, name):
        d, r = read(name), R[name]
        weighted = cumulative_incidence(d.time, d.cause, d.stratum, rho=1).gray
        assert_agrees([[t.chi2, t.p, t.df] for t in weighted], r["rho"])
        stratified = cumulative_incidence(d.time, d.cause, d.group, strata=d.stratum).gray
        assert_agrees([[t.chi2, t.p, t.df] for t in stratified], r["strata"])

    @pytest.mark.parametrize("cause", [1, 2])
    def test_fine_gray(self, name, cause):
        d, r = read(name), R[name]["crr" if cause == 1 else "crr2"]
        fit = fine_gray(d.time, d.cause, d.X, cause)
        assert r["converged"]
        assert_agrees(fit.coef, r["coef"], rel=1e-7, floor=1e-9)
        assert_agrees(fit.se, r["se"])
        assert_agrees([fit.loglik, fit.loglik_null], [r["loglik"], r["null"]])

    def test_prediction(self, name):
        d, r = read(name), R[name]["predict"]
        assert_agrees(fine_gray(d.time, d.cause, d.X).incidence(d.X[2], r["time"]), r["incidence"], rel=1e-7)


class TestByHand:
    # Six subjects: cause 1 at 1, cause 2 at 2, cause 1 and cause 2 at 3, a censoring at 3, cause 1 at 5.
    time, cause = [1, 2, 3, 3, 3, 5], [1, 2, 1, 2, 0, 1]

    def test_incidence(self):
        found = cumulative_incidence(self.time, self.cause)
        assert_agrees(found.curve(1).incidence, [1 / 6, 1 / 6, 1 / 6 + 4 / 6 / 4, 1 / 6 + 1 / 6 + 2 / 6])
        assert_agrees(found.curve(2).incidence, [0, 1 / 6, 2 / 6, 2 / 6])

    def test_causes_and_survival_sum_to_one(self):
        found = cumulative_incidence(self.time, self.cause)
        survival = kaplan_meier(self.time, np.array(self.cause) > 0).survival
        assert_agrees(found.curve(1).incidence + found.curve(2).incidence + survival, np.ones(4))

    def test_fine_gray_without_censoring_keeps_competing_events_at_risk(self):
        # Nobody is censored: a competing event stays at risk for ever, as in a Cox model with an endless time.
        time, cause, x = [1, 2, 3, 4, 5], [1, 2, 1, 2, 1], [0.0, 1, 1, 0, 1]
        from equipoise.stats import cox

        endless = np.where(np.array(cause) == 2, 100, time)
        plain = cox(endless, np.array(cause) == 1, x, ties="breslow")
        assert_agrees(fine_gray(time, cause, x).coef, plain.coef)
        assert_agrees(fine_gray(time, cause, x).loglik, plain.loglik)


def test_one_cause_alone_is_kaplan_meier():
    d = data_set("lung")
    curve = cumulative_incidence(d.time, d.event).curve(1)
    km = kaplan_meier(d.time, d.event)
    assert_agrees(curve.incidence, 1 - km.survival, floor=1e-12)


def test_delayed_entry_of_one_cause_is_kaplan_meier():
    d = data_set("lung")
    curve = cumulative_incidence(d.time, d.event, entry=d.entry).curve(1)
    assert_agrees(curve.incidence, 1 - kaplan_meier(d.time, d.event, entry=d.entry).survival, floor=1e-12)


def rows(seed, n=60):
    rng = np.random.default_rng(seed)
    return rng.integers(1, 15, n).astype(float), rng.integers(0, 3, n), rng.integers(0, 2, n), rng.normal(size=(n, 2))


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=40)
def test_relabelling_groups_and_permuting_rows(seed):
    time, cause, group, X = rows(seed)
    order = np.random.default_rng(seed).permutation(time.size)
    a = cumulative_incidence(time, cause, group)
    b = cumulative_incidence(time[order], cause[order], 1 - group[order])
    for before, after in zip(a.gray, b.gray, strict=True):
        assert_agrees(before.chi2, after.chi2, rel=1e-7, floor=1e-9)
    a, b = fine_gray(time, cause, X), fine_gray(time[order], cause[order], -X[order])
    assert_agrees(a.coef, -b.coef, floor=1e-9)
    assert_agrees(a.se, b.se)


@given(seeds)
@settings(max_examples=40)
def test_curves_rise_within_their_limits(seed):
    time, cause, group, _ = rows(seed)
    for curve in cumulative_incidence(time, cause, group).curves:
        assert (np.diff(curve.incidence) >= 0).all()
        known = ~np.isnan(curve.low)
        assert (curve.low[known] >= 0).all() and (curve.high[known] <= 1).all()
        assert (curve.low[known] <= curve.incidence[known] + 1e-12).all()


def test_large_fine_gray_by_blocks():
    rng = np.random.default_rng(1)
    n = 60_000
    X = rng.normal(size=(n, 2))
    time, cause = np.ceil(rng.exponential(100, n)), rng.integers(0, 3, n)
    fit = fine_gray(time, cause, X)
    order = rng.permutation(n)
    again = fine_gray(time[order], cause[order], X[order])
    assert_agrees(fit.coef, again.coef, rel=1e-8, floor=1e-10)
    assert_agrees(fit.se, again.se, rel=1e-8)


def test_bad_arrays():
    with pytest.raises(ArrayError, match="cause must hold whole numbers"):
        cumulative_incidence([1, 2], [0.5, 1])
    with pytest.raises(ArrayError, match="nobody has an event of cause 3"):
        fine_gray([1, 2], [1, 2], [0, 1], 3)
    with pytest.raises(ArrayError, match="there is no curve of cause 9"):
        cumulative_incidence([1, 2], [1, 2]).curve(9)


def test_prints_itself():
    d = read("pbc")
    assert "Gray's test, cause 1" in str(cumulative_incidence(d.time, d.cause, d.group))
    assert "SHR = " in str(fine_gray(d.time, d.cause, d.X))


@pytest.mark.parametrize("name", ["pbc", "pbc_months"])
@pytest.mark.parametrize("case", ["weight", "entry"])
def test_weighted_curves_against_survfit(name, case):
    d, r = data_set("pbc"), R["weighted"][name][case]
    if name == "pbc_months":
        d.time, d.entry = np.floor(d.time / 60) + 1, np.floor(d.entry / 60)
    found = cumulative_incidence(d.time, d.cause, weight=d.weight, entry=d.entry if case == "entry" else None)
    assert "infinitesimal jackknife" in found.method
    for cause, est, se in zip((1, 2), numbers(r["est"]).T, numbers(r["se"]).T, strict=True):
        at = found.curve(cause).at(r["time"])
        assert_agrees(at.incidence, est)
        assert_agrees(at.std_err, se, floor=1e-9)


def test_whole_weights_are_rows():
    d = data_set("pbc")
    count = d.frequency.astype(int)
    once = cumulative_incidence(d.time, d.cause, weight=count).curve(1)
    many = cumulative_incidence(np.repeat(d.time, count), np.repeat(d.cause, count)).curve(1)
    assert_agrees(once.incidence, many.incidence)
    assert_agrees(once.std_err, many.std_err)


class TestWeightedFineGray:
    def test_against_finegray(self):
        d, r = data_set("pbc"), R["weighted_fine_gray"]
        time = d.time + np.arange(1, d.time.size + 1) % 997 / 1000
        fit = fine_gray(time, d.cause, d.X[:, :3], weight=d.weight)
        assert_agrees(fit.coef, r["coef"])
        # coxph does not know that the censoring weights were estimated: its errors are only near.
        assert_agrees(fit.se, r["se"], rel=0.03)

    def test_a_common_factor_is_nothing(self):
        d = data_set("pbc")
        a, b = fine_gray(d.time, d.cause, d.X), fine_gray(d.time, d.cause, d.X, weight=np.full(d.time.size, 2.5))
        assert_agrees(a.coef, b.coef, rel=1e-7, floor=1e-10)
        assert_agrees(a.se, b.se)

    def test_weight_zero_is_no_row(self):
        d = data_set("pbc")
        kept = d.stratum != 2
        a = fine_gray(d.time, d.cause, d.X, weight=kept)
        b = fine_gray(d.time[kept], d.cause[kept], d.X[kept])
        assert_agrees(a.coef, b.coef, rel=1e-7, floor=1e-10)
        assert_agrees(a.se, b.se)

    def test_every_row_twice_in_a_cluster(self):
        d = data_set("pbc")
        n = d.time.size
        once = fine_gray(d.time, d.cause, d.X)
        twice = fine_gray(np.tile(d.time, 2), np.tile(d.cause, 2), np.tile(d.X, (2, 1)), cluster=np.tile(np.arange(n), 2))
        assert_agrees(once.coef, twice.coef, rel=1e-7, floor=1e-10)
        assert_agrees(once.se, twice.se)
        assert "clustered" in twice.method
