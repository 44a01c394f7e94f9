"""What a design can detect, from what the protocol assumes: algebra; told before outcomes are opened and after."""

import datetime as dt

import numpy as np
import pytest

from equipoise.errors import ProtocolError
from equipoise.report.pages.design import design_document, design_lines
from equipoise.study import design_study, run_study
from metamorphic.studies import sheet as invented

POWER = {"median": {"os": 400}, "follow_up": [200, 1200], "lost_per_year": 0.2, "hazard_ratio": 0.6}
DESIGNS = {"matched": {"kind": "match"}, "overlap": {"kind": "weights", "target": "overlap"}}
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def example(**power):
    one = invented()
    propensity = one.protocol.pop("design")["propensity"]
    one.protocol |= {"time_unit": "days", "designs": DESIGNS, "propensity": propensity, "primary": "matched"}
    one.protocol["power"] = POWER | power
    return one


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run_study(example().write(tmp_path_factory.mktemp("power")))


def test_schoenfeld_by_hand(study):
    """36 pairs or 126 patients: exponential times, follow-up even on (200, 1200), a fifth lost per year (Lachin and Foulkes)."""
    a, b = np.log(2) / 400, -np.log(0.8) / 365.25
    c = a + b
    share = a / c * (1 - (np.exp(-200 * c) - np.exp(-1200 * c)) / (1000 * c))
    for design in ("unadjusted", "matched", "overlap"):
        sample = study.design(design).sample
        new, old = (sample.among(study.cohort.in_arm(arm)).effective_n for arm in ("new", "old"))
        rows = study.estimates
        key = f"design.os.{design}.detectable"
        events = share * (new + old)
        assert rows[f"{key}.percent"].value == pytest.approx(100 * share, rel=1e-9)
        assert rows[f"{key}.events"].value == pytest.approx(events, rel=1e-9)
        p = new / (new + old)
        reach = (1.959963984540054 + 0.8416212335729143) / np.sqrt(events * p * (1 - p))
        assert rows[f"{key}.below.hr"].value == pytest.approx(np.exp(-reach), rel=1e-7)
        assert rows[f"{key}.above.hr"].value == pytest.approx(np.exp(reach), rel=1e-7)
        assert 0.05 < rows[f"{key}.planned.power"].value < 1


def test_the_same_rows_before_outcomes_are_opened(study, tmp_path):
    one = example()
    for row in one.rows:
        row["days"], row["died"] = "nobody knows", "perhaps"
    blind = design_study(one.write(tmp_path), NOW)
    keys = [key for key in study.estimates.rows if ".detectable." in key]
    assert len(keys) == 15
    assert [blind.estimates[key].value for key in keys] == [study.estimates[key].value for key in keys]
    lines = [line for line in design_lines(blind) if line.startswith("detectable")]
    assert len(lines) == 3 and "% for 0.6" in lines[0]
    assert "power" in [s.anchor for s in design_document(blind).sections]


def test_names_that_point_nowhere(tmp_path):
    with pytest.raises(ProtocolError) as error:
        run_study(example(median={"pfs": 3}, prognosis={"ages": 2}).write(tmp_path))
    assert [f.rule for f in error.value.faults] == ["unknown name", "unknown name"]
    with pytest.raises(ProtocolError, match="the shortest stands first"):
        run_study(example(follow_up=[30, 6]).write(tmp_path))
    with pytest.raises(ProtocolError, match="no number of patients"):
        run_study(example(hazard_ratio=1).write(tmp_path))
