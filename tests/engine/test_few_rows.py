"""Of a small study the embedded engine takes one thread; of any other as many as there are."""

import duckdb
import pytest

from equipoise.engine import DuckDBEngine, open_engine
from equipoise.engine.connect import FEW, PACKED

THREADS = "select current_setting('threads')"


def threads(engine):
    return engine.rows(THREADS)[0][0]


@pytest.fixture
def usual():
    with duckdb.connect(":memory:") as connection:
        return connection.execute(THREADS).fetchone()[0]


@pytest.mark.parametrize(
    ("name", "size", "few"),
    [
        ("a.csv", FEW, True),
        ("a.csv", FEW + 1, False),
        ("a.parquet", FEW // PACKED, True),
        ("a.parquet", FEW // PACKED + 1, False),
    ],
)
def test_the_size_of_the_files_decides(tmp_path, usual, name, size, few):
    file = tmp_path / name
    with file.open("wb") as written:
        written.truncate(size)
    assert threads(open_engine(files=[file, tmp_path / "absent.csv"])) == (1 if few else usual)


def test_unknown_files_are_many(usual):
    assert threads(open_engine()) == usual
    assert threads(DuckDBEngine()) == usual
