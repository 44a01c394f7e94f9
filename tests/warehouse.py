"""A protocol again, whose files are tables of a database; and the studies that every engine must tell alike."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from data.test_sdtm import AE, DM, DS, EX, LB, QS, VS, protocol, write_csv
from engines_agree import relations_that_differ, results_that_differ
from equipoise.data.sources import read_sources
from equipoise.protocol.load import load_protocol
from equipoise.records import Study
from equipoise.study import run_study
from founding_sdtm import sdtm_protocol
from pg_server import Server
from study.test_core_and_packs import FIRST_LINE, first_line, write

Twin = Callable[..., Path]


def reading(path: Path, folder: Path, here: str, files: list[Path], address: str, more: tuple[str, ...] = ()) -> Path:
    """The protocol in another folder, reading the schema `registry` of a database. here: what names the files in its text."""
    text = path.read_text(encoding="utf-8")
    assert text.count(here) == 1
    parts = (f'connection: "{address}"', "schema: registry", *more)
    join = ", " if "{" in text[: text.index(here)].splitlines()[-1] else "\n  "
    for file in path.parent.iterdir():
        if file.is_file() and file not in files:
            shutil.copy(file, folder)
    (folder / path.name).write_text(text.replace(here, join.join(parts)), encoding="utf-8")
    return folder / path.name


def in_postgres(
    server: Server, path: Path, folder: Path, here: str, files: list[Path], more: tuple[str, ...] = (), **kinds: str
) -> Path:
    """The protocol in another folder, reading a new database. kinds: columns that are not text there."""
    name = server.database(folder.name.replace("-", "_"))
    server.load(name, "registry", files, kinds)
    return reading(path, folder, here, files, server.address(name), more)


def agree(here: Study, there: Study) -> None:
    assert len(here.estimates.rows) > 20
    assert results_that_differ(here, there) == []
    assert relations_that_differ(here.sources.engine, there.sources.engine) == []


class SameStudies:
    """Inherited by the tests of an engine, which have a fixture `twin`: (protocol, what names its files there, the files, further
    lines of `data`, types of columns that are not text) -> the protocol that reads a database."""

    def test_one_table_with_a_row_per_patient(self, repository: Path, twin: Twin) -> None:
        path = repository / "src" / "equipoise" / "verify" / "gbsg2" / "study.yaml"
        kinds = {"age": "smallint", "time": "integer", "cens": "bigint"}
        agree(run_study(path), run_study(twin(path, "rows: gbsg2.csv", [path.parent / "gbsg2.csv"], ("rows: gbsg2",), **kinds)))

    def test_a_first_line_study(self, tmp_path: Path, twin: Twin) -> None:
        path = write(tmp_path, FIRST_LINE, first_line())
        agree(run_study(path), run_study(twin(path, "tables: data", sorted((tmp_path / "data").glob("*.csv")), start="date")))

    def test_the_founding_study(self, repository: Path, twin: Twin) -> None:
        """All its numbers and relations; some columns of the tables have types of their own."""
        path = repository / "src" / "equipoise" / "founding" / "study.yaml"
        kinds = {"age_index": "integer", "index_date": "date", "uln": "double precision", "dose_mg": "numeric(9, 3)"}
        files = sorted((path.parent / "data").glob("*.csv"))
        here = run_study(path)
        assert len(here.sources.engine.relations) > 90
        agree(here, run_study(twin(path, "tables: data ", files, ("#",), death_date="date", **kinds)))

    def test_the_founding_study_in_sdtm(self, repository: Path, tmp_path: Path, twin: Twin) -> None:
        """Its domains as tables of the database, those of no domain beside them; that its files tell what the contract tables do
        is another test's (data/test_founding_sdtm)."""
        path = sdtm_protocol(repository / "src" / "equipoise" / "founding" / "study.yaml", tmp_path / "domains")
        agree(run_study(path), run_study(twin(path, "path: sdtm", sorted((path.parent / "sdtm").glob("*.csv")))))

    def test_invented_sdtm_domains(self, tmp_path: Path, twin: Twin) -> None:
        """Names of domains and variables of any case; dates without a day, codes that are not taken over."""
        given = {"dm": DM, "ex": EX, "lb": LB, "ae": AE, "ds": DS, "vs": VS, "qs": QS}
        for name, rows in given.items():
            write_csv(tmp_path / "sdtm" / f"{name}.csv", rows)
        path = protocol(tmp_path, safety="packs: [liver]")
        here = read_sources(load_protocol(path))
        there = read_sources(load_protocol(twin(path, "path: sdtm", sorted((tmp_path / "sdtm").glob("*.csv")))))
        assert relations_that_differ(here.engine, there.engine) == []
        assert [f.message for f in there.findings] == [f.message for f in here.findings]
