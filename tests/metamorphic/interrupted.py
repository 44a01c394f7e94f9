"""A run that is stopped: the program that `test_nothing_lost.py` starts, with figures left blank.

interrupted.py kill STUDY OUT MOMENT...   for each moment a child writes the report and is killed there; a line of JSON says what
                                          it left and what the next run made of it. A moment is EVENT:NUMBER (audit event of
                                          Python and which of them) or an index of all changes of the file system;
                                          the number of changes is printed where a run lived to its end.
interrupted.py full STUDY OUT BYTES       `equipoise run` where no file may grow beyond so many bytes (a full disk)
interrupted.py nobody STUDY OUT           `equipoise run` as a user who may not write there
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import sys
from pathlib import Path

import equipoise.report.bundle
import equipoise.report.sections.parts
from equipoise.cli import main
from equipoise.document.model import Drawing
from equipoise.records import Study
from equipoise.report.bundle import write_report
from equipoise.study import run_study

CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.link", "os.symlink", "os.truncate", "shutil.rmtree"}
NOBODY = 65534
PATIENCE = 120


def leave_blank() -> None:
    drawing = Drawing('<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="10pt"></svg>')
    equipoise.report.sections.parts.render = lambda figure: drawing


def write_as_nobody() -> None:
    """A superuser may write anywhere, so the report is written as another user."""

    def write(*given, **named):
        if os.geteuid() == 0:
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        return write_report(*given, **named)

    equipoise.report.bundle.write_report = write


class Stop:
    """Kills this process just before the moment; counts the changes of the file system up to then."""

    def __init__(self, moment: str):
        self._event, _, number = moment.rpartition(":")
        self._number = int(number) if number.isdigit() else -1
        self.count = 0
        sys.addaudithook(self._see)

    def _see(self, event: str, details: tuple) -> None:
        writes = event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
        if not (writes or event in CHANGES) or (self._event and event != self._event):
            return
        self.count += 1
        if self.count == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


def child(study: Study, out: Path, moment: str) -> int:
    """The exit status of a child that writes the report and is killed at the moment."""
    process = os.fork()
    if process == 0:
        signal.alarm(PATIENCE)
        stop = Stop(moment)
        write_report(study, out)
        print(json.dumps({"changes": stop.count}), flush=True)
        os._exit(0)
    return os.waitpid(process, 0)[1]


def state(out: Path) -> str:
    """none, good (every file is as the manifest says, and no other is there) or what is wrong."""
    if not out.exists() or not any(out.iterdir()):
        return "none"
    manifest = out / "manifest.json"
    if not manifest.is_file():
        return "no manifest"
    listed = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    found = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file() and p != manifest}
    if set(listed) != set(found):
        return f"other files: {sorted(set(listed) ^ set(found))[:3]}"
    changed = [name for name, path in found.items() if hashlib.sha256(path.read_bytes()).hexdigest() != listed[name]]
    return f"changed: {changed[:3]}" if changed else "good"


def kill(study: Study, out: Path, moments: list[str]) -> None:
    for moment in moments:
        before, beside = state(out), sorted(p.name for p in out.parent.iterdir())
        status = child(study, out, moment)
        told = {"moment": moment, "before": before, "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL}
        told["after"] = state(out)
        write_report(study, out)
        told["again"] = state(out)
        told["litter"] = sorted({p.name for p in out.parent.iterdir()} - {*beside, out.name})
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    leave_blank()
    what, path, out, *rest = sys.argv[1:]
    if what == "kill":
        kill(run_study(path), Path(out), rest)
        sys.exit()
    if what == "full":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest[0]), int(rest[0])))
    else:
        write_as_nobody()
    sys.argv = ["equipoise", "run", path, "--out", out]
    main()
