"""A study with imputed covariates: what is drawn, what may not change it, what is refused, and the pooling by hand."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from equipoise import stats
from equipoise.errors import DataError
from equipoise.report.assemble import report_document
from equipoise.study import run_study
from sheet import Sheet, incomplete

ASKED = {"impute": {"imputations": 4, "iterations": 4, "seed": 3}}


def made(folder, change=lambda sheet: None, missing=ASKED):
    sheet = incomplete(Sheet(folder))
    if missing is not None:
        sheet.protocol["missing"] = copy.deepcopy(missing)
    change(sheet)
    return run_study(sheet.write())


def pooled(study) -> dict[str, tuple[float, float, float]]:
    return {k: (r.value, r.low, r.high) for k, r in study.estimates.rows.items() if "imputed" in k or "each_imputation" in k}


def same(one, other) -> None:
    assert one.keys() == other.keys()
    for key in one:
        assert one[key] == pytest.approx(other[key], rel=1e-9, abs=1e-12, nan_ok=True), key


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return made(tmp_path_factory.mktemp("imputed"))


def test_complete_cases_stand_beside_as_they_were(study, tmp_path):
    plain = made(tmp_path, missing=None)
    for key, row in plain.estimates.rows.items():
        assert study.estimates.rows[key] == row or math.isnan(row.value)
    assert {"survival.os.matched.cox_imputed.a-vs-b.hr", "survival.os.overlap.cox_imputed.a-vs-b.fmi"} <= set(pooled(study))


def test_only_missing_cells_are_filled(study):
    for one in study.imputed.drawn.copies:
        for name, values in study.covariates.values.items():
            known = ~study.covariates.missing(name)
            assert np.array_equal(one.values[name][known], values[known])
            assert not one.missing(name).any()
    assert {v for c in study.imputed.drawn.copies for v in c.values["stage"]} == {"I", "II", "III"}
    assert {v for c in study.imputed.drawn.copies for v in c.values["vi"]} == {0.0, 1.0}


def test_what_is_complete_is_no_name_of_the_drawn(tmp_path):
    def age_complete(sheet):
        sheet.columns["age"] = [a if a != "" else 60 for a in sheet.columns["age"]]

    assert made(tmp_path, age_complete).imputed.drawn.names == ("vi", "stage")


def test_the_same_seed_draws_the_same_and_another_does_not(study, tmp_path):
    again = made(tmp_path / "again")
    assert pooled(again) == pooled(study)
    other = made(tmp_path / "other", missing={"impute": {**ASKED["impute"], "seed": 4}})
    assert pooled(other) != pooled(study)


def test_neither_order_of_rows_nor_names_of_patients_change_it(study, tmp_path):
    """What is drawn; in a match the identifiers still decide between equal scores."""

    def shuffled(sheet):
        order = np.random.default_rng(1).permutation(len(sheet.columns["id"]))
        sheet.columns = {name: [cells[i] for i in order] for name, cells in sheet.columns.items()}

    def renamed(sheet):
        new = np.random.default_rng(2).permutation(len(sheet.columns["id"]))
        sheet.columns["id"] = [f"Q{i:03d}" for i in new]

    same(pooled(study), pooled(made(tmp_path / "shuffled", shuffled)))
    other = made(tmp_path / "renamed", renamed)
    for one, twin in zip(study.imputed.drawn.copies, other.imputed.drawn.copies, strict=True):
        places = np.argsort(study.cohort.row), np.argsort(other.cohort.row)
        assert np.array_equal(one.values["age"][places[0]], twin.values["age"][places[1]])
    weights = ({k: v for k, v in pooled(s).items() if ".overlap." in k or "imputed_values" in k} for s in (study, other))
    same(*weights)


def test_more_imputations_keep_the_first(study, tmp_path):
    more = made(tmp_path, missing={"impute": {**ASKED["impute"], "imputations": 6}})
    for name in ("age", "vi", "stage"):
        for one, other in zip(study.imputed.drawn.copies, more.imputed.drawn.copies, strict=False):
            assert np.array_equal(one.values[name], other.values[name])


def test_the_outcome_takes_part(study, tmp_path):
    """Another outcome draws other values; the designs of the complete cases do not change."""

    def other_outcome(sheet):
        sheet.columns["days"] = sheet.columns["days"][::-1]

    other = made(tmp_path, other_outcome)
    pairs = zip(study.imputed.drawn.copies, other.imputed.drawn.copies, strict=True)
    assert any(not np.array_equal(a.values["age"], b.values["age"]) for a, b in pairs)
    assert np.array_equal(study.design("matched").pair, other.design("matched").pair)


def test_pooling_by_hand(study):
    """Rubin 1987: mean, within + (1 + 1/m) between, df = (m - 1) / lambda**2, t limits."""
    part = {"design": "overlap", "endpoint": "os", "contrast": "a vs b"}
    rows = [study.estimates.find("survival", "hr", analysis="cox_each_imputation", level=str(k), **part) for k in range(1, 5)]
    q = np.log([r.value for r in rows])
    u = np.array([(math.log(r.high / r.low) / 2 / stats.two_sided_z(0.95)) ** 2 for r in rows])
    total = u.mean() + 1.25 * q.var(ddof=1)
    df = 3 / (1.25 * q.var(ddof=1) / total) ** 2
    increase = 1.25 * q.var(ddof=1) / u.mean()
    hr, fmi, found = (study.estimates.find("survival", s, analysis="cox_imputed", **part) for s in ("hr", "fmi", "df"))
    assert math.log(hr.value) == pytest.approx(q.mean(), abs=1e-12)
    assert found.value == pytest.approx(df, rel=1e-9)
    assert fmi.value == pytest.approx((increase + 2 / (df + 3)) / (increase + 1), rel=1e-9)
    from scipy.stats import t

    assert math.log(hr.high / hr.value) == pytest.approx(t.ppf(0.975, df) * math.sqrt(total), rel=1e-8)


def test_each_copy_has_designs_of_its_own(study):
    pairs = [d["matched"].pair for d in study.imputed.designs]
    assert any(not np.array_equal(pairs[0], other) for other in pairs[1:])
    row = study.estimates.find("design", "value", analysis="imputed", design="matched", variable="pairs")
    sizes = [int(p.max()) for p in pairs]
    assert (row.value, row.low, row.high) == (np.mean(sizes), min(sizes), max(sizes))


def told(folder, change, missing=ASKED) -> str:
    with pytest.raises(DataError) as caught:
        made(folder, change, missing)
    return "\n".join(f.message for f in caught.value.faults)


def test_a_covariate_that_an_arm_lacks_is_refused(tmp_path):
    def unknown_in_a(sheet):
        sheet.columns["vi"] = ["" if arm == "A" else v for arm, v in zip(sheet.columns["arm"], sheet.columns["vi"], strict=True)]

    assert "'vi' (Invasion) is not recorded for any patient of the arm Alfa: nothing there says" in told(tmp_path, unknown_in_a)


def test_too_few_values_are_refused(tmp_path):
    def rare(sheet):
        seen = {arm: 0 for arm in "AB"}
        for i, arm in enumerate(sheet.columns["arm"]):
            seen[arm] += 1
            sheet.columns["age"][i] = "" if seen[arm] > 3 else 50 + seen[arm]
            sheet.columns["vi"][i] = i % 3 // 2 if seen[arm] > 3 else ""

    sentence = told(tmp_path, rare)
    assert (
        "'age' (Age, years) is recorded for" in sentence and "a regression of it on 6 other columns needs at least 8" in sentence
    )


def test_nothing_missing_is_said_and_nothing_drawn(tmp_path):
    sheet = Sheet(tmp_path)
    del sheet.protocol["design"]
    sheet.protocol |= {"designs": {"m": {"kind": "match", "propensity": ["age"]}}, "missing": "impute", "cox": {}}
    study = run_study(sheet.write())
    assert study.imputed is None
    assert "so that nothing was imputed" in repr(report_document(study, {}))


def test_doubts_are_said(study, tmp_path):
    assert any("4 imputations where" in w and "White, Royston and Wood" in w for w in study.estimates.warnings)

    def mostly(sheet):
        sheet.columns["vi"] = ["" if i % 5 < 3 else v for i, v in enumerate(sheet.columns["vi"])]

    assert any("Invasion is missing for" in w and "more of it is imputed" in w for w in made(tmp_path, mostly).estimates.warnings)


def test_a_design_that_complete_cases_cannot_make_is_pooled(tmp_path):
    """Everybody lacks one of two covariates: no complete case, and yet each is known in both arms."""

    def never_both(sheet):
        sheet.columns["age"] = [a if i % 2 and a != "" else "" for i, a in enumerate(sheet.columns["age"])]
        sheet.columns["vi"] = ["" if i % 2 else v for i, v in enumerate(sheet.columns["vi"])]

    study = made(tmp_path, never_both)
    assert set(study.designs.unmade) == {"matched", "overlap"}
    part = {"design": "overlap", "endpoint": "os", "contrast": "a vs b"}
    assert math.isfinite(study.estimates.find("survival", "hr", analysis="cox_imputed", **part).value)
    assert "not possible" in repr(report_document(study, {}))


def test_the_report_says_what_was_done(study):
    text = repr(report_document(study, {}))
    for sentence in (
        "Missing values were imputed 4 times by chained equations of 4 iterations",
        "the event and the Nelson-Aalen cumulative hazard",
        "pooled by Rubin",
        "With imputed covariates the hazard ratio for death was",
        "Imputed, 4 data sets",
        "Chains of the imputation",
        "Matched, imputed covariates",
        "Observed and imputed values",
    ):
        assert sentence in text
