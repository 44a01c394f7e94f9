"""Units of measured numbers: the published factors come out of the molar masses; what is not known is refused."""

from __future__ import annotations

import pytest

from equipoise.data.omop.units import analytes, conversion
from omop_cdm import ALBUMIN, MOL, Database

MILLIGRAM_PER_DL = 8840


# conventional unit, SI unit, factor: SI conversion factors of the AMA Manual of Style, 11th edition, as JAMA prints them
@pytest.mark.parametrize(
    ("loinc", "conventional", "si", "factor", "digits"),
    [
        ("2345-7", "mg/dL", "mmol/L", 0.0555, 4),
        ("2160-0", "mg/dL", "umol/L", 88.4, 1),
        ("1975-2", "mg/dL", "umol/L", 17.104, 2),
        ("2093-3", "mg/dL", "mmol/L", 0.0259, 4),
        ("2571-8", "mg/dL", "mmol/L", 0.0113, 4),
        ("3094-0", "mg/dL", "mmol/L", 0.357, 3),
        ("3084-1", "mg/dL", "mmol/L", 0.0595, 4),
        ("17861-6", "mg/dL", "mmol/L", 0.25, 2),
        ("17861-6", "meq/L", "mmol/L", 0.50, 2),
        ("19123-9", "meq/L", "mmol/L", 0.50, 2),
        ("19123-9", "mg/dL", "mmol/L", 0.4114, 4),
        ("2777-1", "mg/dL", "mmol/L", 0.323, 3),
        ("2498-4", "ug/dL", "umol/L", 0.179, 3),
        ("2524-7", "mg/dL", "mmol/L", 0.111, 3),
        ("2951-2", "meq/L", "mmol/L", 1.0, 9),
        ("2823-3", "meq/L", "mmol/L", 1.0, 9),
    ],
)
def test_published_factors(loinc: str, conventional: str, si: str, factor: float, digits: int):
    analyte = analytes()[loinc]
    found = conversion(conventional, si, analyte)
    assert found is not None
    assert round(found, digits) == pytest.approx(round(factor, digits), abs=1e-12)
    back = conversion(si, conventional, analyte)
    assert back is not None
    assert found * back == pytest.approx(1, rel=1e-14)


def test_no_mass_is_needed_within_a_kind():
    assert conversion("g/dL", "g/L") == pytest.approx(10, rel=1e-15)
    assert conversion("ng/mL", "ug/L") == pytest.approx(1, rel=1e-14)  # alpha-fetoprotein
    assert conversion("mg/dL", "mmol/L") is None
    assert conversion("meq/L", "mmol/L", analytes()["2345-7"]) is None  # glucose is no ion
    assert conversion("[IU]/mL", "ug/L", analytes()["2345-7"]) is None
    assert conversion("mg", "mmol/L", analytes()["2345-7"]) is None


@pytest.fixture
def bilirubin(database: Database) -> Database:
    """The measured concept is total bilirubin, asked in umol/L; person 1 has 2 mg/dL."""
    concepts = database.tables["concept"]
    (measured,) = [c for c in concepts if c["concept_id"] == ALBUMIN]
    measured |= {"concept_code": "1975-2"}
    (amount,) = [c for c in concepts if c["concept_id"] == MOL]
    amount |= {"concept_code": "umol/L"}
    concepts.append({**amount, "concept_id": MILLIGRAM_PER_DL, "concept_code": "mg/dL"})
    database.replaced("value: latest, unit: 8713", f"value: latest, unit: {MOL}")
    for row in database.tables["measurement"]:
        row["unit_concept_id"] = MOL
    database.tables["measurement"][0] |= {"value_as_number": 2, "unit_concept_id": MILLIGRAM_PER_DL}
    return database


def test_by_the_code_of_the_record(bilirubin: Database):
    found = bilirubin.patients("albumin")
    assert found[1] == (pytest.approx(2 * 17.104, rel=1e-4),)
    assert found[2] == (3.52,)


def test_an_analyte_that_is_not_known_is_refused(bilirubin: Database):
    (measured,) = [c for c in bilirubin.tables["concept"] if c["concept_id"] == ALBUMIN]
    measured["concept_code"] = "31"
    (fault,) = bilirubin.faults()
    assert "the unit 8840 (mg/dL), which is not converted into 8753 (umol/L) without the molar mass" in fault
