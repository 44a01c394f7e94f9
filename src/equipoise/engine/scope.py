"""The same relations made once more, of other patients: a second set of names over one engine."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.engine.base import Engine, Relation
from equipoise.engine.text import applied


class Scope(Engine):
    """What is defined here as `name` is the relation `prefix_name` of the engine behind, and a SELECT that reads `name` reads
    that one; every other relation is the engine's own. given: names that other relations stand for from the start."""

    def __init__(self, engine: Engine, prefix: str, given: Mapping[str, str]) -> None:
        self._engine, self._prefix, self._names = engine, prefix, dict(given)
        self._defined: dict[str, Relation] = {}
        self.relations = ChainMap(self._defined, engine.relations)

    def create(self, name: str, sql: str) -> None:
        self._engine.create(self._own(name), self._bound(sql))
        self._names[name] = self._own(name)

    def _create(self, name: str, sql: str) -> None:
        self.create(name, sql)

    def _view(self, name: str, sql: str) -> None:
        self._engine.view(self._own(name), self._bound(sql))
        self._names[name] = self._own(name)

    def define(self, name: str, sql: str, phase: str = "") -> None:
        self._engine.define(self._own(name), self._bound(sql), phase)
        self._names[name] = self._own(name)
        self._defined[name] = self._engine.relations[self._own(name)]

    def drop(self, name: str) -> None:
        self._engine.drop(self._names.pop(name))

    def take(self, name: str, columns: Any) -> None:
        self._engine.take(self._own(name), columns)
        self._names[name] = self._own(name)

    def columns(self, name: str) -> dict[str, str]:
        return self._engine.columns(self._names.get(name, name))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        return self._engine.rows(self._bound(sql), parameters)

    def fetch(self, sql: str) -> dict[str, np.ndarray]:
        return self._engine.fetch(self._bound(sql))

    def reads(self, sql: str) -> tuple[str, ...]:
        return self._engine.reads(sql)

    def close(self) -> None:
        """The engine behind stays open."""

    def _own(self, name: str) -> str:
        return f"{self._prefix}_{name}"

    def _bound(self, sql: str) -> str:
        return applied(sql, {name: self._names[name] for name in self.reads(sql) if name in self._names})
