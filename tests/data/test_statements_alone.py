"""Statements that run alone: on a file as it is written, or on the copy that a run with rows of patients writes; plain DuckDB
says whether they do."""

from __future__ import annotations

import csv
import gzip
import shutil
from decimal import Decimal

import duckdb
import openpyxl
import pytest
from books import write_ods, write_xls
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.data.sources import read_sources
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study


def rows_of(sheet):
    return [list(sheet.columns), *map(list, zip(*sheet.columns.values(), strict=True))]


def text(path, lines, sign=",", encoding="utf-8"):
    body = "".join(sign.join(map(str, row)) + "\n" for row in lines)
    path.write_bytes(gzip.compress(body.encode(encoding)) if path.suffix == ".gz" else body.encode(encoding))


def book(path, lines):
    if path.suffix == ".xlsx":
        made = openpyxl.Workbook()
        for row in lines:
            made.active.append(row)
        made.save(path)
    elif path.suffix == ".xls":
        write_xls(path, lines)
    else:
        write_ods(path, {"data": lines})


def plain(rows):
    """Whole numbers as the engine holds them, rows in one order."""
    return sorted(repr([float(c) if type(c) in (int, Decimal) else c for c in row]) for row in rows)


def doubled(lines):
    """Names in two cells: "at start" above age and what follows, "course" above days and what follows."""
    return [[{"age": "at start", "days": "course"}.get(name, "") for name in lines[0]], *lines]


KINDS = {
    "plain": ("d.csv", {}, lambda p, rows: text(p, rows), False),
    "semicolons in UTF-16": ("d.csv", {"encoding": "utf-16", "delimiter": ";"}, lambda p, r: text(p, r, ";", "utf-16"), False),
    "packed": ("d.csv.gz", {}, lambda p, r: text(p, r), False),
    "Korean": ("d.csv", {"encoding": "cp949"}, lambda p, r: text(p, r, ",", "cp949"), True),
    "Chinese": ("d.csv", {"encoding": "gbk"}, lambda p, r: text(p, r, ",", "gbk"), True),
    "Western": ("d.csv", {"encoding": "cp1252"}, lambda p, r: text(p, r, ",", "cp1252"), True),
    "two header rows": ("d.csv", {"header_rows": 2}, lambda p, r: text(p, doubled(r)), True),
    "rows below": ("d.csv", {"rows_below": 1}, lambda p, r: text(p, [*r, ["Total", *[60] * (len(r[0]) - 1)]]), True),
    "xlsx": ("d.xlsx", {"header_row": 3}, lambda p, r: book(p, [["Study"], [], *r]), True),
    "xls": ("d.xls", {}, book, True),
    "ods": ("d.ods", {}, book, True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_of_one_file(sheet, monkeypatch, kind):
    name, form, write, copied = KINDS[kind]
    sheet.columns["crp"] = [("<0.5", "", "NA", f"{1 + i % 9}.25")[i % 4] for i in range(60)]
    sheet.columns["note"] = [
        ("é" if "Western" in kind else "男性" if kind == "Chinese" else "양성" if kind == "Korean" else "x")
    ] * 60
    data = {"rows": name, "patient": "id", "limits": {"crp": "half"}, "missing": ["NA"], "form": form}
    sheet.protocol["data"] = data
    if kind == "two header rows":
        for key, new in {"age": "at start age", "stage": "at start stage"}.items():
            sheet.protocol["covariates"][key]["from"] = f'"{new}"'
        sheet.protocol["covariates"]["vi"]["from"] = '"at start vi" = 1'
        sheet.protocol["endpoints"]["os"] |= {"time": {"column": "course days", "unit": "days"}, "event": '"course dead" = 1'}
        data["limits"] = {"course crp": "half"}
    path = sheet.write()
    (sheet.folder / "d.csv").unlink()
    write(sheet.folder / name, rows_of(sheet))
    done = CliRunner().invoke(app, ["run", str(path), "--with-patient-rows"])
    assert done.exit_code == 0, done.output
    statements = sorted((sheet.folder / "out" / "sql").glob("*.sql"))
    copies = sorted((sheet.folder / "out" / "sql").glob("*.parquet"))
    assert len(statements) > 3 and bool(copies) == copied
    for copy in copies:
        shutil.copy(copy, sheet.folder)
    monkeypatch.chdir(sheet.folder)
    engine = run_study(path).sources.engine
    names = ["patients", *(p.stem.split("_", 1)[1] for p in statements)]
    for relation in names:
        script = engine.script(relation)
        assert ("put it beside the data" in script) == (copied and "reads: patients" in script)
        found = duckdb.sql(f"select * from ({script.rstrip()}) as r").fetchall()
        columns = list(engine.columns(relation))
        kept = duckdb.sql(f"select * from ({script.rstrip()}) as r limit 0").columns
        assert sorted(kept) == sorted(columns)
        listed = ", ".join(f'"{c}"' for c in kept)
        assert plain(found) == plain(engine.rows(f"select {listed} from {relation}")), relation


@pytest.mark.parametrize("name", ["d[1].csv", "d*.csv", "d?.csv", "d'1.csv", 'd";.csv'])
def test_the_name_of_a_file_is_no_pattern(sheet, monkeypatch, name):
    """Beside it lies a file that it would match, were it one."""
    sheet.protocol["data"] |= {"rows": name}
    path = sheet.write()
    monkeypatch.chdir(sheet.folder)
    for file in (name, "d1.csv"):
        (sheet.folder / file).write_bytes((sheet.folder / "d.csv").read_bytes())
    script = read_sources(load_protocol(path)).engine.script("patients")
    assert len(duckdb.sql(script).fetchall()) == len(rows_of(sheet)) - 1


def test_without_rows_of_patients_no_copy_is_written(sheet):
    sheet.protocol["data"] |= {"rows": "d.xlsx"}
    path = sheet.write()
    book(sheet.folder / "d.xlsx", rows_of(sheet))
    assert CliRunner().invoke(app, ["run", str(path)]).exit_code == 0
    assert not list((sheet.folder / "out").rglob("*.parquet"))[1:]  # results.parquet alone


def test_of_tables_in_several_forms(tiny, monkeypatch):
    """One file cp949 with semicolons, one a workbook with a title: each as it is declared."""
    path = tiny.write()
    folder = tiny.folder / "data"
    before = {
        t: read_sources(load_protocol(path)).engine.rows(f"select * from {t} order by source_row") for t in ("ae", "followup")
    }
    for name, given in (("ae", ";"), ("followup", "xlsx")):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            lines = list(csv.reader(file))
        (folder / f"{name}.csv").unlink()
        if given == ";":
            text(folder / f"{name}.csv", lines, ";", "cp949")
        else:
            made = openpyxl.Workbook()
            made.active.append(["not this one"])
            course = made.create_sheet("Course")
            for row in [["Course of patients"], [], *lines]:
                course.append(row)
            made.save(folder / f"{name}.xlsx")
    forms = "forms: {ae: {encoding: cp949, delimiter: ';'}, followup: {sheet: Course, header_row: 3}}"
    path.write_text(tiny.protocol.replace("data: {tables: data}", f"data: {{tables: data, {forms}}}"), encoding="utf-8")
    engine = read_sources(load_protocol(path)).engine
    assert {t: engine.rows(f"select * from {t} order by source_row") for t in before} == before
    assert sorted(engine.copies) == ["ae_as_read.parquet", "followup_as_read.parquet"]
