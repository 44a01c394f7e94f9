"""What events led to, how many on how much treatment, the first one with death competing, composites, impossible grades."""

import math

import numpy as np
import pytest

from equipoise.derive import derive_covariates
from equipoise.errors import DataError
from equipoise.estimate.safety_detail import safety_detail_rows
from equipoise.outcomes import derive_outcomes

FOLLOWUP = """patient_id | last_contact_day | death_date_day | data_cutoff_day
              P1 | 300 |     | 400
              P2 | 45  | 45  | 400
              P3 | 500 |     | 400
              P4 | 200 | 200 | 400"""
EXPOSURE = """patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason
              P1 | 0  | 40  | 12  | start |
              P1 | 41 | 99  | 8   | AE    | AE
              P2 | 0  | 29  | 800 | start | progression
              P3 | 0  |     | 800 | start | ongoing
              P4 | 0  | 9   | 800 | start | progression"""
ARMS = """patient_id | drug | index_date
          P1 | a | 2022-03-01
          P2 | a | 2022-03-01
          P3 | b | 2022-03-01
          P4 | b | 2022-03-01"""
EVENTS = """P1|1|Rash|1|possible|5|none
            P1|2|Rash|3|definite|41|reduce
            P1|3|Esophageal bleeding|2|possible|60|interrupt
            P3|4|Gastric bleeding|4|probable|120|stop
            P3|5|Rash|2|unrelated|3|none
            P4|6|Rash|1|possible|60|none"""
HEAD = "patient_id|ae_id|ctcae_term|grade|attribution|start_day|action\n"


@pytest.fixture
def derive(draw):
    def _derive(events=EVENTS, **safety):
        tables = {"followup": FOLLOWUP, "exposure": EXPOSURE, "index_treatment": ARMS, "ae": HEAD + events}
        study = draw("P1 P2 P3 P4", tables, safety=safety)
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _derive


def test_exposure_counts_both_ends_and_ends_with_the_follow_up_while_it_goes_on(derive):
    _, outcomes = derive()
    assert outcomes.safety.exposure_days.tolist() == [100, 30, 401, 10]


def test_events_are_counted_and_what_they_led_to(derive):
    _, outcomes = derive()
    assert outcomes.safety.counts["Rash"].tolist() == [2, 0, 0, 0]
    assert outcomes.safety.led_to["reduce"]["Rash"].tolist() == [True, False, False, False]
    assert outcomes.safety.led_to["stop"]["Gastric bleeding"].tolist() == [False, False, True, False]


def test_the_first_event_death_and_the_end_of_the_period(derive):
    _, outcomes = derive()
    first = outcomes.safety.first["any_grade"]
    # P1: event on day 5. P2: dies on day 45, 16 days after the last dose. P3: event on day 120. P4: 30 days after day 9.
    assert first.time.tolist() == [5, 45, 120, 39]
    assert first.cause.tolist() == [1, 2, 1, 0]
    assert outcomes.safety.first["grade_3_5"].time.tolist() == [41, 45, 120, 39]


def test_all_attributions_count_when_asked_for(derive):
    _, outcomes = derive(attribution="all")
    assert outcomes.worst_grade["Rash"].tolist() == [3, 0, 2, 0]
    assert outcomes.safety.first["any_grade"].time.tolist() == [5, 45, 3, 39]


def test_an_event_without_attribution_counts_among_all(derive):
    _, outcomes = derive("P1|1|Rash|2||5|none", attribution="all")
    assert outcomes.worst_grade["Rash"].tolist() == [2, 0, 0, 0]


def test_a_composite_stands_beside_its_terms_and_is_not_counted_twice(derive):
    bleeding = {"Gastrointestinal bleeding": ["esophageal bleeding", "Gastric bleeding"]}
    study, outcomes = derive(composites=bleeding)
    assert outcomes.worst_grade["Gastrointestinal bleeding"].tolist() == [2, 0, 4, 0]
    rows, _ = safety_detail_rows(study.protocol, study.cohort, outcomes)
    by_key = {r.key: r for r in rows}
    rate = by_key["safety.unadjusted.rate_per_100_months.all.a.rate"]
    months = (100 + 30) / 30.4375
    assert (rate.events, rate.n) == (3, 2)
    assert rate.value == pytest.approx(100 * 3 / months)
    # Garwood's limits of 3 events, from the table of chi-square: 0.6187 and 8.7673
    assert [rate.low, rate.high] == pytest.approx([0.618672 * 100 / months, 8.767273 * 100 / months], rel=1e-6)


@pytest.mark.parametrize("term", ["Hand-Foot Syndrome", "palmar-plantar erythrodysesthesia"])
def test_a_grade_that_a_term_does_not_have_is_a_fault(derive, term):
    with pytest.raises(DataError) as caught:
        derive(f"P1|1|{term}|3|possible|5|none\nP2|2|{term}|4|possible|5|none")
    (fault,) = caught.value.faults
    assert fault.place == "ae.csv, row 3, column grade" and "no grade above 3" in fault.message


@pytest.mark.parametrize(
    ("term", "highest"),
    [
        ("Alopecia", 2),
        ("Nausea", 3),
        ("FATIGUE", 3),
        ("Pruritus", 3),
        ("Proteinuria", 3),
        ("Lipase increased", 4),
        ("Vomiting", 5),
    ],
)
def test_the_highest_grade_of_a_term_of_version_5(derive, term, highest):
    """As CTCAE v5.0 prints it: a dash stands for a grade that a term does not have."""
    derive(f"P1|1|{term}|{highest}|possible|5|none")
    if highest < 5:
        with pytest.raises(DataError, match=f"no grade above {highest}"):
            derive(f"P1|1|{term}|{highest + 1}|possible|5|none")


def test_another_dictionary_has_its_own_grades(derive):
    derive("P1|1|Nausea|4|possible|5|none", dictionary="CTCAE v3.0")
    derive("P1|1|Nausea|4|possible|5|none", highest_grade={"Nausea": 4})


def test_the_highest_grade_is_a_setting(derive):
    with pytest.raises(DataError):
        derive(highest_grade={"Gastric bleeding": 3})


def test_no_exposure_known(draw):
    tables = {"followup": FOLLOWUP, "index_treatment": ARMS, "ae": HEAD + EVENTS}
    study = draw("P1 P2 P3 P4", tables, safety={})
    derive_covariates(study.protocol, study.sources, study.cohort)
    outcomes = derive_outcomes(study.protocol, study.sources, study.cohort)
    assert np.isnan(outcomes.safety.exposure_days).all()
    assert outcomes.safety.first["any_grade"].time.tolist() == [5, 45, 120, 60]
    rows, _ = safety_detail_rows(study.protocol, study.cohort, outcomes)
    assert not [r for r in rows if r.statistic == "rate"]
    assert math.isclose(sum(r.value for r in rows if r.statistic == "patient_months"), 0)
