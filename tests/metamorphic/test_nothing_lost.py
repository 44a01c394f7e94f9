"""A run that is killed, or that the disk refuses, leaves the last good report or none; the next run succeeds and tidies up."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import studies

DRIVER = Path(__file__).with_name("interrupted.py")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users may enter (those of pytest are closed to them), removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="equipoise-test-"))
    folder.chmod(0o755)
    studies.one_arm(30).write(folder)
    yield folder
    shutil.rmtree(folder)


def driver(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, DRIVER, *map(str, arguments)], capture_output=True, text=True)


def killed(folder: Path, out: Path, moments: list[str]) -> list[dict]:
    done = driver("kill", folder / "study.yaml", out, *moments)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [line for line in told if "moment" in line]


def held(told: list[dict]) -> None:
    assert told and any(line["killed"] for line in told)
    for line in told:
        assert line["after"] in ("none", "good"), line
        assert line["again"] == "good" and not line["litter"], line


@pytest.mark.slow
def test_killed_around_the_swap(place):
    """Before the first folder is there, and between the two renamings of the next run."""
    held(killed(place, place / "out", ["os.rename:1", "os.rename:2"]))


@pytest.mark.slow
def test_killed_at_many_moments(place):
    counted = driver("kill", place / "study.yaml", place / "out", "none", "none")
    changes = max(json.loads(line)["changes"] for line in counted.stdout.splitlines() if "changes" in line)
    assert changes > 50
    moments = [str(k) for k in range(1, changes + 1) if k % 8 == 1 or k > changes - 12]
    told = killed(place, place / "out", moments)
    held(told)
    assert all(line["killed"] and line["before"] == "good" for line in told)


@pytest.mark.slow
def test_killed_before_there_was_a_report(place):
    for moment in ("os.mkdir:1", "os.mkdir:2", "open:5", "open:20", "os.rename:1"):
        out = place / f"out-{moment.replace(':', '-')}"
        (line,) = killed(place, out, [moment])
        assert line["killed"] and line["before"] == "none" and line["after"] == "none"
        assert line["again"] == "good" and not line["litter"], line


def test_a_full_disk_is_a_sentence(place):
    out = place / "out"
    out.mkdir()
    content = b"the last good page"
    (out / "report.html").write_bytes(content)
    listed = {"study": "x", "versions": {"Equipoise": "x"}, "files": {"report.html": hashlib.sha256(content).hexdigest()}}
    (out / "manifest.json").write_text(json.dumps(listed), encoding="utf-8")
    before = contents(place)
    done = driver("full", place / "study.yaml", out, 30_000)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and "nothing was written" in done.stderr
    assert contents(place) == before


@pytest.mark.slow
def test_a_folder_where_one_may_not_write_is_a_sentence(place):
    place.chmod(0o555)
    before = contents(place)
    done = driver("nobody", place / "study.yaml", place / "out")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and "nothing was written" in done.stderr
    assert contents(place) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["study.yaml/out", "x" * 300, "study.yaml", "."])
def test_a_place_that_cannot_be_a_folder_is_a_sentence(place, name):
    before = contents(place)
    done = driver("full", place / "study.yaml", place / name, 10**9)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert contents(place) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
