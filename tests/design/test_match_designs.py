"""Matched designs of every method from a protocol to the estimates: hazard ratios beside R, words, who left and why."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import sheets

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import tie_sentences
from equipoise.report.narrative.matching_methods import how_matched
from equipoise.report.narrative.methods import methods
from equipoise.report.tables.baseline import baseline_table
from equipoise.study import run_study

HERE = Path(__file__).parent / "reference"
R = json.loads((HERE / "matched_designs.json").read_text())
DESIGNS = """\
propensity: [age, male, grade]
primary: full
designs:
  closest: {kind: match, order: closest}
  random: {kind: match, order: random, seed: 7}
  optimal: {kind: match, method: optimal}
  optimal2: {kind: match, method: optimal, ratio: 2}
  three: {kind: match, ratio: 3, exact: [male]}
  again: {kind: match, replace: true, ratio: 2}
  maha: {kind: match, distance: mahalanobis, order: closest}
  robust: {kind: match, distance: robust_mahalanobis, ratio: 2}
  differ: {kind: match, anti_exact: [grade]}
  full: {kind: match, method: full}
  full_ate: {kind: match, method: full, target: ate, exact: [grade]}
  variable: {kind: match, ratio: {mean: 1.5, min: 1, max: 3}}
  near_age: {kind: match, calipers: {age: 5}}
  sd_age: {kind: match, method: optimal, calipers: {age: 0.25 sd}, caliper: null}
  full_age: {kind: match, label: Full by age, method: full, calipers: {age: 4}}
  cem: {kind: match, method: cem, bins: {age: [50, 60, 70]}}
  cem_ate: {kind: match, method: cem, target: ate, bins: {age: q4}}
"""
SHORTHAND = "design: {propensity: [age, male, grade], caliper: 0.2}\n"
PAIRS = ("closest", "random", "optimal", "maha", "differ", "near_age", "sd_age")
NAMES = [line.split(":")[0].strip() for line in DESIGNS.splitlines() if "kind:" in line]


def protocol(designs):
    return sheets.PROTOCOL.replace(SHORTHAND, designs)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run_study(sheets.write(tmp_path_factory.mktemp("menu"), sheets.patients(), protocol(DESIGNS)))


@pytest.fixture(scope="module")
def given():
    with (HERE / "matched_designs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "id"}


@pytest.mark.parametrize("name", NAMES)
def test_hazard_ratios_are_those_of_r(study, given, name):
    """R was given the weights and the sets: the design still has them, and the estimate is R's."""
    sample = study.design(name).sample
    assert sample.weight == pytest.approx(given[f"weight_{name}"], rel=1e-12)
    row = study.estimates[f"survival.os.{name}.cox.newer-vs-older.hr"]
    assert [row.value, row.low, row.high] == pytest.approx(R[name][:3], rel=1e-8)
    assert sample.n == R[name][3]


@pytest.mark.parametrize("name", NAMES)
def test_pairs_are_pairs_and_sets_are_weighted(study, name):
    design = study.design(name)
    assert (
        design.paired
        == (name in ("closest", "random", "optimal", "maha", "differ", "near_age", "sd_age"))
        == (not design.sample.weighted)
    )
    assert ("pairs" in design.facts) == design.paired and ("effective_n" in design.facts) != design.paired
    newer = study.cohort.in_arm("newer")
    left = int((newer & ~design.include).sum())
    rows = [r.value for r in study.estimates.rows.values() if (r.design, r.analysis, r.group) == (name, "left_out", "newer")]
    assert design.facts["unmatched_focal"] == left == sum(rows)


def test_labels_and_words_tell_the_designs_apart(study):
    labels = [study.design(name).label for name in NAMES]
    assert labels == [
        "Matched, closest first", "Matched, in random order", "Optimally matched", "Optimally matched 1:2", "Matched 1:3",
        "Matched 1:2 with replacement", "Matched on the Mahalanobis distance, closest first",
        "Matched 1:2 on the robust Mahalanobis distance", "Matched with partners who differ in grade", "Full matching (ATT)",
        "Full matching (ATE)", "Matched to 1 to 3 partners", "Matched within calipers on age",
        "Optimally matched within calipers on age", "Full by age", "Coarsened exact matching (ATT)",
        "Coarsened exact matching (ATE)",
    ]  # fmt: skip
    assert len({study.design(name).words.cohort for name in NAMES}) == len(NAMES)
    assert "all patients who could be matched" in study.design("full_ate").words.estimand


def test_partners_differ_and_agree_as_asked(study):
    grade, male = study.covariates.values["grade"], study.covariates.values["male"]
    differ, sets = study.design("differ").pair, study.design("three").sample.cluster
    for k in range(1, differ.max() + 1):
        assert len(set(grade[differ == k])) == 2
    for k in range(1, sets.max() + 1):
        assert len(set(male[sets == k])) == 1


def told(tmp_path, name, **more):
    study = run_study(sheets.write(tmp_path, sheets.patients(), protocol(DESIGNS.replace("primary: full", f"primary: {name}"))))
    return Numbers(study)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("full", "sets of one patient of an arm with one or more of the other, with the least total distance on the logit"),
        ("again", "Each patient of the newer arm was matched 1:2 with replacement to the nearest patients of the older arm"),
        ("maha", "the one with the nearest free partner first, was matched 1:1 without replacement to the nearest patient"),
        ("cem", "the continuous ones in bins (age: cut at 50, 60 and 70)"),
        ("three", "1:3 without replacement to the nearest patients of the older arm on the logit of the score, exactly on male"),
        (
            "optimal",
            "the number of pairs is the largest possible and then their total distance on the logit of the score the least",
        ),
        ("differ", "with partners who differ in grade"),
    ],
)
def test_methods_say_how_it_was_matched(tmp_path, name, sentence):
    numbers = told(tmp_path, name)
    assert sentence in how_matched(numbers, numbers.primary) and methods(numbers)
    spans = "".join(str(cell) for cell in baseline_table(numbers).head[0].cells)
    assert numbers.words(name).heading in spans and "Before matching" in spans
    if name == "optimal":
        assert tie_sentences(numbers, numbers.primary) == [
            "Several matches may have the same number of pairs and the same total; which one was taken follows the identifiers."
        ]


@pytest.mark.parametrize(
    ("design", "sentence"),
    [
        ("{kind: match, method: full, ratio: 2}", "'ratio' says nothing to 'method: full', only to nearest and optimal"),
        ("{kind: match, method: optimal, order: closest}", "'order' says nothing to 'method: optimal', only to nearest"),
        ("{kind: match, target: ate}", "'target' says nothing to 'method: nearest', only to full and cem"),
        ("{kind: match, exact: [male], anti_exact: [male]}", "cannot agree and differ in male"),
        ("{kind: match, anti_exact: [ward]}", "'ward' is neither a covariate nor another value"),
        ("{kind: match, method: cem, bins: {agge: 3}}", "'agge' is no covariate of this match; did you mean 'age'"),
        ("{kind: match, method: cem, bins: {grade: 3}}", "'grade' is categorical and is matched exactly"),
        ("{kind: match, method: cem, bins: {age: [60, 50]}}", "rising order"),
    ],
)
def test_what_a_match_cannot_follow_is_said(tmp_path, design, sentence):
    text = protocol(f"propensity: [age, male, grade]\ndesigns: {{one: {design}}}\n")
    with pytest.raises((ProtocolError, DataError)) as caught:
        run_study(sheets.write(tmp_path, sheets.patients(), text))
    assert sentence in "; ".join(fault.message for fault in caught.value.faults)


def test_more_partners_than_there_are_is_refused(tmp_path):
    text = protocol("propensity: [age, male, grade]\ndesigns: {one: {kind: match, ratio: 60}}\n")
    with pytest.raises(DataError) as caught:
        run_study(sheets.write(tmp_path, sheets.patients(), text))
    assert "60 partners are asked for a patient, and the other arm has" in caught.value.faults[0].message


def test_the_shorthand_takes_the_options_too(tmp_path):
    text = protocol(SHORTHAND.replace("caliper: 0.2", "method: optimal, ratio: 2"))
    assert load_protocol(sheets.write(tmp_path, sheets.patients(), text)).primary_design.ratio == 2
