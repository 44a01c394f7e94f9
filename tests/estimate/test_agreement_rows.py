"""Agreement of two readers counts the patients whom both assessed; ordered categories also by weighted kappa."""

from types import SimpleNamespace

import numpy as np
import pytest

from equipoise.estimate.response_detail import response_detail_rows
from equipoise.protocol.load import load_protocol
from equipoise.records import ResponseDetail

ANN, BOB = "RECIST 1.1", "RECIST 1.1, bob"
# 4 PR by both, 3 SD by both, 1 PR then SD, 2 SD then PD; 5 seen by nobody, 2 by the first reader only.
FIRST = ["PR"] * 4 + ["SD"] * 3 + ["PR"] + ["SD"] * 2 + ["NE"] * 5 + ["SD"] * 2
SECOND = ["PR"] * 4 + ["SD"] * 3 + ["SD"] + ["PD"] * 2 + ["NE"] * 5 + ["NE"] * 2


def course(responses):
    n = len(responses)
    seen = np.array([50.0 if r != "NE" else np.nan for r in responses])
    never = np.full(n, np.nan)
    names = ("response_day", "duration_days", "duration_event", "deepest_change_pct")
    return {**{name: never for name in names}, "assessed_day": seen}


@pytest.fixture
def rows(tiny):
    protocol = load_protocol(tiny.write())
    readings = {ANN: FIRST, BOB: SECOND}
    best = {(name, asked): np.array(r, dtype=object) for name, r in readings.items() for asked in (False, True)}
    detail = ResponseDetail(best=best, course={name: course(r) for name, r in readings.items()})
    n = len(FIRST)
    cohort = SimpleNamespace(in_arm=lambda arm: np.zeros(n, bool))
    design = SimpleNamespace(design="unadjusted", include=np.ones(n, bool), weighted=False)
    found = response_detail_rows(protocol, cohort, design, SimpleNamespace(response_detail=detail))
    return {(r.statistic, r.variable): r for r in found if r.analysis == "agreement"}


def test_patients_whom_both_assessed(rows):
    """10 patients, 7 alike; expected (5 x 4 + 5 x 4) / 100 = .4; kappa (.7 - .4) / .6 = .5."""
    kappa = rows["kappa", ""]
    assert kappa.n == 10 and rows["differ", ""].value == 3
    assert kappa.value == pytest.approx(0.5, rel=1e-12)


def test_weights_are_named(rows):
    """Observed disagreement 3 steps. Expected: PR 5 x (4 x 1 + 2 x 2), SD 5 x (4 x 1 + 2 x 1), over 10 = 7: linear 4/7.
    Squared steps: (5 x (4 + 8) + 5 x (4 + 2)) / 10 = 9: quadratic 2/3."""
    assert rows["kappa_linear", ""].value == pytest.approx(4 / 7, rel=1e-12)
    assert rows["kappa_quadratic", ""].value == pytest.approx(2 / 3, rel=1e-12)
    assert "quadratic weights" in rows["kappa_quadratic", ""].method
