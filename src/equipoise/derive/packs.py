"""The rule packs on the baseline: one relation per pack, each with everything before it and its own columns; the last one is
`baseline`. The columns of a study's own pack are expressions, checked as those of a protocol are."""

from __future__ import annotations

from equipoise.engine import Engine, EngineError, literal, read_sql
from equipoise.errors import Fault, ProtocolError
from equipoise.packs import Pack, PackInput
from equipoise.protocol.baseline_columns import CORE
from equipoise.protocol.expressions import columns_of, safe_sql

PACKAGE = "equipoise.packs"
CORE_RELATION, LAST = "baseline_core", "baseline"


def item_of(pack: Pack, name: str) -> str:
    """The item of `baseline_record` behind an input of a pack; the colon keeps it apart from the contract's items."""
    return f"{pack.name}:{name}"


def core_relation(packs: tuple[Pack, ...]) -> str:
    """The name of the relation that the packs start from: the baseline itself where there are none."""
    return CORE_RELATION if packs else LAST


def define_packs(engine: Engine, packs: tuple[Pack, ...], sheet: bool = False) -> None:
    """Define `baseline_PACK` for each pack and `baseline` for the last. core_relation(packs), `baseline_record`, `unit_factor`
    and `cohort` exist. sheet: one row per patient, whose own columns go before a pack's."""
    source = core_relation(packs)
    for pack in packs:
        target = LAST if pack is packs[-1] else f"baseline_{pack.name}"
        for name in pack.related(sheet):
            engine.define(name, read_sql(PACKAGE, f"{pack.name}/{pack.relations[name].file}"), phase="derive")
        if pack.inputs:
            engine.define(f"inputs_{pack.name}", _inputs_sql(pack), phase="derive")
        try:
            engine.define(target, _pack_sql(engine, pack, source, sheet), phase="derive")
        except EngineError:
            message = (
                f"a rule of the pack '{pack.name}' cannot be evaluated: text compared with a number, or the logarithm of zero"
            )
            raise ProtocolError(Fault(pack.place or pack.name, "expression", message)) from None
        source = target


def _inputs_sql(pack: Pack) -> str:
    """The pack's inputs side by side, one row per analysed patient, in the pack's units."""
    fields, joins = [], []
    for i, (name, given) in enumerate(pack.inputs.items()):
        item = literal(item_of(pack, name))
        if given.item is not None:
            cell = "lower(record.text_value)" if given.words else "record.value"
            fields.append(f"max(case when record.item = {item} then {cell} end) as {name}")
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


def _pack_sql(engine: Engine, pack: Pack, source: str, sheet: bool) -> str:
    there = set(engine.columns(source))
    related = pack.related(sheet)
    fields = [f"{r}.{c}" for r, names in related.items() for c in names if not sheet or c not in there]
    joins = [f"join {r} on {r}.patient_id = source.patient_id" for r in related]
    if pack.inputs:
        fields += [f"inputs.{c}" for name, given in pack.inputs.items() for c in given.columns(name)]
        joins.append(f"join inputs_{pack.name} as inputs on inputs.patient_id = source.patient_id")
    rules = {name: column.is_ for name, column in pack.columns.items() if column.is_ is not None}
    needed = {c for rule in rules.values() for c in columns_of(rule)}
    fields += [f"cast(null as {kind}) as {c}" for c, kind in CORE.items() if c in needed and c not in there]
    _refuse_taken(pack, there, sheet)
    listed = "".join(f",\n    {f}" for f in fields)
    steps = [f"step_0 as (\n  select source.*{listed}\n  from {source} as source\n  " + "\n  ".join(joins) + "\n)"]
    known = [*there, *CORE, *pack.column_names()]
    for i, (name, rule) in enumerate(rules.items()):
        sql = safe_sql(rule, known, pack.place or pack.name)
        steps.append(f"step_{i + 1} as (\n  select *, {sql} as {name}\n  from step_{i}\n)")
    listed = ",\n".join(steps)
    return f"with\n{listed}\n\nselect * from step_{len(rules)} order by patient_id"


def _refuse_taken(pack: Pack, there: set[str], sheet: bool) -> None:
    """A spreadsheet's column under the name of a column of an expression pack: nobody could tell the two apart."""
    own = {c for name, g in pack.inputs.items() for c in g.columns(name)} | {n for n, c in pack.columns.items() if c.is_}
    both = sorted(own & {c.lower() for c in there})
    if sheet and both:
        message = f"the spreadsheet has columns that the pack '{pack.name}' gives: {', '.join(both)}; rename them in the file"
        raise ProtocolError(Fault(pack.place or pack.name, "name taken", message))


def window_item(pack: Pack, name: str, given: PackInput) -> tuple[str, str, str, str]:
    """(source table, code there, item, kind of the value) of an input, for the windows."""
    if given.item is not None:
        return "observation", given.item, item_of(pack, name), "text" if given.words else "number"
    return "lab", str(given.analyte), item_of(pack, name), "number"
