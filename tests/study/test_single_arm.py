"""One arm alone: a spreadsheet and raw tables through the whole chain, against R; and what such a study cannot ask for."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study

GOLDEN = json.loads((Path(__file__).parent / "reference" / "gbsg2_single_arm.json").read_text(encoding="utf-8"))
SINGLE = """\
arms:
  column: drug
  groups:
    alfa: {label: Alfamab, value: alfamab}
"""
EXCLUDED = """\
        - {reason: "Received betanib", table: index_treatment, where: "drug = 'betanib'"}
"""


def single(tiny):
    """The tiny study with one of its arms."""
    text = tiny.protocol
    start, end = text.index("arms:\n"), text.index("eligibility:\n")
    text = text[:start] + SINGLE + text[end:]
    text = text.replace('        - {reason: "Under age"', EXCLUDED + '        - {reason: "Under age"')
    text = text.replace("design: {propensity: [age], caliper: 3}\n", "").replace(", treatment]", "]")
    tiny.protocol = text
    return tiny


@pytest.fixture(scope="module")
def study(repository):
    return run_study(repository / "examples" / "gbsg2" / "single-arm.yaml")


@pytest.mark.parametrize("key", GOLDEN)
def test_every_number_agrees_with_r(study, key):
    row = study.estimates[key]
    for ours, theirs in zip((row.value, row.low, row.high), GOLDEN[key], strict=True):
        if theirs is not None:
            assert ours == pytest.approx(theirs, rel=1e-8)


def test_nothing_is_compared(study):
    """No contrast, no balance, no test of two groups: the P that are left belong to Cox models."""
    rows = study.estimates.rows.values()
    assert len(rows) > 100
    assert {r.contrast for r in rows} == {""}
    assert {r.analysis for r in rows if r.statistic == "p"} == {
        "cox_univariable", "cox_multivariable", "cox_multivariable_ph_test",
    }  # fmt: skip
    assert not any("smd" in r.statistic or r.statistic == "chi2" for r in rows)
    assert [d.name for d in study.designs] == ["unadjusted"]


def test_the_flow_ends_in_the_arm(study):
    assert study.cohort.n_start == 686 and study.cohort.n == 246
    assert study.estimates["attrition.arm.hormone.n"].value == 246


def test_without_a_column_every_patient_is_the_arm(repository, tmp_path):
    """GBSG-2 whole: 299 events, median 1807 days (1587-2030), R survival 3.5-3."""
    text = (repository / "examples" / "gbsg2" / "single-arm.yaml").read_text(encoding="utf-8")
    start, end = text.index("arms:\n"), text.index("covariates:\n")
    text = text[:start] + "arms: {groups: {all: {label: All women}}}\n\n" + text[end:]
    text = text.replace("gbsg2.xlsx", str(repository / "examples" / "gbsg2" / "gbsg2.xlsx"))
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    median = run_study(tmp_path / "study.yaml").estimates["survival.rfs.unadjusted.kaplan_meier.all.median"]
    assert (median.n, median.events, median.value, median.low, median.high) == (686, 299, 1807, 1587, 2030)


def test_raw_tables_run(tiny):
    study = run_study(single(tiny).write())
    assert study.cohort.n == 8 and set(study.cohort.arm) == {"alfa"}
    rate = study.estimates["response.recist_1_1.unadjusted.orr.alfa.percent"]
    assert rate.n == 8 and "Clopper-Pearson" in rate.method
    assert {r.contrast for r in study.estimates.rows.values()} == {""}
    phases = {r.phase for r in study.estimates.rows.values()}
    assert phases == {"attrition", "baseline", "response", "survival", "safety", "conduct", "quality"}


BENCHMARK = "response: {criteria: [RECIST 1.1], benchmark: {rate: orr, null: 0.05, source: a textbook}}\n"


def test_a_rate_against_its_benchmark(tiny):
    """Three of eight respond. R 4.2.2: binom.test(3, 8, 0.05, alternative = "greater")$p.value."""
    tiny = single(tiny)
    tiny.protocol = tiny.protocol.replace("response: {criteria: [RECIST 1.1]}\n", BENCHMARK)
    study = run_study(tiny.write())
    row = study.estimates["response.recist_1_1.unadjusted.orr.benchmark.alfa.p"]
    assert (row.events, row.n) == (3, 8)
    assert row.value == pytest.approx(0.005788217929687499, rel=1e-10)
    assert row.method == "exact binomial test against 5%, one-sided"


def test_two_arms_have_no_benchmark(tiny):
    tiny.protocol = tiny.protocol.replace("response: {criteria: [RECIST 1.1]}\n", BENCHMARK)
    assert any("a benchmark is what a single arm is tested against" in f for f in faults_of(tiny.write()))


def faults_of(path) -> list[str]:
    with pytest.raises(ProtocolError) as error:
        load_protocol(path)
    return [f.sentence() for f in error.value.faults]


def test_everything_comparative_is_refused_at_its_line(tiny):
    tiny = single(tiny)
    tiny.protocol = tiny.protocol.replace("eligibility:\n", "  reference: beta\n  focal: alfa\neligibility:\n", 1)
    tiny.protocol = tiny.protocol.replace("univariable: [age, female]", "univariable: [age, treatment]")
    tiny.protocol += "design: {propensity: [age]}\ntests: {continuous: t_test}\n"
    tiny.protocol += "sensitivity: {propensity_variants: {more: {label: More, covariates: [age, female]}}}\n"
    found = faults_of(tiny.write())
    lines = tiny.protocol.splitlines()
    for begins in ("  reference:", "  focal:", "  univariable:", "design:", "tests:", "sensitivity:"):
        number = next(i for i, line in enumerate(lines, 1) if line.startswith(begins))
        mine = [f for f in found if f.startswith(f"study.yaml:{number}: ")]
        assert len(mine) == 1, (begins, found)
        assert "this study has one arm ('alfa')" in mine[0] and ("delete" in mine[0] or "leave it out" in mine[0])
    assert len(found) == 6


def test_column_and_value_go_together(tiny):
    tiny = single(tiny)
    tiny.protocol = tiny.protocol.replace("  column: drug\n", "")
    assert any("'column' and the arm's 'value' go together" in f for f in faults_of(tiny.write()))


def test_two_arms_still_say_what_they_need(tiny):
    whole = tiny.protocol
    tiny.protocol = whole.replace("design: {propensity: [age], caliper: 3}\n", "").replace("  reference: beta\n", "")
    found = faults_of(tiny.write())
    assert any("two arms need a design" in f for f in found)
    assert any("reference is needed and missing" in f for f in found)


def test_two_arms_without_adjustment(tiny):
    """`design: none`, as in a randomised trial: compared as they are, no match and no score."""
    tiny.protocol = tiny.protocol.replace("design: {propensity: [age], caliper: 3}\n", "design: none\n")
    study = run_study(tiny.write())
    assert [d.name for d in study.designs] == ["unadjusted"]
    assert not math.isnan(study.estimates["survival.os.unadjusted.logrank.p"].value)
    assert study.estimates["baseline.unadjusted.age.smd"].method.startswith("focal minus other arm")


def test_variants_need_a_match(tiny):
    tiny.protocol = tiny.protocol.replace("design: {propensity: [age], caliper: 3}\n", "design: none\n")
    tiny.protocol += "sensitivity: {propensity_variants: {more: {label: More, covariates: [age, female]}}}\n"
    assert any("the design is 'none'" in f for f in faults_of(tiny.write()))
