"""Databases that sort and write text in other ways, and servers that are too old."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from equipoise.engine import EngineError, open_engine, postgres_session
from equipoise.study import run_study
from pg_server import Server
from tiny import tiny_in
from warehouse import agree, reading

LIBC = "template template0 encoding 'UTF8' locale_provider libc locale '{}'"
WANTED = ("C", "POSIX", "C.utf8", "en_US.utf8", "ko_KR.utf8", "tr_TR.utf8")


def there() -> list[str]:
    """Locales of this system: PostgreSQL has no other."""
    try:
        found = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    except OSError:
        found = []
    return [name for name in WANTED if name in ("C", *found)]


@pytest.mark.parametrize("locale", there())
def test_the_same_study_whatever_the_locale(postgres: Server, tmp_path: Path, locale: str) -> None:
    path = tiny_in(tmp_path / "here").write()
    files = sorted((path.parent / "data").glob("*.csv"))
    name = postgres.database(f"in_{locale.replace('.', '_').lower()}", LIBC.format(locale))
    postgres.load(name, "registry", files)
    (tmp_path / "there").mkdir()
    agree(run_study(path), run_study(reading(path, tmp_path / "there", "tables: data", files, postgres.address(name))))


def test_text_without_an_encoding_is_refused(postgres: Server) -> None:
    name = postgres.database("ascii", "template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'")
    with pytest.raises(EngineError, match="keeps its text in SQL_ASCII; it is read in UTF8 only"):
        open_engine(postgres.address(name))


def test_a_server_that_is_too_old(postgres: Server, monkeypatch) -> None:
    monkeypatch.setattr(postgres_session, "LEAST", 99)
    with pytest.raises(EngineError, match=r"the server is PostgreSQL \d+\.\d+, and .* or later is needed"):
        open_engine(postgres.address("postgres", "keeper"))
