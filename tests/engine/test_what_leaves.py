"""Rows that the driver of PostgreSQL hands over in whole studies, looked at where they come out of its cursors: those of patients
are the ones that `--dry` lists, of these columns and as many, and no other row tells a patient."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.test_sdtm import DM, EX, LB, protocol, write_csv
from equipoise.cli import app
from omop_cdm import Database
from pg_server import Server
from tiny import tiny_in
from warehouse import in_postgres

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: the extra 'postgres'")
FEW = 2  # patients whom extremes may tell
Study = tuple[Path, set[str], set[str]]  # protocol, identifiers, what each patient alone has


class Taken(psycopg.Cursor):
    """A cursor that keeps what was taken out of it: columns and rows, by statement."""

    found: dict[str, tuple[tuple[str, ...], list[tuple]]] = {}

    def _kept(self, rows: list[tuple]) -> None:
        if self.description is not None and rows:
            sql = str(self._query.query) + repr(self._query.params)
            _, before = self.found.get(sql, ((), []))
            self.found[sql] = tuple(d.name for d in self.description), rows if before == rows else before + rows

    def fetchall(self) -> list[tuple]:
        rows = super().fetchall()
        self._kept(rows)
        return rows

    def fetchone(self) -> tuple | None:
        row = super().fetchone()
        self._kept([] if row is None else [row])
        return row

    def fetchmany(self, size: int = 0) -> list[tuple]:
        rows = super().fetchmany(size)
        self._kept(rows)
        return rows

    def __iter__(self):
        return iter(self.fetchall())

    def copy(self, statement, *given, **more):
        assert "stdout" not in str(statement).lower(), "COPY takes rows too"
        return super().copy(statement, *given, **more)


def contract(folder: Path, server: Server) -> Study:
    tiny = tiny_in(folder / "files")
    path = tiny.write()
    (folder / "contract").mkdir()
    files = sorted((folder / "files" / "data").glob("*.csv"))
    there = in_postgres(server, path, folder / "contract", "tables: data", files)
    who = {row["patient_id"] for row in tiny.tables["patient"]}
    return there, who, {str(row["index_date"]) for row in tiny.tables["index_treatment"]}


def domains(folder: Path, server: Server) -> Study:
    """Twelve subjects of ages and days of their own."""
    many = {f"S{i}_{k}": 12 * i + k for i in range(3) for k in range(4)}
    dm = [{**r, "USUBJID": f"{r['USUBJID']}_{k}"} for r in DM for k in range(4)]
    dm = [{**r, "AGE": 40 + many[r["USUBJID"]]} for r in dm if r["USUBJID"] in many]
    days = {who: dt.date(2021, 1, 4) + dt.timedelta(days=n) for who, n in many.items()}
    ex = [{**EX[1], "USUBJID": who, "EXSTDTC": day.isoformat(), "EXENDTC": "2021-06-01"} for who, day in days.items()]
    lb = [{**r, "USUBJID": who} for who in many for r in LB]
    for name, rows in {"dm": dm, "ex": ex, "lb": lb}.items():
        write_csv(folder / "files" / "sdtm" / f"{name}.csv", rows)
    path = protocol(folder / "files")
    plain = path.read_text(encoding="utf-8").replace("design: {propensity: [age, male]}", "design: none")
    path.write_text(plain, encoding="utf-8")
    (folder / "domains").mkdir()
    there = in_postgres(server, path, folder / "domains", "path: sdtm", sorted((folder / "files" / "sdtm").glob("*.csv")))
    return there, set(many), {str(day) for day in days.values()}


def omop(folder: Path, server: Server) -> Study:
    """Persons whose numbers are no counts."""
    database = Database(folder / "files")
    for rows in database.tables.values():
        for row in rows:
            if "person_id" in row:
                row["person_id"] += 7_000_000
    path = database.write()
    (folder / "omop").mkdir()
    files = sorted((folder / "files" / "cdm").glob("*.csv"))
    there = in_postgres(server, path, folder / "omop", "path: cdm", files)
    people = database.tables["person"]
    return there, {str(r["person_id"]) for r in people}, {str(r["value_as_number"]) for r in database.tables["measurement"]}


@pytest.mark.parametrize("made", [contract, domains, omop])
def test_rows_of_patients_are_those_that_a_dry_run_lists(made, postgres: Server, tmp_path: Path, monkeypatch) -> None:
    path, who, own = made(tmp_path, postgres)
    Taken.found = {}
    connect = psycopg.connect
    monkeypatch.setattr(psycopg, "connect", lambda *given, **more: connect(*given, **more, cursor_factory=Taken))
    done = CliRunner().invoke(app, ["run", str(path), "--dry"])
    assert done.exit_code == 0, done.output
    lines = [line.removeprefix("leaves").strip() for line in done.output.splitlines() if line.startswith("leaves")]
    listed = Counter()
    for line in lines[:-1]:
        columns, _, rows = line.partition(": ")[2].rpartition(" (")
        listed[columns] += int(rows.split()[0])
    taken: Counter[str] = Counter()
    for columns, rows in Taken.found.values():
        cells = {str(cell) for row in rows for cell in row}
        if cells & who or ", ".join(columns) in listed:
            taken[", ".join(columns)] += len(rows)
        else:
            assert len(cells & own) <= FEW, columns
    assert taken == listed
    assert sum(taken.values()) >= len(who)
