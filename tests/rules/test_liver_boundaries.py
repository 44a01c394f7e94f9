"""Boundaries of the liver scores that only partly known values stand on, and grades exactly at their limits."""

from __future__ import annotations

import pytest
from test_liver import liver_of
from test_liver import test_bclc_2022 as staged

from equipoise.derive import derive_covariates

# Points that are left: bilirubin below 2 / 2 to 3 / above 3, albumin above 3.5 / 2.8 to 3.5 / below 2.8, INR below 1.7 / 1.7 to
# 2.3 / above 2.3; a laboratory's "<2" is below 2, its ">2" above it.
KNOWN = {
    "bilirubin_mg_dl": {
        "<": {1.99: (1, 1), 2.0: (1, 1), 2.01: (1, 2), 3.0: (1, 2), 3.01: (1, 3)},
        ">": {1.99: (1, 3), 2.0: (2, 3), 2.99: (2, 3), 3.0: (3, 3)},
    },
    "albumin_g_dl": {
        "<": {2.79: (3, 3), 2.8: (3, 3), 2.81: (2, 3), 3.5: (2, 3), 3.51: (1, 3)},
        ">": {2.79: (1, 3), 2.8: (1, 2), 3.49: (1, 2), 3.5: (1, 1)},
    },
    "inr": {
        "<": {1.69: (1, 1), 1.7: (1, 1), 1.71: (1, 2), 2.3: (1, 2), 2.31: (1, 3)},
        ">": {1.69: (1, 3), 1.7: (2, 3), 2.29: (2, 3), 2.3: (3, 3)},
    },
}


@pytest.mark.parametrize(("item", "sign"), [(item, sign) for item, signs in KNOWN.items() for sign in signs])
def test_points_of_a_value_below_or_above_a_limit(item, sign):
    name = item.split("_")[0]
    found = liver_of(*({item: value, f"{name}_comparator": sign} for value in KNOWN[item][sign]))
    points = [(row[f"{name}_low"], row[f"{name}_high"]) for row in found]
    assert dict(zip(KNOWN[item][sign], points, strict=True)) == KNOWN[item][sign]


def test_prothrombin_activity_without_an_inr():
    """From 70 % 1 point, from 40 % 1 to 2, less 2 to 3."""
    expected = {70.0: (1, 1), 69.9: (1, 2), 40.0: (1, 2), 39.9: (2, 3)}
    found = liver_of(*({"inr": None, "pt_percent": value} for value in expected))
    assert [(row["inr_low"], row["inr_high"]) for row in found] == list(expected.values())


@pytest.mark.parametrize(
    ("albumin", "score", "grade"),
    [
        (
            3.0588235294117645,
            -2.60,
            1,
        ),  # with bilirubin 1 umol/L the logarithm is 0: the score is -0.85 times the albumin in g/dL
        (3.058, -2.5993, 2),
        (1.6352941176470586, -1.39, 2),
        (1.635, -1.38975, 3),
    ],
)
def test_albi_grade_exactly_at_its_limits(albumin, score, grade):
    (found,) = liver_of({"bilirubin_mg_dl": 1 / 17.1, "albumin_g_dl": albumin})
    assert found["albi_score"] == (score if score in (-2.60, -1.39) else pytest.approx(score))
    assert found["albi_grade"] == grade


@pytest.mark.parametrize(
    ("case", "drawn", "stage"),
    [
        ("Child-Pugh 9 is not class C", {"child_pugh": (9, 9), "mvi": True}, "C"),
        ("two of exactly 3 cm", {"n_tumors": 2, "max_size_cm": 3.0}, "A"),
        ("two of a little more", {"n_tumors": 2, "max_size_cm": 3.01}, "B"),
        ("single of exactly 2 cm", {"n_tumors": 1, "max_size_cm": 2.0}, "0"),
        ("single of a little more", {"n_tumors": 1, "max_size_cm": 2.01}, "A"),
    ],
)
def test_bclc_on_its_boundaries(case, drawn, stage):
    staged(case, drawn, stage)


LAB = "patient_id|day|analyte|value|unit\n"


def test_scores_on_their_boundaries(draw):
    """mALBI by albumin at bilirubin 1 umol/L (-0.85 times the albumin). MELD with INR and bilirubin 1: 9.57 ln(creatinine) + 6.43
    is 11.00 at 1.612 and 12.05 at 1.8 mg/dL; sodium 125 adds 12 x 1.32 - 0.033 x 12 x 12 = 11.1 to 12, and nothing up to 11."""
    albumin = {
        "m1": 3.0588235294117645,
        "m2a": 3.058,
        "m2a_last": 2.671,
        "m2b": 2.6705882352941175,
        "m2b_last": 1.6352941176470586,
        "m3": 1.635,
    }
    creatinine = {"k11": 1.612, "k12": 1.8}
    burden = {"t7": (7, 0.0), "t6_1": (6, 1.0), "t6_1.1": (6, 1.1), "t1_6": (1, 6.0), "t1_6.1": (1, 6.1)}
    lines = [f"{p}|-3|bilirubin|{1 / 17.1!r}|mg/dL \n {p}|-3|albumin|{value!r}|g/dL" for p, value in albumin.items()]
    for p, value in creatinine.items():
        lines += [f"{p}|-3|{name}|1|{unit}" for name, unit in (("bilirubin", "mg/dL"), ("INR", ""))]
        lines += [f"{p}|-3|creatinine|{value}|mg/dL", f"{p}|-3|sodium|125|mmol/L"]
    for p, platelets, alt in (("f0", 0, 25), ("f1", 200, 0), ("f2", 200, 25)):
        lines += [f"{p}|-3|platelets|{platelets}|10^9/L", f"{p}|-3|ALT|{alt}|U/L", f"{p}|-3|AST|40|U/L"]
    seen = [f"{p}|-3|n_tumors|{n} \n {p}|-3|max_size_cm|{size}" for p, (n, size) in burden.items()]
    tables = {"lab": LAB + "\n".join(lines), "observation": "patient_id|day|item|value\n" + "\n".join(seen)}
    study = draw(" ".join([*albumin, *creatinine, *burden, "f0", "f1", "f2"]), tables)
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = {p: rest for p, *rest in study.rows("select patient_id, malbi_grade, meld, meld_na, up_to_7, fib4 from baseline")}
    assert {p: found[p][0] for p in albumin} == {
        "m1": "1",
        "m2a": "2a",
        "m2a_last": "2a",
        "m2b": "2b",
        "m2b_last": "2b",
        "m3": "3",
    }
    assert {p: found[p][1:3] for p in creatinine} == {"k11": [11, 11], "k12": [12, 23]}
    assert {p: found[p][3] for p in burden} == {"t7": False, "t6_1": True, "t6_1.1": False, "t1_6": True, "t1_6.1": False}
    # FIB-4 at 60 years: 60 x 40 / (200 x 5) = 2.4; nothing is divided by zero.
    assert [found[p][4] for p in ("f0", "f1", "f2")] == [None, None, pytest.approx(2.4)]


def test_a_negative_result_on_the_day_of_either_positive_one(draw):
    """Positive 290 days apart: viral, unless a negative result lies between, the days of both included."""
    negative = {"before": -301, "on_the_first": -300, "between": -150, "on_the_last": -10, "after": -9}
    rows = [
        f"{p}|{day}|HBsAg|{result}"
        for p, no in negative.items()
        for day, result in ((-300, "positive"), (-10, "positive"), (no, "negative"))
    ]
    study = draw(" ".join(negative), {"serology": "patient_id|day|test|result\n" + "\n".join(rows)})
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = dict(study.rows("select patient_id, etiology from etiology"))
    assert [p for p in negative if found[p] == "viral"] == ["before", "after"]
