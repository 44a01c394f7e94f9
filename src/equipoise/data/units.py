"""Units of laboratory values: what each spelling means, and values that cannot be right in the unit they claim.

A canonical value is `value * multiply_by / divide_by`. Division is kept apart from multiplication because 28 g/L divided
by 10 is exactly 2.8 g/dL, while 28 times 0.1 is not, and a Child-Pugh cut-off stands there.

bilirubin: 1 mg/dL = 17.1 umol/L and creatinine: 1 mg/dL = 88.4 umol/L, the rounded molar factors of clinical laboratories
(molar masses 584.66 and 113.12 g/mol). Haemoglobin in mmol/L is of the monomer, 16,114 g/mol (1 mmol/L = 1.6114 g/dL, the
reciprocal of the usual 0.6206), as CTCAE and the laboratories that use the unit mean it; of the tetramer the factor would be
four times that. The other molar masses, g/mol: calcium 40.08, magnesium 24.305, glucose 180.16, urate 168.11, cholesterol
386.65, triglycerides 885.7 (trioleate). 1 ukat/L = 60 U/L by definition. AFP in IU/mL and PIVKA-II in ng/mL are left out:
their factors depend on the assay; so is the protein of a spot urine, which is no 24-hour excretion.
"""

from __future__ import annotations

from equipoise.engine import Engine, values
from equipoise.errors import Fault
from equipoise.packs import PackInput

_MICRO = ("u", "µ", "μ", "mc")
_CELLS_E9 = (
    "10^9/l", "10e9/l", "x10^9/l", "x10e9/l", "10*9/l", "g/l", "giga/l",
    "10^3/mm3", "x10^3/mm3", "10*3/mm3", "k/mm3", "/nl", "gpt/l",
    *(f"{power}/{micro}l" for power in ("10^3", "10e3", "x10^3", "x10e3", "10*3", "k") for micro in _MICRO),
)  # fmt: skip
_CELLS_E6 = ("/mm3", "cells/mm3", *(f"{cells}/{micro}l" for cells in ("", "cells") for micro in _MICRO))


def _micro(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.format(micro) for micro in _MICRO)


_ENZYME: dict[tuple[float, float], tuple[str, ...]] = {
    (1.0, 1.0): ("u/l", "iu/l"),
    (60.0, 1.0): tuple(f"{micro}kat/l" for micro in _MICRO),
    (60.0, 1000.0): ("nkat/l",),
}
_CELLS: dict[tuple[float, float], tuple[str, ...]] = {(1.0, 1.0): _CELLS_E9, (1.0, 1000.0): _CELLS_E6}
_G_DL: dict[tuple[float, float], tuple[str, ...]] = {(1.0, 1.0): ("g/dl",), (1.0, 10.0): ("g/l",)}
_MMOL, _MEQ, _MG_DL = ("mmol/l",), ("meq/l",), ("mg/dl",)
_CALCIUM: dict[tuple[float, float], tuple[str, ...]] = {(1.0, 1.0): _MG_DL, (4.008, 1.0): _MMOL, (4.008, 2.0): _MEQ}


# analyte -> canonical unit, {(multiply_by, divide_by): spellings in small letters}
UNITS: dict[str, tuple[str, dict[tuple[float, float], tuple[str, ...]]]] = {
    "bilirubin": ("mg/dL", {(1.0, 1.0): _MG_DL, (1.0, 17.1): (*_micro("{}mol/l"), "micromol/l")}),
    "albumin": ("g/dL", _G_DL),
    "INR": ("", {(1.0, 1.0): ("", "1", "ratio", "inr")}),
    "PT%": ("%", {(1.0, 1.0): ("%", "percent"), (100.0, 1.0): ("fraction",)}),
    "AST": ("U/L", _ENZYME),
    "ALT": ("U/L", _ENZYME),
    "platelets": ("10^9/L", _CELLS),
    "ANC": ("10^9/L", _CELLS),
    "Hb": ("g/dL", {**_G_DL, (1.6114, 1.0): _MMOL}),
    "creatinine": ("mg/dL", {(1.0, 1.0): _MG_DL, (1.0, 88.4): (*_micro("{}mol/l"), "micromol/l"), (1000.0, 88.4): _MMOL}),
    "AFP": ("ng/mL", {(1.0, 1.0): ("ng/ml", *_micro("{}g/l"))}),
    "PIVKA-II": ("mAU/mL", {(1.0, 1.0): ("mau/ml", "au/l"), (1000.0, 1.0): ("au/ml",)}),
    "TSH": ("mIU/L", {(1.0, 1.0): ("miu/l", "mu/l", *_micro("{}iu/ml"), *_micro("{}u/ml"))}),
    "sodium": ("mmol/L", {(1.0, 1.0): ("mmol/l", "meq/l")}),
    "urine protein": (
        "g/24h",
        {(1.0, 1.0): ("g/24h", "g/24 h", "g/day", "g/d"), (1.0, 1000.0): ("mg/24h", "mg/24 h", "mg/day", "mg/d")},
    ),
    "leukocytes": ("10^9/L", _CELLS),
    "lymphocytes": ("10^9/L", _CELLS),
    **dict.fromkeys(("ALP", "GGT", "LDH", "CPK", "lipase", "amylase"), ("U/L", _ENZYME)),
    "CRP": ("mg/L", {(1.0, 1.0): ("mg/l", *_micro("{}g/ml")), (10.0, 1.0): _MG_DL}),
    **dict.fromkeys(("calcium", "corrected calcium", "ionized calcium"), ("mg/dL", _CALCIUM)),
    "potassium": ("mmol/L", {(1.0, 1.0): (*_MMOL, *_MEQ)}),
    "magnesium": ("mg/dL", {(1.0, 1.0): _MG_DL, (2.4305, 1.0): _MMOL, (2.4305, 2.0): _MEQ}),
    "glucose": ("mg/dL", {(1.0, 1.0): _MG_DL, (18016.0, 1000.0): _MMOL}),
    "uric acid": ("mg/dL", {(1.0, 1.0): _MG_DL, (16.811, 1.0): _MMOL, (16.811, 1000.0): (*_micro("{}mol/l"), "micromol/l")}),
    "cholesterol": ("mg/dL", {(1.0, 1.0): _MG_DL, (38.665, 1.0): _MMOL}),
    "triglycerides": ("mg/dL", {(1.0, 1.0): _MG_DL, (88.57, 1.0): _MMOL}),
    "fibrinogen": ("mg/dL", {(1.0, 1.0): _MG_DL, (100.0, 1.0): ("g/l",)}),
    "aPTT": ("s", {(1.0, 1.0): ("s", "sec", "seconds")}),
}

# analyte -> smallest and largest believable value in the canonical unit; beyond it the unit is wrong
PLAUSIBLE: dict[str, tuple[float, float]] = {
    "bilirubin": (0.05, 60.0),
    "albumin": (1.0, 10.0),
    "INR": (0.5, 25.0),
    "Hb": (2.0, 25.0),
    "platelets": (1.0, 3000.0),
    "creatinine": (0.1, 40.0),
    "sodium": (90.0, 190.0),
    "corrected calcium": (3.5, 30.0),
    "calcium": (3.5, 30.0),
    "potassium": (1.0, 12.0),
    "magnesium": (0.2, 20.0),
    "glucose": (8.0, 2500.0),
    "uric acid": (0.1, 60.0),
    "leukocytes": (0.0, 1000.0),
    "lymphocytes": (0.0, 1000.0),
}


Own = dict[str, PackInput]  # analytes that only a pack knows


def factor_rows(own: Own | None = None) -> list[tuple[str, str, str, float, float]]:
    """analyte, unit in small letters, canonical unit, multiply_by, divide_by: one row per spelling."""
    known = [
        (analyte, spelling, canonical, multiply, divide)
        for analyte, (canonical, groups) in UNITS.items()
        for (multiply, divide), spellings in groups.items()
        for spelling in spellings
    ]
    for analyte, given in (own or {}).items():
        spelled = {given.unit: 1.0, **given.units}
        known += [(analyte, unit.strip().lower(), given.unit, factor, 1.0) for unit, factor in spelled.items()]
    return known


def plausible(own: Own | None = None) -> dict[str, tuple[float, float]]:
    """analyte -> smallest and largest believable value in its canonical unit."""
    return PLAUSIBLE | {analyte: given.believable for analyte, given in (own or {}).items() if given.believable}


def define(engine: Engine, own: Own | None = None) -> None:
    """Define the relation `unit_factor(analyte, unit, canonical_unit, multiply_by, divide_by)`."""
    engine.define("unit_factor", _factor_sql(own), phase="data")


def unit_faults(engine: Engine, file: str = "lab.csv", first_row: int = 2, own: Own | None = None) -> list[Fault]:
    """Laboratory rows in a unit that is not known, and values that are impossible in theirs; a fault per analyte and unit.

    Needs the relation `lab` and nothing else; without it there is nothing to say. first_row: of the data in the file.
    """
    if not engine.has("lab"):
        return []
    return _unknown_units(engine, file, first_row, own) + _impossible_values(engine, file, first_row, own)


def _factor_sql(own: Own | None) -> str:
    return values(["analyte", "unit", "canonical_unit", "multiply_by", "divide_by"], factor_rows(own))


def _unknown_units(engine: Engine, file: str, first_row: int, own: Own | None) -> list[Fault]:
    found = engine.rows(
        f"""with factor as ({_factor_sql(own)})
        select lab.analyte, coalesce(trim(lab.unit), ''), min(lab.source_row), count(*)
        from lab
        left join factor on factor.analyte = lab.analyte and factor.unit = lower(coalesce(trim(lab.unit), ''))
        where factor.analyte is null
        group by 1, 2 order by 3"""
    )
    faults = []
    for analyte, unit, row, n in found:
        known = ", ".join(_known_units(analyte, own))
        what = f"{analyte} has no unit" if not unit else f"the unit of {analyte} is not known"
        message = f"{what} ({_rows(n)}). Known for {analyte}: {known}. Correct the unit or map it"
        faults.append(Fault(f"{file}, row {row + first_row - 1}, column unit", "unknown unit", message, unit))
    return faults


def _known_units(analyte: str, own: Own | None) -> list[str]:
    """The canonical unit as it is written, then the other spellings."""
    canonical = next(c for a, _, c, *_ in factor_rows(own) if a == analyte)
    others = [u for a, u, *_ in factor_rows(own) if a == analyte and u != canonical.lower()]
    return [u or "no unit" for u in (canonical, *others)]


def _impossible_values(engine: Engine, file: str, first_row: int, own: Own | None) -> list[Fault]:
    believable = plausible(own)
    limits = values(["analyte", "low", "high"], [(a, low, high) for a, (low, high) in believable.items()])
    found = engine.rows(
        f"""with factor as ({_factor_sql(own)}),
        plausible as ({limits}),
        converted as (
          select lab.analyte, trim(lab.unit) as unit, lab.source_row, coalesce(lab.comparator, '=') as comparator,
            lab.value * factor.multiply_by / factor.divide_by as value
          from lab join factor on factor.analyte = lab.analyte and factor.unit = lower(coalesce(trim(lab.unit), ''))
        )
        select converted.analyte, converted.unit, converted.value > plausible.high, min(source_row), count(*)
        from converted join plausible on plausible.analyte = converted.analyte
        where converted.value > plausible.high or (converted.value < plausible.low and comparator <> '<')
        group by 1, 2, 3 order by 4"""
    )
    faults = []
    for analyte, unit, too_high, row, n in found:
        low, high = believable[analyte]
        side = f"above {high:g}" if too_high else f"below {low:g}"
        bound = f"{side} {_known_units(analyte, own)[0]}".removesuffix("no unit").rstrip()
        message = f"{analyte} in {unit or 'no unit'} is impossible here: {bound} after conversion ({_rows(n)}). The unit is wrong"
        faults.append(Fault(f"{file}, row {row + first_row - 1}, column value", "impossible for its unit", message))
    return faults


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows, this the first"
