"""Viral etiology from serology, cycles of the line before from infusions."""

from __future__ import annotations

import pytest

from equipoise.derive import derive_covariates


@pytest.mark.parametrize(
    ("case", "serology", "expected"),
    [
        ("positive for seven months", "P1|-240|HBsAg|positive \n P1|-30|HBsAg|positive", ("viral", "HBV")),
        ("positive for five months only", "P1|-180|HBsAg|positive \n P1|-30|HBsAg|positive", ("non-viral", "unknown")),
        ("183 days are not more than six months", "P1|-183|HBsAg|positive \n P1|0|HBsAg|positive", ("non-viral", "unknown")),
        ("184 days are", "P1|-184|HBsAg|positive \n P1|0|HBsAg|positive", ("viral", "HBV")),
        (
            "a negative result between",
            "P1|-300|HBsAg|positive \n P1|-200|HBsAg|negative \n P1|-10|HBsAg|positive",
            ("non-viral", "unknown"),
        ),
        (
            "a negative result before the seven months",
            "P1|-400|HBsAg|negative \n P1|-300|HBsAg|positive \n P1|-10|HBsAg|positive",
            ("viral", "HBV"),
        ),
        (
            "the second positive after the index date",
            "P1|-100|HBsAg|positive \n P1|100|HBsAg|positive",
            ("non-viral", "unknown"),
        ),
        ("anti-HCV once positive", "P1|-900|anti-HCV|positive", ("viral", "HCV")),
        ("anti-HCV positive after the index date", "P1|1|anti-HCV|positive", (None, None)),
        (
            "both count once",
            "P1|-900|anti-HCV|positive \n P1|-900|HBsAg|positive \n P1|-1|HBsAg|positive",
            ("viral", "HBV and HCV"),
        ),
        ("negative", "P1|-20|HBsAg|negative \n P1|-20|anti-HCV|negative", ("non-viral", "unknown")),
        ("HBsAg never tested", "P1|-20|anti-HCV|negative", (None, None)),
    ],
)
def test_viral_etiology(draw, case, serology, expected):
    study = draw("P1", {"serology": "patient_id|day|test|result\n" + serology})
    derive_covariates(study.protocol, study.sources, study.cohort)
    assert study.rows("select etiology, etiology_detail from etiology") == [expected], case


def test_recorded_causes_make_a_patient_without_serology_non_viral(draw):
    patients = """patient_id | site | sex | age_index | alcohol | nash  | other_liver_disease
                  P1         | x    | M   | 60        | true    | false |
                  P2         | x    | M   | 60        | false   | true  |
                  P3         | x    | M   | 60        |         |       | hemochromatosis
                  P4         | x    | M   | 60        | false   | false | """
    study = draw("P1 P2 P3 P4", {"patient": patients})
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = study.rows("select etiology, etiology_detail from etiology order by patient_id")
    assert found == [("non-viral", "alcohol"), ("non-viral", "NASH"), ("non-viral", "other"), (None, None)]


def test_a_cycle_is_an_infusion_of_the_first_drug(draw):
    infusions = """patient_id | cycle | day | given_ate | given_bev
                   P1         | 1     | -63 | true      | true
                   P1         | 2     | -42 | true      | false
                   P1         | 3     | -21 | false     | true
                   P1         | 4     | 5   | true      | true"""
    study = draw("P1 P2", {"firstline_infusion": infusions})
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = study.rows("select prior_cycles, incomplete_cycles, days_since_last_cycle from baseline order by patient_id")
    assert found == [(2, 1, 42), (None, None, None)]
