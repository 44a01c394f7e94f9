"""Laboratory units: spellings, conversions, and what is refused."""

from __future__ import annotations

import pytest

from equipoise.contract import CORE
from equipoise.data import units
from equipoise.packs import shipped


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "canonical"),
    [
        ("bilirubin", 34.2, "umol/L", 2.0),
        ("bilirubin", 34.2, "µmol/L", 2.0),
        ("bilirubin", 1.2, "mg/dL", 1.2),
        ("albumin", 28, "g/L", 2.8),
        ("albumin", 35, "g/L", 3.5),
        ("creatinine", 88.4, "umol/l", 1.0),
        ("platelets", 150000, "/uL", 150.0),
        ("platelets", 150, "10^3/uL", 150.0),
        ("platelets", 150, "G/L", 150.0),
        ("Hb", 120, "g/L", 12.0),
        ("AFP", 200, "µg/L", 200.0),
        ("PIVKA-II", 40, "AU/L", 40.0),
        ("INR", 1.1, "", 1.1),
        ("Hb", 10, "mmol/L", 16.114),
        ("AST", 0.5, "µkat/L", 30.0),
        ("LDH", 4000, "nkat/L", 240.0),
        ("corrected calcium", 2.5, "mmol/L", 10.02),
        ("calcium", 5, "mEq/L", 10.02),
        ("glucose", 5, "mmol/L", 90.08),
        ("uric acid", 1000, "umol/L", 16.811),
        ("CRP", 1.2, "mg/dL", 12.0),
        ("platelets", 150, "/nL", 150.0),
        ("fibrinogen", 2.5, "g/L", 250.0),
    ],
)
def test_conversions_are_exact(draw, analyte, value, unit, canonical):
    study = draw("P1", {"lab": f"patient_id|day|analyte|value|unit\nP1|0|{analyte}|{value}|{unit}"})
    found = study.rows(
        "select lab.value * multiply_by / divide_by from lab join unit_factor on unit_factor.analyte = lab.analyte "
        "and unit_factor.unit = lower(coalesce(trim(lab.unit), ''))"
    )
    assert found == [(canonical,)]
    assert units.unit_faults(study.engine, study.protocol.contract) == []


def test_no_spelling_has_two_meanings():
    keys = [(analyte, unit) for analyte, unit, *_ in units.factor_rows(shipped("liver").extend(CORE))]
    assert len(keys) == len(set(keys))
    assert all(unit == unit.lower() for _, unit in keys)


def test_unknown_units_and_impossible_values_are_named_once_with_their_first_row(draw):
    labs = """patient_id | day | analyte   | value | unit
              P1         | 0   | albumin   | 38    | g/dL
              P1         | 0   | albumin   | 3.8   | g/L
              P1         | 0   | bilirubin | 75    | mg/dL
              P1         | 0   | bilirubin | 1.1   | furlong
              P1         | 0   | bilirubin | 1.2   | furlong
              P1         | 0   | creatinine | 1.2  |
              P1         | 0   | AFP       | 1.2   | IU/mL
              P1         | 0   | bilirubin | 12    | umol/L"""
    study = draw("P1", {"lab": labs})
    faults = units.unit_faults(study.engine, study.protocol.contract)
    assert [(f.place, f.rule) for f in faults] == [
        ("lab.csv, row 5, column unit", "unknown unit"),
        ("lab.csv, row 7, column unit", "unknown unit"),
        ("lab.csv, row 8, column unit", "unknown unit"),
        ("lab.csv, row 2, column value", "impossible for its unit"),
        ("lab.csv, row 3, column value", "impossible for its unit"),
        ("lab.csv, row 4, column value", "impossible for its unit"),
    ]
    assert "2 rows" in faults[0].message
    assert "mg/dL, umol/l" in faults[0].message
    assert "furlong" not in faults[0].message
    assert "creatinine has no unit" in faults[1].message
    assert "albumin in g/dL is impossible here: above 10 g/dL" in faults[3].message
