"""The words follow the interval; nothing is called similar."""

import dataclasses
import re

import pytest

from equipoise.records import Estimates, Row, Study
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import results as said
from equipoise.report.narrative.methods import methods

FORBIDDEN = re.compile(r"\b(similar|comparable|comparably|did not differ|no difference|balanced|equivalent)\b", re.I)
ALLOWED = "Nothing is called similar without a margin declared beforehand"


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
            "was lower with hormonal therapy than with no hormonal therapy (marginal HR 0.600, 95% CI 0.400–0.900)",
        ),
        ((1.6, 1.1, 2.3), "was higher with hormonal therapy than with no hormonal therapy"),
        (
            (0.9, 0.6, 1.3),
            "A difference in the hazard of recurrence or death between hormonal therapy and no hormonal therapy was not shown",
        ),
    ],
)
def test_direction_is_said_only_where_the_interval_excludes_one(spreadsheet, hr, words):
    numbers = with_hr(spreadsheet, *hr)
    assert words in said.effect(numbers, "rfs", said.treatment_row(numbers, "rfs", "matched"), "marginal")


def test_a_lost_significance_is_not_called_confounding_removed(founding):
    sentence = said.side_by_side(Numbers(founding), "os")
    assert "before" in sentence and "after matching" in sentence and "no proof that confounding was removed" in sentence


def test_residual_imbalance_is_named_in_or_out_of_the_score(founding):
    words = " ".join(said.balance(Numbers(founding)))
    assert "previous atezolizumab plus bevacizumab cycles" in words and "lymph node metastasis" in words
    assert "not in the propensity score" in words


def test_who_is_left_after_the_caliper(spreadsheet):
    words = said.matching(Numbers(spreadsheet))
    assert "243 pairs" in words and "3 of 246" in words and "not of all 246" in words


def test_methods_follow_the_settings(spreadsheet):
    words = " ".join(r.text for b in methods(Numbers(spreadsheet)) if hasattr(b, "runs") for r in b.runs)
    for part in (
        "0.2 times the standard deviation",
        "largest propensity score",
        "logit",
        "stands first in the data",
        "Efron",
        "type 7",
    ):
        assert part in words
    assert "window" not in words  # one row per patient: nothing was picked by date


def test_nothing_is_called_similar(documents):
    for document in documents:
        for block in document.blocks():
            for run in getattr(block, "runs", ()) or [r for item in getattr(block, "items", ()) for r in item]:
                assert not FORBIDDEN.search(run.text.replace(ALLOWED, "")), run.text


def test_a_row_that_is_missing_says_nothing(spreadsheet):
    numbers = Numbers(
        dataclasses.replace(spreadsheet, estimates=Estimates.from_rows([Row("attrition", "n", 1.0, variable="start")]))
    )
    assert said.balance(numbers) == [] and said.matching(numbers) == ""
    assert said.effect(numbers, "rfs", None, "marginal") == "" and said.medians(numbers, "rfs", "matched") == ""


def test_a_test_against_proportional_hazards_is_said_only_below_alpha(founding):
    numbers = Numbers(founding)
    for endpoint, design in (("os", "unadjusted"), ("pfs", "unadjusted"), ("os", "matched"), ("pfs", "matched")):
        p = founding.estimates[f"survival.{endpoint}.{design}.ph_test.treatment.p"].value
        assert bool(said.proportionality(numbers, endpoint, design)) == (p < 0.05)
