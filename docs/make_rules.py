"""The manual's chapters on the clinical rules, from the rules and their tests: `python docs/make_rules.py` writes docs/rules/.

A chapter holds the comment at the head of each .sql file (the rule and its paper) and, below it, the drawn patients of the tests
with the answers they must give. tests/test_rules_manual.py fails when the committed chapters are not these.
"""

from __future__ import annotations

import ast
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "rules"
SQL = ROOT / "src" / "equipoise"


@dataclass(frozen=True)
class Chapter:
    """file: in docs/rules. sql: the rules, relative to src/equipoise (a folder: all of its files). tests: in tests/."""

    file: str
    title: str
    sql: tuple[str, ...]
    tests: tuple[str, ...]


CHAPTERS = (
    Chapter("liver.md", "Liver function and stage", ("derive/liver.sql", "derive/bclc.sql"), ("rules/test_liver.py",)),
    Chapter("scores.md", "Scores and history", ("derive/scores.sql", "derive/history.sql"), ("rules/test_scores.py",)),
    Chapter("etiology.md", "Etiology and cycles", ("derive/etiology.sql", "derive/exposure.sql"), ("rules/test_history.py",)),
    Chapter("baseline.md", "Which record counts at baseline", ("derive/windows.sql",), ("rules/test_windows.py",)),
    Chapter("units.md", "Laboratory units", (), ("rules/test_units.py", "rules/test_coimbra.py")),
    Chapter("quality.md", "Data quality", ("data/quality_rules",), ("data/test_quality.py",)),
)


def chapters() -> dict[str, str]:
    """File name -> text of every chapter."""
    return {c.file: _chapter(c) for c in CHAPTERS}


def _chapter(chapter: Chapter) -> str:
    parts = [f"# {chapter.title}", "Written by `docs/make_rules.py` from the rules and their tests; do not edit."]
    files = [f for name in chapter.sql for f in _sql_files(SQL / name)]
    if files:
        parts.append("## The rules")
        parts += [_rule(f) for f in files]
    parts.append("## Drawn patients and expected answers")
    for name in chapter.tests:
        parts += _tests(ROOT / "tests" / name)
    return "\n\n".join(parts) + "\n"


def _sql_files(path: Path) -> list[Path]:
    return sorted(path.glob("*.sql")) if path.is_dir() else [path]


def _rule(path: Path) -> str:
    """The comment at the head of a .sql file, as it stands."""
    comment = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").removeprefix(" "))
    text = "\n".join(comment)
    return f"`{path.relative_to(ROOT).as_posix()}`\n\n```text\n{text}\n```"


def _tests(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    parts = [ast.get_docstring(tree) or ""]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            parts += _test(node, source)
    return [p for p in parts if p]


def _test(node: ast.FunctionDef, source: str) -> list[str]:
    words = node.name.removeprefix("test_").replace("_", " ")
    parts = [f"### {words[:1].upper()}{words[1:]}", ast.get_docstring(node) or ""]
    parts += [_cases(d, source) for d in node.decorator_list if _is_parametrized(d)]
    inside = [n for statement in node.body for n in ast.walk(statement)]
    parts += [t for c in inside if isinstance(c, ast.Constant) and (t := _drawn(c.value))]
    asserts = [_segment(source, n) for n in inside if isinstance(n, ast.Assert)]
    if asserts:
        parts.append("Expected:\n\n```python\n" + "\n".join(asserts) + "\n```")
    return parts


def _is_parametrized(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.parametrize"


def _segment(source: str, node: ast.AST) -> str:
    return textwrap.dedent(" " * getattr(node, "col_offset", 0) + (ast.get_source_segment(source, node) or ""))


def _cases(decorator: ast.Call, source: str) -> str:
    """The cases of a parametrized test: a row each, the columns as the test names them."""
    names = _value(decorator.args[0], source)
    header = [names] if isinstance(names, str) and "," not in names else names
    header = [n.strip() for n in header.split(",")] if isinstance(header, str) else list(header)
    rows = decorator.args[1].elts if isinstance(decorator.args[1], ast.List | ast.Tuple) else []
    if not rows:
        return f"Cases: `{_segment(source, decorator.args[1])}`"
    body = []
    for row in rows:
        cells = row.elts if len(header) > 1 and isinstance(row, ast.Tuple | ast.List) else [row]
        body.append([_cell(_value(c, source)) for c in cells])
    return _table([h.strip("_") for h in header], body)


def _value(node: ast.expr, source: str):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _segment(source, node)


def _cell(value: object) -> str:
    """None is a dash; a mapping is `name value`; a drawn table inside a case keeps a line per row."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_cell(v)}" for k, v in value.items()) or "as normal"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(v) for v in value)
    lines = [" ".join(line.replace("|", " ").split()) for line in str(value).splitlines()]
    return "<br>".join(line for line in lines if line)


def _drawn(value: object) -> str:
    """A drawn table (cells between bars, the first line the header) as Markdown, or ''."""
    if not isinstance(value, str):
        return ""
    lines = [[c.strip() for c in line.split("|")] for line in value.strip().splitlines() if line.strip()]
    if len(lines) < 2 or len(lines[0]) < 2 or any(len(line) != len(lines[0]) for line in lines):
        return ""
    return _table(lines[0], lines[1:])


def _table(header: list[str], body: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> int:
    """Write the chapters; with --check only say which are not current."""
    stale = [name for name, text in chapters().items() if not _same(name, text)]
    if "--check" in sys.argv:
        print("\n".join(stale) or "current")
        return 1 if stale else 0
    OUT.mkdir(exist_ok=True)
    for name, text in chapters().items():
        (OUT / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


def _same(name: str, text: str) -> bool:
    return (OUT / name).is_file() and (OUT / name).read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
