"""The rule packs of a protocol: those that ship, and a study's own in `packs/NAME/pack.yaml` beside its protocol.

A stranger's pack is as powerless as a stranger's protocol: it is found by its name alone, never by a path; its rules are the
expressions that a protocol may hold; SQL files are only of packs that ship.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from equipoise.contract import TABLES
from equipoise.errors import Fault, ProtocolError
from equipoise.packs import SHIPPED, Pack, PackInput, shipped
from equipoise.protocol.baseline_columns import CORE
from equipoise.protocol.expressions import columns_of, expression_faults
from equipoise.protocol.nearest import nearest
from equipoise.protocol.yaml_tree import LineFinder, compose, plain_of, read_text, validated

Place = Callable[..., str]
FILE = "pack.yaml"
KEYS = "a pack is a mapping of the keys title, tumour, citations, inputs, columns, vectors"


def load_packs(names: list[str], folder: Path, place: Place) -> tuple[tuple[Pack, ...], list[Fault]]:
    """The packs in the order named, and every fault of the study's own, each with its line in its own file."""
    packs: list[Pack] = []
    faults: list[Fault] = []
    for i, name in enumerate(names):
        if name in names[:i]:
            faults.append(Fault(place("packs", i), "duplicate name", f"the pack '{name}' stands twice; keep one"))
        elif name in SHIPPED:
            packs.append(shipped(name))
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
    return pack, faults + pack_faults(pack, before, LineFinder(root, file).place)


def pack_faults(pack: Pack, before: tuple[Pack, ...], place: Place) -> list[Fault]:
    """What no single field shows: SQL in a pack that does not ship, names taken twice, unknown columns and units."""
    faults = []
    if pack.relations or any(c.relation for c in pack.columns.values()):
        message = "a pack of a study holds expressions ('is'), no SQL: a stranger's pack must not be able to run a statement"
        faults.append(Fault(place("relations" if pack.relations else "columns"), "not allowed", message))
    taken = [*CORE, *(c for p in before for c in p.column_names())]
    for name, given in pack.inputs.items():
        faults += _input_faults(name, given, taken, place)
        taken += given.columns(name)
    for name, column in pack.columns.items():
        if name in taken:
            faults.append(Fault(place("columns", name), "name taken", f"'{name}' is a column already; give another name"))
        if column.is_ is not None:
            faults += expression_faults(column.is_, taken, place("columns", name, "is"))
        taken.append(name)
    for i, vector in enumerate(pack.vectors):
        for key, names, known in (("given", vector.given, taken), ("gives", vector.gives, list(pack.columns))):
            for name in names:
                if name not in known:
                    faults.append(_unknown(name, known, place("vectors", i, key, name)))
    return faults


def _input_faults(name: str, given: PackInput, taken: list[str], place: Place) -> list[Fault]:
    faults = []
    for column in given.columns(name):
        if column in taken:
            faults.append(Fault(place("inputs", name), "name taken", f"'{column}' is a column already; give another name"))
    known = given.analyte in TABLES["lab"].column("analyte").values
    if known and (given.units or given.believable):
        message = f"the units of {given.analyte} are known; leave out 'units' and 'believable'"
        faults.append(Fault(place("inputs", name), "unit", message))
    if given.item is not None and given.words and given.item in TABLES["observation"].column("item").values:
        message = f"the words of {given.item} are those of the contract; leave out 'words'"
        faults.append(Fault(place("inputs", name), "words", message))
    return faults


def _unknown(name: str, known: list[str], place: str) -> Fault:
    near = nearest(name, known)
    hint = f"; did you mean '{near}'?" if near else ""
    return Fault(place, "unknown name", f"'{name}' is no column that this pack knows{hint}")


def behind(packs: tuple[Pack, ...], used: set[str]) -> set[str]:
    """The columns used and all that they are derived from, down to the contract's columns and the packs' inputs."""
    found = set(used)
    for pack in reversed(packs):
        for name, column in reversed(pack.columns.items()):
            if name in found:
                found.update(columns_of(column.is_) if column.is_ is not None else column.rests_on)
    return found


def own_analytes(packs: tuple[Pack, ...]) -> dict[str, PackInput]:
    """Analytes of the table lab that only a pack knows, by name."""
    known = TABLES["lab"].column("analyte").values
    return {g.analyte: g for p in packs for g in p.inputs.values() if g.analyte is not None and g.analyte not in known}


def own_items(packs: tuple[Pack, ...]) -> dict[str, PackInput]:
    """Items of the table observation that only a pack knows, by name."""
    known = TABLES["observation"].column("item").values
    return {g.item: g for p in packs for g in p.inputs.values() if g.item is not None and g.item not in known}
