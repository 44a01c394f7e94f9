"""A folder of this process for what an engine writes to disk, and its removal however the process ends.

What spills may be rows of patients. So the folder is private, and a shell that waits on a pipe removes it as soon as the process
is gone: by its end, a signal that no program can catch, or a crash.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from equipoise.engine.text import literal
from equipoise.errors import DataError, Fault

MEMORY = "EQUIPOISE_MEMORY"  # of the environment
AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)? ?[KMGT](i?B)?", re.IGNORECASE)
SHELL = "/bin/sh"
# Reads until the pipe closes. Java outlives the process by a moment and may write once more.
GUARD = 'while read -r _; do :; done; for i in 1 2 3 4 5 6 7 8 9; do rm -rf -- "$1"; sleep 1; [ -e "$1" ] || exit 0; done'


def scratch_folder(purpose: str) -> Path:
    """The folder of this process for a purpose, made when it is first asked for."""
    return _made(purpose, os.getpid())


def spilling() -> tuple[str, ...]:
    """Settings of the embedded engine: what does not fit its memory goes to the scratch folder, and no more memory is taken than
    EQUIPOISE_MEMORY says. Raises DataError where that is no amount."""
    given = os.environ.get(MEMORY, "").strip()
    if given and not AMOUNT.fullmatch(given):
        raise DataError(Fault(f"environment, {MEMORY}", "memory", "this is no amount of memory; write it like 4GB or 500MB"))
    amount = given if given.lower().endswith("b") or not given else f"{given}B"
    limit = (f"set memory_limit = {literal(amount)}",) if given else ()
    return (f"set temp_directory = {literal(str(scratch_folder('duckdb')))}", *limit)


@functools.lru_cache(8)
def _made(purpose: str, process: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"equipoise-{purpose}-"))
    guard = _guarded(folder)
    atexit.register(_remove, folder, process, guard)
    return folder


def _guarded(folder: Path) -> subprocess.Popen | None:
    """The shell that waits for the end of this process, out of reach of signals to its group; none where there is no shell."""
    if not os.path.exists(SHELL):
        return None
    words = [SHELL, "-c", GUARD, "sh", str(folder)]
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True, cwd="/")
    except OSError:
        return None


def _remove(folder: Path, process: int, guard: subprocess.Popen | None) -> None:
    """At the end of the process that made it, and of no copy of it."""
    if os.getpid() != process:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if guard is not None:
        guard.returncode = 0  # it outlives this process, and nobody waits for it
