"""Findings that matter to an oncologist: rows that cannot be right or are hardly so, each rule one SELECT in quality_rules/.

A finding refuses nothing: what cannot be analysed at all is refused by `chronology` and `units`. The rules are run on the raw
tables after the cohort is known; a rule whose tables were not given is named as not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from equipoise.contract import Contract
from equipoise.data.equal_rows import equal_rows
from equipoise.data.quality_sheet import sheet_findings
from equipoise.engine import Engine, empty_table, literal, quote, read_sql, values
from equipoise.errors import ProtocolError
from equipoise.packs import Pack
from equipoise.protocol.expressions import safe_sql, unfit_fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Quality, QualityFinding, Sources, SourceTable

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
    QualityRule("weight", SUSPECT, "Weight out of range, or pounds for kilograms", "check the weight and its unit"),
    QualityRule(
        "lab_unit", SUSPECT, "Laboratory value apart from its neighbours by a unit's factor", "check the unit of the result"
    ),
    QualityRule("same_day", SUSPECT, "Different results of one item on one day", "find out which one counts"),
    QualityRule("duplicate_patient", SUSPECT, "Patients alike in sex, age and results", SAME_PERSON),
    QualityRule("implausible_interval", SUSPECT, "Implausible interval between dates", "correct one of the dates"),
)
DUPLICATE_ROWS = QualityRule("duplicate_patient", SUSPECT, "Rows equal in every column but the identifier", SAME_PERSON)
LINKED = ("followup", "lab", "visit_imaging", "exposure", "ae")


def find_quality(protocol: Protocol, sources: Sources, cohort: Cohort) -> Quality:
    """Every rule with its rows (none where it found nothing), the rules that could not be checked, and what links to whom."""
    engine = sources.engine
    if protocol.data.rows is not None:
        found_in_sheet = [_finding(QualityRule(*parts), rows) for *parts, rows in sheet_findings(protocol, engine)]
        return Quality(findings=(_finding(DUPLICATE_ROWS, equal_rows(engine)), *found_in_sheet))
    contract = protocol.contract
    settings = _settings(engine, contract)
    shown = NUMBERED if engine.connected else "*"
    findings, unchecked = [], []
    for rule, sql in _rules(protocol, engine):
        names = engine.reads(sql)
        read = [t for t in names if t in contract.tables]
        absent = [t for t in read if t not in sources.tables]
        if absent and len(absent) == len(read):
            unchecked.append((rule.title, tuple(absent)))
            continue
        given = ",\n".join(f"{name} as (\n{settings[name]}\n)" for name in names if name in settings)
        prologue = f"with {given}\n" if given else ""
        found = engine.rows(f"{prologue}select distinct {shown} from (\n{sql}\n) as found order by 2, 3")
        findings.append(_finding(rule, found))
    analysed = "where patient_id in (select patient_id from cohort)"
    linkage = {
        t: frozenset(r[0] for r in engine.rows(f"select distinct patient_id from {t} {analysed}"))
        for t in LINKED
        if t in sources.tables
    }
    screened = dict(engine.rows("select site, count(*) from patient where site is not null group by site order by site"))
    return Quality(tuple(findings), tuple(unchecked), linkage, screened, tuple(_recorded(protocol, engine)))


# whoever is not analysed is told apart by a number: no name of theirs leaves a database
NUMBERED = (
    "case when patient_id in (select patient_id from cohort) then patient_id "
    "else '-' || cast(dense_rank() over (order by patient_id) as varchar) end as patient_id, source_table, source_row"
)


def _rules(protocol: Protocol, engine: Engine) -> Iterator[tuple[QualityRule, str]]:
    """Each rule with its SELECT: those of the core, with the rows that packs add to them, then those of the packs."""
    own = [
        (name, rule, _pack_sql(protocol, pack, name, engine))
        for pack in protocol.rule_packs
        for name, rule in pack.quality.items()
    ]
    names = {rule.name for rule in RULES}
    for rule in RULES:
        more = [sql for name, _, sql in own if name == rule.name]
        yield rule, "\nunion all\n".join(f"select * from (\n{sql}\n) as part" for sql in (_sql(rule.name), *more))
    for name, rule, sql in own:
        if name not in names:
            yield QualityRule(name, rule.severity, rule.title, rule.advice), sql


def _pack_sql(protocol: Protocol, pack: Pack, name: str, engine: Engine) -> str:
    """A file of a pack that ships, or the rows of a table that a condition names."""
    rule = pack.quality[name]
    if rule.file is not None:
        return read_sql("equipoise.packs", f"{pack.name}/{rule.file}")
    table = protocol.contract.tables[str(rule.table)]
    place = f"{pack.place}, quality: {name}"
    where = safe_sql(str(rule.where), table.column_names, place)
    if engine.has(table.name) and not engine.evaluates(where, table.name):
        raise ProtocolError(unfit_fault(str(rule.where), place))
    return f"select patient_id, {literal(table.name)} as source_table, source_row\nfrom {quote(table.name)}\nwhere {where}"


def _recorded(protocol: Protocol, engine: Engine) -> list[tuple]:
    """Counts of each derived value beside the recorded one, analysed patients with both."""
    compared = [(n, c.recorded) for pack in protocol.rule_packs for n, c in pack.columns.items() if c.recorded]
    if not engine.has("baseline") or not compared:
        return []
    parts = [
        f"select {literal(name)} as item, cast({name} as varchar) as derived, cast({recorded} as varchar) as recorded, "
        f"count(*) as n from baseline where {name} is not null and {recorded} is not null group by {name}, {recorded}"
        for name, recorded in compared
    ]
    return engine.rows(" union all ".join(parts) + " order by 1, 2, 3")


def _sql(name: str) -> str:
    return read_sql("equipoise.data", f"quality_rules/{name}.sql")


def _finding(rule: QualityRule, found: list[tuple]) -> QualityFinding:
    patients = tuple(sorted({str(r[0]) for r in found}))
    return QualityFinding(rule.name, rule.severity, rule.title, rule.advice, patients, tuple((r[1], int(r[2])) for r in found))


def _settings(engine: Engine, contract: Contract) -> dict[str, str]:
    """Named settings that the rules read, tables that were not given as empty ones, and every dated row of the others."""
    jumps = [(name, a.jump) for name, a in contract.analytes.items() if a.jump is not None]
    return {
        "unit_jump": values(["analyte", "ratio"], jumps),
        **{name: empty_table(table) for name, table in contract.tables.items() if not engine.has(name)},
        "dated_record": _dated(engine, contract),
    }


def _dated(engine: Engine, contract: Contract) -> str:
    """Rows that show the patient alive on a date: the first date of each table but follow-up, which has rules of its own."""
    parts = []
    for name, table in contract.tables.items():
        dates = [c.name for c in table.columns if c.kind == "date"]
        if dates and name != "followup" and engine.has(name):
            parts.append(f"select patient_id, {literal(name)} as source_table, {quote(dates[0])} as date, source_row from {name}")
    return "\nunion all\n".join(parts)


def sentence(finding: QualityFinding, tables: Mapping[str, SourceTable], show_values: bool = False) -> str:
    """One line for the screen; rows of the files only where they may be shown."""
    n = len(finding.rows)
    rows = "no row" if n == 0 else "1 row" if n == 1 else f"{n} rows"
    who = "1 patient" if len(finding.patients) == 1 else f"{len(finding.patients)} patients"
    where = "; ".join(f"{tables[t].file} row {tables[t].row(row)}" for t, row in finding.rows) if show_values else ""
    tail = f" of {who}. {finding.advice[:1].upper()}{finding.advice[1:]}." if n else ""
    return f"{finding.title} ({finding.severity}): {rows}{tail}{' Rows: ' + where + '.' if where else ''}"
