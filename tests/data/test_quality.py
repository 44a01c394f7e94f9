"""Planted defects are all found, and only they; clean tables hold none; the page says what they do to the result."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.quality import RULES, find_quality, sentence
from equipoise.data.sources import examine_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.report.bundle import write_report
from equipoise.simulate.defects import DEFECTS, plant_defects
from equipoise.study import check_study, run_study

HARMLESS = [d for d in DEFECTS if d not in ("contact_after_death", "progression_after_death", "albumin_in_the_wrong_unit")]


@pytest.fixture(scope="module")
def founding(repository: Path) -> Path:
    return repository / "src" / "equipoise" / "simulate" / "founding"


def study_with(founding: Path, folder: Path, seed: int, defects: list[str] | None = None):
    """A copy of the founding study with defects; its protocol and what was planted."""
    planted = plant_defects(founding / "data", folder / "data", seed, defects)
    for name in ("study.yaml", "printed.csv"):
        shutil.copy(founding / name, folder / name)
    return folder / "study.yaml", planted


def quality_of(path: Path):
    protocol = load_protocol(path)
    sources, impossible = examine_sources(protocol)
    cohort = build_cohort(protocol, sources)
    derive_covariates(protocol, sources, cohort)
    return find_quality(protocol, sources, cohort), impossible


def test_clean_tables_hold_no_defect(founding):
    quality, impossible = quality_of(founding / "study.yaml")
    assert [f.rule for f in quality.findings] == [r.name for r in RULES], "every rule was checked"
    assert [f.rule for f in quality.findings if f.rows] == []
    assert impossible == []
    assert quality.unchecked == ()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_planted_defect_is_found_in_its_patient_and_nowhere_else(founding, tmp_path, seed):
    path, planted = study_with(founding, tmp_path, seed)
    quality, impossible = quality_of(path)
    found = {f.rule: set(f.patients) for f in quality.findings}
    refused = {f.rule for f in impossible}
    for defect in planted:
        assert defect.rule in refused or defect.patient in found[defect.rule], defect.defect
    expected: dict[str, set[str]] = {}
    for defect in planted:
        expected.setdefault(defect.rule, set()).add(defect.patient)
    refused_too = {d.patient for d in planted if d.rule == "impossible for its unit"}
    found["lab_unit"] -= refused_too  # albumin ten times its neighbours is refused for its unit, and rightly seen here too
    assert {rule: p for rule, p in found.items() if p} == {r: p for r, p in expected.items() if r in found}


def test_check_says_every_finding_before_it_refuses(founding, tmp_path):
    path, planted = study_with(founding, tmp_path, 1)
    said: list[str] = []
    with pytest.raises(DataError) as refused:
        check_study(path, said.append)
    lines = [line for line in said if line.startswith("quality")]
    assert len(lines) == len(DEFECTS) - 1, "all but the one that only refuses"
    assert any("Pounds for kilograms".lower() in line.lower() for line in lines)
    assert not any("row 1" in line or ".csv" in line for line in lines), "no row without --show-values"
    assert not any(p.patient in line for line in lines for p in planted)
    assert "albumin in g/dL is impossible here" in str(refused.value)


def test_rows_are_named_on_the_users_own_screen(founding, tmp_path):
    path, planted = study_with(founding, tmp_path, 1, ["twice_registered"])
    quality, _ = quality_of(path)
    finding = next(f for f in quality.findings if f.rows)
    assert sentence(finding, {"patient": "patient.csv"}, show_values=True).endswith("Rows: patient.csv row 196.")
    with (path.parent / "data" / "patient.csv").open(encoding="utf-8") as file:
        assert list(csv.reader(file))[195][0] == planted[0].patient


def test_the_page_shows_the_first_endpoint_without_the_patients(founding, tmp_path):
    """By hand: without the patients of one rule the number analysed falls by them, and a pair leaves as a whole."""
    path, planted = study_with(founding, tmp_path, 2, HARMLESS)
    study = run_study(path)
    rows = study.estimates.rows
    whole = rows["survival.os.unadjusted.cox.sorafenib-vs-lenvatinib.hr"]
    for defect in planted:
        left = rows.get(f"quality.os.unadjusted.without.{defect.rule}.sorafenib-vs-lenvatinib.hr")
        if defect.rule == "duplicate_patient":
            assert left is None, "the twin was never analysed: the result cannot change"
        else:
            assert left.n == whole.n - 1, defect.rule
            assert left.value != whole.value
    everybody = {d.patient for d in planted} & set(study.cohort.patient)
    assert rows["quality.os.unadjusted.without.any.sorafenib-vs-lenvatinib.hr"].n == whole.n - len(everybody)
    matched = study.design("matched")
    pairs = {int(p) for p, who in zip(matched.pair, study.cohort.patient, strict=True) if who in everybody and p}
    assert rows["quality.os.unadjusted.without.any.sorafenib-vs-lenvatinib.hr"].value == pytest.approx(1.7533320065, rel=1e-9)
    left = rows["quality.os.matched.without.any.sorafenib-vs-lenvatinib.hr"]
    from_r = (1.4137305736, 0.7096351844, 2.8164248034)  # reference/quality.R
    assert (left.value, left.low, left.high) == pytest.approx(from_r, rel=1e-9)
    assert left.n == matched.include.sum() - 2 * len(pairs)
    page = (write_report(study, tmp_path / "out") / "quality.html").read_text(encoding="utf-8")
    assert "Without any of these patients" in page
    assert not any(d.patient in page for d in planted)
    assert 'href="quality.html"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_rule_that_lacks_its_tables_is_named(tiny):
    tiny.tables["lab"] = [{"patient_id": "T01", "date": "2020-05-30", "analyte": "Hb", "value": 12, "unit": "g/dL"}]
    tiny.tables.pop("ae")
    tiny.protocol = tiny.protocol.replace("safety: {}\n", "")
    quality, _ = quality_of(tiny.write())
    assert "First dose above the labelled one for the weight" not in [title for title, _ in quality.unchecked]
    assert quality.findings[0].rows == ()


def test_a_spreadsheet_is_searched_for_one_person_twice(repository, tmp_path):
    """Two rows equal in every column but the identifier."""
    protocol = load_protocol(repository / "examples" / "gbsg2" / "study.yaml")
    sources, _ = examine_sources(protocol)
    cohort = build_cohort(protocol, sources)
    (finding,) = find_quality(protocol, sources, cohort).findings
    assert (finding.rule, finding.rows) == ("duplicate_patient", ())
