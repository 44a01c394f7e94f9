"""However a run ends, nothing of it stays: neither what an engine wrote to disk nor half a report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from equipoise.engine.duckdb import sentences
from equipoise.engine.scan import Scan
from sheet import Sheet
from tiny import TinyStudy

# a run that says `ready` and waits at a place: in a statement of the engine, while it spills, or in the middle of its report
RUN = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a program that a shell began behind it
import equipoise.study
from equipoise.report import bundle
{place}
from equipoise.cli import program
program()
"""
SLOW = "select sum(hash(a.i)) as s from range({n}) a(i)"
STATEMENT = f"""
def begun(*_):
    from equipoise.engine import open_engine
    engine = open_engine()
    print("ready", flush=True)
    engine.create("slow", "{SLOW.format(n="400_000_000_000")}")
equipoise.study.read_sources = begun
"""
# of two tables, which another thread than the first joins, so that the first sleeps
JOINED = """
def begun(*_):
    from equipoise.engine import open_engine
    engine = open_engine()
    engine.create("many", "select i % 3 as k, i from range(2000000) t(i)")
    print("ready", flush=True)
    engine.rows("select max(a.i + b.i) from many a join many b on a.k = b.k")
equipoise.study.read_sources = begun
"""
SPILLED = """
def begun(*_):
    from equipoise.engine import open_engine
    engine = open_engine()
    engine.create("large", "select i, hash(i) as h from range(5000000) t(i)")
    assert engine.rows("select count(*) from duckdb_temporary_files()")[0][0]
    print("ready", flush=True)
    time.sleep(60)
equipoise.study.read_sources = begun
"""
WRITTEN = """
def begun(*_):
    print("ready", flush=True)
    time.sleep(60)
bundle.audit_folder = begun
"""
ENDS = {"TERM": 143, "INT": 130, "KILL": -9}


def ended(study: Path, place: str, how: str, scratch: Path) -> int:
    """The exit code of a run that was told to end at that place."""
    scratch.mkdir()
    environment = os.environ | {"TMPDIR": str(scratch), "EQUIPOISE_MEMORY": "60MB"}
    words = [sys.executable, "-c", RUN.format(place=place), "run", str(study)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None and run.stderr is not None
        told = next((line for line in run.stdout if line == "ready\n"), run.stderr.read)
        assert told == "ready\n", told() if callable(told) else told
        assert place != SPILLED or any(scratch.rglob("*.tmp"))
        time.sleep(0.2)
        run.send_signal(getattr(signal, f"SIG{how}"))
        try:
            _, said = run.communicate(timeout=60)
        finally:
            run.kill()  # which otherwise would be waited for
    assert "Traceback" not in said and "an error of Equipoise" not in said
    return run.returncode


def emptied(folder: Path, seconds: float = 30) -> bool:
    """What waits for the end of a process has a moment to remove its folder."""
    until = time.monotonic() + seconds
    while any(folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.1)
    return not any(folder.iterdir())


@pytest.mark.parametrize("how", ENDS)
def test_nothing_spilled_stays(tiny: TinyStudy, tmp_path: Path, how: str) -> None:
    assert ended(tiny.write(), SPILLED, how, tmp_path / "scratch") == ENDS[how]
    assert emptied(tmp_path / "scratch")


@pytest.mark.parametrize("place", [STATEMENT, JOINED], ids=["one thread", "others"])
@pytest.mark.parametrize("how", ["TERM", "INT"])
def test_a_statement_is_ended(tiny: TinyStudy, tmp_path: Path, how: str, place: str) -> None:
    assert ended(tiny.write(), place, how, tmp_path / "scratch") == ENDS[how]
    assert emptied(tmp_path / "scratch")


class Stopped:
    """A connection into whose statement a signal comes: DuckDB says so in place of what the handler raised."""

    def execute(self, sql: str) -> None:
        raise RuntimeError("Query interrupted")


def test_a_signal_while_a_file_is_read_is_no_fault_of_ours() -> None:
    scan = Scan.__new__(Scan)
    scan._connection = Stopped()
    with pytest.raises(KeyboardInterrupt):
        scan.rows("select 1")
    with pytest.raises(RuntimeError, match="another"), sentences():
        raise RuntimeError("another")


@pytest.mark.parametrize("how", ["TERM", "INT"])
def test_no_half_report_stays(sheet: Sheet, tmp_path: Path, how: str) -> None:
    study = sheet.write()
    before = {p.name for p in study.parent.iterdir()}
    assert ended(study, WRITTEN, how, tmp_path / "scratch") == ENDS[how]
    assert {p.name for p in study.parent.iterdir()} == before


def test_what_a_killed_run_left_is_gone_with_the_next(sheet: Sheet, tmp_path: Path) -> None:
    """Nobody can tidy up behind a signal that is not caught: the half report is hidden, and the next run removes it."""
    study = sheet.write()
    assert ended(study, WRITTEN, "KILL", tmp_path / "scratch") == -9
    left = [p.name for p in study.parent.iterdir() if p.name.startswith(".out.")]
    assert len(left) == 1 and not (study.parent / "out").exists()
    assert subprocess.run([sys.executable, "-m", "equipoise", "run", str(study)], capture_output=True).returncode == 0
    assert [p.name for p in study.parent.iterdir() if p.name.startswith(".out.")] == [] and (study.parent / "out").is_dir()


SPARK = """
import sys, time
from equipoise.engine import open_engine
engine = open_engine("spark://local?cores=1")
engine.create("rows", "select a.i from (select unnest(range(0, 30000)) as i) a")
engine.create("many", "select a.i as x, b.i as y from rows a join rows b on a.i = b.i")
print(engine._session.sparkContext._jvm.java.lang.ProcessHandle.current().pid(), flush=True)
time.sleep(120)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["TERM", "KILL"])
def test_nothing_of_spark_stays(spark: str, tmp_path: Path, how: str) -> None:
    """Neither its Java, nor the folder in which it keeps rows."""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", SPARK], env=environment, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        java = int(run.stdout.readline())
        assert any(tmp_path.iterdir())
        run.send_signal(getattr(signal, f"SIG{how}"))
        run.wait(timeout=60)
    assert emptied(tmp_path)
    until = time.monotonic() + 30
    while Path(f"/proc/{java}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{java}").exists()
