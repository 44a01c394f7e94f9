"""How a command ends: a sentence and an exit code (2: the user's to mend, 1: ours, 130: interrupted), and never a traceback.

An error that escapes a phase may hold a cell of the data in its message (DuckDB, pandas and NumPy quote what they could not
convert). So its kind and the place in our code are printed, and its words are not.
"""

from __future__ import annotations

import atexit
import errno
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from equipoise.errors import EquipoiseError, Fault

USER, OURS, INTERRUPTED, PIPE, TERMINATED = 2, 1, 130, 141, 143
_ASKED: list[bool] = []  # whether the system asked the program to end
OUT = threading.Event()  # whether the command is left, by an error or with its work done
PATIENCE = 5.0  # seconds in which a signal must bring it there
DISAGREES = 1  # the finished files contradict each other, which is ours too
PACKAGE = Path(__file__).parent
STOPPED = "interrupted; nothing was written"
SHOWN = 80  # signs of a file's name
MENDS = {
    errno.ENOSPC: "the disk is full; free some space, or name another folder",
    errno.EDQUOT: "your share of the disk is used up; free some space, or name another folder",
    errno.EROFS: "this place can only be read; name another folder",
    errno.EACCES: "there is no permission to read or write here; ask for it, or name another folder",
    errno.EPERM: "there is no permission to read or write here; ask for it, or name another folder",
    errno.ENAMETOOLONG: "this name is too long for the file system; shorten it",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
    errno.EEXIST: "this is there already; name another folder",
    errno.ENOTEMPTY: "this folder changed while it was replaced; run again",
    errno.EBUSY: "this is in use, or the root of a mounted disk; name a folder inside it",
    errno.EXDEV: "this lies on another disk than its folder; name a folder inside it",
    errno.ELOOP: "symbolic links lead in a circle; name the file or folder itself",
    errno.EMFILE: "too many files are open; close other programs",
    errno.EIO: "the disk could not be read or written",
    errno.EFBIG: "the file would be larger than this disk allows",
    errno.ENXIO: "this is no file that can be read",
    errno.EINVAL: "this is no name that the file system takes",
}
# Of libraries, by the name of the kind: what they say when the machine, not the data, is at fault.
MACHINE = {
    "MemoryError": "the memory of this machine does not suffice for this study",
    "OutOfMemoryException": "the memory of this machine does not suffice for this study",
    "IOException": "a file could not be read or written: the disk is full, or there is no permission",
}


def sentences(error: BaseException, show_values: bool = False) -> tuple[int, list[str]]:
    """Exit code and lines for the terminal. show_values: the user's own screen, on which values may stand."""
    if isinstance(error, EquipoiseError):
        return USER, _told(error.faults, show_values)
    if isinstance(error, KeyboardInterrupt):
        return (TERMINATED if _ASKED else INTERRUPTED), [STOPPED]
    if isinstance(error, BrokenPipeError):
        return PIPE, []
    if isinstance(error, OSError) and error.errno in MENDS:
        return USER, _told([Fault(_name(error.filename), "file", MENDS[error.errno])], show_values)
    said = next((MACHINE[k.__name__] for k in type(error).__mro__ if k.__name__ in MACHINE), None)
    if said is not None:
        return USER, _told([Fault("this machine", "resources", said)], show_values)
    lines = [
        f"an error of Equipoise itself: {type(error).__name__} {_where(error.__traceback__)}; nothing was written.",
        "Please report it with this line and the protocol; the data are not needed, and nothing of them is shown here.",
    ]
    return OURS, [*lines, *(traceback.format_exception(error) if show_values else ())]


def terminate(*_: object) -> None:
    """Of SIGTERM: what was begun is taken away on the way out. An engine in the middle of a statement may say KeyboardInterrupt
    instead of what is raised here."""
    _ASKED.append(True)
    raise SystemExit(TERMINATED)


def listen() -> None:
    """Ends the program where a signal finds it in a library that does not return for signals, such as an engine that waits until
    a thread has done its part of a statement. What was begun on disk is then taken away by the shell that waits for this
    process, or by the next run."""
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))  # or a child's signals were this program's
    threading.Thread(target=_wait, args=(ear, mouth), daemon=True).start()


def _wait(ear: socket.socket, mouth: socket.socket) -> None:
    """mouth: held, so that it stays open."""
    codes = {int(signal.SIGTERM): TERMINATED, int(signal.SIGINT): INTERRUPTED}
    while told := ear.recv(1):
        if told[0] in codes and not OUT.wait(PATIENCE):
            os.write(2, f"{STOPPED}\n".encode())
            os._exit(codes[told[0]])


def end(error: BaseException, show_values: bool = False) -> int:
    """Prints the sentences of an error on stderr and gives the exit code."""
    code, lines = sentences(error, show_values)
    if code == PIPE:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again at its end
    for line in lines:
        print(line.encode("utf-8", "backslashreplace").decode("utf-8"), file=sys.stderr)
    return code


def last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In place of sys.excepthook: no way out of the program prints a traceback."""
    end(error.with_traceback(trace))


def leave(ended: SystemExit) -> None:
    """Ends the program at once, after everything that asked to be told of its end and when all that was said is written. Python
    would take every object apart first, which is a tenth of a short run. Where that is not possible, it returns."""
    code = ended.code if ended.code is not None else 0
    if not isinstance(code, int) or any(not t.daemon for t in threading.enumerate() if t is not threading.current_thread()):
        return
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed before the program began
                stream.flush()
    except (OSError, ValueError):  # a pipe that nobody reads, a stream that is closed
        return
    os._exit(code & 0xFF)


def _told(faults: list[Fault], show_values: bool) -> list[str]:
    n = len(faults)
    return [f"{n} fault{'s' if n > 1 else ''}; nothing was written:", *(f"  {f.sentence(show_values)}" for f in faults)]


def _name(path: object) -> str:
    """The last two parts of a path, cut where it is endless."""
    if not isinstance(path, str | bytes | os.PathLike):
        return "file"
    parts = Path(os.fsdecode(path)).parts[-2:]
    name = "/".join(p.strip("/") for p in parts if p.strip("/")) or "/"
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}..."


def _where(trace: TracebackType | None) -> str:
    """The innermost line of our own code: `at estimate/effects.py:57`."""
    own = [f for f in traceback.extract_tb(trace) if PACKAGE in Path(f.filename).parents]
    return f"at {Path(own[-1].filename).relative_to(PACKAGE).as_posix()}:{own[-1].lineno}" if own else "outside its own code"
