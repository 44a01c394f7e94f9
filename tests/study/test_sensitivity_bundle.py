"""The sensitivity bundle: its numbers by hand in R, its reasons, and what the report says of it."""

import csv
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from equipoise import stats
from equipoise.cli import app
from equipoise.document.model import runs_of
from equipoise.errors import ProtocolError
from equipoise.estimate.bundle_time import _scan_before
from equipoise.protocol.bundle import MEMBERS
from equipoise.protocol.load import load_protocol
from equipoise.records import VisitResponses
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.bundle import bundle_words
from equipoise.report.pages.sensitivity import sensitivity_document
from equipoise.report.sections.bundle import bundle_section
from equipoise.report.tables.bundle import bundle_table
from equipoise.report.themes import asked, themed
from equipoise.reproduce.coverage import not_regenerated
from equipoise.study import run_study
from metamorphic.studies import sheet as invented

CONFOUNDER = {
    "label": "Portal hypertension", "prevalence": {"lenvatinib": 0.3, "sorafenib": 0.5}, "hazard_ratio": 1.8,
}  # fmt: skip
CONTRAST = "sorafenib vs lenvatinib"


@pytest.fixture(scope="module")
def founding(repository, tmp_path_factory):
    """The founding study with every member, but its supplement."""
    source = repository / "src" / "equipoise" / "founding"
    asked = yaml.safe_load((source / "study.yaml").read_text(encoding="utf-8"))
    asked["data"]["tables"] = str(source / "data")
    asked["sensitivity"] = {"bundle": True, "confounder": CONFOUNDER, "negative_control": "ttnt"}
    for part in ("comparison", "post_index", "subgroups", "safety", "dose", "cox"):
        asked.pop(part)
    path = tmp_path_factory.mktemp("bundle") / "study.yaml"
    path.write_text(yaml.safe_dump(asked, allow_unicode=True), encoding="utf-8")
    return run_study(path)


@pytest.fixture(scope="module")
def reference():
    return json.loads((Path(__file__).parent / "reference" / "bundle.json").read_text())


def row(study, endpoint, analysis, statistic="hr", variable="", **more):
    contrast = CONTRAST if statistic in ("hr", "p") and analysis not in ("permutation", "pair_bounds") else ""
    part = {"endpoint": endpoint, "design": "matched", "analysis": analysis, "variable": variable, "contrast": contrast}
    found = study.estimates.find("sensitivity", statistic, **(part | more))
    assert found is not None
    return found


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
@pytest.mark.parametrize(
    ("name", "analysis", "variable"),
    [
        ("caliper 0.1", "caliper", "0.1"), ("caliper none", "caliper", "none"), ("without Site A", "centre_left_out", "Site A"),
        ("with site", "site_in_score", "with"), ("confounder", "confounder", ""), ("bounding", "bounding", ""),
    ],
)  # fmt: skip
def test_hazard_ratios_are_what_r_makes_of_them_by_hand(founding, reference, endpoint, name, analysis, variable):
    mine = row(founding, endpoint, analysis, variable=variable)
    assert [mine.value, mine.low, mine.high] == pytest.approx(reference[endpoint][name], rel=1e-7)


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
def test_periods_pairs_and_strengths_are_what_r_makes_of_them(founding, reference, endpoint):
    theirs = reference[endpoint]
    assert row(founding, endpoint, "piecewise", "value", "split").value == theirs["periods"]["day"]
    for part in ("before", "after"):
        mine = row(founding, endpoint, "piecewise", variable=part)
        assert [mine.value, mine.low, mine.high] == pytest.approx(theirs["periods"][part], rel=1e-7)
    assert row(founding, endpoint, "piecewise", "p", "change").value == pytest.approx(theirs["periods"]["change"], rel=1e-7)
    counts = [row(founding, endpoint, "pair_bounds", "value", f"first_{who}").value for who in ("compared", "reference")]
    assert counts == theirs["pairs"]["first"]
    assert row(founding, endpoint, "pair_bounds", "p").value == pytest.approx(theirs["pairs"]["p"], rel=1e-9)
    gamma = row(founding, endpoint, "pair_bounds", "value", "gamma").value
    assert math.isnan(gamma) if not theirs["pairs"]["gamma"] else gamma == pytest.approx(theirs["pairs"]["gamma"], rel=1e-6)
    for name, variable in (("e_value", "estimate"), ("e_limit", "limit")):
        assert row(founding, endpoint, "e_value", "value", variable).value == pytest.approx(theirs[name], rel=1e-7)
    share, theirs = row(founding, endpoint, "confounder", "value", "tipping_share").value, theirs["tipping_share"]
    assert math.isnan(share) if theirs > 1 else share == pytest.approx(theirs, rel=1e-7)


def test_pairs_by_first_event_are_the_stratified_hazard_ratio(founding):
    """With one patient of each arm in a stratum the partial likelihood is binomial: its maximum is the ratio of the counts."""
    first = [row(founding, "os", "pair_bounds", "value", f"first_{who}").value for who in ("compared", "reference")]
    part = {"endpoint": "os", "design": "matched", "analysis": "cox_pair_stratified", "contrast": CONTRAST}
    assert first[0] / first[1] == pytest.approx(founding.estimates.find("survival", "hr", **part).value, rel=1e-9)


def test_events_of_scans_lie_between_two_scans(founding):
    days = {}
    for visit in founding.outcomes.responses:
        if visit["overall"] != "NE":
            days.setdefault(visit["patient_id"], set()).add(visit["day"])
    pfs, sample = founding.outcomes.endpoints["pfs"], founding.design("matched").sample
    left, right = [], []
    for i in np.flatnonzero(sample.include & (founding.cohort.arm == "sorafenib")):
        t, event, seen = pfs.time[i], pfs.event[i], pfs.source[i] == "radiologic_progression"
        before = max([d for d in days.get(founding.cohort.patient[i], ()) if 0 < d < t], default=0)
        left.append(before if event and seen else t)
        right.append(t if event else np.inf)
    low, high = stats.turnbull(left, right).quantile(0.5)
    mine = row(founding, "pfs", "interval_censored", "median", group="sorafenib")
    assert (mine.low, mine.high) == (low, high)
    told = [r for r in founding.estimates.rows.values() if r.analysis == "scan_midpoint"]
    assert {r.endpoint for r in told} == {"pfs"}  # nobody dies at a scan


def test_the_scan_before_by_hand():
    visits = [("a", 40, "SD"), ("a", 80, "NE"), ("a", 100, "PD"), ("b", 60, "PD"), ("a", -10, "SD"), ("c", 50, None)]
    patients = np.array(["a", "b", "c"], dtype=object)
    place, day, overall = (np.array(cells) for cells in zip(*((ord(p) - ord("a"), d, o) for p, d, o in visits), strict=True))
    responses = VisitResponses(patients, patient=place, day=day, overall=overall.astype(object))
    setting = SimpleNamespace(
        cohort=SimpleNamespace(patient=patients), outcome=SimpleNamespace(time=np.array([100.0, 60.0, 90.0]))
    )
    assert _scan_before(setting, responses).tolist() == [40.0, 0.0, 0.0]


def test_what_was_asked_for_is_made_or_has_its_reason(founding):
    told = {r.variable: r for r in founding.estimates.rows.values() if r.analysis == "bundle"}
    assert list(told) == list(MEMBERS)
    assert {name for name, r in told.items() if not r.value} == {"restrict", "weights", "imputation"}
    table = bundle_table(Numbers(founding))
    assert "Not made: restricted populations, because no restricted population was declared." in table.notes


def test_the_paragraph_says_what_the_data_can_exclude_and_what_not(founding):
    with themed(asked(founding.protocol.report)):
        words = " ".join(s for part in bundle_words(Numbers(founding)) for s in part)
    page = " ".join(r.text for b in sensitivity_document(founding).blocks() for r in runs_of(b))
    assert "HR 1.326, 95% CI 0.709–2.478" in page, "the page has the decimals of the report"
    assert "there was no clear evidence of a difference (HR 1.326, 95% CI 0.709–2.478)" in words
    assert "Progression-free survival: as planned, the hazard was higher with sorafenib than with lenvatinib" in words
    assert "risk ratios of at least 1.73 with both treatment and the event" in words
    assert "With portal hypertension in 50% with sorafenib and 30% with lenvatinib" in words
    assert "negative control, time to next treatment or death" in words and "These analyses cannot exclude" in words
    assert not {"similar", "comparable", "confirm", "robust"} & set(words.lower().split())


def test_the_export_lists_what_it_does_not_make_again(founding):
    listed = not_regenerated(founding)
    mine = [k for k, r in founding.estimates.rows.items() if r.phase == "sensitivity" and not math.isnan(r.value)]
    assert len(mine) > 60 and set(mine) <= set(listed)


def declared(**sensitivity):
    example = invented()
    example.protocol |= {"sensitivity": sensitivity, "restrict": {"men": {"label": "Men", "where": "male"}}}
    return example


def test_a_spreadsheet_without_scans_or_pairs_says_so(tmp_path):
    example = declared(bundle=True)
    example.protocol.pop("design")
    example.protocol["designs"] = {"w": {"kind": "weights", "target": "overlap", "propensity": ["age", "male"]}}
    study = run_study(example.write(tmp_path))
    why = {r.variable: r.method for r in study.estimates.rows.values() if r.analysis == "bundle" and not r.value}
    assert why["pairs"] == "not made: the primary design has no pairs"
    assert why["calipers"] == "not made: the primary design is no match"
    assert why["interval"] == "not made: no endpoint has events that a scan shows"
    assert why["permutation"].startswith("not made: the primary design is weighted")
    assert why["confounder"] == "not made: the protocol names no confounder" and "negative_control" in why
    left_out = {r.variable for r in study.estimates.rows.values() if r.analysis == "centre_left_out"}
    assert left_out == {"North", "South", "East"}
    assert not any(r.phase == "sensitivity" and r.population != "all" for r in study.estimates.rows.values())
    assert "Men" in {line.cells[0].text for line in bundle_table(Numbers(study)).body}


def again_of(tmp_path, design):
    example = declared(bundle=["weights"])
    example.protocol.pop("design")
    example.protocol["designs"] = {"w": {"propensity": ["age", "male"], **design}}
    study = run_study(example.write(tmp_path))
    rows = [r for r in study.estimates.rows.values() if r.analysis == "other_weights" and r.statistic == "hr"]
    return study, {r.variable: r for r in rows}


def test_other_weights_of_a_weighted_design_are_those_of_a_study_that_asks_for_them(tmp_path):
    study, again = again_of(tmp_path / "a", {"kind": "weights", "target": "att", "truncate": 0.95})
    assert list(again) == ["truncate 0.99", "trim 0.05 to 0.95", "trim 0.1 to 0.9", "entropy", "cbps"]
    own, _ = again_of(tmp_path / "b", {"kind": "weights", "target": "att", "method": "entropy", "truncate": 0.95})
    row = own.estimates["survival.os.w.cox.new-vs-old.hr"]
    assert (again["entropy"].value, again["entropy"].low, again["entropy"].high) == (row.value, row.low, row.high)
    told = [line.cells[0].text for line in bundle_table(Numbers(study)).body]
    assert {"Weights truncated at their 0.99 quantile", "Scores of 0.1 to 0.9 alone", "Weights by entropy balance"} <= set(told)


def test_other_weights_of_classes_and_of_targets_without_methods(tmp_path):
    _, classes = again_of(tmp_path / "a", {"kind": "strata"})
    _, overlap = again_of(tmp_path / "b", {"kind": "weights", "target": "overlap"})
    assert list(classes) == ["classes 10"]
    assert list(overlap) == ["truncate 0.99", "truncate 0.95", "trim 0.05 to 0.95", "trim 0.1 to 0.9"]


@pytest.mark.parametrize("design", ["none", "unmade"])
def test_without_a_primary_design_the_arms_are_looked_at_as_they_are(tmp_path, design):
    example = declared(bundle=True)
    example.protocol["design"] = "none"
    if design == "unmade":
        for row_ in example.rows:
            row_["marker"] = "" if row_["treatment"] == "new" else row_["marker"]
        example.protocol["design"] = {"propensity": ["age", "marker"]}
    study = run_study(example.write(tmp_path))
    told = {r.variable: r for r in study.estimates.rows.values() if r.analysis == "bundle"}
    assert {r.design for r in told.values()} == {"unadjusted"}
    made = {name for name, r in told.items() if r.value}
    assert {"time", "permutation", "unmeasured"} <= made and not {"pairs", "calipers", "site", "centres"} & made
    part = {"endpoint": "os", "design": "unadjusted", "contrast": "new vs old"}
    hr, moved = (study.estimates.find(p, "hr", analysis=a, **part) for p, a in (("survival", "cox"), ("sensitivity", "bounding")))
    assert hr.value < 1 and moved.value == pytest.approx(hr.value * 4 / 3, rel=1e-12)  # a ratio below 1 moves up
    words = " ".join(s for part in bundle_words(Numbers(study)) for s in part)
    assert "as planned" in words and bundle_section(Numbers(study)) is not None


def test_the_bundle_is_off_unless_it_is_asked_for(tmp_path):
    study = run_study(declared().write(tmp_path))
    assert not any(r.phase == "sensitivity" for r in study.estimates.rows.values()) and not study.designs.again
    assert bundle_section(Numbers(study)) is None


@pytest.mark.parametrize(
    ("sensitivity", "said"),
    [
        ({"bundle": ["sites"]}, "sensitivity.bundle"),
        ({"negative_control": "oss"}, "there is no endpoint 'oss'"),
        ({"confounder": {"label": "Frailty", "prevalence": {"new": 0.5}, "hazard_ratio": 2}}, "gives a share for each arm"),
        ({"confounder": {"label": "Frailty", "prevalence": {"new": 0.5, "old": 0.2}, "hazard_ratio": 1}}, "confounds nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, sensitivity, said):
    with pytest.raises(ProtocolError) as refused:
        load_protocol(declared(**sensitivity).write(tmp_path))
    assert said in str(refused.value)


def test_the_command_makes_every_member_on_a_page_of_its_own(sheet):
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.5}
    made = CliRunner().invoke(app, ["sensitivity", str(sheet.write())])
    assert made.exit_code == 0, made.output
    folder = sheet.folder / "sensitivity"
    assert sorted(p.name for p in folder.iterdir()) == [
        "forest.pdf", "forest.png", "forest.svg", "manifest.json", "sensitivity.csv", "sensitivity.html",
    ]  # fmt: skip
    with (folder / "sensitivity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {r["variable"] for r in rows if r["analysis"] == "bundle"} == set(MEMBERS)
    page = (folder / "sensitivity.html").read_text(encoding="utf-8")
    assert "The design was not locked" in page and "These analyses cannot exclude" in page


def test_the_command_wants_two_arms(sheet):
    sheet.protocol["arms"] = {"groups": {"everybody": {"label": "Everybody"}}}
    sheet.protocol["cox"] = {"univariable": ["age"]}
    refused = CliRunner().invoke(app, ["sensitivity", str(sheet.write())])
    assert (
        refused.exit_code == 2
        and "of two arms, and this study has 1" in refused.output
        and not (sheet.folder / "sensitivity").exists()
    )
