"""Who the patient is and what was known of them: screening, earlier treatment, findings, laboratory values."""

from __future__ import annotations

from equipoise.contract.shape import PATIENT, Column, Table, date_column

# names as CTCAE's rules use them; a pack may add its own
ANALYTES = (
    "bilirubin", "albumin", "INR", "PT%", "AST", "ALT", "platelets", "ANC", "Hb", "creatinine", "AFP", "PIVKA-II", "TSH",
    "urine protein", "sodium", "leukocytes", "lymphocytes", "ALP", "GGT", "LDH", "CPK", "lipase", "amylase", "CRP",
    "calcium", "corrected calcium", "ionized calcium", "potassium", "magnesium", "glucose", "uric acid", "cholesterol",
    "triglycerides", "fibrinogen", "aPTT",
)  # fmt: skip

TABLES = (
    Table(
        "patient",
        "one row per screened patient",
        (
            PATIENT,
            Column("site", "text", "treating hospital"),
            Column("sex", "code", values=("M", "F")),
            Column("age_index", "number", "age at the index date, in completed years or exactly", "years", low=0, high=110),
            Column("alcohol", "boolean", "alcohol-related liver disease", required=False),
            Column("nash", "boolean", "non-alcoholic steatohepatitis", required=False),
            Column("other_liver_disease", "text", required=False),
            Column("diagnosis_basis", "code", values=("histologic", "clinical"), required=False),
            date_column("diagnosis_date", required=False),
            Column("cirrhosis", "boolean", "known before the index date", required=False),
            Column("portal_hypertension", "boolean", "known before the index date", required=False),
        ),
        ("patient_id",),
    ),
    Table(
        "screening",
        "one row per screened patient",
        (
            PATIENT,
            Column(
                "firstline_stop_reason",
                "code",
                "why the line before the index treatment ended",
                values=("progression", "death", "deterioration", "toxicity", "other"),
            ),
            Column(
                "post_firstline_status",
                "code",
                "what followed",
                values=("second line", "deterioration", "none"),
            ),
            Column(
                "firstline_best_response",
                "code",
                "best response on the line before",
                values=("CR", "PR", "SD", "PD", "NE"),
                required=False,
            ),
        ),
        ("patient_id",),
    ),
    Table(
        "prior_treatment",
        "one row per treatment of the tumour before the index date, other than the line before",
        (
            PATIENT,
            Column("kind", "code", values=("TACE", "RFA", "resection", "transplantation", "radiotherapy", "systemic", "other")),
            date_column("date", "first day"),
        ),
        note="Optional. Where it is given, a patient without a row of a kind had none of it.",
    ),
    Table(
        "firstline_infusion",
        "one row per infusion of the line before the index treatment",
        (
            PATIENT,
            Column("cycle", "integer", low=1, high=200),
            date_column("date"),
            Column("atezolizumab_mg", "number", unit="mg", low=0, high=2400, required=False),
            Column("bevacizumab_mg_kg", "number", unit="mg/kg", low=0, high=30, required=False),
            Column("given_ate", "boolean", "atezolizumab was given"),
            Column("given_bev", "boolean", "bevacizumab was given"),
        ),
        ("patient_id", "cycle"),
        "A cycle is an atezolizumab infusion; infusions without bevacizumab are counted apart.",
    ),
    Table(
        "index_treatment",
        "one row per patient who started the index line",
        (
            PATIENT,
            Column("drug", "text", "drug of the index line"),
            date_column("index_date", "first dose"),
            Column("recorded_child_pugh", "integer", "cross-check only", low=5, high=15, required=False),
            Column("recorded_bclc", "code", "cross-check only", values=("0", "A", "B", "C", "D"), required=False),
        ),
        ("patient_id",),
    ),
    Table(
        "observation",
        "one row per dated finding",
        (
            PATIENT,
            date_column("date"),
            Column(
                "item",
                "code",
                values=(
                    "ecog",
                    "karnofsky",
                    "ascites",
                    "encephalopathy",
                    "weight_kg",
                    "height_cm",
                    "n_tumors",
                    "max_size_cm",
                    "ehm",
                    "ln_met",
                    "mvi",
                    "vp_grade",
                ),
            ),
            Column("value", "text", "number, code or true/false, by item"),
            Column("unit", "text", required=False),
        ),
        note="ascites: none, mild, moderate. encephalopathy: none, 1-2, 3-4. ehm, ln_met, mvi: true, false. karnofsky: 0 to 100.",
    ),
    Table(
        "serology",
        "one row per serological test",
        (
            PATIENT,
            date_column("date"),
            Column("test", "code", values=("HBsAg", "anti-HCV")),
            Column("result", "code", values=("positive", "negative")),
        ),
        note="Hepatitis B is HBsAg positive on two dates more than six months apart, none negative between them.",
    ),
    Table(
        "lab",
        "one row per laboratory result",
        (
            PATIENT,
            date_column("date"),
            Column(
                "analyte",
                "code",
                values=ANALYTES,
            ),
            Column("value", "number", low=0, high=1e8),
            Column("comparator", "code", "limit of detection", values=("<", "=", ">"), required=False),
            Column("unit", "text", "see the unit table; an unknown unit is refused", required=False),
            Column("uln", "number", "upper limit of normal, same unit", low=0, required=False),
            Column("lln", "number", "lower limit of normal, same unit", low=0, required=False),
        ),
    ),
)
