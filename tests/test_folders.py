"""Folders that Equipoise writes: nothing of somebody else's is ever deleted or overwritten, and a killed run is mended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from equipoise import folders
from equipoise.errors import EquipoiseError
from equipoise.folders import MANIFEST, added, prepare, replaced, sha256

OURS = {"versions": {"Equipoise": "0.1.0"}}


def report(folder: Path, text: str = "first") -> Path:
    """A folder as a run writes it."""
    with replaced(folder) as new:
        folders.write(new / "report.html", text)
        folders.write(new / "tables" / "baseline.csv", "a,b\n")
        files = {p.relative_to(new).as_posix(): sha256(p) for p in new.rglob("*") if p.is_file()}
        folders.write(new / MANIFEST, json.dumps(OURS | {"files": files}))
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def hidden(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if "equipoise" in p.name]


def test_a_report_of_ours_is_replaced(tmp_path):
    out = report(tmp_path / "out")
    (out / ".DS_Store").write_bytes(b"x")
    (out / "tables" / "Thumbs.db").write_bytes(b"x")
    (out / "tables" / "~$baseline.csv").write_bytes(b"x")
    (out / ".~lock.report.html#").write_bytes(b"x")
    report(out, "second")
    assert (out / "report.html").read_text() == "second" and sorted(content(out)) == [
        MANIFEST,
        "report.html",
        "tables/baseline.csv",
    ]
    assert hidden(tmp_path) == []


STRANGERS = {
    "a text beside the report": lambda out: (out / "thesis.txt").write_text("years of work"),
    "a text in a folder of the report": lambda out: (out / "tables" / "notes.csv").write_text("mine"),
    "a folder of one's own": lambda out: (out / "slides").mkdir(),
    "a link": lambda out: (out / "link").symlink_to(out.parent),
    "a link in place of a file": lambda out: ((out / "report.html").unlink(), (out / "report.html").symlink_to(__file__)),
    "a folder in place of a file": lambda out: ((out / "report.html").unlink(), (out / "report.html").mkdir()),
    "a manifest that is not ours": lambda out: (out / MANIFEST).write_text('{"name": "my web app"}'),
    "a manifest without hashes": lambda out: (out / MANIFEST).write_text(json.dumps(OURS | {"files": {"report.html": 1}})),
    "a manifest that is no JSON": lambda out: (out / MANIFEST).write_bytes(b"\xff\xfe"),
    "a manifest too deep": lambda out: (out / MANIFEST).write_text("[" * 100_000),
    "no manifest": lambda out: (out / MANIFEST).unlink(),
}  # fmt: skip


@pytest.mark.parametrize("change", STRANGERS.values(), ids=STRANGERS)
def test_what_the_manifest_does_not_list_is_never_deleted(tmp_path, change):
    out = report(tmp_path / "out")
    change(out)
    before, names = content(out), sorted(p.name for p in out.rglob("*"))
    with pytest.raises(EquipoiseError, match="nothing was written"):
        report(out, "second")
    assert content(out) == before and sorted(p.name for p in out.rglob("*")) == names and hidden(tmp_path) == []


def test_a_symbolic_link_is_followed(tmp_path):
    (tmp_path / "disk").mkdir()
    report(tmp_path / "disk" / "real")
    (tmp_path / "out").symlink_to(tmp_path / "disk" / "real")
    report(tmp_path / "out", "second")
    assert (tmp_path / "out").is_symlink() and (tmp_path / "disk" / "real" / "report.html").read_text() == "second"


@pytest.mark.parametrize("make", [lambda p: p.symlink_to(p.parent / "nowhere"), lambda p: p.symlink_to(p), lambda p: p.touch()])
def test_a_link_to_nowhere_and_a_file_are_refused(tmp_path, make):
    make(tmp_path / "out")
    with pytest.raises(EquipoiseError, match="folder"):
        prepare(tmp_path / "out")


def test_an_interrupt_between_the_two_renames_keeps_the_last_good_folder(tmp_path, monkeypatch):
    out = report(tmp_path / "out")
    before, rename, done = content(out), Path.rename, []

    def interrupted(self, target):
        done.append(target)
        if len(done) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        report(out, "second")
    assert content(out) == before and hidden(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from equipoise import folders
from test_folders import report
rename, done = Path.rename, []
def killed(self, target):
    done.append(target)
    if len(done) == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
Path.rename = killed
report(Path({out!r}), "second")
"""


@pytest.mark.parametrize("at", [1, 2])
def test_what_a_killed_run_left_is_mended_by_the_next(tmp_path, at):
    """Killed before the first rename (the new folder is left over) and between the two (the last good one is moved away)."""
    out = report(tmp_path / "out")
    before = content(out)
    script = KILLED.format(tests=str(Path(__file__).parent), at=at, out=str(out))
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert hidden(tmp_path) and out.exists() == (at == 1)
    assert prepare(out) == out
    assert content(out) == before and hidden(tmp_path) == []


def test_the_folder_of_a_living_run_is_left_alone(tmp_path):
    out = report(tmp_path / "out")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        theirs = tmp_path / f".out.{folders.NEW}-{folders._HOST}-{other.pid}-abcdefgh"
        theirs.mkdir()
        (tmp_path / f".out.{folders.NEW}-anotherhost-1-abcdefgh").mkdir()
        prepare(out)
        assert len(hidden(tmp_path)) == 2
        other.communicate(b"\n")
    past = time.time() - 2 * folders.STALE_SECONDS
    os.utime(tmp_path / f".out.{folders.NEW}-anotherhost-1-abcdefgh", (past, past))
    prepare(out)
    assert hidden(tmp_path) == []


def put(folder: Path, files: dict[str, str], kind: str = "export-r", whole: bool = True) -> None:
    with added(folder, kind, whole=whole) as new:
        for name, text in files.items():
            folders.write(new / name, text)


def test_files_are_added_beside_others_and_own_ones_replaced(tmp_path):
    out = tmp_path / "export"
    put(out, {"analysis.csv": "1", "old.csv": "1"})
    (out / "results_r.csv").write_text("what R wrote")
    put(out, {"analysis.csv": "2"})
    assert sorted(content(out)) == ["analysis.csv", MANIFEST, "results_r.csv"]
    assert (out / "analysis.csv").read_text() == "2" and hidden(tmp_path) == []


def test_pages_of_other_patients_stay(tmp_path):
    out = tmp_path / "patients"
    put(out, {"a.html": "1"}, "patients", False)
    put(out, {"b.html": "1"}, "patients", False)
    put(out, {"a.html": "2"}, "patients", False)
    assert (out / "a.html").read_text() == "2" and (out / "b.html").exists()


@pytest.mark.parametrize("name", ["analysis.csv", MANIFEST])
def test_a_file_that_equipoise_did_not_write_so_is_never_overwritten(tmp_path, name):
    out = tmp_path / "export"
    out.mkdir()
    (out / name).write_text("{}")
    with pytest.raises(EquipoiseError, match="nothing was written"):
        put(out, {"analysis.csv": "1", "b.csv": "1"})
    assert content(out) == {name: b"{}"} and hidden(tmp_path) == []


def test_a_changed_file_and_a_folder_of_another_kind_are_refused(tmp_path):
    out = tmp_path / "export"
    put(out, {"reproduce.R": "1"})
    (out / "reproduce.R").write_text("1, and an hour of my own")
    with pytest.raises(EquipoiseError, match=r"reproduce\.R"):
        put(out, {"reproduce.R": "1"})
    made = report(tmp_path / "out")
    before = content(made)
    with pytest.raises(EquipoiseError, match="nothing was written"):
        put(made, {"analysis.csv": "1"})
    with pytest.raises(EquipoiseError, match="nothing was written"):
        report(out)
    assert content(made) == before
