"""One key `level` decides every interval and every label; every number names its conventions with their departures."""

import json
from pathlib import Path

import pytest

from equipoise.document.html import render_html
from equipoise.protocol.load import load_protocol
from equipoise.report.assemble import report_document
from equipoise.study import run_study

R = json.loads((Path(__file__).parent / "reference" / "level.json").read_text())
PROTOCOL = """\
study: {id: breast, title: Hormones or none, disease: breast cancer, population: women}
conventions: {profile: r, quantile_type: 2, pearson_correction: false}
level: 0.9
data: {rows: gbsg2.csv, patient: patient}
arms:
  column: horTh
  groups: {hormone: {label: Hormones, value: "yes"}, none: {label: None, value: "no"}}
  reference: none
  focal: hormone
covariates: {age: {label: "Age, years", kind: continuous, from: age}}
endpoints:
  rfs: {label: Recurrence-free survival, short: RFS, event_label: Recurrence, time: {column: time, unit: days}, event: "cens = 1"}
time_unit: days
design: {propensity: [age], caliper: 0.2}
cox: {ties: breslow, univariable: [age, treatment], multivariable: {rfs: [age, treatment]}}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory, repository):
    folder = tmp_path_factory.mktemp("level")
    shipped = repository / "src" / "equipoise" / "verify" / "gbsg2" / "gbsg2.csv"
    (folder / "gbsg2.csv").write_bytes(shipped.read_bytes())
    (folder / "study.yaml").write_text(PROTOCOL.replace("ties: breslow, ", ""))
    return run_study(folder / "study.yaml")


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("survival.rfs.unadjusted.cox.hormone-vs-none.hr", "hr"),
        ("survival.rfs.unadjusted.kaplan_meier.none.median", "median"),
        ("survival.rfs.unadjusted.cox_multivariable.treatment.hr", "adjusted"),
    ],
)
def test_limits_are_those_of_r_at_ninety_percent(study, key, answer):
    row = study.estimates.rows[key]
    assert [row.value, row.low, row.high] == pytest.approx(R[answer], rel=1e-8)


def test_every_label_says_the_level(study, undrawn):
    page = render_html(report_document(study, {}))
    assert "90% CI" in page and "95%" not in page and "95 %" not in page


def test_every_row_names_the_departures(study):
    assert {r.convention for r in study.estimates.rows.values()} == {"r, except quantile_type, pearson_correction"}


@pytest.mark.parametrize("level", ["95", "1", "0.4", "high"])
def test_a_level_is_a_share_of_one(tmp_path, level):
    (tmp_path / "study.yaml").write_text(PROTOCOL.replace("level: 0.9", f"level: {level}"))
    with pytest.raises(Exception, match="level"):
        load_protocol(tmp_path / "study.yaml")


def test_what_the_models_overrule_is_a_departure_too(tmp_path):
    (tmp_path / "study.yaml").write_text(PROTOCOL)
    assert load_protocol(tmp_path / "study.yaml").convention == "r, except ties, quantile_type, pearson_correction"
