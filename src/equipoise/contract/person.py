"""Who the patient is and what was known of them at the index date: descriptors, earlier treatment, findings, laboratory values.

The allowed codes of `observation.item` and `lab.analyte` are those of `findings` and `laboratory`, and of the packs.
"""

from __future__ import annotations

from equipoise.contract.shape import BEFORE, PATIENT, Column, Table, date_column

TABLES = (
    Table(
        "patient",
        "one row per screened patient",
        (
            PATIENT,
            Column("site", "text", "treating hospital", required=False),
            Column("sex", "code", values=("M", "F"), required=False),
            Column(
                "age_index",
                "number",
                "age at the index date, in completed years or exactly",
                "years",
                low=0,
                high=110,
                required=False,
            ),
            Column("diagnosis_basis", "code", values=("histologic", "clinical"), required=False),
            date_column("diagnosis_date", required=False, seen=False),
        ),
        ("patient_id",),
    ),
    Table(
        "prior_treatment",
        "one row per treatment of the tumour before the index date, other than the line before",
        (
            PATIENT,
            Column("kind", "code", values=("resection", "radiotherapy", "systemic", "other")),
            date_column("date", "first day"),
        ),
        note="Optional. Where it is given, a patient without a row of a kind had none of it.",
        day="date",
        when=BEFORE,
        old=True,
    ),
    Table(
        "index_treatment",
        "one row per patient who started the index line",
        (
            PATIENT,
            Column("drug", "text", "drug of the index line"),
            date_column("index_date", "first dose"),
        ),
        ("patient_id",),
    ),
    Table(
        "observation",
        "one row per dated finding",
        (
            PATIENT,
            date_column("date"),
            Column("item", "code"),
            Column("value", "text", "number, code or true/false, by item"),
            Column("unit", "text", required=False),
        ),
        day="date",
    ),
    Table(
        "lab",
        "one row per laboratory result",
        (
            PATIENT,
            date_column("date"),
            Column("analyte", "code"),
            Column("value", "number", low=0, high=1e8),
            Column("comparator", "code", "limit of detection", values=("<", "=", ">"), required=False),
            Column("unit", "text", "as listed for the analyte; an unknown unit is refused", required=False),
            Column("uln", "number", "upper limit of normal, same unit", low=0, required=False),
            Column("lln", "number", "lower limit of normal, same unit", low=0, required=False),
        ),
        day="date",
    ),
)
