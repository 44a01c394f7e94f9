"""The Spark behind an address: a local one of this process, a cluster, or one at the other end of Spark Connect."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from equipoise.engine.base import EngineError
from equipoise.engine.scratch import scratch_folder

LOCAL = "local"
TOKEN = "SPARK_CONNECT_TOKEN"  # of the environment; in an address it is refused
MEMORY = "2g"
NO_SPARK = "Spark is not installed here; install the extra: pip install 'equipoise[spark]'"
NO_CONNECT = "Spark Connect needs more libraries than are installed here: pip install 'pyspark[connect]'"
NO_JAVA = "Spark needs Java 17 or later, and none was found; install it, or name its folder in JAVA_HOME"
NO_ANSWER = "Spark did not start; is it Java 17 or later that java or JAVA_HOME names, and is there memory for it?"
UNREACHED = "Spark at {host} could not be reached; is the address right, and may this user connect?"
# What a session of ours holds whatever its server says. ANSI: an impossible cast is an error and not a null. Moments carry no
# time zone.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
}
BEGUN = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.leafNodeDefaultParallelism": "1",
}


def spark_session(address: str) -> Any:
    """A session with temporary views of its own. address: spark://local (memory=4g, cores=2 may follow as a query),
    spark://host:port (the master of a cluster), sc://host (Spark Connect). Raises EngineError, whose kind is a sentence."""
    try:
        import pyspark  # noqa: F401  (it is an extra, and slow to import)
        import pyarrow  # noqa: F401  isort: skip
    except ImportError:
        raise EngineError(NO_SPARK) from None
    logging.getLogger("SQLQueryContextLogger").disabled = True  # it prints statements and cells
    session = _connected(address) if urlsplit(address).scheme == "sc" else _begun(address, os.getpid()).newSession()
    for key, value in SETTINGS.items():
        session.conf.set(key, value)
    return session


def _connected(address: str) -> Any:
    from pyspark.errors import PySparkException

    try:
        from pyspark.sql.connect.session import SparkSession
    except ImportError:
        raise EngineError(NO_CONNECT) from None
    token = os.environ.get(TOKEN)
    secured = f"{address.rstrip('/')}/;use_ssl=true;token={token}" if token else address
    try:
        session = SparkSession.builder.remote(secured).create()
        session.version  # noqa: B018  (the first question to the server)
    except (PySparkException, OSError) as error:
        raise EngineError(UNREACHED.format(host=urlsplit(address).hostname or "this address"), detail=str(error)) from None
    return session


@functools.lru_cache(1)
def _begun(address: str, process: int) -> Any:
    """The Spark of this process: it costs seconds to begin, and a process has one at most. What it writes lies in a folder that
    is removed when the process ends; what Java prints goes there too, as it may quote cells."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    parts = urlsplit(address)
    local = parts.hostname == LOCAL
    given = dict(parse_qsl(parts.query))
    if not has_java():
        raise EngineError(NO_JAVA)
    scratch = str(scratch_folder("spark"))
    cores = given.get("cores", "*")
    builder = SparkSession.builder.master(f"local[{cores}]" if local else f"spark://{parts.netloc}").appName("equipoise")
    kept = {"spark.sql.warehouse.dir": scratch, "spark.local.dir": scratch, "spark.driver.memory": given.get("memory", MEMORY)}
    kept["spark.driver.extraJavaOptions"] = f"-Djava.io.tmpdir={scratch} -Dderby.system.home={scratch}"
    for key, value in {**BEGUN, **kept}.items():
        builder = builder.config(key, value)
    try:
        with _unheard(Path(scratch) / "java.log"):
            session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        kind = NO_ANSWER if local else UNREACHED.format(host=parts.hostname)
        raise EngineError(kind, detail=str(error)) from None
    atexit.register(session.stop)
    session.sparkContext.setLogLevel("OFF")
    return session


def has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(home and (Path(home) / "bin" / "java").exists()) or shutil.which("java") is not None


@contextmanager
def _unheard(log: Path) -> Iterator[None]:
    """What a program that is begun here prints goes into a file, for as long as it runs."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {n: os.dup(n) for n in (1, 2)}
    try:
        with log.open("ab") as file:
            for n in kept:
                os.dup2(file.fileno(), n)
        yield
    finally:
        for n, descriptor in kept.items():
            os.dup2(descriptor, n)
            os.close(descriptor)
