"""What a spreadsheet's column may be declared to measure, and the columns that follow from it.

`measurements:` of a protocol names, for a study that starts from one row per patient, the column and unit of each value that
the liver rules need. The derived columns may then be used in covariates and subgroups.
"""

from __future__ import annotations

# analyte -> item of the relation baseline_item, the canonical unit in its name
LABORATORY = {
    "bilirubin": "bilirubin_mg_dl", "albumin": "albumin_g_dl", "INR": "inr", "PT%": "pt_percent", "AST": "ast_u_l",
    "ALT": "alt_u_l", "platelets": "platelets_e9_l", "ANC": "anc_e9_l", "Hb": "hb_g_dl", "creatinine": "creatinine_mg_dl",
    "sodium": "sodium_mmol_l", "TSH": "tsh_miu_l", "urine protein": "urine_protein", "leukocytes": "leukocytes_e9_l",
    "lymphocytes": "lymphocytes_e9_l", "ALP": "alp_u_l", "GGT": "ggt_u_l", "LDH": "ldh_u_l", "CPK": "cpk_u_l",
    "lipase": "lipase_u_l", "amylase": "amylase_u_l", "CRP": "crp_mg_l", "calcium": "calcium_mg_dl",
    "corrected calcium": "corrected_calcium_mg_dl", "ionized calcium": "ionized_calcium_mg_dl",
    "potassium": "potassium_mmol_l", "magnesium": "magnesium_mg_dl", "glucose": "glucose_mg_dl",
    "uric acid": "uric_acid_mg_dl", "cholesterol": "cholesterol_mg_dl", "triglycerides": "triglycerides_mg_dl",
    "fibrinogen": "fibrinogen_mg_dl", "aPTT": "aptt_s", "AFP": "afp", "PIVKA-II": "pivka",
}  # fmt: skip
TUMOUR_MARKERS = ("AFP", "PIVKA-II")
OBSERVED = (
    "ecog",
    "karnofsky",
    "weight_kg",
    "height_cm",
    "ascites",
    "encephalopathy",
    "n_tumors",
    "max_size_cm",
    "ehm",
    "ln_met",
    "mvi",
)
AGE = "age"
NAMES = (*LABORATORY, *OBSERVED, AGE)
ITEMS = (*LABORATORY.values(), *OBSERVED)  # columns of the baseline that measurements give
