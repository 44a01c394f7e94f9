"""Strategies: a protocol and tables with something odd in them, drawn from what people and programs really write."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import strategies as st

STRINGS = (
    "", " ", "null", "~", "nan", ".nan", "inf", "-.inf", "0", "-1", "-0.0", "1", "2", "0.5", "1e308", "1e-320",
    "9" * 400, "1_000", "0x1F", "１２", "1,5", "1 000", "true", "no", "2021-02-30", "9999-12-31", "01/02/2021", "🎈",
    "\u202eabc", "é", "약", "a\nb", "a\tb", "x" * 5000, "'", '"', "''", '""', "`", "\\", "%s", "{0}", "{{ 7 * 7 }}",
    "$x$", "<b>", "&amp;", "--", ";", "/*", "*/", "?", "*", "[1]", "s[1].csv", "..", "../study.yaml", "/etc/passwd",
    "/dev/zero", "data", "patients.csv", "study.yaml", "~/x.csv", "http://localhost/x.csv", "a/b/c.csv", "con.csv",
    "patients", "patient_id", "source_row", "age", "sex", "treatment", "new", "old", "os", "stage", "days", "died",
    "unknown_column", "1 = 1", "age > 60", "age", "age >", "(", ")" * 50, "(" * 300 + "1" + ")" * 300, "age = 'x'",
    "sex > 3", "ln(age - 62)", "1 / 0", "age / 0", "sqrt(-age)", "power(age, 400)", "age * 1e308 * 10",
    "exp(age * 100)", "null", "sex is null", "case when age > 60 then 1 end", "read_text('/etc/passwd')",
    "(select max(age) from patients)", "select 1", "age; drop table patients", "age -- x", "sum(age)", "count(*)",
    "row_number() over ()", "cast(age as int)", "age::int", "age in (1, 2", "not age", "\"age\"", "\"no such\"",
    "'I'", "stage", "stage || 'x'", "date '2021-01-01'", "interval 1 day", "age between 1 and", "lower(age)",
    "abs(sex)", "round(age, 'x')", "coalesce(age, 'x')", "true", "x'41'", "continuous", "binary", "categorical",
    "months", "none", "r", "sas", "spss", "pooled", "focal", "smallest", "data", "breslow", "fisher", "t_test",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *STRINGS, None, True, False, 0, 1, -1, 3, 10**6, 10**30, -(10**30), 0.0, 0.1, 1e308, 5e-324, float("nan"),
    float("inf"), [], {}, [[]], [None], {"": ""}, {"age": None}, ["age"], ["age", "age"], ["treatment"], [1, 2, 3],
    {"a": {"b": {"c": "d"}}}, [{"label": "x"}], {None: None}, {1: 2},
)  # fmt: skip
OPERATIONS = ("replace", "replace", "replace", "delete", "swap", "rename", "wrap", "append", "twice", "empty", "deep")

MUTATION = st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(VALUES))
MUTATIONS = st.lists(MUTATION, min_size=1, max_size=3)


def mutated(protocol: dict[str, Any], mutations: list[tuple]) -> str:
    """The protocol as YAML after the mutations."""
    tree = copy.deepcopy(protocol)
    twice: list[int] = []
    for operation, where, other, value in mutations:
        if operation == "twice":
            twice.append(where)
            continue
        places = list(_places(tree))
        if not places:
            break
        parent, key = places[where % len(places)]
        _apply(operation, parent, key, copy.deepcopy(value), places[other % len(places)])
    lines = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=10**6).splitlines()
    for where in twice:
        lines.insert(where % len(lines), lines[where % len(lines)])
    return "\n".join(lines) + "\n"


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """(parent, key) of every value of the tree."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from _places(node[key])


def _apply(operation: str, parent: Any, key: Any, value: Any, other: tuple[Any, Any]) -> None:
    if operation == "replace":
        parent[key] = value
    elif operation == "delete":
        del parent[key]
    elif operation == "swap":
        there, name = other
        parent[key] = copy.deepcopy(there[name])
    elif operation == "rename" and isinstance(parent, dict):
        parent[str(value)] = parent.pop(key)
    elif operation == "wrap":
        parent[key] = [parent[key]]
    elif operation == "append" and isinstance(parent[key], list):
        parent[key].append(value)
    elif operation == "empty":
        parent[key] = type(parent[key])() if isinstance(parent[key], dict | list | str) else None
    elif operation == "deep":
        for _ in range(60):
            parent[key] = {"x": parent[key]}


CELLS = (
    "", " ", "NA", "N/A", "nan", "NaN", "inf", "-inf", "Infinity", "null", "None", "-", "?", ".", "0", "-1", "-0.0",
    "1", "2", "9", "99", "999", "1e308", "-1e308", "1e400", "5e-324", "9" * 40, "1_000", "１２", "1,5", "1.234,5",
    "1 000", "0x10", "12abc", "<5", "> 10", "+", "true", "FALSE", "yes", "Yes", "YES", "M ", " m", "2021-02-30",
    "2021-02-28", "28.02.2021", "02/28/21", "9999-12-31", "1900-01-01", "44250", "12:30", "🎈", "약", "\u202e",
    "\ufeff", "\u00a0", "a\nb", "a\rb", "'", '"', "''", "a,b", "a;b", "a\tb", "=1+1", "=cmd|' /C calc'!A0",
    "@SUM(A1)", "-2+3", "'; drop table patients; --", "' or '1'='1", "x" * 4000, "#DIV/0!", "#N/A", "I", "II", "IV",
    "new", "old", "NEW", "P001", "alfamab", "gammacid", "PD", "ecog", "\x00", "\x1b[31m", "\x7f",
)  # fmt: skip
HEADERS = (
    "", " ", "age", "AGE", "patient", "patient_id", "source_row", "row_number", "select", 'a"b', "a'b", "a;b", "=1+1",
    "약", "x" * 300, "a\nb", "1", "\ufeffpatient", 'x" from patients; copy (select 1) to \'planted.csv\'; --', "days",
    "died", "*", "%", "column0", "\x00",
)  # fmt: skip
TABLE_OPERATIONS = (
    "cell", "cell", "cell", "cell", "column", "header", "drop header", "double header", "long row", "short row",
    "repeat row", "drop rows", "no rows", "swap columns", "constant", "blank column", "blank row", "title row",
)  # fmt: skip
FORMS = (
    "csv", "csv", "csv", "semicolon", "tab", "crlf", "cr", "bom", "utf-16", "cp949", "latin-1", "quoted",
    "no newline", "cut", "unclosed quote", "nul", "empty", "garbage", "xlsx", "parquet",
)  # fmt: skip
TABLE_MUTATION = st.tuples(
    st.sampled_from(TABLE_OPERATIONS),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(CELLS),
    st.sampled_from(HEADERS),
)
TABLE_MUTATIONS = st.lists(TABLE_MUTATION, min_size=0, max_size=3)


def mutated_grid(grid: list[list[str]], mutations: list[tuple]) -> list[list[str]]:
    """Header and rows after the mutations; rows may be ragged."""
    grid = [list(row) for row in grid]
    for operation, row, column, cell, header in mutations:
        if not grid or not grid[0]:
            break
        _change(grid, operation, row, column % len(grid[0]), cell, header)
    return grid


def _change(grid: list[list[str]], operation: str, row: int, c: int, cell: str, header: str) -> None:
    r, other = 1 + row % max(1, len(grid) - 1), row % len(grid[0])
    if operation in ("cell", "column", "constant", "blank column"):
        chosen = {"cell": [r], "column": range(3, len(grid), 3)}.get(operation, range(1, len(grid)))
        for i in chosen:
            if i < len(grid) and c < len(grid[i]):
                grid[i][c] = "" if operation == "blank column" else cell
    elif operation in ("header", "double header"):
        grid[0][c] = header if operation == "header" else grid[0][other]
    elif operation in ("drop header", "swap columns"):
        _change_columns(grid, operation, c, other)
    else:
        _change_rows(grid, operation, r, c, cell, header)


def _change_columns(grid: list[list[str]], operation: str, c: int, other: int) -> None:
    for line in grid:
        if operation == "drop header":
            del line[c : c + 1]
        elif max(c, other) < len(line):
            line[c], line[other] = line[other], line[c]


def _change_rows(grid: list[list[str]], operation: str, r: int, c: int, cell: str, header: str) -> None:
    if operation == "title row":
        grid.insert(0, [header])
    elif operation == "blank row":
        grid.insert(r, [""] * len(grid[0]))
    elif operation == "no rows":
        del grid[1:]
    elif operation == "drop rows":
        del grid[1 + r % 6 :]
    elif r < len(grid) and operation == "repeat row":
        grid.append(list(grid[r]))
    elif r < len(grid):
        grid[r] = [*grid[r], cell] if operation == "long row" else grid[r][:c]


def as_bytes(grid: list[list[str]], form: str) -> bytes:
    """The grid as the bytes of a csv file of that form."""
    delimiter = {"semicolon": ";", "tab": "\t"}.get(form, ",")
    end = {"crlf": "\r\n", "cr": "\r"}.get(form, "\n")
    text = end.join(delimiter.join(_quoted(cell, delimiter, form == "quoted") for cell in row) for row in grid)
    text += "" if form == "no newline" else end
    if form == "unclosed quote":
        text = text[: len(text) // 2] + '"' + text[len(text) // 2 :]
    encoding = form if form in ("utf-16", "cp949", "latin-1") else "utf-8-sig" if form == "bom" else "utf-8"
    data = text.encode(encoding, errors="replace")
    if form == "cut":
        return data[: 2 * len(data) // 3]
    if form == "nul":
        return data[: len(data) // 2] + b"\x00" + data[len(data) // 2 :]
    return {"empty": b"", "garbage": b"\x89PNG\r\n\x1a\n\xff\xfe\x00" * 20}.get(form, data)


def _quoted(cell: str, delimiter: str, always: bool) -> str:
    if always or any(sign in cell for sign in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell
