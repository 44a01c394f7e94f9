"""mALBI, MELD, MELD-Na, FIB-4, up-to-7, markers with limits of detection, and what was done before the index date."""

from __future__ import annotations

import pytest

from equipoise.derive import derive_covariates

NORMAL = {
    "bilirubin": (1.0, "mg/dL"),
    "albumin": (4.0, "g/dL"),
    "INR": (1.0, ""),
    "creatinine": (1.0, "mg/dL"),
    "sodium": (140, "mmol/L"),
    "AST": (40, "U/L"),
    "ALT": (25, "U/L"),
    "platelets": (200, "10^9/L"),
    "AFP": (100, "ng/mL"),
    "PIVKA-II": (50, "mAU/mL"),
}


def baseline_of(draw, labs: dict, observed: dict | None = None, **tables) -> dict:
    """The row of `baseline` of one patient of 60 years; what is not drawn is normal, None was not measured.

    A laboratory value may be written as in the file: "<20".
    """
    lab = ["patient_id|day|analyte|value|comparator|unit"]
    for analyte, (value, unit) in (NORMAL | {k: (v, NORMAL[k][1]) for k, v in labs.items()}).items():
        if value is not None:
            sign = str(value)[0] if str(value)[0] in "<>" else "="
            lab.append(f"P1|-3|{analyte}|{str(value).lstrip('<>')}|{sign}|{unit}")
    seen = ["patient_id|day|item|value", *(f"P1|-3|{k}|{v}" for k, v in (observed or {"ecog": 0}).items())]
    study = draw("P1", {"lab": "\n".join(lab), "observation": "\n".join(seen), **tables})
    derive_covariates(study.protocol, study.sources, study.cohort)
    names = list(study.engine.columns("baseline"))
    return dict(zip(names, study.rows("select * from baseline")[0], strict=True))


@pytest.mark.parametrize(
    ("case", "labs", "grade"),
    [
        ("-2.7562", {"albumin": 4.2}, "1"),
        ("-2.5862", {"albumin": 4.0}, "2a"),
        ("-2.2717, just below -2.27", {"albumin": 3.63}, "2a"),
        ("-2.2632, just above -2.27", {"albumin": 3.62}, "2b"),
        ("-1.3962, just below -1.39", {"albumin": 2.6}, "2b"),
        ("-1.3877, just above -1.39", {"albumin": 2.59}, "3"),
        ("no albumin", {"albumin": None}, None),
    ],
)
def test_malbi_divides_grade_2(draw, case, labs, grade):
    """Hiraoka et al., Liver Cancer 2017;6:325. By hand for bilirubin 1 mg/dL: 0.66 log10(17.1) = 0.8138, less 0.85 albumin."""
    assert baseline_of(draw, labs)["malbi_grade"] == grade, case


@pytest.mark.parametrize(
    ("case", "labs", "meld", "meld_na"),
    [
        ("all normal: 6.43", {}, 6, 6),
        ("values below 1 count as 1", {"bilirubin": 0.4, "INR": 0.9, "creatinine": 0.5}, 6, 6),
        ("1.745 + 2.620 + 4.541 + 6.43 = 15.34; sodium adds 2.64 - 0.99",
         {"bilirubin": 2, "INR": 1.5, "creatinine": 1.2, "sodium": 135}, 15, 17),
        ("1.533 + 4.541 + 6.43 = 12.50, and 2.64 - 0.86", {"bilirubin": 1.5, "INR": 1.5, "sodium": 135}, 13, 15),
        ("sodium above 137 counts as 137", {"bilirubin": 2, "INR": 1.5, "creatinine": 1.2, "sodium": 150}, 15, 15),
        ("sodium below 125 counts as 125: 15 + 15.84 - 5.94",
         {"bilirubin": 2, "INR": 1.5, "creatinine": 1.2, "sodium": 110}, 15, 25),
        ("a MELD up to 11 is left alone", {"bilirubin": 3, "sodium": 125}, 11, 11),
        ("creatinine above 4 counts as 4: 13.267 + 6.43", {"creatinine": 9}, 20, 20),
        ("never above 40", {"bilirubin": 40, "INR": 8, "creatinine": 4}, 40, 40),
        ("no sodium", {"bilirubin": 2, "INR": 1.5, "creatinine": 1.2, "sodium": None}, 15, None),
        ("no creatinine", {"creatinine": None}, None, None),
        ("bilirubin known only as below 3", {"bilirubin": "<3"}, None, None),
    ],
)  # fmt: skip
def test_meld_and_meld_na(draw, case, labs, meld, meld_na):
    """Wiesner et al., Gastroenterology 2003;124:91; sodium as allocated from 2016 (Kim et al., N Engl J Med 2008;359:1018)."""
    found = baseline_of(draw, labs)
    assert (found["meld"], found["meld_na"]) == (meld, meld_na), case


@pytest.mark.parametrize(
    ("case", "labs", "fib4"),
    [
        ("60 x 40 / (200 x 5)", {}, 2.4),
        ("60 x 90 / (100 x 6)", {"AST": 90, "ALT": 36, "platelets": 100}, 9.0),
        ("no platelets", {"platelets": None}, None),
    ],
)
def test_fib4(draw, case, labs, fib4):
    """Sterling et al., Hepatology 2006;43:1317: age x AST / (platelets x square root of ALT)."""
    assert baseline_of(draw, labs)["fib4"] == (None if fib4 is None else pytest.approx(fib4, abs=1e-12)), case


@pytest.mark.parametrize(
    ("case", "observed", "within"),
    [
        ("3 nodules, 4 cm", {"n_tumors": 3, "max_size_cm": 4}, True),
        ("3 nodules, 4.1 cm", {"n_tumors": 3, "max_size_cm": 4.1}, False),
        ("7 nodules of unknown size", {"n_tumors": 7}, False),
        ("6 nodules of unknown size", {"n_tumors": 6}, None),
        ("6.1 cm, number unknown", {"max_size_cm": 6.1}, False),
        ("5 cm, number unknown", {"max_size_cm": 5}, None),
    ],
)
def test_up_to_7(draw, case, observed, within):
    """Mazzaferro et al., Lancet Oncol 2009;10:35: number plus largest size in cm, up to 7. One part may prove it is beyond."""
    assert baseline_of(draw, {}, observed)["up_to_7"] is within, case


@pytest.mark.parametrize(
    ("afp", "low", "high"),
    [("100", 100, 100), ("<20", 0, 20), (">60500", 60500, None), (None, None, None)],
)
def test_a_limit_of_detection_stays_a_bound(draw, afp, low, high):
    found = baseline_of(draw, {"AFP": afp, "PIVKA-II": afp})
    assert (found["afp_low"], found["afp_high"]) == (low, high)
    assert (found["pivka_low"], found["pivka_high"]) == (low, high)


HISTORY = ("earlier_tace", "n_earlier_tace", "earlier_rfa", "earlier_resection", "earlier_radiotherapy")


@pytest.mark.parametrize(
    ("case", "table", "expected"),
    [
        ("two TACE and a resection", "P1|-900|TACE \n P1|-700|TACE \n P1|-400|resection", (True, 2, False, True, False)),
        ("radiotherapy after the index date is not earlier", "P1|-900|RFA \n P1|20|radiotherapy", (False, 0, True, False, False)),
        ("the table was not given", None, (None, None, None, None, None)),
    ],
)  # fmt: skip
def test_earlier_treatment(draw, case, table, expected):
    """Where the table is given, a patient without a row of a kind had none of it; where it is not, nothing is known."""
    tables = {} if table is None else {"prior_treatment": f"patient_id|day|kind\n{table}"}
    found = baseline_of(draw, {}, **tables)
    assert tuple(found[name] for name in HISTORY) == expected, case


def test_the_line_before(draw):
    """First to last infusion 63 days, the last of either drug 21 days before the index date, its best response as recorded."""
    found = baseline_of(
        draw,
        {},
        firstline_infusion="""patient_id | cycle | day | given_ate | given_bev
                              P1         | 1     | -84 | true      | true
                              P1         | 2     | -63 | true      | false
                              P1         | 3     | -21 | false     | true""",
        screening="""patient_id | firstline_stop_reason | post_firstline_status | firstline_best_response
                     P1         | progression           | second line           | SD""",
    )
    assert (found["prior_line_days"], found["days_since_last_dose"], found["firstline_best_response"]) == (63, 21, "SD")
    assert (found["prior_cycles"], found["days_since_last_cycle"]) == (2, 63)


def test_cirrhosis_and_vp_grade_as_recorded(draw):
    patient = "patient_id|site|sex|age_index|cirrhosis|portal_hypertension\nP1|x|M|60|true|"
    found = baseline_of(draw, {}, {"vp_grade": "Vp3"}, patient=patient)
    assert (found["cirrhosis"], found["portal_hypertension"], found["vp_grade"]) == (True, None, "Vp3")
