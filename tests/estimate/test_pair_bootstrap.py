"""Few pairs: the interval of the pair bootstrap beside the cluster-robust standard error by pair, against R's own resamples."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from equipoise import stats
from equipoise.estimate.pair_bootstrap import RESAMPLES, pair_bootstrap_rows
from equipoise.records import Row

R = json.loads((Path(__file__).parents[1] / "stats" / "reference" / "pair_bootstrap.json").read_text(encoding="utf-8"))
TIME = [5, 11, 8, 3, 21, 13, 2, 9, 30, 17, 6, 24, 15, 4, 27, 12, 10, 7, 19, 14, 1, 16, 22, 18]
EVENT = [1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1]


def found(pairs=12, time=TIME, event=EVENT, level=0.95):
    pair = np.repeat(np.arange(1, pairs + 1), 2)
    treated = np.tile([1.0, 0.0], pairs)[:, None]
    outcome = SimpleNamespace(time=np.array(time, dtype=float), event=np.array(event))
    protocol = SimpleNamespace(
        level=level,
        cox=SimpleNamespace(ties="efron"),
        arms=SimpleNamespace(contrast="a vs b"),
        main_endpoints={"os": None},
        designs={"matched": None},
    )
    setting = SimpleNamespace(
        protocol=protocol, sample=SimpleNamespace(baseline_hazard=None, pair=pair, design="matched"), outcome=outcome,
        endpoint="os",
        mask=np.ones(2 * pairs, dtype=bool), row=lambda statistic, value, **more: Row("survival", statistic, value, **more),
    )  # fmt: skip
    return list(pair_bootstrap_rows(setting, stats.cox(outcome.time, outcome.event, treated), treated))


def test_the_limits_are_those_of_r_within_the_error_of_a_thousand_resamples():
    """Of 1,000 resamples about 25 lie below the lower limit, 10 to 40 within three binomial standard errors: the quantiles of
    R's 40,000 at those shares bound it."""
    (row,) = found()
    assert row.value == pytest.approx(R["hr"], rel=1e-8)
    assert R["low"][0] < row.low < R["low"][1] and R["high"][0] < row.high < R["high"][1]
    assert f"{RESAMPLES:,} resamples, seed 1" in row.method


def test_the_same_resamples_twice():
    assert found() == found()


def test_a_narrower_level_is_narrower():
    (wide,), (narrow,) = found(), found(level=0.8)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_nothing_from_twenty_pairs_on():
    times = list(range(1, 41))
    assert found(20, times, [1] * 40) == []


def test_too_few_resamples_with_an_estimate():
    """One event in all: half of the resamples hold none of it."""
    (row,) = found(event=[1, 1] + [0] * 22) or [None]
    assert row is None or (np.isnan(row.low) and "no limits" in row.method)
