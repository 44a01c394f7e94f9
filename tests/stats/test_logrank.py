import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness import NAMES, answers, assert_agrees, data_set

from equipoise.stats import ArrayError, logrank

R = answers("logrank")


def agrees_with_r(test, r):
    assert_agrees(test.chi2, r["chi2"])
    assert_agrees(test.p, r["p"])
    assert test.df == r["df"]
    assert_agrees(test.observed, r["observed"])
    assert_agrees(test.expected, r["expected"])
    assert_agrees(test.covariance, r["covariance"], floor=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_against_r(name):
    d, r = data_set(name), R[name]
    agrees_with_r(logrank(d.time, d.event, d.group), r["plain"])
    agrees_with_r(logrank(d.time, d.event, d.group, rho=1), r["peto"])
    agrees_with_r(logrank(d.time, d.event, d.group, rho=0.5), r["half"])
    agrees_with_r(logrank(d.time, d.event, d.group, strata=d.stratum), r["strata"])
    agrees_with_r(logrank(d.time, d.event, d.group, strata=d.stratum, rho=1), r["strata_peto"])
    agrees_with_r(logrank(d.time, d.event, d.stratum), r["many"])


def test_golden_numbers_of_lung():
    d = data_set("lung")
    assert_agrees(logrank(d.time, d.event, d.group).chi2, R["lung"]["plain"]["chi2"])


def test_by_hand_with_ties():
    # Group a: event 1, event 3, censored 4. Group b: event 3, event 3, event 5.
    test = logrank([1, 3, 4, 3, 3, 5], [1, 1, 0, 1, 1, 1], ["a", "a", "a", "b", "b", "b"])
    # t = 1: 1 event, 3 + 3 at risk. t = 3: 3 events, 2 + 3 at risk. t = 5: 1 event, 0 + 1 at risk.
    expected_a = 1 * 3 / 6 + 3 * 2 / 5
    variance = 3 * 3 / 36 + 3 * (2 / 5) * (3 / 5) * (5 - 3) / (5 - 1)
    assert_agrees(test.observed, [2, 3])
    assert_agrees(test.expected, [expected_a, 5 - expected_a])
    assert_agrees(test.chi2, (2 - expected_a) ** 2 / variance)
    assert test.df == 1


follow_up = st.integers(4, 50).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(1, 12), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
    )
)


@given(follow_up, st.permutations([0, 1, 2]))
def test_names_of_groups_are_nothing(rows, names):
    time, event, group = map(np.array, rows)
    if np.unique(group).size < 2:
        return
    before = logrank(time, event, group)
    after = logrank(time, event, np.array(names)[group])
    if np.linalg.cond(before.covariance[1:, 1:]) < 1e8:
        assert_agrees(before.chi2, after.chi2, rel=1e-6, floor=1e-9)


@given(follow_up)
def test_observed_and_expected_have_one_sum(rows):
    time, event, group = map(np.array, rows)
    if np.unique(group).size < 2:
        return
    test = logrank(time, event, group)
    assert_agrees(test.observed.sum(), test.expected.sum())
    assert test.chi2 >= -1e-9


def test_one_group_is_refused():
    with pytest.raises(ArrayError, match="at least two groups"):
        logrank([1, 2], [1, 1], [0, 0])


def test_labels_of_any_kind():
    d = data_set("lung")
    words = np.where(d.group == 1, "men", "women")
    assert_agrees(logrank(d.time, d.event, words).chi2, logrank(d.time, d.event, d.group).chi2)
    assert_agrees(logrank(d.time, d.event, words.astype(object)).chi2, logrank(d.time, d.event, d.group).chi2)


def test_no_events():
    test = logrank([1, 2, 3, 4], [0, 0, 0, 0], [0, 0, 1, 1])
    assert test.chi2 == 0 and test.df == 0 and np.isnan(test.p)
