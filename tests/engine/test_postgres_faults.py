"""What goes wrong in a database, and what is planted there: a sentence each, no row of a patient in it, nothing half written."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.engine import EngineError, open_engine
from equipoise.errors import DataError, EquipoiseError
from equipoise.report.bundle import write_report
from equipoise.study import run_study
from pg_server import READER
from tiny import tiny_in
from warehouse import in_postgres


@pytest.fixture
def planted(postgres, tmp_path_factory) -> Callable[..., Path]:
    """The tiny study in a database of its own, after statements of the database's owner."""

    def made(*statements: str, **kinds: str) -> Path:
        folder, there = tmp_path_factory.mktemp("tiny"), tmp_path_factory.mktemp("planted")
        path = in_postgres(
            postgres, tiny_in(folder).write(), there, "tables: data", sorted((folder / "data").glob("*.csv")), **kinds
        )
        with postgres.owner(there.name) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return made


def said(path: Path) -> str:
    with pytest.raises(EquipoiseError) as raised:
        run_study(path)
    return " ".join(fault.sentence() for fault in raised.value.faults)


def edited(path: Path, here: str, there: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert here in text
    path.write_text(text.replace(here, there), encoding="utf-8")
    return path


def test_an_unknown_host(planted) -> None:
    path = planted()
    line = next(x for x in path.read_text().splitlines() if "connection:" in x)
    address = line.split('"')[1]
    assert "the host of this address is not known" in said(edited(path, address, "postgresql://no-such-host.invalid/db"))


def test_a_server_that_does_not_run_and_a_database_that_is_not_there(planted, postgres, tmp_path) -> None:
    path = planted()
    folder = str(postgres.folder)
    assert "cannot be reached" in said(edited(path, folder, str(tmp_path)))
    edited(path, str(tmp_path), folder)
    assert "has no database of this name" in said(edited(path, "@/planted", "@/nowhere"))


def test_a_schema_and_a_table_that_are_not_there(planted) -> None:
    assert "the study needs the table ae" in said(planted("drop table registry.ae"))
    assert "no table in the schema clinic" in said(edited(planted(), "schema: registry", "schema: clinic"))


def test_rights_that_are_missing(planted, postgres) -> None:
    path = planted(f"revoke select on registry.ae from {READER}")
    assert "registry.ae: the table cannot be read" in said(path) and "grant select" in said(path)
    path = planted(f"revoke usage on schema registry from {READER}")
    assert "grant usage on schema" in said(path)
    path = planted()
    with postgres.owner() as connection:
        connection.execute(f'revoke temporary on database "{path.parent.name}" from {READER}')
    assert "may not make temporary tables" in said(path)


def test_a_driver_that_is_not_installed(planted, monkeypatch) -> None:
    path, found = planted(), builtins.__import__

    def without(name: str, *given, **more):
        if name == "psycopg":
            raise ImportError(name)
        return found(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'equipoise[postgres]'" in said(path)


def test_a_connection_that_drops_fails_whole(planted, postgres, undrawn) -> None:
    """The output of the run before stays as it was."""
    path = planted()
    out = path.parent / "out"
    write_report(run_study(path), out)
    before = {p.name: p.read_bytes() for p in out.rglob("*") if p.is_file()}

    def drop(line: str) -> None:
        if line.startswith("cohort"):
            with postgres.owner() as connection:
                connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'equipoise'")

    with pytest.raises(EquipoiseError, match="the connection to the database was lost"):
        write_report(run_study(path, drop), out)
    assert {p.name: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


def test_one_state_of_the_database_is_read(planted, postgres) -> None:
    """Rows that others add in the middle are not seen; and nothing of ours stays there, or is written but temporary tables."""
    path = planted()
    engine = open_engine(postgres.address(path.parent.name))
    name = engine.stored_name("registry", "patient")
    before = engine.rows(f"select count(*) from {name}")[0][0]
    with postgres.owner(path.parent.name) as connection:
        connection.execute("insert into registry.patient (patient_id) values ('T99')")
        assert engine.rows(f"select count(*) from {name}")[0][0] == before == 16
        engine.create("made", "select 1 as x")
        assert engine.rows("select x from made") == [(1,)]
        with pytest.raises(EngineError):
            engine.rows(f"delete from {name}")
        engine.close()
        assert connection.execute("select count(*) from pg_class where relname = 'made'").fetchone() == (0,)


def test_the_hash_of_a_table_is_of_its_rows_in_no_order(planted, postgres) -> None:
    path = planted()
    first = run_study(path).sources.tables
    with postgres.owner(path.parent.name) as connection:
        connection.execute("create table registry.again as select * from registry.patient order by patient_id desc")
        connection.execute("drop table registry.patient")
        connection.execute("alter table registry.again rename to patient")
        postgres.grant(connection, "registry")
        again = run_study(path).sources.tables
        assert {n: t.sha256 for n, t in again.items()} == {n: t.sha256 for n, t in first.items()}
        connection.execute("update registry.patient set site = 'West' where patient_id = 'T01'")
    other = run_study(path).sources.tables
    assert [n for n in other if other[n].sha256 != first[n].sha256] == ["patient"]


def test_a_person_twice(planted) -> None:
    told = said(planted("insert into registry.patient select * from registry.patient where patient_id = 'T03'"))
    assert "registry.patient, row 4, column patient_id: the same patient_id stands in an earlier row" in told


def test_moments_where_days_are_due(planted) -> None:
    """A moment is its day; one with a zone has no day until a zone is declared."""
    late = "using index_date::timestamp + interval '22 hours'"
    path = planted(f"alter table registry.index_treatment alter column index_date type timestamp {late}")
    assert str(run_study(path).cohort.index_date[0]) == "2020-06-01"
    path = planted("alter table registry.index_treatment alter column index_date type timestamp using index_date::timestamp")
    assert run_study(path).cohort.n == 15
    path = planted(
        "alter table registry.index_treatment alter column index_date type timestamptz "
        "using (index_date || ' 00:00+09')::timestamptz"
    )
    assert "time_zone" in said(path)
    there = run_study(edited(path, "schema: registry", "schema: registry, time_zone: Asia/Seoul"))
    assert str(there.cohort.index_date[0]) == "2020-06-01"


def test_names_that_are_statements(planted) -> None:
    """A name of a column or a table is a name."""
    nasty = 'x"; drop table registry.patient; --'
    quoted = nasty.replace('"', '""')
    path = planted(f'alter table registry.patient add column "{quoted}" text', f'create table registry."{quoted}" (a int)')
    study = run_study(path)
    assert study.cohort.n == 15
    assert study.sources.engine.rows("select count(*) from patient") == [(16,)]


def test_nan_and_null(planted) -> None:
    """NaN of a number is missing, as an empty cell is."""
    path = planted(
        "alter table registry.patient alter column age_index type double precision using age_index::double precision",
        "update registry.patient set age_index = 'NaN' where patient_id = 'T02'",
        "update registry.patient set age_index = null where patient_id = 'T04'",
    )
    found = run_study(path).sources.engine.rows("select patient_id from patient where age_index is null order by 1")
    assert found == [("T02",), ("T04",)]


def test_an_arm_below_the_smallest_cell_stops_the_study(planted) -> None:
    path = edited(planted(), "safety: {}", "safety: {}\nminimum_cell: 9")
    told = said(path)
    assert "fewer than 9" in told


def test_a_fault_tells_rows_and_no_cell(planted) -> None:
    path = planted("update registry.patient set age_index = 'hush' where patient_id = 'T05'")
    with pytest.raises(DataError) as raised:
        run_study(path)
    told = " ".join(fault.sentence(show_value=True) for fault in raised.value.faults)
    assert "registry.patient, row 5, column age_index" in told and "hush" not in told
