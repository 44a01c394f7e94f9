"""The server of the tests ends with the tests, however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
BEGUN = """
import time, pg_server
with pg_server.running() as server:
    print(server.folder, flush=True)
    time.sleep(120)
"""


def test_a_killed_run_of_tests_leaves_no_server(postgres, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen([sys.executable, "-c", BEGUN], env=environment, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        run.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while (folder.exists() or Path(f"/proc/{server}").exists()) and time.monotonic() < until:
        time.sleep(0.1)
    assert not folder.exists()
    if Path("/proc/self").exists():
        assert not Path(f"/proc/{server}").exists()
    else:
        with pytest.raises(ProcessLookupError):
            os.kill(server, 0)
