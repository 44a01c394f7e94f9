"""No way out of the program shows a value of a patient: every error is a sentence with an exit code."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from equipoise import exits
from equipoise.errors import EquipoiseError, Fault

NAME = "HONG GIL DONG"


def raised(make) -> BaseException:
    try:
        make()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def throw(error: BaseException):
    def now():
        raise error

    return now


class Unknown(ValueError):
    pass


ERRORS = {
    "duckdb": lambda: duckdb.connect().execute(f"select cast('{NAME}' as date)"),
    "pandas": lambda: pd.to_datetime(pd.Series([NAME])),
    "numpy": lambda: np.array([NAME]).astype(float),
    "float": lambda: float(NAME),
    "key": lambda: {}[NAME],
    "assertion": throw(AssertionError(NAME)),
    "unknown": throw(Unknown(NAME)),
    "unicode": lambda: NAME.encode() and f"{NAME}\ud800".encode(),
    "recursion": throw(RecursionError(NAME)),
    "os": throw(OSError(NAME)),
    "chained": throw(RuntimeError(NAME).with_traceback(None)),
}


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS)
def test_an_error_of_ours_names_its_kind_and_no_value(make):
    error = raised(make)
    error.add_note(f"row of {NAME}")
    error.__cause__ = ValueError(NAME)
    code, lines = exits.sentences(error)
    told = "\n".join(lines)
    assert code == exits.OURS and NAME not in told and type(error).__name__ in told and "Please report it" in told
    assert NAME in "\n".join(exits.sentences(error, show_values=True)[1])


def test_the_place_is_a_line_of_our_code():
    from equipoise.protocol.conventions import profile_values

    (line, _) = exits.sentences(raised(lambda: profile_values(NAME)))[1]
    assert "AttributeError at protocol/conventions.py:" in line


@pytest.mark.parametrize("number", exits.MENDS)
def test_what_the_user_can_mend_is_a_sentence_and_exits_with_2(number):
    error = OSError(number, os.strerror(number), "/home/somebody/study/" + "x" * 300 + ".csv")
    if isinstance(error, BrokenPipeError):
        pytest.fail("a closed pipe is no fault of the user")
    code, lines = exits.sentences(error)
    assert code == exits.USER and lines[0] == "1 fault; nothing was written:"
    assert exits.MENDS[number] in lines[1] and len(lines[1]) < 300 and "/home/somebody" not in lines[1]


@pytest.mark.parametrize("kind", [MemoryError, duckdb.IOException, duckdb.OutOfMemoryException])
def test_a_machine_that_does_not_suffice_is_no_fault_of_ours(kind):
    code, lines = exits.sentences(kind(NAME))
    assert code == exits.USER and NAME not in "\n".join(lines)


def test_faults_keep_their_sentences_and_an_interrupt_its_code():
    assert exits.sentences(EquipoiseError(Fault("a.csv, row 2", "type", "no number", "7"))) == (
        2, ["1 fault; nothing was written:", "  a.csv, row 2: no number"],
    )  # fmt: skip
    assert exits.sentences(KeyboardInterrupt()) == (130, ["interrupted; nothing was written"])


PATCHED = """
import sys
import equipoise.study
def fail(*_, **__):
    {what}
equipoise.study.{function} = fail
from equipoise.cli import main
main()
"""


def command(function: str, what: str, *arguments: object) -> subprocess.CompletedProcess:
    """A command of which one function ends in an error."""
    script = PATCHED.format(function=function, what=what)
    return subprocess.run([sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=False)


FIRST_AND_LAST = ("read_sources", "estimate_effects")
BETWEEN = ("build_cohort", "derive_covariates", "make_designs", "derive_outcomes")
PHASES = (*FIRST_AND_LAST, *(pytest.param(name, marks=pytest.mark.slow) for name in BETWEEN))


@pytest.mark.parametrize("function", PHASES)
def test_an_error_in_any_phase_prints_no_value(sheet, function):
    done = command(function, f"raise ValueError('could not convert string to float: {NAME}')", "run", sheet.write())
    assert done.returncode == 1 and NAME not in done.stderr + done.stdout and "Traceback" not in done.stderr
    assert "ValueError" in done.stderr and not (sheet.folder / "out").exists()


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("raise KeyboardInterrupt", 130),
        pytest.param("raise MemoryError", 2, marks=pytest.mark.slow),
        pytest.param(f"raise OSError({errno.ENOSPC}, 'x', 'results.csv')", 2, marks=pytest.mark.slow),
    ],
)
def test_the_last_good_output_stays(sheet, what, code):
    path = sheet.write()
    (sheet.folder / "out").mkdir()
    done = command("estimate_effects", what, "run", path)
    assert done.returncode == code and "Traceback" not in done.stderr and "nothing was written" in done.stderr
    assert list((sheet.folder / "out").iterdir()) == []


def equipoise(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "equipoise", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_name_that_is_too_long(sheet):
    for out in (sheet.folder / ("x" * 300), sheet.folder / ("y" * 240)):
        done = equipoise("run", sheet.write(), "--out", out)
        assert done.returncode == 2 and "too long" in done.stderr and "Traceback" not in done.stderr
    done = equipoise("check", "z" * 300 + ".yaml")
    assert done.returncode == 2 and "too long" in done.stderr
    sheet.protocol["data"]["rows"] = "w" * 300 + ".csv"
    done = equipoise("check", sheet.write())
    assert done.returncode == 2 and "Traceback" not in done.stderr


@pytest.mark.parametrize("out", ["data", *(pytest.param(out, marks=pytest.mark.slow) for out in (".", "..", "d.csv"))])
def test_folders_that_hold_something_else_are_refused_before_anything_runs(sheet, out):
    path = sheet.write()
    (sheet.folder / "data").mkdir()
    (sheet.folder / "data" / "patient.csv").write_text("patient_id\n")
    done = equipoise("run", path, "--out", sheet.folder / out)
    assert done.returncode == 2 and "protocol    " not in done.stdout and "output folder" not in done.stderr
    assert (sheet.folder / "data" / "patient.csv").exists() and path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_sentence(sheet):
    script = (
        "import equipoise.folders as f\n"
        "f.write.__globals__['Path'].write_bytes = lambda self, b: open('/dev/full', 'wb', buffering=0).write(b)\n"
        "from equipoise.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", script, "run", sheet.write()], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "the disk is full" in done.stderr and "Traceback" not in done.stderr
    assert sorted(p.name for p in sheet.folder.iterdir()) == ["d.csv", "study.yaml"]


def test_a_closed_pipe_is_quiet():
    pipe = f"{sys.executable} -m equipoise codebook | head -1"
    assert subprocess.run(pipe, shell=True, capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--version >&-", 0, ""),
        ("codebook >&-", 0, ""),
        ("--version >&- 2>&-", 0, ""),
        pytest.param(
            "--version > /dev/full",
            2,
            "the disk is full",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full"),
        ),
    ],
)
def test_a_screen_that_takes_nothing(arguments, code, said):
    """Closed before the program began, or on a full disk."""
    done = subprocess.run(f"{sys.executable} -m equipoise {arguments}", shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == code and "Traceback" not in done.stderr and said in done.stderr
    assert bool(done.stderr) == bool(said)


def test_a_program_that_asks_for_a_command_goes_on():
    script = "from equipoise.cli import main\ntry:\n    main()\nexcept SystemExit as ended:\n    print('goes on', ended.code)"
    done = subprocess.run([sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.endswith("goes on 0\n")


def test_demo_overwrites_nothing_of_ours_or_yours(tmp_path):
    (tmp_path / "study.yaml").write_text("mine")
    done = equipoise("demo", tmp_path)
    assert done.returncode == 2 and "study.yaml" in done.stderr and (tmp_path / "study.yaml").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["study.yaml"]


def test_the_version():
    from equipoise import __version__

    done = equipoise("--version")
    assert done.returncode == 0 and done.stdout.strip() == f"equipoise {__version__}"


LEAVING = """
import atexit, sys
from equipoise import exits
atexit.register(print, "told of the end")
print("said before", flush=False)
exits.leave(SystemExit({code}))
print("not left")
"""


@pytest.mark.parametrize(("code", "left"), [("None", 0), ("0", 0), ("2", 2), ("143", 143)])
def test_the_program_ends_at_once_after_all_that_was_said_is_written(code, left):
    done = subprocess.run([sys.executable, "-c", LEAVING.format(code=code)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (left, "")
    assert done.stdout.split("\n") == ["said before", "told of the end", ""]


def test_an_end_with_words_is_left_to_python():
    done = subprocess.run([sys.executable, "-c", LEAVING.format(code="'why'")], capture_output=True, text=True, check=False)
    assert "not left" in done.stdout
