"""The address of a database: no password may stand in it, and none is printed."""

from __future__ import annotations

import pytest

from equipoise.protocol.connection import address_fault, kind_of, shown
from equipoise.protocol.population import Data

GIVEN = {
    "postgresql://host/db": "postgresql://host/db",
    "postgresql://ann@host:5433/db?sslmode=require": "postgresql://host:5433/db?sslmode=require",
    "postgres:///?service=registry": "postgresql:///?service=registry",
    "postgresql:///db?host=/run/pg&user=ann": "postgresql:///db?host=/run/pg",
    "duckdb:///data/registry.duckdb": "duckdb:///data/registry.duckdb",
    "spark://local": "spark://local",
}


@pytest.mark.parametrize("url", GIVEN)
def test_an_address_is_printed_without_its_user(url: str) -> None:
    assert address_fault(url) == ""
    assert shown(url) == GIVEN[url]
    data = Data.model_validate({"connection": url, "schema": "registry"})
    assert data.model_dump(by_alias=True)["connection"] == GIVEN[url]
    assert url not in repr(data)


SECRETS = (
    "postgresql://ann:hush@host/db",
    "postgresql://host/db?password=hush",
    "postgresql://:hush@h/db",
    "postgresql://h/?PASSWORD=hush",
)


@pytest.mark.parametrize("url", SECRETS)
def test_a_password_is_refused_and_not_repeated(url: str) -> None:
    assert "PGPASSWORD" in address_fault(url)
    with pytest.raises(ValueError, match="service file") as refused:
        Data.model_validate({"connection": url, "schema": "registry"})
    assert "hush" not in refused.value.errors(include_input=False)[0]["msg"]
    assert "hush" not in shown(url)


@pytest.mark.parametrize("url", ["host=localhost dbname=x", "mysql://host/db", "registry.duckdb", "", "postgresql://h:port/db"])
def test_what_is_no_address_is_told(url: str) -> None:
    assert "duckdb:///file.duckdb" in address_fault(url)
    assert kind_of("POSTGRES://h/d") == "postgresql"


WRONG = {
    "needed with 'connection'": {"connection": "spark://local"},
    "give its address": {"tables": "data", "schema": "registry"},
    "leave 'tables' and 'path' out": {"connection": "spark://local", "schema": "registry", "tables": "data"},
    "has its columns as they are": {
        "connection": "spark://local", "schema": "registry", "rows": "t", "patient": "id", "sheet": "one",
    },
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_what_does_not_go_with_a_connection_is_told(said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Data.model_validate(WRONG[said])
