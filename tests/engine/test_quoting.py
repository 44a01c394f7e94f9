"""Text from a file or a protocol is never SQL: one pair of functions quotes it, and nobody quotes by hand."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from equipoise.engine import DuckDBEngine, EngineError, applied, comment, literal, quote

SOURCE = Path(__file__).parents[2] / "src" / "equipoise"
SPEAKS_SQL = ("cohort", "data", "derive", "engine", "outcomes", "packs", "protocol", "start")
SQL = re.compile(
    r"\b(select|cast|try_cast|coalesce|group by|order by|union all|left join|read_csv|read_parquet|is null|is not null|isnan)\b"
    r"|\bwhere\b[^.]*[=<>]"
)
AWKWARD = [
    'a"b',
    "a'b",
    'x"; drop table t; --',
    "copy (select 1) to 'f'",
    "a;b",
    "--",
    "/*",
    "한글",
    "$1",
    "{x}",
    "\\",
    "a\nb",
    "%s",
    "select",
]


def _hand_quoted(path: Path) -> list[str]:
    """Places where an f-string of SQL puts quotation marks around what it inserts."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        whole = "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
        for before, part, after in zip(node.values, node.values[1:], [*node.values[2:], None], strict=False):
            if not isinstance(part, ast.FormattedValue) or not isinstance(before, ast.Constant):
                continue
            mark = str(before.value)[-1:]
            closes = isinstance(after, ast.Constant) and str(after.value)[:1] == mark
            alone = whole == '"{}"'
            if mark in ('"', "'") and closes and (alone or SQL.search(whole)) and not _is_ours(part):
                found.append(f"{path.relative_to(SOURCE)}:{node.lineno} {whole[:70]}")
    return found


def _is_ours(part: ast.FormattedValue) -> bool:
    """A constant of the module in capitals is our own text."""
    return isinstance(part.value, ast.Name) and part.value.id.lstrip("_").isupper()


@pytest.mark.parametrize("path", sorted(p for room in SPEAKS_SQL for p in (SOURCE / room).rglob("*.py")), ids=lambda p: p.stem)
def test_nobody_quotes_by_hand(path: Path) -> None:
    assert _hand_quoted(path) == []


@pytest.mark.parametrize("name", AWKWARD)
def test_a_name_is_a_name_and_a_text_is_a_text(name: str) -> None:
    engine = DuckDBEngine()
    engine.create(name, f"select {literal(name)} as {quote(name)}")
    assert engine.columns(name) == {name: "VARCHAR"}
    assert engine.rows(f"select {quote(name)} from {quote(name)}") == [(name,)]
    assert engine.rows(f"{comment(name)}\nselect 1") == [(1,)]
    engine.close()


def test_a_nul_is_refused() -> None:
    for function in (quote, literal):
        with pytest.raises(ValueError, match="NUL"):
            function("a\0b")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to 'written.csv'",
        "attach 'other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "select 1; select 2",
        "export database 'folder'",
        "pragma database_list; drop table t",
    ],
)
def test_the_connection_of_a_study_reaches_nothing(statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = DuckDBEngine()
    with pytest.raises(EngineError) as raised:
        engine.rows(statement)
    assert list(tmp_path.iterdir()) == []
    assert "hostname" not in str(raised.value)
    engine.close()


def test_an_error_keeps_the_cell_out_of_its_text() -> None:
    engine = DuckDBEngine()
    engine.define("t", "select 'HONG GIL DONG' as word")
    with pytest.raises(EngineError) as raised:
        engine.define("u", "select cast(word as double) as number from t")
    assert "HONG" not in str(raised.value) and "HONG" in raised.value.detail
    assert raised.value.relation == "u"
    engine.close()


def _rewrites(path: Path) -> list[str]:
    """Calls that make a text from another by search and replacement, but for the underscores of a name that is shown."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        pattern = node.func.attr in ("sub", "subn") and isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        plain = node.func.attr == "replace" and len(node.args) == 2
        shown = [a.value for a in node.args if isinstance(a, ast.Constant)] == ["_", " "]
        if pattern or node.func.attr == "translate" or (plain and not shown):
            found.append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    return found


RUNS_SQL = ("cohort", "derive", "outcomes", "packs")  # rooms whose texts are SQL; `engine` is asked below


@pytest.mark.parametrize("path", sorted(p for room in RUNS_SQL for p in (SOURCE / room).rglob("*.py")), ids=lambda p: p.stem)
def test_nobody_rewrites_sql(path: Path) -> None:
    assert _rewrites(path) == []


def test_the_engine_replaces_quotation_marks_and_signs_of_patterns_alone() -> None:
    found = [place for path in sorted((SOURCE / "engine").rglob("*.py")) for place in _rewrites(path)]
    text = (SOURCE / "engine" / "text.py").read_text(encoding="utf-8")
    assert len(found) == 3 and all(place.startswith("engine/text.py") for place in found), found
    assert text.count(""".replace('"', '""')""") == 1 and text.count(""".replace("'", "''")""") == 1
    assert text.count("""literal(re.sub(r"[*?[]", r"[\\g<0>]", name))""") == 1


def test_a_select_is_applied_to_other_relations_and_keeps_its_text() -> None:
    engine = DuckDBEngine()
    engine.define("early", "select 1 as a union all select 2")
    engine.define("scan", "select a + 10 as a from early")
    sql = (
        "-- scan: neither this word nor 'scan' nor scan.a of a comment\n"
        "with best as (select max(scan.a) as a from scan) select a, 'scan' as s from best"
    )
    engine.define("first_look", applied(sql, {"scan": "early"}))
    engine.define("second_look", applied(sql, {}))
    assert engine.rows("select * from first_look") == [(2, "scan")]
    assert engine.rows("select * from second_look") == [(12, "scan")]
    assert sql in engine.relations["first_look"].sql
    assert engine.rows(engine.script("first_look")) == [(2, "scan")]
    assert engine.reads(engine.relations["first_look"].sql) == ("early",)
    engine.close()
