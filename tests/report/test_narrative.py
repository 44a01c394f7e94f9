"""The words follow the interval; nothing is called similar."""

import dataclasses
import re

import pytest

from equipoise.contract import CORE
from equipoise.packs import shipped
from equipoise.protocol.packs import behind
from equipoise.records import Estimates, Row, Study
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import conduct, flow, subgroups, survival
from equipoise.report.narrative import response as response_text
from equipoise.report.narrative import results as said
from equipoise.report.narrative.balance import balance
from equipoise.report.narrative.effects import side_by_side
from equipoise.report.narrative.methods import methods
from equipoise.report.narrative.small_cells import small_cells
from equipoise.report.windows import WINDOWS

FORBIDDEN = re.compile(r"\b(similar|comparable|comparably|did not differ|no difference|balanced|equivalent)\b", re.I)


def with_hr(study: Study, value: float, low: float, high: float) -> Numbers:
    rows = [
        dataclasses.replace(r, value=value, low=low, high=high)
        if r.analysis == "cox" and r.statistic == "hr" and r.population == "all"
        else r
        for r in study.estimates.rows.values()
    ]
    return Numbers(dataclasses.replace(study, estimates=Estimates.from_rows(rows, curves=study.estimates.curves)))


@pytest.mark.parametrize(
    ("hr", "words"),
    [
        (
            (0.6, 0.4, 0.9),
            "was lower with hormonal therapy than with no hormonal therapy (marginal HR 0.60, 95% CI 0.40–0.90; P",
        ),
        ((1.6, 1.1, 2.3), "was higher with hormonal therapy than with no hormonal therapy"),
        (
            (0.9, 0.6, 1.3),
            "There was no clear evidence of a difference in recurrence-free survival between hormonal therapy and no hormonal "
            "therapy (marginal HR 0.90, 95% CI 0.60–1.30; P",
        ),
        ((0.9, 0.8, 1.3), "therapy (marginal HR 0.90, 95% CI 0.80–1.30; P"),
        ((0.9, 0.6, 1.25), "therapy (marginal HR 0.90, 95% CI 0.60–1.25; P"),
    ],
)
def test_direction_is_said_only_where_the_interval_excludes_one(spreadsheet, hr, words):
    numbers = with_hr(spreadsheet, *hr)
    assert words in said.effect(numbers, "rfs", said.treatment_row(numbers, "rfs", "matched"), "marginal")


def test_a_lost_significance_is_not_called_confounding_removed(founding):
    sentence = side_by_side(Numbers(founding), "os")
    assert (
        "before" in sentence
        and "after matching" in sentence
        and "both removal of confounding and the smaller, selected sample" in sentence
    )


def test_residual_imbalance_is_named_in_or_out_of_the_score(founding):
    words = " ".join(balance(Numbers(founding)))
    assert "previous atezolizumab plus bevacizumab cycles" in words and "lymph node metastasis" in words
    assert "not in the propensity score" in words


def test_who_is_left_after_the_caliper(spreadsheet):
    words = flow.matching(Numbers(spreadsheet), "matched")
    assert (
        "243 pairs" in words
        and "Of 246 patients with hormonal therapy, 3 had no unmatched partner" in words
        and "the 243 for whom a match was found" in words
    )


def test_methods_follow_the_settings(spreadsheet):
    words = " ".join(r.text for b in methods(Numbers(spreadsheet)) if hasattr(b, "runs") for r in b.runs)
    for part in (
        "0.2 times the standard deviation",
        "largest propensity score",
        "logit",
        "were broken by the patient identifier",
        "Efron",
        "type 7",
    ):
        assert part in words
    assert "window" not in words  # one row per patient: nothing was picked by date


def test_nothing_is_called_similar(documents):
    for document in documents:
        for block in (b for s in document.sections if s.anchor != "references" for b in s.blocks):  # papers have their own titles
            for run in getattr(block, "runs", ()) or [r for item in getattr(block, "items", ()) for r in item]:
                assert not FORBIDDEN.search(run.text), run.text


def test_a_row_that_is_missing_says_nothing(spreadsheet):
    numbers = Numbers(
        dataclasses.replace(spreadsheet, estimates=Estimates.from_rows([Row("attrition", "n", 1.0, variable="start")]))
    )
    assert balance(numbers) == [] and flow.matching(numbers, "matched") == ""
    assert said.effect(numbers, "rfs", None, "marginal") == "" and survival.medians(numbers, "rfs", "matched") == ""


def test_a_test_against_proportional_hazards_is_said_only_below_alpha(founding):
    numbers = Numbers(founding)
    for endpoint, design in (("os", "unadjusted"), ("pfs", "unadjusted"), ("os", "matched"), ("pfs", "matched")):
        p = founding.estimates[f"survival.{endpoint}.{design}.ph_test.treatment.p"].value
        assert bool(said.proportionality(numbers, endpoint, design)) == (p < 0.05)


def methods_of(study: Study) -> str:
    return " ".join(r.text for b in methods(Numbers(study)) if hasattr(b, "runs") for r in b.runs)


def without_covariates(study: Study, *columns: str) -> Study:
    """The study as if no covariate rested on these baseline columns."""
    kept = {k: c for k, c in study.protocol.covariates.items() if not any(name in c.from_ for name in columns)}
    return dataclasses.replace(study, protocol=study.protocol.model_copy(update={"covariates": kept}))


def test_only_windows_that_the_study_uses_are_named(founding):
    assert "tumor markers \u221228 to 0" in methods_of(founding)
    assert "tumor markers" not in methods_of(without_covariates(founding, "afp", "pivka"))


def test_every_item_and_analyte_belongs_to_a_window_that_methods_name():
    contract = shipped("liver").extend(CORE)
    for named in (*contract.items.values(), *contract.analytes.values()):
        assert named.window in WINDOWS, named.name
    assert {"bilirubin_mg_dl", "ecog", "n_tumors"} <= behind((shipped("liver"),), {"bclc"}), "a stage rests on its components"
    assert "imdc_hb" in behind((shipped("renal"),), {"imdc_risk"})


def test_methods_say_how_each_endpoint_ends(founding):
    words = methods_of(founding)
    assert "Times to an event were measured from the first dose of second-line treatment." in words
    assert "Overall survival (OS) was the time to death, censored at the last contact." in words
    pfs = "was the time to radiologic progression by RECIST 1.1, clinical progression or death, whichever came first, "
    assert f"{pfs}censored at the last adequate scan, or else at the last contact." in words
    assert words.index("Exploratory outcomes") < words.index("Time to progression (TTP) was")
    assert "Clark's index" in words and "Relative dose intensity" in words and "kappa" in words


def test_methods_follow_the_profile_of_an_endpoint(founding):
    pfs = founding.protocol.endpoints["pfs"].model_copy(
        update={"profile": "fda2007", "clinical": "ignored", "progression_from_day": 14}
    )
    protocol = founding.protocol.model_copy(update={"endpoints": {**founding.protocol.endpoints, "pfs": pfs}})
    words = methods_of(dataclasses.replace(founding, protocol=protocol))
    assert "two missed scans were censored at the last adequate scan" in words and "Clinical progression was not counted" in words
    assert "Progression before day 14 was attributed to the previous line of therapy" in words


def test_response_in_depth_is_said_from_rows(founding):
    numbers = Numbers(founding)
    words = " ".join(response_text.course(numbers, "unadjusted"))
    confirmed = "With confirmation, the objective response rate by RECIST 1.1 was 0.0% (0/40) with lenvatinib and 3.5% (3/86)"
    assert confirmed in words
    assert "1.3 months (95% CI 1.1 to not reached; 2 of 3 responses ended) with lenvatinib" in words
    assert "Among patients with measured targets, the target sum shrank in 71.1% (27/38) with lenvatinib" in words
    (both,) = response_text.agreement(numbers)
    assert both.startswith(
        "RECIST 1.1 and mRECIST gave different best responses in 5 of 106 patients assessed by both "
        "(kappa 0.92, 95% CI 0.85\u2013"
    )


def test_conduct_and_exposure_are_said_from_rows(founding):
    numbers = Numbers(founding)
    assert "Follow-up was 78.0% complete by Clark's index (81.3% with lenvatinib and 76.2% with sorafenib)." in conduct.follow_up(
        numbers
    )
    scans, exposure = " ".join(conduct.scans(numbers)), " ".join(conduct.exposure(numbers))
    assert (
        "64 days (interquartile range 58\u201373) with lenvatinib" in scans
        and "biased in favor of the arm that was scanned later" in scans
    )
    assert "The dose was reduced in 42.5% (17/40) with lenvatinib and 25.6% (22/86) with sorafenib." in exposure
    assert "progression: 47.5% (19/40) with lenvatinib" in exposure


def test_what_was_not_measured_is_not_said(spreadsheet):
    numbers = Numbers(spreadsheet)
    assert conduct.scans(numbers) == conduct.exposure(numbers) == response_text.course(numbers, "unadjusted") == []
    words = methods_of(spreadsheet)
    assert "Clark" not in words and "dose intensity" not in words and "Exploratory" not in words


def test_interactions_are_counted_and_none_is_announced(founding):
    numbers = Numbers(founding)
    tested = [r for r in founding.estimates.rows.values() if r.analysis == "interaction" and r.statistic == "p"]
    said_of_all = " ".join(subgroups.looked(numbers))
    assert f"{len(tested)} tests of interaction were made, not adjusted for multiplicity" in said_of_all
    assert "none was declared primary" in said_of_all and "differ" not in said_of_all


def test_nothing_is_said_of_a_subgroup_with_a_small_arm(founding):
    told = " ".join(subgroups.subgroups(Numbers(founding), "prior_cycles"))
    row = founding.estimates["survival.os.matched.cox.prior_cycles_gt3.sorafenib-vs-lenvatinib.hr"]
    assert f"was {fmt.ratio_estimate(row.value, row.low, row.high)} in the >3 subgroup." in told
    assert "No statement is made on the ≤3 subgroup" in told and "interaction" not in told


def test_a_wide_interval_says_what_it_includes(spreadsheet):
    tails = {}
    for limits in ((0.6, 1.3), (0.8, 1.3), (0.6, 1.25)):
        numbers = with_hr(spreadsheet, 0.9, *limits)
        tails[limits] = said.effect(numbers, "rfs", said.treatment_row(numbers, "rfs", "matched"), "marginal")
    wide = "the interval includes clinically relevant effects in either direction."
    assert [tail.endswith(wide) for tail in tails.values()] == [True, False, False]


def test_small_cells_say_in_which_cohort_the_sizes_tell_of_a_few_lost(founding):
    """40 patients and 36 of them matched."""
    said = {}
    for least in (4, 5):
        protocol = founding.protocol.model_copy(update={"minimum_cell": least})
        said[least] = small_cells(Numbers(dataclasses.replace(founding, protocol=protocol)))
    assert said[4].endswith("how many patients of an arm a design did not retain.")
    assert said[5].endswith("fewer than 5 patients of an arm were not retained in the propensity score-matched cohort.")
