"""The rule packs of a protocol: those that ship, and a study's own in `packs/NAME/pack.yaml` beside its protocol.

A stranger's pack is as powerless as a stranger's protocol: it is found by its name alone, never by a path; its rules are the
expressions that a protocol may hold; SQL files are only of packs that ship.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from equipoise.contract import CORE, Contract
from equipoise.errors import Fault, ProtocolError
from equipoise.packs import SHIPPED, Pack, PackColumn, PackInput, PackQuality, shipped
from equipoise.protocol.baseline_columns import core_columns
from equipoise.protocol.expressions import columns_of, condition_faults, expression_faults
from equipoise.protocol.nearest import nearest
from equipoise.protocol.yaml_tree import LineFinder, compose, plain_of, read_text, validated

Place = Callable[..., str]
FILE = "pack.yaml"
KEYS = "a pack is a mapping of the keys title, tumour, citations, tables, inputs, columns, quality, vectors"
# first words of the names of relations that a study defines
RESERVED = frozenset(
  {
    "adverse", "ae", "arm", "assessment", "baseline", "best", "candidate", "cohort", "conduct", "course", "covariate",
    "criterion", "ctcae", "dated", "early", "eligibility", "endpoint", "event", "exposure", "file", "history", "index",
    "inputs", "item", "lab", "lesion", "no", "observation", "observed", "onset", "pack", "patient", "patients", "prior",
    "protocol", "raw", "reader", "recist", "recorded", "response", "restart", "safety", "scan", "screened", "sdtm",
    "setting", "source", "subsequent", "treatment", "unit", "value", "visit", "worst",
  }
)  # fmt: skip


def load_packs(names: list[str], folder: Path, place: Place) -> tuple[tuple[Pack, ...], list[Fault]]:
    """The packs in the order named, and every fault of the study's own, each with its line in its own file."""
    packs: list[Pack] = []
    faults: list[Fault] = []
    for i, name in enumerate(names):
        if name in names[:i]:
            faults.append(Fault(place("packs", i), "duplicate name", f"the pack '{name}' stands twice; keep one"))
        elif name in SHIPPED:
            packs.append(shipped(name))
            faults += requirement_faults(packs[-1], tuple(packs[:-1]), lambda *_, i=i: place("packs", i))
        else:
            pack, found = _own(name, folder, place("packs", i), tuple(packs))
            faults += found
            packs += [pack] if pack is not None else []
    return tuple(packs), faults


def _own(name: str, folder: Path, place: str, before: tuple[Pack, ...]) -> tuple[Pack | None, list[Fault]]:
    path = folder / "packs" / name / FILE
    if not path.is_file() or folder.resolve() not in path.resolve().parents:
        near = nearest(name, SHIPPED)
        hint = f"did you mean '{near}'?" if near else f"shipped are {', '.join(SHIPPED)}"
        message = f"there is no pack '{name}', neither shipped nor in packs/{name}/{FILE} beside the protocol; {hint}"
        return None, [Fault(place, "unknown name", message)]
    try:
        text = read_text(path, "pack")
        root = compose(path, text, KEYS)
    except ProtocolError as error:
        return None, [Fault(f"packs/{name}/{f.place}", f.rule, f.message) for f in error.faults]
    faults: list[Fault] = []
    file = f"packs/{name}/{FILE}"
    pack = validated(Pack, plain_of(root, file, faults), root, file, faults)
    if pack is None:
        return None, faults
    pack = pack.model_copy(update={"name": name, "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(), "place": file})
    faults += pack_faults(pack, before, LineFinder(root, file).place)
    return _without_tables(pack) if faults else pack, faults


def _without_tables(pack: Pack) -> Pack:
    """What the protocol's own references can still be checked against, where a pack has faults: the names of its columns."""
    inputs = {name: given for name, given in pack.inputs.items() if given.table is None}
    unread = dict.fromkeys(pack.columns, PackColumn(relation="unread"))
    return pack.model_copy(update={"tables": {}, "adds": {}, "codes": {}, "quality": {}, "inputs": inputs, "columns": unread})


def pack_faults(pack: Pack, before: tuple[Pack, ...], place: Place) -> list[Fault]:
    """What no single field shows: SQL in a pack that does not ship, packs that it lacks, names taken twice, unknown names."""
    contract = CORE
    for other in before:
        contract = other.extend(contract)
    faults = [*_sql_faults(pack, place), *requirement_faults(pack, before, place), *_table_faults(pack, contract, place)]
    if faults:
        return faults
    whole = pack.extend(contract)
    taken = [*core_columns(whole), *(c for p in before for c in p.column_names())]
    for name, given in pack.inputs.items():
        faults += _input_faults(name, given, taken, contract, whole, place)
        taken += given.columns(name)
    for name, column in pack.columns.items():
        if name in taken:
            faults.append(Fault(place("columns", name), "name taken", f"'{name}' is a column already; give another name"))
        if column.is_ is not None:
            faults += expression_faults(column.is_, taken, place("columns", name, "is"))
        taken.append(name)
    for name, rule in pack.quality.items():
        faults += _quality_faults(name, rule, whole, place)
    for i, vector in enumerate(pack.vectors):
        for key, names, known in (("given", vector.given, taken), ("gives", vector.gives, list(pack.columns))):
            for name in names:
                if name not in known:
                    faults.append(_unknown(name, known, place("vectors", i, key, name)))
    return faults


def requirement_faults(pack: Pack, before: tuple[Pack, ...], place: Place) -> list[Fault]:
    """Packs that it builds on and that do not stand before it."""
    there = [p.name for p in before]
    return [
        Fault(place("requires"), "missing pack", f"the pack '{pack.name}' builds on '{name}': name it before, under packs")
        for name in pack.requires
        if name not in there
    ]


def _sql_faults(pack: Pack, place: Place) -> list[Fault]:
    """A stranger's pack holds no SQL and points at no file."""
    where = {
        "relations": bool(pack.relations),
        "columns": any(c.relation for c in pack.columns.values()),
        "quality": any(q.file for q in pack.quality.values()),
    }
    message = "a pack of a study holds expressions ('is'), no SQL: a stranger's pack must not be able to run a statement"
    return [Fault(place(key), "not allowed", message) for key, found in where.items() if found][:1]


def _table_faults(pack: Pack, contract: Contract, place: Place) -> list[Fault]:
    """Tables under names of their own, so that none stands for a relation of the study; what is added exists in the core."""
    faults = []
    for name in pack.tables:
        if not name.startswith(f"{pack.name}_"):
            message = f"a table of the pack '{pack.name}' begins with its name, such as {pack.name}_{name}"
            faults.append(Fault(place("tables", name), "name of a table", message))
        elif name in contract.tables:
            faults.append(Fault(place("tables", name), "name taken", f"'{name}' is a table already; give another name"))
    for key, given in (("adds", pack.adds), ("codes", pack.codes)):
        for table, columns in given.items():
            if table not in contract.tables:
                faults.append(Fault(place(key, table), "unknown name", f"there is no table '{table}' to add to"))
                continue
            there = contract.tables[table].column_names
            for column in columns:
                if key == "adds" and column in (*there, "source_row"):
                    faults.append(Fault(place(key, table, column), "name taken", f"{table} has a column '{column}' already"))
                if key == "codes" and column not in there:
                    faults.append(Fault(place(key, table, column), "unknown name", f"{table} has no column '{column}'"))
    if pack.tables and pack.name in RESERVED:
        message = f"'{pack.name}' begins names that Equipoise gives its own relations; call the pack otherwise"
        faults.append(Fault(place("tables"), "name taken", message))
    return faults


def _input_faults(
    name: str, given: PackInput, taken: list[str], contract: Contract, whole: Contract, place: Place
) -> list[Fault]:
    faults = []
    for column in given.columns(name):
        if column in taken:
            faults.append(Fault(place("inputs", name), "name taken", f"'{column}' is a column already; give another name"))
    if given.analyte in contract.analytes and (given.units or given.believable or given.sdtm):
        message = f"the units of {given.analyte} are known; leave out 'units', 'believable' and 'sdtm'"
        faults.append(Fault(place("inputs", name), "unit", message))
    if given.item in contract.items and (given.words or given.text):
        message = f"the words of {given.item} are those of the contract; leave out 'words' and 'text'"
        faults.append(Fault(place("inputs", name), "words", message))
    if given.table is not None and given.table not in whole.tables:
        faults.append(_unknown(given.table, list(whole.tables), place("inputs", name, "table"), "table"))
    elif given.table is not None and given.column not in whole.tables[given.table].column_names:
        known = list(whole.tables[given.table].column_names)
        faults.append(_unknown(str(given.column), known, place("inputs", name, "column"), f"column of {given.table}"))
    return faults


def _quality_faults(name: str, rule: PackQuality, whole: Contract, place: Place) -> list[Fault]:
    if rule.table is None or rule.where is None:
        return []
    if rule.table not in whole.tables:
        return [_unknown(rule.table, list(whole.tables), place("quality", name, "table"), "table")]
    table = whole.tables[rule.table]
    truths = [c.name for c in table.columns if c.kind == "boolean"]
    return condition_faults(rule.where, table.column_names, place("quality", name, "where"), truths)


def _unknown(name: str, known: list[str], place: str, what: str = "column") -> Fault:
    near = nearest(name, known)
    hint = f"; did you mean '{near}'?" if near else ""
    return Fault(place, "unknown name", f"'{name}' is no {what} that this pack knows{hint}")


def behind(packs: tuple[Pack, ...], used: set[str]) -> set[str]:
    """The columns used and all that they are derived from, down to the contract's columns and the packs' inputs."""
    found = set(used)
    for pack in reversed(packs):
        for name, column in reversed(pack.columns.items()):
            if name in found:
                found.update(columns_of(column.is_) if column.is_ is not None else column.rests_on)
    return found
