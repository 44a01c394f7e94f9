"""The rule packs on the baseline: one relation per pack, each with everything before it and its own columns; the last one is
`baseline`. The columns of a study's own pack are expressions, checked as those of a protocol are."""

from __future__ import annotations

from equipoise.contract import Contract
from equipoise.engine import Engine, EngineError, literal, quote, read_sql
from equipoise.errors import Fault, ProtocolError
from equipoise.packs import Pack, PackInput
from equipoise.protocol.baseline_columns import core_columns, input_kind
from equipoise.protocol.expressions import columns_of, safe_sql

PACKAGE = "equipoise.packs"
NUMERIC = ("double", "bigint")
CORE_RELATION, LAST = "baseline_core", "baseline"


def item_of(pack: Pack, name: str) -> str:
    """The item of `baseline_record` behind an input of a pack; the colon keeps it apart from the contract's items."""
    return f"{pack.name}:{name}"


def core_relation(packs: tuple[Pack, ...]) -> str:
    """The name of the relation that the packs start from: the baseline itself where there are none."""
    return CORE_RELATION if packs else LAST


def define_packs(engine: Engine, contract: Contract, packs: tuple[Pack, ...], sheet: bool = False) -> None:
    """Define `baseline_PACK` for each pack and `baseline` for the last. core_relation(packs), `baseline_record`, `unit_factor`
    and `cohort` exist, and `setting_assumed` where an input may be assumed. sheet: one row per patient, whose own columns go
    before those of a pack that ships with SQL."""
    source = core_relation(packs)
    for pack in packs:
        target = LAST if pack is packs[-1] else f"baseline_{pack.name}"
        if pack.inputs:
            engine.define(f"inputs_{pack.name}", _inputs_sql(contract, pack), phase="derive")
        for name in pack.related(sheet):
            engine.define(name, read_sql(PACKAGE, f"{pack.name}/{pack.relations[name].file}"), phase="derive")
        try:
            engine.define(target, _pack_sql(engine, contract, pack, source, sheet), phase="derive")
        except EngineError:
            message = (
                f"a rule of the pack '{pack.name}' cannot be evaluated: text compared with a number, or the logarithm of zero"
            )
            raise ProtocolError(Fault(pack.place or pack.name, "expression", message)) from None
        source = target


def _inputs_sql(contract: Contract, pack: Pack) -> str:
    """The pack's inputs side by side, one row per analysed patient, in the pack's units."""
    fields, joins = [], []
    for i, (name, given) in enumerate(pack.inputs.items()):
        item = literal(item_of(pack, name))
        if given.analyte is None:
            fields.append(_recorded_field(contract, given, item, name))
            continue
        unit, factor = given.unit.strip().lower(), f"factor_{i}"
        joins.append(
            f"join unit_factor as {factor} on {factor}.analyte = {literal(given.analyte)} and {factor}.unit = {literal(unit)}"
        )
        for column, cell in ((name, "value"), (f"{name}_lln", "lln"), (f"{name}_uln", "uln")):
            converted = f"record.{cell} * {factor}.divide_by / {factor}.multiply_by"
            fields.append(f"max(case when record.item = {item} then {converted} end) as {column}")
        fields.append(f"max(case when record.item = {item} then record.text_value end) as {name}_comparator")
    listed, joined = ",\n  ".join(fields), "\n".join(joins)
    return f"""select cohort.patient_id,
  {listed}
from cohort
left join baseline_record as record on record.patient_id = cohort.patient_id
{joined}
group by cohort.patient_id"""


def _recorded_field(contract: Contract, given: PackInput, item: str, name: str) -> str:
    """An item of observation, or a column of a table of the pack; words in small letters, other text as it stands."""
    kind = input_kind(contract, given)
    cell = "record.value" if kind in NUMERIC else "record.text_value"
    if kind == "date":
        cell = "cast(record.text_value as date)"
    elif kind == "boolean" or (given.item is not None and contract.items[given.item].words):
        cell = "lower(record.text_value)"
    field = f"max(case when record.item = {item} then {cell} end)"
    if given.assumable:
        field = f"coalesce({field}, (select max({quote(str(given.item))}) from setting_assumed))"
    return f"{field} = 'true' as {name}" if kind == "boolean" else f"{field} as {name}"


def pack_records(contract: Contract, packs: tuple[Pack, ...]) -> str:
    """`pack_record`: the columns of the packs' tables that are inputs, a row each; a table without a day counts as of the index
    date."""
    parts = []
    for table, column in dict.fromkeys(g.source for p in packs for g in p.inputs.values() if g.table is not None):
        day, kind = contract.tables[table].day, contract.tables[table].column(column).sql_type
        cell, date = f"t.{quote(column)}", f"t.{quote(day)}" if day else "cohort.index_date"
        number = f"cast({cell if kind in NUMERIC else 'null'} as double)"
        fields = f"{literal(table)} as source_table, {literal(column)} as recorded_as, {date} as date"
        parts.append(
            f"select t.patient_id, {fields}, {number} as value,\n  cast({cell} as varchar) as text_value, t.source_row\n"
            f"from {quote(table)} as t join cohort on cohort.patient_id = t.patient_id\nwhere {cell} is not null"
        )
    return "\nunion all\n".join(parts or [_no_record()])


def _no_record() -> str:
    kinds = {"patient_id": "varchar", "source_table": "varchar", "recorded_as": "varchar", "date": "date", "value": "double"}
    kinds |= {"text_value": "varchar", "source_row": "bigint"}
    return f"select {', '.join(f'cast(null as {kind}) as {name}' for name, kind in kinds.items())} where 1 = 0"


def input_items(pack: Pack, used: set[str]) -> set[str]:
    """The items of `baseline_record` behind the used columns of the inputs."""
    return {item_of(pack, name) for name, given in pack.inputs.items() if used & set(given.columns(name))}


def _pack_sql(engine: Engine, contract: Contract, pack: Pack, source: str, sheet: bool) -> str:
    there, core = set(engine.columns(source)), core_columns(contract)
    related = pack.related(sheet)
    fields = [f"{r}.{c}" for r, names in related.items() for c in names if not sheet or c not in there]
    joins = [f"join {r} on {r}.patient_id = source.patient_id" for r in related]
    if pack.inputs:
        given = [c for name, g in pack.inputs.items() for c in g.columns(name)]
        fields += [f"inputs.{c}" for c in given if not (sheet and pack.relations and c in {t.lower() for t in there})]
        joins.append(f"join inputs_{pack.name} as inputs on inputs.patient_id = source.patient_id")
    rules = {name: column.is_ for name, column in pack.columns.items() if column.is_ is not None}
    needed = {c for rule in rules.values() for c in columns_of(rule)}
    fields += [f"cast(null as {kind}) as {c}" for c, kind in core.items() if c in needed and c not in there]
    _refuse_taken(pack, there, sheet)
    listed = "".join(f",\n    {f}" for f in fields)
    steps = [f"step_0 as (\n  select source.*{listed}\n  from {source} as source\n  " + "\n  ".join(joins) + "\n)"]
    known = [*there, *core, *pack.column_names()]
    for i, (name, rule) in enumerate(rules.items()):
        sql = safe_sql(rule, known, pack.place or pack.name)
        steps.append(f"step_{i + 1} as (\n  select *, {sql} as {name}\n  from step_{i}\n)")
    listed = ",\n".join(steps)
    return f"with\n{listed}\n\nselect * from step_{len(rules)} order by patient_id"


def _refuse_taken(pack: Pack, there: set[str], sheet: bool) -> None:
    """A spreadsheet's column under the name of a column of an expression pack: nobody could tell the two apart."""
    inputs = {} if pack.relations else pack.inputs
    own = {c for name, g in inputs.items() for c in g.columns(name)} | {n for n, c in pack.columns.items() if c.is_}
    both = sorted(own & {c.lower() for c in there})
    if sheet and both:
        message = f"the spreadsheet has columns that the pack '{pack.name}' gives: {', '.join(both)}; rename them in the file"
        raise ProtocolError(Fault(pack.place or pack.name, "name taken", message))


def window_item(contract: Contract, pack: Pack, name: str) -> tuple[str, str, str, str]:
    """(source table, code there, item, kind of the value) of an input, for the windows."""
    given = pack.inputs[name]
    return (*given.source, item_of(pack, name), "number" if input_kind(contract, given) in NUMERIC else "text")
