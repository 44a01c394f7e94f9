"""A change in the protocol or the data reaches every place that depends on it, and no other."""

import math

import pytest

from equipoise.protocol.load import load_protocol
from equipoise.report.bundle import write_report
from equipoise.study import run_study

pytestmark = pytest.mark.usefixtures("undrawn")
FOREIGN = (
    "lenvatinib", "sorafenib", "atezolizumab", "bevacizumab", "regorafenib", "hepato", "hcc", "child-pugh", "bclc", "afp",
    "pivka", "liver", "hormon", "breast", "founding study", "cirrhosis", "tumor number", "synthetic",
)  # fmt: skip


def report_of(tiny) -> str:
    study = run_study(tiny.write())
    out = tiny.folder / "out"
    write_report(study, out)
    return (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_third_study_reads_as_if_written_for_it(tiny):
    page = report_of(tiny)
    found = [word for word in FOREIGN if word in page.lower()]
    assert found == []
    for word in ("Alfamab", "Betanib", "lung cancer", "Performance status", "Invented patients."):
        assert word in page


def test_arm_names_reach_every_page(tiny):
    tiny.protocol = tiny.protocol.replace("label: Alfamab", "label: Gammastat")
    page = report_of(tiny)
    assert "Gammastat" in page and "alfamab" not in page.lower()


@pytest.mark.slow
def test_caliper_and_accrual_window_reach_the_methods(tiny):
    before = report_of(tiny)
    tiny.protocol = tiny.protocol.replace("caliper: 3", "caliper: 2.5").replace("to: 2021-12-31", "to: 2021-11-30")
    after = report_of(tiny)
    after, before = (page.replace("\u00a0", " ") for page in (after, before))
    assert "2.5" in after and "30 November 2021" in after
    assert "31 December 2021" in before and "31 December 2021" not in after


@pytest.mark.slow
def test_a_cut_point_reaches_the_label_and_the_numbers(tiny):
    tiny.protocol = tiny.protocol.replace('"<60": "age < 60", "≥60": "age >= 60"', '"<65": "age < 65", "≥65": "age >= 65"')
    page = report_of(tiny)
    assert ("≥65" in page or "&ge;65" in page) and "≥60" not in page


def test_the_data_change_the_flow_diagram(tiny):
    tiny.tables["patient"][1]["age_index"] = 12
    study = run_study(tiny.write())
    assert study.estimates["attrition.step_1.reason_2.n"].value == 1
    assert study.cohort.n == 14


@pytest.mark.parametrize("example", ["tiny", "gbsg2"])
def test_swapping_the_reference_inverts_the_hazard_ratios_and_keeps_the_pairs(tiny, repository, tmp_path, example):
    if example == "tiny":
        path, old, new = tiny.write(), "reference: beta", "reference: alfa"
    else:
        path = tmp_path / "study.yaml"
        folder = repository / "examples" / "gbsg2"
        (tmp_path / "gbsg2.xlsx").write_bytes((folder / "gbsg2.xlsx").read_bytes())
        path.write_text((folder / "study.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        old, new = "reference: none", "reference: hormone"
    first = run_study(path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert load_protocol(path).arms.reference == new.split(": ")[1]
    second = run_study(path)
    assert first.design("matched").pair.tolist() == second.design("matched").pair.tolist()
    inverted = 0
    for key, row in first.estimates.rows.items():
        if row.statistic != "hr" or not (row.contrast == first.protocol.arms.contrast or row.variable == "treatment"):
            continue
        swapped = second.estimates[
            key.replace(
                first.protocol.arms.contrast.replace(" vs ", "-vs-"), second.protocol.arms.contrast.replace(" vs ", "-vs-")
            )
        ]
        if math.isnan(row.value):
            assert math.isnan(swapped.value)
            continue
        assert swapped.value == pytest.approx(1 / row.value, rel=1e-7)
        assert swapped.low == pytest.approx(1 / row.high, rel=1e-6)
        inverted += 1
    assert inverted >= 4
