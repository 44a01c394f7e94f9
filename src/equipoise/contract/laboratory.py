"""The analytes of the table `lab`: the column each gives, its units, what can be believed, its window.

A canonical value is `value * multiply_by / divide_by`. Division is kept apart from multiplication because 28 g/L divided
by 10 is exactly 2.8 g/dL, while 28 times 0.1 is not, and the cut-off of a score may stand there.

bilirubin: 1 mg/dL = 17.1 umol/L and creatinine: 1 mg/dL = 88.4 umol/L, the rounded molar factors of clinical laboratories
(molar masses 584.66 and 113.12 g/mol). Haemoglobin in mmol/L is of the monomer, 16,114 g/mol (1 mmol/L = 1.6114 g/dL, the
reciprocal of the usual 0.6206), as CTCAE and the laboratories that use the unit mean it; of the tetramer the factor would be
four times that. The other molar masses, g/mol: calcium 40.08, magnesium 24.305, glucose 180.16, urate 168.11, cholesterol
386.65, triglycerides 885.7 (trioleate). 1 ukat/L = 60 U/L by definition. The protein of a spot urine is left out: it is no
24-hour excretion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LABORATORY = "laboratory"
Units = Mapping[tuple[float, float], tuple[str, ...]]  # (multiply_by, divide_by) -> spellings in small letters


@dataclass(frozen=True, slots=True)
class Analyte:
    """One analyte of `lab`.

    name: as CTCAE's rules use it. column: of the baseline, in `unit`; empty where only the inputs of packs read it. compared:
    the column of its sign of a limit of detection, where the baseline has one. believable: smallest and largest value in
    `unit`, beyond which the unit is wrong. jump: ratio to its neighbours in time from which a unit may have slipped, half the
    factor between two units and at least 5. headings, sdtm: as of an item (codes of LBTESTCD).
    """

    name: str
    column: str
    unit: str
    units: Units
    window: str = LABORATORY
    believable: tuple[float, float] | None = None
    jump: float | None = None
    compared: str = ""
    headings: tuple[str, ...] = ()
    sdtm: tuple[str, ...] = ()


MICRO = ("u", "µ", "μ", "mc")
_CELLS_E9 = (
    "10^9/l", "10e9/l", "x10^9/l", "x10e9/l", "10*9/l", "g/l", "giga/l",
    "10^3/mm3", "x10^3/mm3", "10*3/mm3", "k/mm3", "/nl", "gpt/l",
    *(f"{power}/{micro}l" for power in ("10^3", "10e3", "x10^3", "x10e3", "10*3", "k") for micro in MICRO),
)  # fmt: skip
_CELLS_E6 = ("/mm3", "cells/mm3", *(f"{cells}/{micro}l" for cells in ("", "cells") for micro in MICRO))


def _micro(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.format(micro) for micro in MICRO)


_MMOL, _MEQ, _MG_DL = ("mmol/l",), ("meq/l",), ("mg/dl",)
_UMOL = (*_micro("{}mol/l"), "micromol/l")
_ENZYME: Units = {
    (1.0, 1.0): ("u/l", "iu/l"),
    (60.0, 1.0): tuple(f"{micro}kat/l" for micro in MICRO),
    (60.0, 1000.0): ("nkat/l",),
}
_CELLS: Units = {(1.0, 1.0): _CELLS_E9, (1.0, 1000.0): _CELLS_E6}
_G_DL: Units = {(1.0, 1.0): ("g/dl",), (1.0, 10.0): ("g/l",)}
_CALCIUM: Units = {(1.0, 1.0): _MG_DL, (4.008, 1.0): _MMOL, (4.008, 2.0): _MEQ}
_PROTEIN: Units = {(1.0, 1.0): ("g/24h", "g/24 h", "g/day", "g/d"), (1.0, 1000.0): ("mg/24h", "mg/24 h", "mg/day", "mg/d")}

ANALYTES = (
    Analyte(
        "bilirubin", "bilirubin_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (1.0, 17.1): _UMOL},
        believable=(0.05, 60.0), jump=8.55, compared="bilirubin_comparator", sdtm=("BILI",),
    ),
    Analyte(
        "albumin", "albumin_g_dl", "g/dL", _G_DL,
        believable=(1.0, 10.0), jump=5.0, compared="albumin_comparator", headings=("albumin",), sdtm=("ALB",),
    ),
    Analyte(
        "INR", "inr", "", {(1.0, 1.0): ("", "1", "ratio", "inr")},
        believable=(0.5, 25.0), compared="inr_comparator", headings=("inr",), sdtm=("INR",),
    ),
    Analyte("PT%", "pt_percent", "%", {(1.0, 1.0): ("%", "percent"), (100.0, 1.0): ("fraction",)}),
    Analyte("AST", "ast_u_l", "U/L", _ENZYME, sdtm=("AST",)),
    Analyte("ALT", "alt_u_l", "U/L", _ENZYME, sdtm=("ALT",)),
    Analyte(
        "platelets", "platelets_e9_l", "10^9/L", _CELLS,
        believable=(1.0, 3000.0), jump=500.0, headings=("platelets", "platelet", "plt"), sdtm=("PLAT",),
    ),
    Analyte("ANC", "anc_e9_l", "10^9/L", _CELLS, sdtm=("NEUT",)),
    Analyte(
        "Hb", "hb_g_dl", "g/dL", {**_G_DL, (1.6114, 1.0): _MMOL},
        believable=(2.0, 25.0), jump=5.0, headings=("hemoglobin", "haemoglobin", "hb", "hgb"), sdtm=("HGB",),
    ),
    Analyte(
        "creatinine", "creatinine_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (1.0, 88.4): _UMOL, (1000.0, 88.4): _MMOL},
        believable=(0.1, 40.0), jump=44.2, headings=("creatinine",), sdtm=("CREAT",),
    ),
    Analyte("TSH", "tsh_miu_l", "mIU/L", {(1.0, 1.0): ("miu/l", "mu/l", *_micro("{}iu/ml"), *_micro("{}u/ml"))}, sdtm=("TSH",)),
    Analyte(
        "sodium", "sodium_mmol_l", "mmol/L", {(1.0, 1.0): ("mmol/l", "meq/l")},
        believable=(90.0, 190.0), headings=("sodium",), sdtm=("SODIUM",),
    ),
    Analyte("urine protein", "urine_protein", "g/24h", _PROTEIN),
    Analyte("leukocytes", "leukocytes_e9_l", "10^9/L", _CELLS, believable=(0.0, 1000.0), sdtm=("WBC",)),
    Analyte("lymphocytes", "lymphocytes_e9_l", "10^9/L", _CELLS, believable=(0.0, 1000.0), sdtm=("LYM",)),
    Analyte("ALP", "alp_u_l", "U/L", _ENZYME, sdtm=("ALP",)),
    Analyte("GGT", "ggt_u_l", "U/L", _ENZYME, sdtm=("GGT",)),
    Analyte("LDH", "ldh_u_l", "U/L", _ENZYME, sdtm=("LDH",)),
    Analyte("CPK", "cpk_u_l", "U/L", _ENZYME, sdtm=("CK",)),
    Analyte("lipase", "lipase_u_l", "U/L", _ENZYME, sdtm=("LIPASE", "LIPASET")),
    Analyte("amylase", "amylase_u_l", "U/L", _ENZYME, sdtm=("AMYLASE",)),
    Analyte("CRP", "crp_mg_l", "mg/L", {(1.0, 1.0): ("mg/l", *_micro("{}g/ml")), (10.0, 1.0): _MG_DL}, sdtm=("CRP",)),
    Analyte("calcium", "calcium_mg_dl", "mg/dL", _CALCIUM, believable=(3.5, 30.0), headings=("calcium",), sdtm=("CA",)),
    Analyte("corrected calcium", "corrected_calcium_mg_dl", "mg/dL", _CALCIUM, believable=(3.5, 30.0), sdtm=("CACR",)),
    Analyte("ionized calcium", "ionized_calcium_mg_dl", "mg/dL", _CALCIUM, sdtm=("CAION",)),
    Analyte(
        "potassium", "potassium_mmol_l", "mmol/L", {(1.0, 1.0): (*_MMOL, *_MEQ)},
        believable=(1.0, 12.0), headings=("potassium",), sdtm=("K",),
    ),
    Analyte(
        "magnesium", "magnesium_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (2.4305, 1.0): _MMOL, (2.4305, 2.0): _MEQ},
        believable=(0.2, 20.0), sdtm=("MG",),
    ),
    Analyte(
        "glucose", "glucose_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (18016.0, 1000.0): _MMOL},
        believable=(8.0, 2500.0), headings=("glucose",), sdtm=("GLUC",),
    ),
    Analyte(
        "uric acid", "uric_acid_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (16.811, 1.0): _MMOL, (16.811, 1000.0): _UMOL},
        believable=(0.1, 60.0), sdtm=("URATE",),
    ),
    Analyte("cholesterol", "cholesterol_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (38.665, 1.0): _MMOL}, sdtm=("CHOL",)),
    Analyte("triglycerides", "triglycerides_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (88.57, 1.0): _MMOL}, sdtm=("TRIG",)),
    Analyte("fibrinogen", "fibrinogen_mg_dl", "mg/dL", {(1.0, 1.0): _MG_DL, (100.0, 1.0): ("g/l",)}, sdtm=("FIBRINO",)),
    Analyte("aPTT", "aptt_s", "s", {(1.0, 1.0): ("s", "sec", "seconds")}, sdtm=("APTT",)),
)  # fmt: skip
