"""The relation `baseline` from raw tables: settings of the protocol as relations, then the .sql files of this folder."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.contract import Contract
from equipoise.derive.packs import core_relation, define_packs, input_items, item_of, pack_records, window_item
from equipoise.derive.prior_line import define_prior_dose
from equipoise.engine import Engine, as_number, empty_table, listed, literal, quote, read_sql, values
from equipoise.errors import Fault
from equipoise.packs import Pack
from equipoise.protocol.baseline_columns import HISTORY, descriptors, item_columns
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.measures import Window
from equipoise.protocol.packs import behind
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources

PACKAGE = "equipoise.derive"
NEEDED = ("patient", "index_treatment", "observation", "lab", "visit_imaging", "prior_treatment")  # beside the packs' own
ASSUMED = "was not recorded in its window"


def define_baseline(protocol: Protocol, engine: Engine) -> None:
    """Define `setting_window`, `baseline_record` and what follows. The tables of NEEDED and of the packs, `unit_factor` and
    `cohort` exist."""
    columns = ["source_table", "recorded_as", "item", "kind", "group_name", "first_day", "last_day", "flagged_from"]
    engine.define("setting_window", values(columns, window_rows(protocol)), phase="derive")
    engine.define("pack_record", pack_records(protocol.contract, protocol.rule_packs), phase="derive")
    engine.define("baseline_record", read_sql(PACKAGE, "windows.sql"), phase="derive")
    define_assumed(engine, protocol.rule_packs, protocol.not_recorded_is_none)
    define_prior_dose(engine, tuple(pack.name for pack in protocol.rule_packs), protocol.prior_line)
    define_from_records(engine, protocol.contract, protocol.rule_packs)


def define_assumed(engine: Engine, packs: tuple[Pack, ...], items: Sequence[str]) -> None:
    """Define `setting_assumed`: one row, the word that stands for an absent record of each item of the packs that may be assumed,
    null = it stays missing. Nothing where the packs have none."""
    known = {str(given.item): given.assumable for pack in packs for given in pack.inputs.values() if given.assumable}
    fields = [f"cast({literal(word if item in items else None)} as varchar) as {quote(item)}" for item, word in known.items()]
    if fields:
        engine.define("setting_assumed", f"select {', '.join(fields)}", phase="derive")


def define_items(engine: Engine, contract: Contract) -> None:
    """Define `baseline_item` from `baseline_record`: its records side by side, one row per analysed patient, a column for each
    item and analyte of the contract; empty = no record in its window. A column of which nobody has a record is written as
    empty and not looked for in every record."""
    recorded = {item for (item,) in engine.rows("select distinct item from baseline_record")}
    columns = _item_columns(contract)
    fields = "".join(f",\n    {field} as {name}" for name, (item, _, field) in columns.items() if item in recorded)
    given = [f"found.{n}" if item in recorded else f"cast(null as {kind}) as {n}" for n, (item, kind, _) in columns.items()]
    sql = f"""with
found as (
  select
    patient_id{fields}
  from baseline_record
  group by patient_id
)

select
  cohort.patient_id, {", ".join(given)}
from cohort
left join found on found.patient_id = cohort.patient_id"""
    engine.define("baseline_item", sql, phase="derive")


def _item_columns(contract: Contract) -> dict[str, tuple[str, str, str]]:
    """Column of `baseline_item` -> its item in `baseline_record`, its SQL type, how it is picked from the records."""
    columns = {
        name: (name, item.sql_type, _item_field(name, item.sql_type, item.words == ()))
        for name, item in contract.findings.items()
    }
    for analyte in contract.laboratory.values():
        item = analyte.column
        columns[item] = item, "double", _picked(item, "value")
        if analyte.compared:
            columns[analyte.compared] = item, "varchar", _picked(item, "text_value")
    columns["baseline_visit"] = "baseline_visit", "double", _picked("baseline_visit", "value")
    return columns


def _item_field(name: str, kind: str, any_text: bool) -> str:
    field = _picked(name, "value" if kind == "double" else "text_value" if any_text else "lower(text_value)")
    return f"{field} = 'true'" if kind == "boolean" else field


def _picked(item: str, cell: str) -> str:
    return f"max(case when item = {literal(item)} then {cell} end)"


def define_from_records(engine: Engine, contract: Contract, packs: tuple[Pack, ...]) -> None:
    """Define `baseline` and what it rests on from `baseline_record` and `setting_assumed`: the contract's columns, then each
    pack's."""
    define_items(engine, contract)
    engine.define("treatment_history", read_sql(PACKAGE, "history.sql"), phase="derive")
    engine.define(core_relation(packs), _core_sql(contract), phase="derive")
    define_packs(engine, contract, packs)


def _core_sql(contract: Contract) -> str:
    """Everything that a covariate may use but what the packs derive, one row per analysed patient."""
    fields = [f"patient.{c}" for c in descriptors(contract, "patient")]
    fields += [f"treatment.{c}" for c in descriptors(contract, "index_treatment")]
    fields += [f"item.{c}" for c in item_columns(contract)] + [f"history.{c}" for c in HISTORY]
    listed_fields = ", ".join(fields)
    return f"""select
  cohort.patient_id, cohort.index_date, {listed_fields}
from cohort
left join patient on patient.patient_id = cohort.patient_id
left join index_treatment as treatment on treatment.patient_id = cohort.patient_id
join baseline_item as item on item.patient_id = cohort.patient_id
join treatment_history as history on history.patient_id = cohort.patient_id
order by cohort.patient_id"""


def window_rows(protocol: Protocol) -> list[tuple]:
    """One row per item: where it is recorded, the kind of its value and the days of its window."""
    rows: list[tuple] = []
    contract = protocol.contract
    for item in contract.findings.values():
        kind = "number" if item.words is None else "text"
        rows.append(("observation", item.name, item.name, kind, item.window, *_days(getattr(protocol.windows, item.window))))
    for analyte in contract.laboratory.values():
        days = _days(getattr(protocol.windows, analyte.window))
        rows.append(("lab", analyte.name, analyte.column, "number", analyte.window, *days))
    for pack in protocol.rule_packs:
        for name, given in pack.inputs.items():
            rows.append((*window_item(contract, pack, name), given.window, *_days(getattr(protocol.windows, given.window))))
    rows.append(("visit_imaging", "visit", "baseline_visit", "number", "imaging", *_days(protocol.windows.imaging)))
    return rows


def _days(window: Window) -> tuple[int, int, int]:
    first, last = window.days
    return first, last, first if window.flagged_from is None else window.flagged_from


def define_absent(engine: Engine, contract: Contract, packs: tuple[Pack, ...]) -> list[str]:
    """Define tables of the core and of the packs that were not given as empty, so that the SQL runs; their names."""
    needed = [*NEEDED, *(table for pack in packs for table in pack.tables)]
    absent = [n for n in needed if not engine.has(n) or engine.relations[n].phase == "derive"]
    for name in absent:
        engine.define(name, empty_table(contract.tables[name]), phase="derive")
    return absent


def observation_faults(sources: Sources, contract: Contract) -> list[Fault]:
    """Rows of `observation` whose value does not fit their item: a word for a number, a code that no rule knows."""
    engine = sources.engine
    table = sources.tables.get("observation")
    file = table.file if table else "observation"
    faults = []
    recorded = {name: item.words for name, item in contract.items.items()}
    for item, words in recorded.items():
        if words == ():
            continue
        known = listed(words or ())
        wrong = f"{as_number('value')} is null" if words is None else f"lower(trim(value)) not in ({known})"
        found = engine.rows(
            f"select min(source_row), count(*), min(value) from observation where item = {literal(item)} and {wrong} "
            "having count(*) > 0"
        )
        for row, n, value in found:
            needed = "a number" if words is None else f"one of {', '.join(words)}"
            count = "1 row" if n == 1 else f"{n} rows, this the first"
            message = f"the value of {item} must be {needed} ({count})"
            at = table.row(row) if table else row + 1
            faults.append(Fault(f"{file}, row {at}, column value", "value of the item", message, str(value)))
    return faults


def used_items(protocol: Protocol) -> set[str]:
    """Columns of the baseline behind the protocol's covariates: those named, and those that they are derived from."""
    used = {column for covariate in protocol.covariates.values() for column in columns_of(covariate.from_)}
    used = behind(protocol.rule_packs, used)
    for pack in protocol.rule_packs:
        used |= input_items(pack, used)
    return used | ({"baseline_visit"} if protocol.response is not None else set())


def remarks(protocol: Protocol, engine: Engine, absent: list[str]) -> tuple[str, ...]:
    """What a reader of this study's baseline should know, as sentences with counts; nothing about items it does not use."""
    used = used_items(protocol)
    tables = _tables_of(protocol, used)
    said = [f"The table {name} was not given; what it would hold is missing." for name in absent if name in tables]
    flagged = engine.rows("select item, count(*) from baseline_record where flagged group by item order by item")
    items = ", ".join(f"{item.rpartition(':')[2]} {n}" for item, n in flagged if item in used)
    if items:
        said.append(f"Values older than their window, used because it was empty: {items}.")
    said += assumed(protocol, engine)
    for pack in protocol.rule_packs:
        for name, column in pack.columns.items():
            if column.recorded and used & {name, *_beside(pack, name)}:
                said += _disagreements(engine, name, column.recorded, column.label or name)
    said += undecided(engine, protocol.rule_packs, used)
    return tuple(said)


def _beside(pack: Pack, name: str) -> set[str]:
    """Columns that stand for the same score as this one: of its relation, resting on the same values."""
    column = pack.columns[name]
    return {n for n, c in pack.columns.items() if c.relation == column.relation and c.paper == column.paper and c.paper}


def assumed(protocol: Protocol, engine: Engine) -> list[str]:
    """How many patients of each arm the declared assumption 'not recorded = none' concerns."""
    items = {str(g.item): item_of(p, name) for p in protocol.rule_packs for name, g in p.inputs.items() if g.assumable}
    said = []
    for item in (i for i in protocol.not_recorded_is_none if i in items):
        found = engine.rows(
            "select cohort.arm, count(*) - count(record.patient_id), count(*) from cohort left join baseline_record as record "
            f"on record.patient_id = cohort.patient_id and record.item = {literal(items[item])} "
            "group by cohort.arm order by cohort.arm"
        )
        lacking = {arm: n for arm, n, _ in found}
        arms = ", ".join(f"{protocol.arms.label(arm)} {lacking.get(arm, 0)}" for arm in protocol.arms.groups)
        n, of = sum(lacking.values()), sum(total for _, _, total in found)
        said.append(
            f"{item.capitalize()} {ASSUMED} in {n} of {of} patients ({arms}) and taken as none, as the protocol declares."
        )
    return said


def undecided(engine: Engine, packs: tuple[Pack, ...], used: set[str] | None = None) -> list[str]:
    """How many patients' class stays open, with the bounds that remain; nothing where every class is decided, or where none of
    its columns is used."""
    said = []
    for pack in packs:
        for open_ in pack.undecided:
            relation = pack.columns[open_.column].relation
            if relation is None or not engine.has(relation) or (used is not None and not used & _beside(pack, open_.column)):
                continue
            rows = engine.rows(
                f"select {open_.low}, {open_.high}, count(*) from {relation} where {open_.column} is null "
                f"group by {open_.low}, {open_.high} order by {open_.low}, {open_.high}"
            )
            if rows:
                spans = ", ".join(f"{low}-{high} in {n}" for low, high, n in rows)
                n = sum(r[2] for r in rows)
                who = "1 patient" if n == 1 else f"{n} patients"
                said.append(f"{open_.label} cannot be decided in {who} because components are missing: {spans}.")
    return said


def _tables_of(protocol: Protocol, used: set[str]) -> set[str]:
    """The tables that the used columns are read from."""
    contract = protocol.contract
    tables = {"observation" for name in contract.findings if name in used}
    tables |= {"lab" for analyte in contract.laboratory.values() if analyte.column in used}
    for pack in protocol.rule_packs:
        tables |= {given.source[0] for name, given in pack.inputs.items() if item_of(pack, name) in used}
        tables |= {table for name, column in pack.columns.items() if name in used for table in column.reads}
    return tables


def _disagreements(engine: Engine, derived: str, recorded: str, label: str) -> list[str]:
    """Recorded stages are compared, never used."""
    differ, both = engine.rows(
        f"select sum(case when {derived} <> {recorded} then 1 else 0 end), count(*) from baseline "
        f"where {derived} is not null and {recorded} is not null"
    )[0]
    return [f"The derived {label} differs from the recorded one in {differ} of {both} patients."] if differ else []
