"""The shipped example of published studies: its curve was read off the trial's own, its studies are invented and say so."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from equipoise.records import Study
from equipoise.study import run_study

SPACING = 15  # days between the points that were read off
Z = 1.959963984540054


@pytest.fixture(scope="module")
def example(repository: Path) -> Study:
    return run_study(repository / "examples" / "gbsg2" / "published.yaml")


def found(study: Study, analysis: str, statistic: str, variable: str = ""):
    rows = [
        r for r in study.estimates.rows.values() if (r.analysis, r.statistic) == (analysis, statistic) and r.phase == "published"
    ]
    (row,) = [r for r in rows if not variable or variable in r.key]
    return row


def test_the_curve_that_was_read_off_comes_back(example):
    """survfit(Surv(time, cens) ~ horTh, GBSG2) in R: 246 patients, 94 events, median 2018 days."""
    row = found(example, "reconstruction", "median")
    assert (row.n, row.events) == (246, 94)
    assert abs(row.value - 2018) <= SPACING
    assert found(example, "reconstruction_error", "difference", ".largest.").value < 0.02


def test_the_summary_is_that_of_three_hazard_ratios(example):
    """Without heterogeneity (tau squared 0) the mean is the one weighted by inverse variances, by hand."""
    assert found(example, "random_effects", "value", "tau2").value == 0
    own = example.estimates["survival.rfs.matched.cox.hormone-vs-none.hr"]
    ratios = [(own.value, own.low, own.high), (0.74, 0.58, 0.95), (1 / 1.22, 1 / 1.60, 1 / 0.93)]
    weights = [(2 * Z / math.log(high / low)) ** 2 for _, low, high in ratios]
    mean = sum(w * math.log(hr) for w, (hr, _, _) in zip(weights, ratios, strict=True)) / sum(weights)
    assert found(example, "random_effects", "hr").value == pytest.approx(math.exp(mean), rel=1e-6)


def test_the_example_says_what_is_invented(example, undrawn_pages):
    document = undrawn_pages(example)
    assert "invented" in document.notice
    assert {"figure_published", "figure_published_rfs", "table_published"} <= {
        *(f.name for f in document.figures()),
        *(t.name for t in document.tables()),
    }
