"""Worst grade per term, discontinuation, third line."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes

FOLLOWUP = "patient_id | last_contact_day | data_cutoff_day \n P1 | 300 | 400 \n P2 | 300 | 400 \n P3 | 300 | 400"
EXPOSURE = """patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason
              P1         | 0         | 40       | 12          | start         |
              P1         | 41        | 100      | 8           | AE            | AE
              P2         | 0         |          | 800         | start         | ongoing
              P3         | 0         | 50       | 800         | start         | progression"""


@pytest.fixture
def derive(draw):
    def _derive(events: str, **given):
        tables = {
            "followup": FOLLOWUP,
            "exposure": EXPOSURE,
            "ae": "patient_id|ae_id|ctcae_term|grade|attribution|start_day\n" + events,
        }
        tables |= given.pop("extra", {})
        study = draw("P1 P2 P3", tables, safety=given.pop("safety", {}), **given)
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _derive


@pytest.mark.parametrize(
    ("case", "events", "expected"),
    [
        ("the worst grade counts", "P1|1|Rash|1|possible|5 \n P1|2|Rash|3|definite|9 \n P1|3|Rash|2|probable|20", [3, 0, 0]),
        ("unrelated events do not", "P1|1|Rash|1|possible|5 \n P1|2|Rash|3|unlikely|9 \n P2|3|Rash|2|unrelated|9", [1, 0, 0]),
        ("events without an attribution do not", "P1|1|Rash|1|possible|5 \n P1|2|Rash|3||9", [1, 0, 0]),
        ("nor events before the index date", "P1|1|Rash|4|possible|-1 \n P1|2|Rash|1|possible|0", [1, 0, 0]),
        ("30 days after the last dose still count", "P1|1|Rash|1|possible|130 \n P1|2|Rash|3|possible|131", [1, 0, 0]),
        ("every day counts while treatment goes on", "P2|1|Rash|2|possible|290", [0, 2, 0]),
        (
            "terms are compared without regard to case",
            "P1|1|Rash|1|possible|5 \n P1|2|RASH|2|possible|5 \n P3|1|rash|1|possible|5",
            [2, 0, 1],
        ),
    ],
)
def test_worst_grade(derive, case, events, expected):
    _, outcomes = derive(events)
    assert len(outcomes.worst_grade) == 1, case
    assert next(iter(outcomes.worst_grade.values())).tolist() == expected, case


def test_terms_in_alphabetical_order_and_aliases(derive):
    events = """P1|1|Rash|1|possible|5 \n P1|2|hand-foot syndrome|2|possible|5
                P2|1|Palmar-plantar erythrodysesthesia|3|possible|5 \n P2|2|Diarrhea|5|possible|6"""
    hand_foot = "Palmar-plantar erythrodysesthesia"
    _, outcomes = derive(events, safety={"aliases": {"Hand-foot syndrome": hand_foot}})
    assert list(outcomes.worst_grade) == ["Diarrhea", hand_foot, "Rash"]
    assert outcomes.worst_grade[hand_foot].tolist() == [2, 3, 0]
    assert outcomes.flags["grade_5"].tolist() == [False, True, False]


def test_what_counts_as_related_is_a_setting(derive):
    events = "P1|1|Rash|1|possible|5 \n P2|1|Rash|2|definite|5"
    _, outcomes = derive(events, safety={"related": ["definite"]})
    assert outcomes.worst_grade["Rash"].tolist() == [0, 2, 0]


def test_discontinuation_and_third_line(derive):
    therapy = """patient_id | line | regimen      | start_day
                 P3         | 3    | cabozantinib | 60
                 P3         | 4    | regorafenib  | 160
                 P2         | 4    | odd          | 99"""
    _, outcomes = derive("P1|1|Rash|1|possible|5", extra={"subsequent_therapy": therapy})
    assert outcomes.flags["discontinued_for_ae"].tolist() == [True, False, False]
    assert outcomes.flags["third_line"].tolist() == [False, False, True]
    assert outcomes.flags["third_line_regimen"].tolist() == [None, None, "cabozantinib"]
    np.testing.assert_array_equal(outcomes.flags["third_line_day"], [np.nan, np.nan, 60])


def test_no_related_event_at_all(derive):
    _, outcomes = derive("P1|1|Rash|1|unrelated|5")
    assert outcomes.worst_grade == {}
    assert not any("line" in name for name in outcomes.flags)  # no table of later treatment was given
