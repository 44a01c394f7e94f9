import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness import NAMES, answers, assert_agrees, cohort, data_set

from equipoise.stats import ArrayError, kaplan_meier, reverse_kaplan_meier

R = answers("kaplan_meier")


def agrees_with_r(curve, r):
    place = np.array(r["place"]) - 1
    assert curve.time.size == r["n_times"]
    for ours, theirs in ((curve.time, "time"), (curve.at_risk, "at_risk"), (curve.events, "events")):
        assert_agrees(ours[place], r[theirs])
    assert_agrees(curve.survival[place], r["survival"], floor=1e-15)
    # At survival 0 R prints NaN (Greenwood) or 0 (jackknife) for the standard error; ours is nan in both.
    known = curve.survival[place] > 0
    assert_agrees(curve.std_err[place][known], np.array(r["std_err"], dtype=float)[known])
    for ours, theirs in ((curve.low, "low"), (curve.high, "high")):
        assert_agrees(ours[place][known], np.array(r[theirs], dtype=float)[known])
    found = [curve.quantile(p) for p in (0.25, 0.5, 0.75)]
    assert_agrees([q.value for q in found], r["quantile"])
    assert_agrees([q.low for q in found], r["quantile_low"])
    assert_agrees([q.high for q in found], r["quantile_high"])


@pytest.mark.parametrize("name", NAMES)
class TestAgainstR:
    @pytest.mark.parametrize("conf_type", ["log", "log-log", "plain", "logit", "arcsin"])
    def test_conf_types(self, name, conf_type):
        d = data_set(name)
        agrees_with_r(kaplan_meier(d.time, d.event, conf_type=conf_type), R[name][conf_type])

    def test_level(self, name):
        d = data_set(name)
        agrees_with_r(kaplan_meier(d.time, d.event, conf_level=0.9), R[name]["level90"])

    def test_groups(self, name):
        d = data_set(name)
        for label, r in zip(np.unique(d.group), R[name]["group"], strict=True):
            agrees_with_r(kaplan_meier(d.time[d.group == label], d.event[d.group == label]), r)

    def test_weights(self, name):
        d = data_set(name)
        agrees_with_r(kaplan_meier(d.time, d.event, weight=d.frequency), R[name]["frequency"])
        agrees_with_r(kaplan_meier(d.time, d.event, weight=d.weight), R[name]["weight"])

    def test_delayed_entry(self, name):
        d = data_set(name)
        agrees_with_r(kaplan_meier(d.time, d.event, entry=d.entry), R[name]["entry"])

    def test_delayed_entry_with_weights(self, name):
        d = data_set(name)
        agrees_with_r(kaplan_meier(d.time, d.event, entry=d.entry, weight=d.weight), R[name]["entry_weight"])

    def test_reverse_and_months(self, name):
        d = data_set(name)
        agrees_with_r(reverse_kaplan_meier(d.time, d.event), R[name]["reverse"])
        agrees_with_r(kaplan_meier(d.time / 30.4375, d.event), R[name]["months"])


class TestByHand:
    # Six subjects: events at 2 and 2, a censoring at 2, an event at 5, a censoring at 7, an event at 9.
    curve = kaplan_meier([2, 2, 2, 5, 7, 9], [1, 1, 0, 1, 0, 1])

    def test_steps(self):
        assert_agrees(self.curve.time, [2, 5, 7, 9])
        assert_agrees(self.curve.at_risk, [6, 3, 2, 1])
        assert_agrees(self.curve.events, [2, 1, 0, 1])
        assert_agrees(self.curve.censored, [1, 0, 1, 0])
        assert_agrees(self.curve.survival, [4 / 6, 4 / 9, 4 / 9, 0])

    def test_greenwood(self):
        second = 4 / 9 * np.sqrt(2 / (6 * 4) + 1 / (3 * 2))
        assert_agrees(self.curve.std_err, [4 / 6 * np.sqrt(2 / 24), second, second, np.nan])

    def test_log_limits(self):
        reach = 1.959963984540054 * np.sqrt(2 / 24)
        assert_agrees([self.curve.low[0], self.curve.high[0]], [4 / 6 * np.exp(-reach), min(1, 4 / 6 * np.exp(reach))])

    def test_between_and_beyond(self):
        assert_agrees(self.curve.at([0, 1.99, 2, 6, 100]).survival, [1, 1, 4 / 6, 4 / 9, 0])
        assert_agrees(self.curve.at([8, 100], beyond="nan").survival, [4 / 9, np.nan])

    def test_numbers_at_risk(self):
        assert_agrees(self.curve.at_risk_at([0, 2, 2.5, 5, 9, 9.5]), [6, 6, 3, 3, 1, 0])

    def test_numbers_at_risk_with_delayed_entry(self):
        curve = kaplan_meier([2, 5, 5, 9], [1, 1, 0, 1], entry=[0, 1, 2, 5])
        assert_agrees(curve.at_risk_at([1, 2, 3, 5, 6, 9, 10]), [1, 2, 2, 2, 1, 1, 0])


class TestMedianOnAFlatPart:
    def triple(self, time, event, rule="r"):
        q = kaplan_meier(time, event).quantile(0.5, rule)
        return [q.value, q.low, q.high]

    def test_as_r(self):
        assert_agrees(self.triple([1, 2, 3, 4], [1, 1, 0, 0]), R["plateau"]["to_the_end"])
        assert_agrees(self.triple([1, 2, 3, 4], [1, 1, 1, 1]), R["plateau"]["next_event"])
        assert_agrees(self.triple([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 1]), R["plateau"]["censored_between"])
        assert_agrees(self.triple([1, 2, 3], [0, 0, 0]), R["plateau"]["none"])
        assert_agrees(self.triple([1, 2, 3, 4], [1, 0, 0, 0]), R["plateau"]["never"])

    def test_as_sas(self):
        # PROC LIFETEST: missing where the curve stays at 0.5 to the end, else the middle up to the next event.
        assert np.isnan(self.triple([1, 2, 3, 4], [1, 1, 0, 0], "sas")[0])
        assert self.triple([1, 2, 3, 4], [1, 1, 1, 1], "sas")[0] == 2.5
        assert self.triple([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], "sas")[0] == 3


def test_rounding_does_not_split_ties():
    agrees_with_r(kaplan_meier([0.1 + 0.2, 0.3, 0.7, 1 - 0.3, 1.1], [1, 1, 0, 1, 1]), R["float_ties"])


follow_up = st.integers(2, 60).flatmap(
    lambda n: st.tuples(st.lists(st.integers(0, 12), min_size=n, max_size=n), st.lists(st.booleans(), min_size=n, max_size=n))
)


@given(follow_up, st.sampled_from(["log", "log-log", "plain", "logit", "arcsin"]))
def test_curve_falls_and_stays_within_its_limits(rows, conf_type):
    curve = kaplan_meier(*rows, conf_type=conf_type)
    assert (np.diff(curve.survival) <= 0).all()
    known = ~np.isnan(curve.low)
    assert (curve.low[known] >= 0).all() and (curve.high[known] <= 1).all()
    assert (curve.low[known] <= curve.survival[known] + 1e-12).all()
    assert (curve.survival[known] <= curve.high[known] + 1e-12).all()


@given(follow_up, st.randoms(use_true_random=False))
def test_order_of_rows_is_nothing(rows, random):
    time, event = np.array(rows[0]), np.array(rows[1])
    order = np.arange(time.size)
    random.shuffle(order)
    assert_agrees(kaplan_meier(time, event).survival, kaplan_meier(time[order], event[order]).survival)


@given(follow_up)
def test_weight_two_is_two_rows(rows):
    time, event = np.array(rows[0]), np.array(rows[1])
    once = kaplan_meier(time, event, weight=np.full(time.size, 2))
    twice = kaplan_meier(np.tile(time, 2), np.tile(event, 2))
    assert_agrees(once.survival, twice.survival)
    assert_agrees(once.std_err, twice.std_err)


@given(follow_up)
def test_without_censoring_it_is_the_empirical_curve(rows):
    time = np.array(rows[0])
    curve = kaplan_meier(time, np.ones(time.size))
    assert_agrees(curve.survival, [(time > t).mean() for t in curve.time])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([1, np.nan], [1, 0]), "time is missing or infinite in 1 row"),
        (([1, -2], [1, 0]), "time is negative in 1 row"),
        (([1, 2], [1]), "event has 1 rows where 2 are expected"),
        (([1, 2], [1, 2]), "event must be 0 or 1"),
        (([], []), "time is empty"),
        (([[1, 2]], [1, 0]), "one-dimensional"),
        ((["a", "b"], [1, 0]), "time must hold numbers"),
    ],
)
def test_bad_arrays(arguments, sentence):
    with pytest.raises(ArrayError, match=sentence):
        kaplan_meier(*arguments)


def test_bad_options():
    with pytest.raises(ArrayError, match="entry is not before time in 1 row"):
        kaplan_meier([1, 2], [1, 0], entry=[0, 2])
    with pytest.raises(ArrayError, match="conf_type must be one of"):
        kaplan_meier([1, 2], [1, 0], conf_type="square")
    with pytest.raises(ArrayError, match="conf_level must lie strictly between 0 and 1"):
        kaplan_meier([1, 2], [1, 0], conf_level=95)
    with pytest.raises(ArrayError, match="weight is zero in every row"):
        kaplan_meier([1, 2], [1, 0], weight=[0, 0])


def test_prints_itself():
    assert "median = 5 (2 to NA)" in str(kaplan_meier([2, 2, 2, 5, 7, 9], [1, 1, 0, 1, 0, 1]))


def test_effective_numbers_at_risk():
    curve = kaplan_meier([1, 2, 3], [1, 1, 1], weight=[0.5, 1.5, 1.0])
    assert_agrees(curve.effective_at_risk, [9 / 3.5, 2.5**2 / 3.25, 1])
    assert_agrees(curve.n_at_risk, [3, 2, 1])
    assert_agrees(kaplan_meier([1, 2, 3], [1, 1, 1]).effective_at_risk, [3, 2, 1])


def test_clustered_limits():
    data, known = cohort(), answers("clustered_curves")
    n = np.arange(1, 1001)
    weight = 0.5 + (n * (37 % 101)) / 101
    assert_agrees(weight[:5], known["weight"])
    clusters = {"subclass": data.X[:, 8] * 2 + data.X[:, 5], "twos": (n + 1) // 2, "mixed": (n * 17) % 211}
    for name, cluster in clusters.items():
        curve = kaplan_meier(data.time, data.event, weight=None if name == "mixed" else weight, cluster=cluster)
        at, median = curve.at(known["times"]), curve.quantile(0.5)
        assert_agrees(at.std_err, known[name]["std_err"])
        assert_agrees((at.low, at.high), (known[name]["low"], known[name]["high"]))
        assert_agrees((median.value, median.low, median.high), known[name]["median"])


def test_every_row_its_own_cluster_is_the_robust_curve():
    data = cohort()
    weight = 1.5 + np.sin(np.arange(1000))
    alone = kaplan_meier(data.time, data.event, weight=weight, cluster=np.arange(1000))
    assert_agrees(alone.std_err, kaplan_meier(data.time, data.event, weight=weight).std_err)
    with pytest.raises(ArrayError, match="cluster and entry cannot be combined"):
        kaplan_meier([2.0, 3], [1, 0], entry=[0.0, 1], cluster=[1, 2])
