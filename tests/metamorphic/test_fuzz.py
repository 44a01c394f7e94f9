"""Protocols and tables with something odd in them end in sentences or in a finished study, never otherwise."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
import studies
from accepted import outcome
from fuzzing import CELLS, FORMS, MUTATIONS, STRINGS, TABLE_MUTATIONS, as_bytes, mutated, mutated_grid
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PLANTED = ("Kim-Minjun-830412", "77123.4567")  # an identifier and a marker that no message may hold
EVERYDAY, THOROUGH = 5, 120
SHARE = 6  # of the odd strings and cells, another sixth in each place


def profile(examples: int):
    return settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )


def planted_sheet(n: int = 36) -> studies.Example:
    example = studies.sheet(n)
    example.rows[5] |= {"patient": PLANTED[0], "marker": PLANTED[1]}
    example.protocol["design"]["propensity"] = ["age", "male"]
    return example


def planted_raw(n: int = 24) -> studies.Example:
    example = studies.raw(n)
    for rows in example.tables.values():
        for row in rows:
            if row["patient_id"] == "T003":
                row["patient_id"] = PLANTED[0]
    return example


EXAMPLES = {"sheet": planted_sheet, "one_arm": lambda: studies.one_arm(36), "raw": planted_raw}


def fuzz_protocol(name: str, mutations: list[tuple]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        example = EXAMPLES[name]()
        path = example.write(Path(folder))
        path.write_text(mutated(example.protocol, mutations), encoding="utf-8", errors="surrogateescape")
        outcome(path, PLANTED)


@profile(EVERYDAY)
@given(MUTATIONS)
def test_protocols(mutations):
    fuzz_protocol("sheet", mutations)


@pytest.mark.slow
@profile(THOROUGH)
@given(MUTATIONS)
def test_many_protocols(mutations):
    fuzz_protocol("sheet", mutations)


@pytest.mark.slow
@profile(THOROUGH // 4)
@given(MUTATIONS)
def test_many_protocols_of_one_arm(mutations):
    fuzz_protocol("one_arm", mutations)


@pytest.mark.slow
@profile(THOROUGH // 4)
@given(MUTATIONS)
def test_many_protocols_of_raw_tables(mutations):
    fuzz_protocol("raw", mutations)


PLACES = {
    "from of a continuous covariate": lambda p, text: p["covariates"]["age"].update({"from": text}),
    "from of a binary covariate": lambda p, text: p["covariates"]["male"].update({"from": text}),
    "from of a categorical covariate": lambda p, text: p["covariates"]["stage"].update({"from": text}),
    "event": lambda p, text: p["endpoints"]["os"].update({"event": text}),
    "time": lambda p, text: p["endpoints"]["os"]["time"].update({"column": text}),
    "eligibility": lambda p, text: p.update(
        {"eligibility": {"steps": [{"label": "Analysed", "exclude": [{"reason": "Left", "where": text}]}]}}
    ),
    "subgroup": lambda p, text: p["subgroups"]["by_age"]["levels"].update({"<62": text}),
    "level": lambda p, text: p["covariates"]["stage"].update({"levels": {"I": "I", text: "II", "III": "III"}}),
    "value of an arm": lambda p, text: p["arms"]["groups"]["new"].update({"value": text}),
    "column of the arms": lambda p, text: p["arms"].update({"column": text}),
    "file": lambda p, text: p["data"].update({"rows": text}),
    "patient": lambda p, text: p["data"].update({"patient": text}),
    "label": lambda p, text: p["covariates"]["age"].update({"label": text}),
    "title": lambda p, text: p["study"].update({"title": text}),
    "caliper": lambda p, text: p["design"].update({"caliper": text}),
    "landmarks": lambda p, text: p.update({"landmarks": [text]}),
    "missing": lambda p, text: p["data"].update({"missing": [text]}),
    "thresholds": lambda p, text: p["design"].update({"balance_thresholds": [text, text]}),
}


def odd_string(place: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        example = planted_sheet(30)
        PLACES[place](example.protocol, text)
        outcome(example.write(Path(folder)), PLANTED)


@profile(EVERYDAY)
@given(st.sampled_from(sorted(PLACES)), st.sampled_from(STRINGS))
@pytest.mark.slow
def test_odd_strings_in_a_place(place, text):
    odd_string(place, text)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_odd_strings_in_every_place(place):
    wrong = []
    for text in STRINGS[sorted(PLACES).index(place) % SHARE :: SHARE]:
        try:
            odd_string(place, text)
        except Exception as error:  # all of them at once: each is a finding
            wrong.append((text[:60], f"{type(error).__name__}: {error}"[:300]))
    assert not wrong, f"{len(wrong)} strings: {wrong[:6]}"


def grid_of(rows: list[dict]) -> list[list[str]]:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return list(csv.reader(io.StringIO(text.getvalue())))


def written(folder: Path, name: str, grid: list[list[str]], form: str) -> str:
    """The table as a file of that form; its name."""
    if form == "xlsx":
        import openpyxl
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        book = openpyxl.Workbook()
        for row in grid:
            book.active.append([_excel(ILLEGAL_CHARACTERS_RE.sub("", cell)) for cell in row])
        book.save(folder / f"{name}.xlsx")
        return f"{name}.xlsx"
    if form == "parquet":
        import pandas as pd

        width = len(grid[0]) if grid else 0
        columns = {f"{h}" or f"column{i}": [row[i] if i < len(row) else None for row in grid[1:]] for i, h in enumerate(grid[0])}
        import duckdb

        frame = pd.DataFrame(columns, dtype=object) if width else pd.DataFrame({"x": []})
        with duckdb.connect() as connection:
            connection.register("frame", frame)
            try:
                connection.execute("copy (select * from frame) to ? (format parquet)", [str(folder / f"{name}.parquet")])
            except duckdb.Error:  # no program could have written such a file
                (folder / f"{name}.parquet").write_bytes(b"PAR1")
        return f"{name}.parquet"
    (folder / f"{name}.csv").write_bytes(as_bytes(grid, form))
    return f"{name}.csv"


def _excel(cell: str):
    try:
        return float(cell) if cell.strip() and abs(float(cell)) < 1e300 else cell[:3000]
    except ValueError:
        return cell[:3000]


def fuzz_sheet(mutations: list[tuple], form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        example = planted_sheet()
        path = example.write(Path(folder))
        grid = mutated_grid(grid_of(example.rows), mutations)
        (Path(folder) / "patients.csv").unlink()
        example.protocol["data"]["rows"] = written(Path(folder), "patients", grid, form)
        tables, example.tables = example.tables, {}
        path = example.write(Path(folder))
        example.tables = tables
        outcome(path, PLANTED)
        assert not list(Path(folder).glob("planted*"))


@profile(EVERYDAY)
@given(TABLE_MUTATIONS, st.sampled_from(FORMS))
def test_sheets(mutations, form):
    fuzz_sheet(mutations, form)


@pytest.mark.slow
@profile(THOROUGH)
@given(TABLE_MUTATIONS, st.sampled_from(FORMS))
def test_many_sheets(mutations, form):
    fuzz_sheet(mutations, form)


def fuzz_raw(mutations: list[tuple], table: str, form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        example = planted_raw()
        path = example.write(Path(folder))
        grid = mutated_grid(grid_of(example.tables[table]), mutations)
        (Path(folder) / "data" / f"{table}.csv").unlink()
        written(Path(folder) / "data", table, grid, form)
        outcome(path, PLANTED)


@pytest.mark.slow
@profile(THOROUGH // 3)
@given(TABLE_MUTATIONS, st.sampled_from(studies.RAW_TABLES), st.sampled_from(FORMS))
def test_many_raw_tables(mutations, table, form):
    fuzz_raw(mutations, table, form)


@pytest.mark.slow
@pytest.mark.parametrize("column", list(studies.sheet(1).rows[0]))
def test_odd_cells_in_every_column(column):
    """Once in one row, once in every row."""
    wrong = []
    place = list(studies.sheet(1).rows[0]).index(column)
    for cell in CELLS[place % SHARE :: SHARE]:
        for operation in ("cell", "constant"):
            try:
                fuzz_sheet([(operation, 7, place, cell, "")], "csv")
            except Exception as error:  # all of them at once: each is a finding
                wrong.append((operation, cell[:60], f"{type(error).__name__}: {error}"[:300]))
    assert not wrong, f"{len(wrong)} cells: {wrong[:6]}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fuzz", "drawn"),
    [
        (odd_string, ("from of a binary covariate", "9" * 400)),
        (odd_string, ("from of a continuous covariate", "null")),
        (odd_string, ("landmarks", "nan")),
        (fuzz_protocol, ("sheet", [("twice", 154, 10**6, "1"), ("twice", 154, 10**6, "1")])),
        (fuzz_sheet, ([("constant", 2320, 1, "1e308", "")], "csv")),
        (fuzz_sheet, ([("cell", 195728, 7, "a,b", "")], "csv")),
        (fuzz_sheet, ([("cell", 2279, 278, " ", "")], "no newline")),
        (fuzz_sheet, ([("blank column", 0, 2, "", "")], "cr")),
        (fuzz_sheet, ([("blank column", 0, 5, "", "")], "cr")),
        (fuzz_sheet, ([("blank column", 0, 7, "", "")], "csv")),
        (fuzz_sheet, ([("blank column", 0, 8, "", "")], "csv")),
        (fuzz_sheet, ([("drop rows", 105, 2614, "I", "")], "crlf")),
        (fuzz_raw, ([("no rows", 1, 1, "", "")], "observation", "csv")),
        (fuzz_raw, ([], "ae", "csv")),
    ],
)
def test_what_once_ended_otherwise(fuzz, drawn):
    """Each of these was found by the tests above."""
    fuzz(*drawn)
