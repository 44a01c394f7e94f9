"""Units of measured numbers: the published factors come out of the molar masses; what is not known is refused."""

from __future__ import annotations

import re

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


# standard atomic weights of IUPAC 2021, abridged to five figures
WEIGHTS = {
    "H": 1.0080, "C": 12.011, "N": 14.007, "O": 15.999, "Na": 22.990, "Mg": 24.305, "P": 30.974, "Cl": 35.45, "K": 39.098,
    "Ca": 40.078, "Fe": 55.845,
}  # fmt: skip
# analyte, its sum formula, LOINC codes by mass, by amount: names of the codes as LOINC has them
FORMULAS = {
    "glucose": ("C6H12O6", "2345-7 2339-0 1558-6", "14749-6 15074-8 14771-0"),
    "creatinine": ("C4H7N3O", "2160-0 38483-4", "14682-9 59826-8"),
    "bilirubin": ("C33H36N4O6", "1975-2 1968-7 1971-1", "14631-6 14629-0 14630-8"),
    "cholesterol": ("C27H46O", "2093-3 2085-9 13457-7 2089-1", "14647-2 14646-4 22748-8"),
    "triolein": ("C57H104O6", "2571-8", "14927-8"),
    "nitrogen of urea": ("N2", "3094-0 6299-2", "14937-7"),
    "urea": ("CH4N2O", "3091-6", "22664-7"),
    "uric acid": ("C5H4N4O3", "3084-1", "14933-6"),
    "calcium": ("Ca", "17861-6", "2000-8 1994-3 1995-0"),
    "magnesium": ("Mg", "19123-9", "2601-3"),
    "phosphorus": ("P", "2777-1", "14879-1"),
    "iron": ("Fe", "2498-4", "14798-3"),
    "lactic acid": ("C3H6O3", "14118-4", "2524-7 32693-4"),
    "sodium": ("Na", "", "2951-2"),
    "potassium": ("K", "", "2823-3"),
    "chloride": ("Cl", "", "2075-0"),
    "bicarbonate": ("HCO3", "", "1963-8"),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_molar_masses_are_those_of_the_formula(name: str):
    formula, by_mass, by_amount = FORMULAS[name]
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    mass = sum(WEIGHTS[element] * int(n or 1) for element, n in parts)
    known = analytes()
    for code in f"{by_mass} {by_amount}".split():
        assert known[code].molar_mass == pytest.approx(mass, abs=6e-4)


def test_every_code_is_of_a_formula_and_has_its_check_digit():
    """The last digit of a LOINC code is that of Luhn (mod 10)."""
    told = {code for _, mass, amount in FORMULAS.values() for code in f"{mass} {amount}".split()}
    assert told == set(analytes())
    for code in told:
        number, check = code.split("-")
        doubled = [int(d) * 2 for d in number[::-2]]
        total = sum(d - 9 if d > 9 else d for d in doubled) + sum(int(d) for d in number[-2::-2])
        assert (10 - total % 10) % 10 == int(check)


def test_urea_and_its_nitrogen_are_no_one_mass(bilirubin: Database):
    """10 mmol/L of urea are 28 mg/dL of urea nitrogen, and 60 mg/dL of urea."""
    concepts = bilirubin.tables["concept"]
    (measured,) = [c for c in concepts if c["concept_id"] == ALBUMIN]
    measured |= {"concept_code": "3094-0"}
    concepts.append({**measured, "concept_id": 302, "concept_code": "22664-7"})
    (amount,) = [c for c in concepts if c["concept_id"] == MOL]
    amount |= {"concept_code": "mmol/L"}
    bilirubin.replaced("albumin: {ids: [301]}", "albumin: {ids: [301, 302]}")
    bilirubin.tables["measurement"][0] |= {"value_as_number": 28.014}
    bilirubin.tables["measurement"][1] |= {"measurement_concept_id": 302, "value_as_number": 10}
    found = bilirubin.patients("albumin")
    assert found[1] == (pytest.approx(10, rel=1e-12),)
    assert found[2] == (10,)
    bilirubin.replaced(f"unit: {MOL}", f"unit: {MILLIGRAM_PER_DL}")
    (fault,) = bilirubin.faults()
    assert "are of analytes of 28.014 g/mol and 60.056 g/mol" in fault
