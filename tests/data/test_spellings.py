"""Several spellings of a word, read as one where the protocol declares them; init proposes them, and the statement that runs
alone reads the same."""

from __future__ import annotations

import duckdb
import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.start.begin import start_study
from equipoise.study import run_study

ARMS = {"A": ["Surgery", "surgery", "SURGERY"], "B": ["TACE", "Tace", "tace "]}
SPELLINGS = {"arm": {"Surgery": ["surgery", "SURGERY"], "TACE": ["Tace", "tace"]}}


@pytest.fixture
def spelled(sheet):
    sheet.columns["arm"] = [ARMS[a][i % 7 % 3] for i, a in enumerate(sheet.columns["arm"])]
    sheet.protocol["arms"]["groups"]["a"]["value"] = "Surgery"
    sheet.protocol["arms"]["groups"]["b"]["value"] = "TACE"
    return sheet


def test_declared_spellings_are_one_word_and_counted(spelled, monkeypatch):
    spelled.protocol["data"]["spellings"] = SPELLINGS
    path = spelled.write()
    sources = read_sources(load_protocol(path))
    found = [r[0] for r in sources.engine.rows("select arm from patients order by source_row")]
    other = sum(a.strip() not in ("Surgery", "TACE") for a in spelled.columns["arm"])
    assert set(found) == {"Surgery", "TACE"}
    assert any(f"{other} cells in another spelling are read as Surgery, TACE" in f.message for f in sources.findings)
    monkeypatch.chdir(path.parent)
    statement = sources.engine.relations["patients"].sql
    assert [r[0] for r in duckdb.sql(f"select arm from ({statement}) as r order by source_row").fetchall()] == found
    assert run_study(path).cohort.n == 60


def test_without_them_nothing_is_guessed(spelled):
    with pytest.raises(DataError):
        run_study(spelled.write())


def test_faults(spelled):
    spelled.protocol["data"]["spellings"] = {"rx": {"A": ["a"]}, "arm": {"TACE": ["tace", "Surgery"], "Surgery": ["tace"]}}
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(spelled.write()))
    told = [f.sentence() for f in caught.value.faults]
    assert "d.csv has no column 'rx'" in told[0]
    assert "'Surgery' is a spelling of two words, or a word itself" in told[1] and "'tace' is a spelling of two words" in told[2]


def test_init_proposes_them_and_leaves_genotypes_alone(spelled, tmp_path):
    spelled.columns["sex"] = ["M", "m", "F", "f"] * 15
    spelled.columns["genotype"] = ["AA", "Aa", "aA", "aa"] * 15
    spelled.write()
    spelled.path.unlink()
    path = start_study([spelled.folder / "d.csv"], tmp_path / "out")
    text = path.read_text(encoding="utf-8")
    assert "spellings:    # CONFIRM" in text and '"sex": {' in text and '"genotype": {' not in text
    study = run_study(path)
    assert len(study.protocol.arms.groups) == 2 and study.cohort.n == 60
