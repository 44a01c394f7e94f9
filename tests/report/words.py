"""The literals of the sources that are words of a result's key: where they stand, and what they name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import equipoise
from equipoise.records.vocabulary import PHASES, STATISTICS, entries

SOURCE = Path(equipoise.__file__).parent
ROOMS = ("estimate", "report", "reproduce")
# a list of its own, with its own test; names of columns; axes of a grid
NO_KEYS = ("report/unprinted.py", "report/rows.py", "report/pages/multiverse.py")
# words of the data, of a file of printed results, of functions and of conventions that a word of the vocabulary equals
OF_DATA = {
    "estimate/conduct.py": ("lost",),
    "report/pages/comparison.py": ("n", "events", "percent"),
    "report/pages/simulation.py": ("design", "events"),
    "report/assemble.py": ("lost", "conduct", "missing", "sensitivity", "bundle"),
    "report/figures/__init__.py": ("cumulative_incidence", "kaplan_meier"),
    "report/tables/settings.py": ("caliper", "smd"),
}
PARTS = ("phase", "analysis", "statistic")
KNOWN = {
    "phase": set(PHASES),
    "analysis": {name for phase in PHASES.values() for name in phase.analyses},
    "statistic": set(STATISTICS),
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of a source file. part: what it names. line, column: of its first character; end: one past its last column."""

    file: Path
    line: int
    column: int
    end: int
    part: str
    text: str


def literals(rooms: tuple[str, ...] = ROOMS) -> Iterator[Literal]:
    """Constants given by name as a phase, analysis or statistic (as an argument or in a mapping), compared with one, or given
    first and second to `row`, `value` and `Row`."""
    for room in rooms:
        for path in sorted((SOURCE / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            seen = set()
            for part, node in _found(tree):
                if isinstance(node.value, str) and node.end_lineno == node.lineno and (node.lineno, node.col_offset) not in seen:
                    seen.add((node.lineno, node.col_offset))
                    yield Literal(path, node.lineno, node.col_offset, node.end_col_offset, part, node.value)


def constants(rooms: tuple[str, ...] = ROOMS) -> Iterator[Literal]:
    """Words of the vocabulary in constants of a module: `PHASE`, keys and values of mappings, tuples."""
    known = {word: part for part in PARTS for word in KNOWN[part] if word}
    for room in rooms:
        for path in [p for p in sorted((SOURCE / room).rglob("*.py")) if str(p.relative_to(SOURCE)) not in NO_KEYS]:
            for statement in ast.parse(path.read_text(encoding="utf-8")).body:
                for node in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else ():
                    if isinstance(node, ast.Constant) and node.value in known and _in_a_line(node) and not _of_data(path, node):
                        yield Literal(path, node.lineno, node.col_offset, node.end_col_offset, known[node.value], node.value)


def _in_a_line(node: ast.Constant) -> bool:
    return node.lineno == node.end_lineno


def _of_data(path: Path, node: ast.Constant) -> bool:
    return node.value in OF_DATA.get(str(path.relative_to(SOURCE)), ())


def _found(tree: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in PARTS:
                    yield from ((keyword.arg, c) for c in _constants(keyword.value))
            yield from _positional(node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in PARTS:
                    yield from ((key.value, c) for c in _constants(value))
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr in PARTS:
            for other in node.comparators:
                yield from ((node.left.attr, c) for c in _constants(other))


# name of a call -> what its first arguments name
FIRST = {
    "Row": ("phase", "statistic"),
    "row": ("phase", "statistic"),
    "value": ("phase", "statistic"),
    "has": ("phase",),
    "where": ("phase",),
}


def _positional(node: ast.Call) -> Iterator[tuple[str, ast.Constant]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    parts = () if getattr(getattr(node.func, "value", None), "id", "") == "engine" else FIRST.get(name, ())
    if name == "row" and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "s":
        parts = ("statistic",)  # of a Setting
    elif name == "row" and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "g":
        parts = ("analysis", "statistic")  # of a Grouping
    for part, argument in zip(parts, node.args, strict=False):
        yield from ((part, c) for c in _constants(argument))


def _constants(node: ast.AST) -> Iterator[ast.Constant]:
    """A constant itself, those of a conditional expression, of a tuple, list or set."""
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (*_constants(node.body), *_constants(node.orelse))
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for item in node.elts:
            yield from _constants(item)


def told_once() -> bool:
    """Whether Methods have a sentence for every analysis of the vocabulary, or a reason why not, and for nothing else."""
    from equipoise.report.narrative.methods import PARTS as SENTENCES
    from equipoise.report.narrative.methods import UNTOLD

    told = [name for part in SENTENCES for paragraph in part[1] for one in paragraph for name in one.of] + list(UNTOLD)
    known = {f"{phase}.{analysis}" for phase, analysis, _, _ in entries()}
    return set(told) == known and len(told) == len(set(told))
