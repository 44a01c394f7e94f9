"""What is said where Spark cannot begin."""

from __future__ import annotations

import sys

import pytest

from equipoise.engine import EngineError, open_engine
from equipoise.engine.spark_session import has_java
from equipoise.protocol.connection import address_fault, shown


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match=r"equipoise\[spark\]"):
        open_engine("spark://local")


def test_a_missing_java_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyspark", "pyarrow"):
        pytest.importorskip(module, reason=f"the extra 'spark' is not installed: there is no {module}")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert not has_java()
    with pytest.raises(EngineError, match="Java 17 or later"):
        open_engine("spark://local?cores=1")


@pytest.mark.parametrize("address", ["sc://host:15002/;token=hush", "sc://host/;use_ssl=true; TOKEN=hush"])
def test_a_token_is_refused_and_not_repeated(address: str) -> None:
    assert "SPARK_CONNECT_TOKEN" in address_fault(address)
    assert "hush" not in address_fault(address) + shown(address)
    assert address_fault("sc://host:15002/;use_ssl=true") == ""
