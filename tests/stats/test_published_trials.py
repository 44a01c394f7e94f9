"""Reconstructed patients of published oncology trials: the hazard ratio of every two-arm set against R's coxph."""

import csv

import duckdb
import numpy as np
import pytest

from equipoise.stats import cox


@pytest.fixture(scope="module")
def trials(third_party):
    folder = third_party / "kmdata_ipd"
    with (folder / "reference_hr_r.csv").open(encoding="utf-8") as f:
        expected = list(csv.DictReader(f))
    source = str(folder / "kmdata_ipd.parquet")
    rows = duckdb.execute("select dataset, arm, time, event from read_parquet(?) where time is not null", [source]).fetchnumpy()
    return expected, rows


@pytest.mark.slow
def test_every_hazard_ratio_is_r_s(trials):
    expected, rows = trials
    wrong = []
    for trial in expected:
        of_trial = (rows["dataset"] == trial["name"]) & np.isin(rows["arm"].astype(str), [trial["ref"], trial["trt"]])
        time, event = rows["time"][of_trial].astype(float), rows["event"][of_trial].astype(int)
        fit = cox(time, event, (rows["arm"][of_trial] == trial["trt"]).astype(float)[:, None])
        assert (fit.n, fit.n_events) == (int(trial["n"]), int(trial["events"])), trial["name"]
        ours, theirs = (fit.hr[0], fit.low[0], fit.high[0]), tuple(float(trial[c]) for c in ("hr", "lo", "hi"))
        if ours != pytest.approx(theirs, rel=1e-8):
            wrong.append((trial["name"], ours, theirs))
    assert wrong == []
    assert len(expected) == 181
