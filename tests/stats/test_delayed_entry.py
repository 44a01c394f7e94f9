"""Restricted mean and concordance with delayed entry: against R, and by listing the pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness import answers, assert_agrees, data_set

from equipoise.stats import ArrayError, concordance, cox, fine_gray_rows, rmst

R = answers("delayed_entry")


def entering(d):
    i = np.arange(1, d.time.size + 1)
    return np.where(i % 3 > 0, np.minimum((i * 13) % 61, d.time - 0.5), 0.0)


@pytest.mark.parametrize("name", ["lung", "veteran", "pbc"])
def test_restricted_mean_against_r(name):
    d, r = data_set(name), R["rmst"][name]
    found = rmst(d.time, d.event, d.group, r["tau"], entry=entering(d))
    assert_agrees(found.mean, r["mean"])
    assert_agrees(found.se, r["se"])


@pytest.mark.parametrize("name", ["lung", "veteran", "pbc"])
def test_concordance_against_r(name):
    d, i = data_set(name), np.arange(1, data_set(name).time.size + 1)
    score = np.round(d.X[:, 0]) + i % 4
    options = {"plain": {}, "weighted": {"weight": 1.0 + i % 3}, "stratified": {"strata": d.group}}
    for kind, more in options.items():
        found, r = concordance(d.time, d.event, score, entry=entering(d), **more), R["concordance"][name][kind]
        assert_agrees([found.c, found.se], [r["c"], r["se"]])
        assert_agrees([found.concordant, found.discordant, found.tied], r["counts"])


@pytest.mark.parametrize("name", list(R["subdistribution"]))
@pytest.mark.parametrize("kind", ["late", "plain", "file"])
def test_fine_gray_rows_against_finegray_of_r(name, kind):
    d, r = data_set(name), R["subdistribution"][name][kind]
    i = np.arange(1, d.time.size + 1)
    cause = np.where((d.event == 1) & (i % 3 == 0), 2, d.event).astype(int)
    rows = fine_gray_rows(d.time, cause, {"late": entering(d), "plain": None, "file": d.entry}[kind])
    fit = cox(rows.time, rows.event, d.X[rows.row, :2], entry=rows.entry, weight=rows.weight, cluster=rows.row)
    assert_agrees(fit.coef, r["coef"])
    assert_agrees(fit.robust_se, r["se"])
    assert_agrees([rows.weight.min(), rows.weight.max()], r["weight"])


def test_fine_gray_rows_by_hand():
    # A competing event at 2; a censoring at 3 of three at risk; events at 4 and 5: the first row stays at risk with weight 2/3.
    rows = fine_gray_rows([2, 3, 4, 5], [2, 0, 1, 1])
    found = list(zip(rows.row, rows.entry, rows.time, rows.event, rows.weight, strict=True))
    assert found == [
        (0, 0, 3, 0, 1.0),
        (0, 3, 5, 0, pytest.approx(2 / 3)),
        (1, 0, 3, 0, 1.0),
        (2, 0, 4, 1, 1.0),
        (3, 0, 5, 1, 1.0),
    ]
    with pytest.raises(ArrayError, match="no event of the cause"):
        fine_gray_rows([1, 2], [0, 2])


def test_restricted_mean_by_hand():
    # At risk at 2: rows 1, 2 and 4 (row 3 enters at 2); at 5: rows 3 and 4. 2 + 2/3 * 3 + 2/3 * 1/2 * 1.
    found = rmst([2, 4, 5, 8], [1, 0, 1, 0], tau=6, entry=[0, 0, 2, 1])
    assert_agrees(found.mean, [2 + 2 / 3 * 3 + 1 / 3])


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 3), st.integers(0, 5)), min_size=3, max_size=14))
def test_concordance_by_listing_the_pairs(rows):
    time, event, score, back = (np.array(x) for x in zip(*rows, strict=True))
    entry = np.maximum(time - 1 - back, 0).astype(float)
    counts = [0, 0, 0]
    for i in range(len(rows)):
        for j in range(len(rows)):
            after = time[j] > time[i] or (time[j] == time[i] and not event[j])
            if event[i] and i != j and after and entry[j] < time[i]:
                counts[0 if score[i] > score[j] else 1 if score[i] < score[j] else 2] += 1
    if sum(counts) == 0:
        with pytest.raises(ArrayError, match="comparable"):
            concordance(time, event, score, entry=entry)
        return
    found = concordance(time, event, score, entry=entry)
    assert [found.concordant, found.discordant, found.tied] == counts


def test_what_cannot_be_combined_with_delayed_entry_is_said():
    time, event, entry = [2.0, 3, 4], [1, 0, 1], [0.0, 1, 1]
    with pytest.raises(ArrayError, match="entry and X"):
        rmst(time, event, [0, 1, 1], 2, X=[[1.0], [2], [3]], entry=entry)
    with pytest.raises(ArrayError, match="fractional"):
        rmst(time, event, tau=2, weight=[0.5, 1, 1], entry=entry)
