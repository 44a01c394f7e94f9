"""The JSON of a cohort definition of ATLAS, key by key: what is read is taken, and what is left is refused with its path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from equipoise.errors import Fault
from equipoise.protocol.part import CENTURY
from equipoise.protocol.yaml_limits import unprintable

LARGEST = 2**53
OPS = ("lt", "lte", "eq", "!eq", "gt", "gte", "bt", "!bt")
DO = "take it out in ATLAS, or state it by another inclusion rule or under 'exclusions' of the block omop"


class Node:
    """A mapping of the file. path: where it stands, as `InclusionRules[2].expression`. Keys are known whatever their capitals.
    Faults of all nodes go into one list."""

    def __init__(self, given: Any, file: str, path: str, faults: list[Fault]) -> None:
        self.file, self.path, self.faults = file, path, faults
        self.left: dict[str, tuple[str, Any]] = {}
        if isinstance(given, dict):
            self.left = {str(key).lower(): (str(key), value) for key, value in given.items()}
        else:
            self.wrong("", "is no mapping of keys")

    def where(self, key: str = "") -> str:
        return ".".join(part for part in (self.path, key) if part)

    def refuse(self, key: str, message: str, rule: str = "not available") -> None:
        where = self.where(key)
        self.faults.append(Fault(f"{self.file}, {where}" if where else self.file, rule, message))

    def wrong(self, key: str, what: str) -> None:
        self.refuse(key, f"this {what}; export the cohort definition from ATLAS again", "cohort definition")

    def take(self, key: str) -> Any:
        """The value, which counts as read; None where the key is not there."""
        return self.left.pop(key.lower(), ("", None))[1]

    def has(self, key: str) -> bool:
        return self.left.get(key.lower(), ("", None))[1] is not None

    def node(self, key: str) -> Node | None:
        given = self.take(key)
        return None if given is None else Node(given, self.file, self.where(key), self.faults)

    def nodes(self, key: str) -> list[Node]:
        given = self.take(key)
        if given is None:
            return []
        if not isinstance(given, list):
            self.wrong(key, "is no list")
            return []
        return [Node(one, self.file, f"{self.where(key)}[{i}]", self.faults) for i, one in enumerate(given)]

    def whole(self, key: str, default: int = 0) -> int:
        found = self.whole_or_none(key)
        return default if found is None else found

    def whole_or_none(self, key: str) -> int | None:
        given = self.take(key)
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST or given != int(given):
            self.wrong(key, "is no whole number")
            return None
        return int(given)

    def days(self, key: str) -> int:
        """A number of days, 0 where none is given."""
        found = self.whole(key)
        if abs(found) > CENTURY:
            self.refuse(key, f"this is more than {CENTURY:,} days, a century; correct it in ATLAS")
            return 0
        return found

    def flag(self, key: str) -> bool:
        given = self.take(key)
        if given is not None and not isinstance(given, bool):
            self.wrong(key, "is neither true nor false")
        return given is True

    def word(self, key: str, known: tuple[str, ...], default: str) -> str:
        given = self.take(key)
        if given is None:
            return default
        found = next((word for word in known if isinstance(given, str) and word.lower() == given.lower()), None)
        if found is None:
            self.refuse(key, f"this is none of {', '.join(known)}; {DO}")
        return found or default

    def text(self, key: str) -> str:
        given = self.take(key)
        text = " ".join(given.split()) if isinstance(given, str) else ""
        found = unprintable(text)
        if found:
            self.refuse(key, f"this text holds {found}; delete it in ATLAS", "text")
        return text

    def day(self, key: str) -> dt.date | None:
        given = self.take(key)
        if given is None or given == "":
            return None
        try:
            return dt.date.fromisoformat(str(given)[:10])
        except ValueError:
            self.wrong(key, "is no date")
            return None

    def concepts(self, key: str) -> tuple[int, ...]:
        """The ids of a list of concepts; () where it is empty or not there."""
        found = [node.whole_and_rest("CONCEPT_ID") for node in self.nodes(key)]
        return tuple(i for i in found if i is not None)

    def whole_and_rest(self, key: str) -> int | None:
        """A needed number; the other keys are words about it."""
        found = self.whole_or_none(key)
        if found is None:
            self.wrong(key, "is not there")
        self.left.clear()
        return found

    def span(self, key: str, read: Callable[[Node, str], Any]) -> tuple[str, tuple[Any, ...]] | None:
        """A range: (op, one or two values); None where it is not there."""
        node = self.node(key)
        if node is None:
            return None
        op = node.word("Op", OPS, "")
        values = [read(node, "Value")]
        if op.endswith("bt"):
            values.append(read(node, "Extent"))
        node.take("Extent")
        node.end("a range")
        if not op or any(v is None for v in values):
            node.wrong("", "has no operator, or lacks a value")
            return None
        return op, tuple(values)

    def end(self, what: str) -> None:
        """Refuse every key that was not read and says something."""
        for key, value in self.left.values():
            if value not in (None, False, "", [], {}):
                self.refuse(key, f"'{key}' of {what} is not read here; {DO}")
        self.left.clear()


def number(node: Node, key: str) -> float | None:
    given = node.take(key)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
        node.wrong(key, "is no number")
        return None
    return float(given)


def whole(node: Node, key: str) -> int | None:
    found = number(node, key)
    return None if found is None else int(found)


def day(node: Node, key: str) -> dt.date | None:
    return node.day(key)
