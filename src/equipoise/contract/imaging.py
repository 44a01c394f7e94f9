"""What the scans show: imaging visits, lesions and their sizes, responses as recorded."""

from __future__ import annotations

from equipoise.contract.shape import PATIENT, Column, Table, date_column

TABLES = (
    Table(
        "visit_imaging",
        "one row per imaging visit",
        (
            PATIENT,
            Column("visit", "integer", "0 = baseline", low=0, high=200),
            date_column("date"),
            Column("modality", "code", values=("CT", "MRI"), required=False),
            Column("scheduled", "boolean"),
            Column("evaluable", "boolean", "the scan could be read"),
            Column("reader", "text", required=False),
        ),
        ("patient_id", "visit"),
        day="date",
    ),
    Table(
        "lesion",
        "one row per lesion",
        (
            PATIENT,
            Column("lesion_id", "key"),
            Column("role", "code", values=("target", "non-target", "new")),
            Column("organ", "text", "lung, lymph node, liver, bone, adrenal ..."),
            Column("is_lymph_node", "boolean", "measured by short axis"),
            Column("first_visit", "integer", "visit at which it was first seen", low=0, high=200),
            Column("split_from", "key", "the lesion at baseline that it is a part of, if one split", required=False),
            Column("reader", "text", "who measured it; the lesions of two readers have ids of their own", required=False),
        ),
        ("patient_id", "lesion_id"),
        visit="first_visit",
    ),
    Table(
        "lesion_measure",
        "one row per lesion and visit",
        (
            PATIENT,
            Column("lesion_id", "key"),
            Column("visit", "integer", low=0, high=200),
            Column(
                "diameter_mm",
                "number",
                "longest diameter; lymph nodes: short axis",
                "mm",
                low=0,
                high=600,
                required=False,
            ),
            Column(
                "viable_mm",
                "number",
                "enhancing diameter, where a criterion such as mRECIST asks for it",
                "mm",
                low=0,
                high=600,
                required=False,
            ),
            Column(
                "status",
                "code",
                values=(
                    "present",
                    "absent",
                    "unequivocal progression",
                    "not assessable",
                    "too small to measure",
                    "merged",
                ),
            ),
        ),
        ("patient_id", "lesion_id", "visit"),
        "A lesion without a row at a visit was not assessed there. Merged: measured with the lesion that it grew into.",
        visit="visit",
    ),
    Table(
        "recorded_response",
        "one row per visit, criterion and reader",
        (
            PATIENT,
            Column("visit", "integer", "as in visit_imaging", low=0, high=200),
            Column("criterion", "code", values=("RECIST 1.1", "mRECIST")),
            Column("response", "code", values=("CR", "PR", "SD", "PD", "NON-CR/NON-PD", "NE")),
            Column("reader", "text", "as in response.readers of the protocol", required=False),
        ),
        ("patient_id", "visit", "criterion", "reader"),
        "Optional: the response as it was recorded, to be compared with what the lesions give, or used instead.",
        visit="visit",
    ),
)
