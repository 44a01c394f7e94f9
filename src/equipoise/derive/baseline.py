"""The relation `baseline` from raw tables: settings of the protocol as relations, then the .sql files of this folder."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.contract import TABLES
from equipoise.derive.packs import core_relation, define_packs, item_of, window_item
from equipoise.engine import Engine, as_number, listed, literal, quote, read_sql, values
from equipoise.errors import Fault
from equipoise.packs import Pack
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.measured import LABORATORY, TUMOUR_MARKERS
from equipoise.protocol.measures import Window
from equipoise.protocol.packs import behind, own_items
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources

PACKAGE = "equipoise.derive"
NEEDED = ("patient", "index_treatment", "observation", "lab", "serology", "firstline_infusion", "visit_imaging")
NEEDED += ("screening", "prior_treatment")
# relation -> file, in the order in which they build on each other; the packs follow
STEPS = {"baseline_item": "items.sql", "prior_exposure": "exposure.sql", "treatment_history": "history.sql"}

# kind of an item's value, by item of `observation`: None = a number, else the words allowed
OBSERVED: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "ecog": ("status", None),
    "karnofsky": ("status", None),
    "ascites": ("status", ("none", "mild", "moderate", "severe", "present")),
    "encephalopathy": ("status", ("none", "1-2", "3-4", "0", "1", "2", "3", "4", "present")),
    "weight_kg": ("status", None),
    "height_cm": ("status", None),
    "n_tumors": ("tumour", None),
    "max_size_cm": ("tumour", None),
    "ehm": ("tumour", ("true", "false")),
    "ln_met": ("tumour", ("true", "false")),
    "mvi": ("tumour", ("true", "false")),
    "vp_grade": ("tumour", ()),
}
# analyte of `lab` -> item (the canonical unit in its name), window
MEASURED = {a: (item, "tumour_markers" if a in TUMOUR_MARKERS else "laboratory") for a, item in LABORATORY.items()}
ASSUMED = "was not recorded in its window"
ASSUMABLE = ("encephalopathy",)
CHILD_PUGH = ("child_pugh_score", "child_pugh_class", "child_pugh_low", "child_pugh_high")


def define_baseline(protocol: Protocol, engine: Engine) -> None:
    """Define `setting_window`, `baseline_record` and what follows. The relations of NEEDED, `unit_factor` and `cohort` exist."""
    columns = ["source_table", "recorded_as", "item", "kind", "group_name", "first_day", "last_day", "flagged_from"]
    engine.define("setting_window", values(columns, window_rows(protocol)), phase="derive")
    engine.define("baseline_record", read_sql(PACKAGE, "windows.sql"), phase="derive")
    define_assumed(engine, protocol.not_recorded_is_none)
    define_from_records(engine, protocol.rule_packs)


def define_assumed(engine: Engine, items: Sequence[str]) -> None:
    """Define `setting_assumed`: one row, the word that stands for an absent record of each item, null = it stays missing."""
    fields = [f"cast({literal('none' if item in items else None)} as varchar) as {item}" for item in ASSUMABLE]
    engine.define("setting_assumed", f"select {', '.join(fields)}", phase="derive")


def define_from_records(engine: Engine, packs: tuple[Pack, ...]) -> None:
    """Define `baseline` and what it rests on from `baseline_record` and `setting_assumed`: the contract's columns, then each
    pack's."""
    for name, file in STEPS.items():
        engine.define(name, read_sql(PACKAGE, file), phase="derive")
    engine.define(core_relation(packs), read_sql(PACKAGE, "baseline.sql"), phase="derive")
    define_packs(engine, packs)


def window_rows(protocol: Protocol) -> list[tuple]:
    """One row per item: where it is recorded, the kind of its value and the days of its window."""
    rows: list[tuple] = []
    for item, (group, words) in OBSERVED.items():
        kind = "number" if words is None else "text"
        rows.append(("observation", item, item, kind, group, *_days(getattr(protocol.windows, group))))
    for analyte, (item, group) in MEASURED.items():
        rows.append(("lab", analyte, item, "number", group, *_days(getattr(protocol.windows, group))))
    for pack in protocol.rule_packs:
        for name, given in pack.inputs.items():
            rows.append((*window_item(pack, name, given), given.window, *_days(getattr(protocol.windows, given.window))))
    rows.append(("visit_imaging", "visit", "baseline_visit", "number", "imaging", *_days(protocol.windows.imaging)))
    return rows


def _days(window: Window) -> tuple[int, int, int]:
    first, last = window.days
    return first, last, first if window.flagged_from is None else window.flagged_from


def define_absent(engine: Engine) -> list[str]:
    """Define tables of the contract that were not given as empty, so that the SQL runs; their names."""
    absent = [n for n in NEEDED if not engine.has(n) or engine.relations[n].phase == "derive"]
    for name in absent:
        fields = [f"cast(null as {c.sql_type}) as {quote(c.name)}" for c in TABLES[name].columns]
        fields.append("cast(null as bigint) as source_row")
        engine.define(name, f"select {', '.join(fields)} where 1 = 0", phase="derive")
    return absent


def observation_faults(sources: Sources, packs: tuple[Pack, ...]) -> list[Fault]:
    """Rows of `observation` whose value does not fit their item: a word for a number, a code that no rule knows."""
    engine = sources.engine
    table = sources.tables.get("observation")
    file = table.file if table else "observation"
    faults = []
    recorded = {item: words for item, (_, words) in OBSERVED.items()}
    recorded |= {item: tuple(w.lower() for w in given.words) or None for item, given in own_items(packs).items()}
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
            faults.append(Fault(f"{file}, row {row + 1}, column value", "value of the item", message, str(value)))
    return faults


def origin(engine: Engine) -> tuple[tuple, ...]:
    """(patient_id, item, file row, date) of each record that was used."""
    found = engine.rows("select patient_id, item, source_row, date from baseline_record order by patient_id, item")
    return tuple(found)


def used_items(protocol: Protocol) -> set[str]:
    """Columns of the baseline behind the protocol's covariates: those named, and those that they are derived from."""
    used = {column for covariate in protocol.covariates.values() for column in columns_of(covariate.from_)}
    used = behind(protocol.rule_packs, used)
    for pack in protocol.rule_packs:
        used |= {item_of(pack, name) for name, given in pack.inputs.items() if used & set(given.columns(name))}
    return used | ({"baseline_visit"} if protocol.response is not None else set())


def remarks(protocol: Protocol, engine: Engine, absent: list[str]) -> tuple[str, ...]:
    """What a reader of this study's baseline should know, as sentences with counts; nothing about items it does not use."""
    used = used_items(protocol)
    tables = {table for item, table in _tables_of_items(protocol.rule_packs).items() if item in used}
    said = [f"The table {name} was not given; what it would hold is missing." for name in absent if name in tables]
    flagged = engine.rows("select item, count(*) from baseline_record where flagged group by item order by item")
    items = ", ".join(f"{item} {n}" for item, n in flagged if item in used)
    if items:
        said.append(f"Values older than their window, used because it was empty: {items}.")
    said += assumed(protocol, engine)
    if "bclc" in used:
        said += _disagreements(engine, "bclc", "recorded_bclc", "BCLC stage")
    if used & set(CHILD_PUGH):
        said += _disagreements(engine, "child_pugh_score", "recorded_child_pugh", "Child-Pugh score")
        said += undecided(engine)
    return tuple(said)


def assumed(protocol: Protocol, engine: Engine) -> list[str]:
    """How many patients of each arm the declared assumption 'not recorded = none' concerns."""
    said = []
    for item in protocol.not_recorded_is_none:
        found = engine.rows(
            "select cohort.arm, count(*) - count(record.patient_id), count(*) from cohort left join baseline_record as record "
            f"on record.patient_id = cohort.patient_id and record.item = {literal(item)} group by cohort.arm order by cohort.arm"
        )
        lacking = {arm: n for arm, n, _ in found}
        arms = ", ".join(f"{protocol.arms.label(arm)} {lacking.get(arm, 0)}" for arm in protocol.arms.groups)
        n, of = sum(lacking.values()), sum(total for _, _, total in found)
        said.append(
            f"{item.capitalize()} {ASSUMED} in {n} of {of} patients ({arms}) and taken as none, as the protocol declares."
        )
    return said


def undecided(engine: Engine) -> tuple[str, ...]:
    """How many patients' class stays open, with the bounds that remain; nothing where every class is decided."""
    rows = engine.rows(
        "select child_pugh_low, child_pugh_high, count(*) from child_pugh where child_pugh_class is null "
        "group by child_pugh_low, child_pugh_high order by child_pugh_low, child_pugh_high"
    )
    if not rows:
        return ()
    spans = ", ".join(f"{low}-{high} in {n}" for low, high, n in rows)
    n = sum(r[2] for r in rows)
    who = "1 patient" if n == 1 else f"{n} patients"
    return (f"Child-Pugh class cannot be decided in {who} because components are missing: {spans}.",)


def _tables_of_items(packs: tuple[Pack, ...]) -> dict[str, str]:
    """item -> the table that records it."""
    inputs = {item_of(p, name): "lab" if given.analyte else "observation" for p in packs for name, given in p.inputs.items()}
    tables = dict.fromkeys(OBSERVED, "observation") | {item: "lab" for item, _ in MEASURED.values()}
    tables |= dict.fromkeys(("etiology", "etiology_detail", "hbv", "hcv"), "serology")
    return (
        inputs | tables | dict.fromkeys(("prior_cycles", "infusions_without_bev", "days_since_last_cycle"), "firstline_infusion")
    )


def _disagreements(engine: Engine, derived: str, recorded: str, label: str) -> list[str]:
    """Recorded stages are compared, never used."""
    differ, both = engine.rows(
        f"select sum(case when {derived} <> {recorded} then 1 else 0 end), count(*) from baseline "
        f"where {derived} is not null and {recorded} is not null"
    )[0]
    return [f"The derived {label} differs from the recorded one in {differ} of {both} patients."] if differ else []
