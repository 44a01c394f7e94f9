"""Findings that matter to an oncologist: rows that cannot be right or are hardly so, each rule one SELECT in quality_rules/.

A finding refuses nothing: what cannot be analysed at all is refused by `chronology` and `units`. The rules are run on the raw
tables after the cohort is known; a rule whose tables were not given is named as not checked.
"""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.contract import TABLES
from equipoise.data.equal_rows import equal_rows
from equipoise.data.quality_sheet import sheet_findings
from equipoise.engine import Engine, literal, quote, read_sql, tables_of, values
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Quality, QualityFinding, Sources

IMPOSSIBLE, SUSPECT = "impossible", "suspect"
SPREADSHEET = "patients"


@dataclass(frozen=True, slots=True)
class QualityRule:
    """name: of the .sql file, which gives patient_id, source_table and source_row (1 = first data row)."""

    name: str
    severity: str
    title: str
    advice: str


SAME_PERSON = "compare with the source whether this is one person under two identifiers"
RULES = (
    QualityRule("contact_after_death", IMPOSSIBLE, "Death before the last contact", "correct the date of death or of contact"),
    QualityRule(
        "record_after_death", IMPOSSIBLE, "Visit, result or dose after death", "correct the date of death or of the record"
    ),
    QualityRule(
        "fatal_event_without_death",
        IMPOSSIBLE,
        "Fatal adverse event without a date of death",
        "give the date of death or correct the event",
    ),
    QualityRule("progression_after_death", IMPOSSIBLE, "Progression after death", "correct one of the two dates"),
    QualityRule("response_without_baseline", SUSPECT, "Response without a baseline scan", "add the scan before the index date"),
    QualityRule("visit_order", IMPOSSIBLE, "Scan dated before an earlier visit", "correct the date or the number of the visit"),
    QualityRule("lesion_jump", SUSPECT, "Target lesion changes fivefold between scans", "look for centimetres among millimetres"),
    QualityRule(
        "lesion_sum", IMPOSSIBLE, "Lesions that cannot be summed", "correct diameter, viable part, status or number of targets"
    ),
    QualityRule("dose_for_weight", SUSPECT, "First dose above the labelled one for the weight", "check dose and weight"),
    QualityRule("weight", SUSPECT, "Weight out of range, or pounds for kilograms", "check the weight and its unit"),
    QualityRule(
        "lab_unit", SUSPECT, "Laboratory value apart from its neighbours by a unit's factor", "check the unit of the result"
    ),
    QualityRule("same_day", SUSPECT, "Different results of one item on one day", "find out which one counts"),
    QualityRule("duplicate_patient", SUSPECT, "Patients alike in sex, age and results", SAME_PERSON),
    QualityRule("implausible_interval", SUSPECT, "Implausible interval between dates", "correct one of the dates"),
)
DUPLICATE_ROWS = QualityRule("duplicate_patient", SUSPECT, "Rows equal in every column but the identifier", SAME_PERSON)
# drug, weight from which (kg), labelled dose (mg/day): European product information of lenvatinib (HCC) and sorafenib
WEIGHT_DOSE = (("lenvatinib", 0.0, 8.0), ("lenvatinib", 60.0, 12.0), ("sorafenib", 0.0, 800.0))
# analyte, least ratio to its neighbours: half the factor between two units of `units.UNITS`, and at least 5
UNIT_JUMP = (("bilirubin", 8.55), ("albumin", 5.0), ("creatinine", 44.2), ("Hb", 5.0), ("platelets", 500.0))
LINKED = ("followup", "lab", "visit_imaging", "exposure", "ae")


def find_quality(protocol: Protocol, sources: Sources, cohort: Cohort) -> Quality:
    """Every rule with its rows (none where it found nothing), the rules that could not be checked, and what links to whom."""
    engine = sources.engine
    if protocol.data.rows is not None:
        found_in_sheet = [_finding(QualityRule(*parts), rows) for *parts, rows in sheet_findings(protocol, engine)]
        return Quality(findings=(_finding(DUPLICATE_ROWS, equal_rows(engine)), *found_in_sheet))
    prologue = _prologue(engine)
    findings, unchecked = [], []
    for rule in RULES:
        sql = _sql(rule.name)
        absent = [t for t in tables_of(sql) if t in TABLES and t not in sources.tables]
        if absent and len(absent) == len([t for t in tables_of(sql) if t in TABLES]):
            unchecked.append((rule.title, tuple(absent)))
            continue
        found = engine.rows(f"with {prologue}\nselect distinct * from (\n{sql}\n) as found order by 2, 3")
        findings.append(_finding(rule, found))
    linkage = {
        t: frozenset(r[0] for r in engine.rows(f"select distinct patient_id from {t}")) for t in LINKED if t in sources.tables
    }
    screened = dict(engine.rows("select site, count(*) from patient group by site order by site"))
    staged = engine.has("baseline") and {"bclc", "child_pugh_score"} <= set(engine.columns("baseline"))
    recorded = engine.rows(_sql("recorded_stage")) if staged else []
    return Quality(tuple(findings), tuple(unchecked), linkage, screened, tuple(recorded))


def _sql(name: str) -> str:
    return read_sql("equipoise.data", f"quality_rules/{name}.sql")


def _finding(rule: QualityRule, found: list[tuple]) -> QualityFinding:
    patients = tuple(sorted({str(r[0]) for r in found}))
    return QualityFinding(rule.name, rule.severity, rule.title, rule.advice, patients, tuple((r[1], int(r[2])) for r in found))


def _prologue(engine: Engine) -> str:
    """Named settings that the rules read, tables that were not given as empty ones, and every dated row of the others."""
    settings = {
        "weight_dose": values(["drug", "from_kg", "mg_day"], list(WEIGHT_DOSE)),
        "unit_jump": values(["analyte", "ratio"], list(UNIT_JUMP)),
        **{name: _empty(name) for name in TABLES if not engine.has(name)},
        "dated_record": _dated(engine),
    }
    return ",\n".join(f"{name} as (\n{sql}\n)" for name, sql in settings.items())


def _empty(table: str) -> str:
    fields = [f"cast(null as {c.sql_type}) as {quote(c.name)}" for c in TABLES[table].columns]
    return f"select {', '.join(fields)}, cast(null as bigint) as source_row where 1 = 0"


def _dated(engine: Engine) -> str:
    """Rows that show the patient alive on a date: the first date of each table but follow-up, which has rules of its own."""
    parts = []
    for name, table in TABLES.items():
        dates = [c.name for c in table.columns if c.kind == "date"]
        if dates and name != "followup" and engine.has(name):
            parts.append(f"select patient_id, {literal(name)} as source_table, {quote(dates[0])} as date, source_row from {name}")
    return "\nunion all\n".join(parts)


def sentence(finding: QualityFinding, files: dict[str, str], show_values: bool = False) -> str:
    """One line for the screen; rows of the files (header = row 1) only where they may be shown."""
    n = len(finding.rows)
    rows = "no row" if n == 0 else "1 row" if n == 1 else f"{n} rows"
    who = "1 patient" if len(finding.patients) == 1 else f"{len(finding.patients)} patients"
    where = "; ".join(f"{files.get(t, t)} row {row + 1}" for t, row in finding.rows) if show_values else ""
    tail = f" of {who}. {finding.advice[:1].upper()}{finding.advice[1:]}." if n else ""
    return f"{finding.title} ({finding.severity}): {rows}{tail}{' Rows: ' + where + '.' if where else ''}"
