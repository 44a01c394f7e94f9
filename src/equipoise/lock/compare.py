"""What changed between a lock and a run, in sentences without a value of any patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from equipoise.records.lock import DesignLock

SHOWN = 60  # signs of a setting
MAKES_ROWS = "omop"  # part of a request by which the rows are made that the fingerprint is of
FEW = 1e-8  # relative: weights that differ by less are the same


def changes(
    lock: DesignLock, request: Mapping[str, Any], data: Mapping[str, Any], made: Mapping[str, Any], version: str
) -> list[str]:
    """First the protocol, then the data; and where both are as they were, what was made of them. Rows that the protocol makes
    of OMOP tables are no data that changed where what makes them did."""
    found = list(_request_changes(lock.request, request, ()))
    if lock.request.get(MAKES_ROWS) == request.get(MAKES_ROWS):
        found += _data_changes(lock.data, data)
    if found:
        return found
    other = list(_made_changes(lock.made, made))
    if other and lock.equipoise != version:
        other.append(f"protocol and data are as they were; the lock was made by Equipoise {lock.equipoise}, this is {version}")
    return other


def _request_changes(then: Any, now: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys((*then, *now)):
            yield from _request_changes(then.get(name), now.get(name), (*path, str(name)))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now) and _nested(then):
        for i, (a, b) in enumerate(zip(then, now, strict=True), start=1):
            yield from _request_changes(a, b, (*path, str(i)))
    elif then != now:
        where = ", ".join(path)
        if then is None:
            yield f"the protocol: {where} was not there and is now {_shown(now)}"
        elif now is None:
            yield f"the protocol: {where} was {_shown(then)} and is gone"
        else:
            yield f"the protocol: {where} was {_shown(then)} and is now {_shown(now)}"


def _nested(items: list[Any]) -> bool:
    return any(isinstance(item, Mapping | list) for item in items)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        text = ", ".join(f"{k}: {_inner(v)}" for k, v in value.items())
    elif isinstance(value, list):
        text = ", ".join(_inner(v) for v in value)
    else:
        text = _inner(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}..."


def _inner(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _data_changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for table in dict.fromkeys((*then, *now)):
        a, b = then.get(table), now.get(table)
        if a is None or b is None:
            yield f"the data: the table {table} {'was not read by the locked design' if a is None else 'is no longer read'}"
        elif a["whole"] != b["whole"] or a["columns"] != b["columns"]:
            yield f"the data: the table {table}: {'; '.join(_table_changes(a, b))}"


def _table_changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if then["rows"] != now["rows"]:
        yield f"{then['rows']:,} rows then, {now['rows']:,} now"
    gone = [c for c in then["columns"] if c not in now["columns"]]
    new = [c for c in now["columns"] if c not in then["columns"]]
    other = [c for c, h in now["columns"].items() if c in then["columns"] and then["columns"][c] != h]
    if gone:
        yield f"no longer read: {', '.join(gone)}"
    if new:
        yield f"newly read: {', '.join(new)}"
    if "patient_id" in other:
        yield "other patients, or other numbers of rows for them"
    elif other:
        yield f"values changed in {', '.join(other)}"
    elif not (gone or new):
        yield "values stand in other rows of the same patients"


def _made_changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys((*then, *now)):
        a, b = then.get(name), now.get(name)
        if a is None or b is None or ("not made" in a) != ("not made" in b):
            yield f"the design {name} {_gone_or_new(a, b)}"
            continue
        lost = set(a.get("sets", ())) - set(b.get("sets", ()))
        more = set(b.get("sets", ())) - set(a.get("sets", ()))
        if lost or more:
            yield f"the design {name}: {len(lost)} of {len(a.get('sets', ()))} sets are other ones"
        moved = _moved(a.get("weights", {}), b.get("weights", {}))
        if moved:
            yield f"the design {name}: the weights of {moved} patients are other ones"


def _gone_or_new(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    if then is None or "not made" in then:
        return "is made now and was not when it was locked"
    return "was made when it was locked and is not now"


def _moved(then: Mapping[str, float], now: Mapping[str, float]) -> int:
    either = {*then, *now}
    return sum(who not in then or who not in now or abs(then[who] - now[who]) > FEW * abs(then[who]) for who in either)
