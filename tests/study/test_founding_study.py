"""The founding study from raw tables: what must hold against the published numbers, and the same from one row per patient."""

import collections
import math

import pytest
import yaml

from equipoise.design.make import make_designs
from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.survival import Setting
from equipoise.protocol.load import load_protocol
from equipoise.report.pages.comparison import judge, read_printed
from equipoise.study import run_study

BY_TABLES = ("attrition.", "quality.")  # the flow and the checks of tables, which one row per patient does not have


@pytest.fixture(scope="module")
def study(repository):
    return run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")


@pytest.fixture(scope="module")
def judged(study):
    return [judge(study, t) for t in read_printed(study)]


def test_the_flow_of_patients(study):
    steps = [(s.n_left, [e.n for e in s.excluded]) for s in study.cohort.attrition]
    assert study.cohort.n_start == 194
    assert steps == [(152, [34, 8]), (136, [16]), (126, [8, 2])]
    assert {t.reason: t.n for t in study.cohort.other_treatments} == {
        "sorafenib": 86,
        "lenvatinib": 40,
        "regorafenib": 8,
        "5-FU": 2,
    }
    assert study.design("matched").facts["pairs"] == 36


@pytest.mark.parametrize("design", ["unadjusted", "matched"])
@pytest.mark.parametrize("endpoint", ["os", "pfs"])
def test_survival_to_the_printed_digit(study, endpoint, design):
    printed = {
        ("os", "unadjusted"): ((10.3, 6.8, None), (5.6, 4.7, 9.0), 81, (0.0185, 0.0195)),
        ("pfs", "unadjusted"): ((3.5, 3.0, 4.2), (1.8, 1.6, 2.3), 107, (0.0005, 0.0015)),
        ("os", "matched"): ((10.3, 6.1, None), (7.5, 4.7, 11.3), 44, (0.3525, 0.3535)),
        ("pfs", "matched"): ((3.5, 3.0, 4.2), (1.8, 1.6, 2.4), 61, (0.0025, 0.0035)),
    }[endpoint, design]
    for arm, expected in zip(("lenvatinib", "sorafenib"), printed[:2], strict=True):
        row = study.estimates[f"survival.{endpoint}.{design}.kaplan_meier.{arm}.median"]
        for ours, theirs in zip((row.value, row.low, row.high), expected, strict=True):
            assert math.isnan(ours) if theirs is None else round(ours / 30 + 1e-9, 1) == theirs
    assert study.estimates[f"survival.{endpoint}.{design}.event_count.total.events"].value == printed[2]
    p = study.estimates[f"survival.{endpoint}.{design}.logrank.p"].value
    assert printed[3][0] <= p < printed[3][1]


@pytest.mark.parametrize(
    ("endpoint", "variable", "printed"),
    [
        ("os", "child_pugh_b", 2.472),
        ("os", "pivka_1000", 1.710),
        ("os", "size_10", 1.415),
        ("os", "treatment", 1.196),
        ("pfs", "child_pugh_b", 1.508),
        ("pfs", "ehm", 1.991),
        ("pfs", "treatment", 1.852),
    ],
)
def test_adjusted_hazard_ratios_within_one_percent(study, endpoint, variable, printed):
    assert study.estimates[f"survival.{endpoint}.unadjusted.cox_multivariable.{variable}.hr"].value == pytest.approx(
        printed, rel=0.01
    )


def test_every_published_number_is_met_or_its_miss_explained(judged):
    counts = collections.Counter((j.target.hardness, j.verdict) for j in judged)
    assert counts["exact", "met"] >= 290 and ("exact", "not met") not in counts
    assert counts["soft", "met"] >= 150 and ("soft", "not met") not in counts
    assert all(j.target.remark for j in judged if j.verdict == "not met"), "a miss without a reason"
    assert all(not math.isnan(j.obtained) for j in judged if j.verdict == "met" and j.target.printed != "NA")


def test_what_misses_its_rounding_is_named(judged):
    """Slips of the print: percentages that do not follow from their counts, and P that no usual test gives."""
    missed = sorted(j.target.item for j in judged if j.verdict == "not met" and j.target.hardness == "rounding")
    assert missed == [
        "Any adverse event, any grade, P",
        "BCLC stage C, before matching, %",
        "Could not be evaluated, mRECIST, unadjusted",
        "Disease control rate, mRECIST, unadjusted, %",
        "Etiology Non-viral, before matching, %",
        "Etiology Non-viral, before matching, %",
        "Extrahepatic metastasis, before matching",
        "Macrovascular invasion, before matching, %",
        "Objective response rate, RECIST 1.1, unadjusted",
        "Objective response rate, mRECIST, matched",
        "PFS events, unadjusted, %",
        "Partial response, mRECIST, matched",
        "Third-line treatment, %",
        "Third-line treatment, P",
    ]


def test_one_row_per_patient_gives_the_same_numbers(study, repository):
    """The calibrated cohort as a spreadsheet: every number that both studies have is the same, but for the order of sums."""
    rows = run_study(repository / "src" / "equipoise" / "founding" / "rows.yaml")
    shared = [k for k in rows.estimates.rows if k in study.estimates.rows and not k.startswith(BY_TABLES)]
    assert len(shared) > 1400
    different = []
    for key in shared:
        a, b = study.estimates[key], rows.estimates[key]
        for field in ("value", "low", "high", "n", "events"):
            x, y = getattr(a, field), getattr(b, field)
            if not (math.isnan(x) and math.isnan(y)) and x != pytest.approx(y, rel=1e-12, abs=1e-15):
                different.append((key, field, x, y))
    assert different == []


def test_sparse_groups_are_penalised_and_said(study):
    firth = study.estimates["survival.os.unadjusted.cox_multivariable_firth.ecog_2.hr"]
    assert "only 1 patient" in firth.method and firth.low < firth.value < firth.high
    assert any("penalized estimate (Firth)" in w for w in study.estimates.warnings)


def test_no_trace_of_a_person(study, repository):
    folder = repository / "src" / "equipoise" / "founding" / "data"
    sites = {line.split(",")[1] for line in (folder / "patient.csv").read_text(encoding="utf-8").splitlines()[1:]}
    assert sites == {"Site A", "Site B"}
    assert "synthetic" in (folder / "README.md").read_text(encoding="utf-8").lower()


def test_overlap_weights_with_prior_cycles_in_the_score(study, repository, tmp_path):
    """Worked out apart from this project, weights taken as fixed: HR of OS 1.42 (0.81-2.49), of PFS 1.99 (1.24-3.20), effective
    sizes 34.8 and 54.9, nothing left of the difference in prior cycles."""
    asked = yaml.safe_load((repository / "src" / "equipoise" / "founding" / "study.yaml").read_text(encoding="utf-8"))
    score = [*asked.pop("design")["propensity"], "prior_cycles"]
    asked["designs"] = {"overlap": {"kind": "weights", "target": "overlap", "propensity": score}}
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(asked, sort_keys=False, allow_unicode=True), encoding="utf-8")
    protocol = load_protocol(path)
    design = make_designs(protocol, study.cohort, study.covariates)["overlap"]
    assert [round(design.facts["effective_n"][arm], 1) for arm in ("lenvatinib", "sorafenib")] == [34.8, 54.9]
    assert max(abs(b.smd) for b in design.balance if b.variable == "prior_cycles") < 0.005
    for endpoint, printed in (("os", (1.42, 0.81, 2.49)), ("pfs", (1.99, 1.24, 3.20))):
        setting = Setting(protocol, study.cohort, design.sample, endpoint, study.outcomes.endpoints[endpoint])
        row = next(r for r in treatment_rows(setting) if (r.analysis, r.statistic) == ("cox", "hr"))
        assert (round(row.value, 2), round(row.low, 2), round(row.high, 2)) == printed
