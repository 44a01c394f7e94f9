"""The raw tables a study may bring: their columns, types, units, ranges, keys and caveats.

The same declaration checks the data (`data/check.py`), types the SQL views (`engine.py`) and prints the codebook
(`equipoise codebook`). A study may instead start from one row per patient; then this file does not apply.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("key", "code", "text", "integer", "number", "date", "boolean")
SQL_TYPE = {
    "key": "varchar",
    "code": "varchar",
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "boolean": "boolean",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a raw table.

    kind: one of KINDS. unit: as printed in the codebook. values: the only codes allowed (kind code). low, high: inclusive
    range (kinds integer and number). required: an empty cell is a fault; otherwise empty means not recorded.
    """

    name: str
    kind: str
    note: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = True

    @property
    def sql_type(self) -> str:
        return SQL_TYPE[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table: `grain` says what a row is, `key` which columns together may not repeat."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    note: str = ""

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)


PATIENT = Column("patient_id", "key", "pseudonym; never a name or hospital number")


def _date(name: str, note: str = "", required: bool = True) -> Column:
    return Column(name, "date", note, required=required)


TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        Table(
            "patient",
            "one row per screened patient",
            (
                PATIENT,
                Column("site", "text", "treating hospital"),
                Column("sex", "code", values=("M", "F")),
                Column("age_index", "integer", "completed years at the index date", "years", low=0, high=110),
                Column("alcohol", "boolean", "alcohol-related liver disease", required=False),
                Column("nash", "boolean", "non-alcoholic steatohepatitis", required=False),
                Column("other_liver_disease", "text", required=False),
                Column("diagnosis_basis", "code", values=("histologic", "clinical"), required=False),
                _date("diagnosis_date", required=False),
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
                Column(
                    "kind", "code", values=("TACE", "RFA", "resection", "transplantation", "radiotherapy", "systemic", "other")
                ),
                _date("date", "first day"),
            ),
            note="Optional. Where it is given, a patient without a row of a kind had none of it.",
        ),
        Table(
            "firstline_infusion",
            "one row per infusion of the line before the index treatment",
            (
                PATIENT,
                Column("cycle", "integer", low=1, high=200),
                _date("date"),
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
                _date("index_date", "first dose"),
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
                _date("date"),
                Column(
                    "item",
                    "code",
                    values=(
                        "ecog",
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
            note="ascites: none, mild, moderate. encephalopathy: none, 1-2, 3-4. ehm, ln_met, mvi: true, false.",
        ),
        Table(
            "serology",
            "one row per serological test",
            (
                PATIENT,
                _date("date"),
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
                _date("date"),
                Column(
                    "analyte",
                    "code",
                    values=(
                        "bilirubin",
                        "albumin",
                        "INR",
                        "PT%",
                        "AST",
                        "ALT",
                        "platelets",
                        "ANC",
                        "Hb",
                        "creatinine",
                        "AFP",
                        "PIVKA-II",
                        "TSH",
                        "urine protein",
                        "sodium",
                    ),
                ),
                Column("value", "number", low=0, high=1e8),
                Column("comparator", "code", "limit of detection", values=("<", "=", ">"), required=False),
                Column("unit", "text", "see the unit table; an unknown unit is refused", required=False),
                Column("uln", "number", "upper limit of normal, same unit", low=0, required=False),
                Column("lln", "number", "lower limit of normal, same unit", low=0, required=False),
            ),
        ),
        Table(
            "visit_imaging",
            "one row per imaging visit",
            (
                PATIENT,
                Column("visit", "integer", "0 = baseline", low=0, high=200),
                _date("date"),
                Column("modality", "code", values=("CT", "MRI"), required=False),
                Column("scheduled", "boolean"),
                Column("evaluable", "boolean", "the scan could be read"),
                Column("reader", "text", required=False),
            ),
            ("patient_id", "visit"),
        ),
        Table(
            "lesion",
            "one row per lesion",
            (
                PATIENT,
                Column("lesion_id", "key"),
                Column("role", "code", values=("target", "non-target", "new")),
                Column("organ", "text", "liver, lymph node, lung, bone, adrenal, portal vein ..."),
                Column("is_lymph_node", "boolean", "measured by short axis"),
                Column("first_visit", "integer", "visit at which it was first seen", low=0, high=200),
                Column("split_from", "key", "the lesion at baseline that it is a part of, if one split", required=False),
                Column("reader", "text", "who measured it; the lesions of two readers have ids of their own", required=False),
            ),
            ("patient_id", "lesion_id"),
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
                    "arterially enhancing diameter of an intrahepatic lesion",
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
        ),
        Table(
            "exposure",
            "one row per dosing interval of the index line",
            (
                PATIENT,
                _date("start"),
                _date("stop", "last day of the interval", required=False),
                Column("dose_mg_day", "number", unit="mg/day", low=0, high=5000),
                Column(
                    "change_reason",
                    "code",
                    "why this interval began",
                    values=("start", "AE", "weight", "interruption", "resume", "stop"),
                ),
                Column("ae_id", "key", "the adverse event behind the change", required=False),
                Column(
                    "stop_reason",
                    "code",
                    "on the last interval only",
                    values=("progression", "AE", "death", "refusal", "lost", "ongoing"),
                    required=False,
                ),
            ),
            ("patient_id", "start"),
        ),
        Table(
            "ae",
            "one row per adverse event",
            (
                PATIENT,
                Column("ae_id", "key"),
                Column("ctcae_term", "text", "CTCAE v5.0 term or an alias declared in the protocol"),
                Column("grade", "integer", "CTCAE v5.0", low=1, high=5),
                Column(
                    "attribution",
                    "code",
                    values=("unrelated", "unlikely", "possible", "probable", "definite"),
                    required=False,
                ),
                _date("start"),
                _date("stop", required=False),
                Column("action", "code", values=("none", "reduce", "interrupt", "stop"), required=False),
                Column("serious", "boolean", required=False),
                Column(
                    "outcome",
                    "code",
                    values=("recovered", "recovering", "not recovered", "fatal", "unknown"),
                    required=False,
                ),
            ),
            ("patient_id", "ae_id"),
        ),
        Table(
            "subsequent_therapy",
            "one row per line of treatment after the index line",
            (
                PATIENT,
                Column("line", "integer", "3 = the first line after a second-line index treatment", low=2, high=20),
                Column("regimen", "text"),
                _date("start"),
                _date("stop", required=False),
            ),
            ("patient_id", "line"),
        ),
        Table(
            "followup",
            "one row per patient",
            (
                PATIENT,
                _date("last_contact", "last day known alive, or day of death"),
                _date("last_imaging", required=False),
                _date("death_date", required=False),
                Column("death_cause", "text", required=False),
                _date("progression_date", "clinical progression only; radiologic comes from lesions", required=False),
                _date("data_cutoff"),
            ),
            ("patient_id",),
        ),
    )
}


def codebook() -> str:
    """The contract as Markdown, a section per table."""
    lines = ["# Codebook", "", "Empty cells mean not recorded. Dates are written YYYY-MM-DD.", ""]
    for table in TABLES.values():
        key = f" Key: {', '.join(table.key)}." if table.key else ""
        lines += [f"## {table.name}", "", f"{table.grain[0].upper()}{table.grain[1:]}.{key} {table.note}".rstrip(), ""]
        lines += ["| column | type | unit | allowed | required | note |", "|---|---|---|---|---|---|"]
        for c in table.columns:
            need = "yes" if c.required else "no"
            lines.append(f"| {c.name} | {c.kind} | {c.unit} | {_allowed(c)} | {need} | {c.note} |")
        lines.append("")
    return "\n".join(lines)


def _allowed(column: Column) -> str:
    if column.values:
        return ", ".join(column.values)
    if column.low is None and column.high is None:
        return ""
    low = "" if column.low is None else f"{column.low:g}"
    high = "" if column.high is None else f"{column.high:g}"
    return f"{low} to {high}".strip()
