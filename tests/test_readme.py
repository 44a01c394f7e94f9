"""The calls that README prints are the study that `equipoise run` does: the same numbers, key by key."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from equipoise.study import run_study

PUBLISHED = """
published:
  studies:
    - {study: Roe 2019, population: All, endpoint: rfs, measure: median, arm: hormone, value: 1900, source: Roe A}
"""


def test_the_calls_of_the_readme_give_the_numbers_of_a_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None
) -> None:
    shutil.copytree(repository / "examples" / "gbsg2", tmp_path / "gbsg2", ignore=shutil.ignore_patterns("out"))
    with (tmp_path / "gbsg2" / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(PUBLISHED)
    monkeypatch.chdir(tmp_path / "gbsg2")
    code = re.search(r"```python\n(.*?)```", (repository / "README.md").read_text(encoding="utf-8"), re.S)[1]
    calls = code.partition("\nestimates[")[0]  # what follows names a number of the founding study
    names: dict = {}
    exec(calls, names)
    run = run_study("study.yaml")
    assert names["estimates"].frame().equals(run.estimates.frame())
    assert names["quality"] == run.quality
    assert any(row.phase == "published" for row in run.estimates.rows.values())
    assert (tmp_path / "gbsg2" / "out" / "report.html").is_file()
