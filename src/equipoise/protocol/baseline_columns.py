"""The columns that an expression over the baseline of raw tables may use, with their SQL types; packs add to them.

The relation `baseline_core` of the phase derive has exactly these; a test holds both together. They are known here so that
an expression is checked with the protocol, before any data are read.
"""

from __future__ import annotations

from equipoise.packs import Pack
from equipoise.protocol.expressions import is_condition
from equipoise.protocol.measured import LABORATORY

TEXT, NUMBER, WHOLE, TRUTH, DATE = "varchar", "double", "bigint", "boolean", "date"
CORE: dict[str, str] = {
    "patient_id": TEXT, "site": TEXT, "sex": TEXT, "age_index": NUMBER, "alcohol": TRUTH, "nash": TRUTH,
    "other_liver_disease": TEXT, "diagnosis_basis": TEXT, "diagnosis_date": DATE, "cirrhosis": TRUTH,
    "portal_hypertension": TRUTH, "drug": TEXT, "index_date": DATE, "recorded_child_pugh": WHOLE, "recorded_bclc": TEXT,
    "ecog": NUMBER, "karnofsky": NUMBER, "ascites": TEXT, "encephalopathy": TEXT, "weight_kg": NUMBER, "height_cm": NUMBER,
    "n_tumors": NUMBER, "max_size_cm": NUMBER, "ehm": TRUTH, "ln_met": TRUTH, "mvi": TRUTH, "vp_grade": TEXT,
    **dict.fromkeys(LABORATORY.values(), NUMBER), "afp_comparator": TEXT, "pivka_comparator": TEXT,
    "earlier_tace": TRUTH, "earlier_rfa": TRUTH, "earlier_resection": TRUTH, "earlier_transplantation": TRUTH,
    "earlier_radiotherapy": TRUTH, "n_earlier_tace": WHOLE, "firstline_best_response": TEXT, "prior_line_days": WHOLE,
    "days_since_last_dose": WHOLE, "prior_cycles": WHOLE, "infusions_without_bev": WHOLE, "days_since_last_cycle": WHOLE,
}  # fmt: skip


def baseline_columns(packs: tuple[Pack, ...]) -> list[str]:
    """Names of every column of the baseline with these packs."""
    return [*CORE, *(name for pack in packs for name in pack.column_names())]


def baseline_truths(packs: tuple[Pack, ...]) -> list[str]:
    """Those that are true or false, or may be: what SQL of a pack gives is known only once it has run."""
    found = [name for name, kind in CORE.items() if kind == TRUTH]
    for pack in packs:
        for name, column in pack.columns.items():
            if column.is_ is None or is_condition(column.is_, found):
                found.append(name)
    return found
