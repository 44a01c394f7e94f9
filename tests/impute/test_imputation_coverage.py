"""Coverage of a known effect where a confounder is missing at random given treatment and outcome."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from equipoise.design.make import designs_again, make_designs
from equipoise.estimate.imputed import imputation_rows
from equipoise.impute.draw import draw_missing
from equipoise.records import Covariates, Outcomes
from equipoise.study import run_study
from sheet import Sheet

N, SAMPLES = 300, 200


def drawn(rng):
    """Two confounders; no effect of treatment, so that the conditional and the marginal hazard ratio are 1. The second confounder
    is missing more often in treated patients who died early."""
    x, z = rng.standard_normal((2, N))
    treated = rng.random(N) < 1 / (1 + np.exp(-0.8 * x - 0.5 * z))
    time = np.ceil(300 * rng.exponential(size=N) * np.exp(-0.7 * x - 0.5 * z))
    event = time < 500
    time = np.minimum(time, 500)
    early = event & (time < 150)
    lost = rng.random(N) < np.where(treated & early, 0.7, 0.15)
    return x, z, treated, time, event.astype(float), lost


@pytest.mark.slow
def test_imputation_covers_where_complete_cases_do_not(tmp_path):
    """Overlap weights, eight imputations. Nominal 0.95: three standard errors of 200 samples are 0.046."""
    sheet = Sheet(tmp_path)
    sheet.columns |= {"x": list(range(60)), "z": [i * 7 % 60 for i in range(60)]}
    del sheet.protocol["design"]
    sheet.protocol |= {
        "covariates": {n: {"label": n, "kind": "continuous", "from": n} for n in "xz"},
        "designs": {"w": {"kind": "weights", "target": "overlap", "propensity": ["x", "z"]}},
        "missing": {"impute": {"imputations": 8, "iterations": 5, "method": "normal"}},
        "cox": {},
    }
    pattern = run_study(sheet.write())
    covered, complete = [], []
    for sample in range(SAMPLES):
        x, z, treated, time, event, lost = drawn(np.random.default_rng([17, sample]))
        cohort = dataclasses.replace(
            pattern.cohort, patient=np.array([f"{i:04d}" for i in range(N)]), arm=np.where(treated, "a", "b").astype(object),
            index_date=np.full(N, None), n_start=N, attrition=(), row=np.arange(N),
        )  # fmt: skip
        covariates = Covariates({"x": x, "z": np.where(lost, np.nan, z)})
        endpoint = dataclasses.replace(
            pattern.outcomes.endpoints["os"], time=time, event=event.astype(bool), source=np.full(N, "", dtype=object)
        )
        outcomes = Outcomes({"os": endpoint})
        imputed = designs_again(pattern.protocol, cohort, draw_missing(pattern.protocol, cohort, covariates, outcomes))
        rows = imputation_rows(pattern.protocol, cohort, covariates, imputed, outcomes)
        (hr,) = [r for r in rows if r.analysis == "cox_imputed" and r.statistic == "hr"]
        covered.append(hr.low <= 1 <= hr.high)
        known = make_designs(pattern.protocol, cohort, covariates)["w"].sample
        complete.append(_limits(pattern.protocol, cohort, known, endpoint))
    assert np.mean(covered) >= 0.90
    assert np.mean([low <= 1 <= high for low, high in complete]) < 0.8


def _limits(protocol, cohort, sample, endpoint) -> tuple[float, float]:
    from equipoise.estimate.effects import treatment_rows
    from equipoise.estimate.survival import Setting

    row = next(iter(treatment_rows(Setting(protocol, cohort, sample, "os", endpoint))))
    return row.low, row.high
