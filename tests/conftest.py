"""Shared: a tiny study of sixteen invented patients with other names than any study that ships."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from equipoise.cli import COLLECTED_AT
from equipoise.engine.spark_session import has_java
from one_arm import one_arm_of_founding
from sheet import Sheet
from tiny import TinyStudy, tiny_in

# Drawn examples are the same in every run: a test that fails only now and then tells nobody anything, least of all about a rule
# that a report prints. Speed is measured in benchmarks/, not by the clock of a busy machine.
settings.register_profile("equipoise", deadline=None, derandomize=True)
settings.load_profile("equipoise")
gc.set_threshold(COLLECTED_AT)  # as the commands do


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object | None:
    if config.getvalue("dist") not in ("loadfile", "loadgroup"):
        return None
    from scheduling import OneSpark

    return OneSpark(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            assert "spark" in item.nodeid.lower(), f"{item.nodeid} begins Spark and does not say so in its name (scheduling)"


@pytest.fixture
def tiny(tmp_path: Path) -> TinyStudy:
    return tiny_in(tmp_path / "tiny")


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return Sheet(tmp_path / "sheet")


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def third_party() -> Path:
    """The folder of third-party data; the test is skipped where EQUIPOISE_DATA does not name it."""
    folder = os.environ.get("EQUIPOISE_DATA")
    if not folder:
        pytest.skip("EQUIPOISE_DATA is not set: third-party data are not beside this clone")
    return Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A PostgreSQL server of the tests' own (pg_server.Server)."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: the extra 'postgres'")
    import pg_server

    if pg_server.binaries() is None:
        pytest.skip("PostgreSQL is not installed: there is no initdb")
    with pg_server.running() as server:
        yield server


@pytest.fixture(scope="session")
def spark() -> str:
    """The address of a Spark of this process; the test is skipped where the extra or Java is missing."""
    for module in ("pyspark", "pyarrow"):
        pytest.importorskip(module, reason=f"the extra 'spark' is not installed: there is no {module}")
    if not has_java():
        pytest.skip("Java is not installed, and Spark needs it")
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # half the time of small studies
    return "spark://local?cores=2"


@pytest.fixture(scope="session")
def lenvatinib_alone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_arm_of_founding(repository, tmp_path_factory.mktemp("single"))


def blank(figure: object) -> object:
    from equipoise.document.model import Drawing

    return Drawing('<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="10pt"></svg>')


@pytest.fixture(scope="session")
def dot() -> Callable[[object], object]:
    return blank


@pytest.fixture(scope="session")
def leave_undrawn() -> Callable[[pytest.MonkeyPatch], None]:
    """Figures are left blank where a test looks at everything else."""
    return lambda patch: patch.setattr("equipoise.report.sections.parts.render", blank)


@pytest.fixture
def undrawn(leave_undrawn: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    leave_undrawn(monkeypatch)
