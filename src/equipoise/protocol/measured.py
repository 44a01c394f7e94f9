"""What a spreadsheet's column may be declared to measure, and the columns that follow from it.

`measurements:` of a protocol names, for a study that starts from one row per patient, the column and unit of each value that
the liver rules need. The derived columns may then be used in covariates and subgroups.
"""

from __future__ import annotations

# name in the protocol -> item of the relation baseline_item
LABORATORY = {
    "bilirubin": "bilirubin_mg_dl",
    "albumin": "albumin_g_dl",
    "INR": "inr",
    "PT%": "pt_percent",
    "AST": "ast_u_l",
    "ALT": "alt_u_l",
    "platelets": "platelets_e9_l",
    "creatinine": "creatinine_mg_dl",
    "sodium": "sodium_mmol_l",
    "AFP": "afp",
    "PIVKA-II": "pivka",
}
OBSERVED = ("ecog", "ascites", "encephalopathy", "n_tumors", "max_size_cm", "ehm", "ln_met", "mvi")
AGE = "age"
NAMES = (*LABORATORY, *OBSERVED, AGE)

DERIVED = {
    "child_pugh": ("child_pugh_score", "child_pugh_low", "child_pugh_high", "child_pugh_class", "albi_score", "albi_grade"),
    "bclc_stage": ("bclc",),
    "liver_scores": (
        "malbi_grade",
        "meld",
        "meld_na",
        "fib4",
        "tumor_burden",
        "up_to_7",
        "afp_low",
        "afp_high",
        "pivka_low",
        "pivka_high",
    ),
}
DERIVED_COLUMNS = tuple(name for names in DERIVED.values() for name in names)
