"""The lines of the R script that make the balance beyond means again."""

from __future__ import annotations

from equipoise.protocol.spec import Protocol
from equipoise.records import Design
from equipoise.reproduce.r_text import literal as _r


def balance_lines(protocol: Protocol, design: Design) -> list[str]:
    """Of a compared design; nothing of a study without one."""
    if not protocol.designs:
        return []
    where = f"whole, data, {_r(design.name)}, {_r(protocol.balanced_covariates)}"
    thresholds = _r(list(dict.fromkeys(protocol.balance_thresholds)))
    return [f"distances({where})", f"products({where}, {thresholds}, {_r(protocol.balance.squares_and_interactions)})"]
