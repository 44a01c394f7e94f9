"""The windows before the index date that a study uses, by its protocol."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.errors import ProtocolError
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.packs import behind
from equipoise.protocol.spec import Protocol
from equipoise.report.words import words

WINDOWS = ("imaging", "laboratory", "status", "tumour_markers", "tumour")


def window_words(name: str) -> str:
    return words(f"methods.window.{name}")


def used_windows(protocol: Protocol) -> list[str]:
    """Windows that a covariate or a dose rule rests on; that of imaging where response is read from scans."""
    packs, contract = protocol.rule_packs, protocol.contract
    columns = behind(packs, set(_columns(protocol)))
    asked = {g.window for p in packs for name, g in p.inputs.items() if columns & set(g.columns(name))}
    asked |= {item.window for name, item in contract.findings.items() if name in columns}
    asked |= {analyte.window for analyte in contract.laboratory.values() if analyte.column in columns}
    if protocol.response is not None or "baseline_visit" in columns:
        asked.add("imaging")
    return [name for name in WINDOWS if name in asked]


def _columns(protocol: Protocol) -> Iterator[str]:
    said = [c.from_ for c in protocol.covariates.values()]
    said += [rule.when for rules in protocol.dose.values() for rule in rules if rule.when]
    for expression in said:
        try:
            yield from columns_of(expression)
        except ProtocolError:
            continue  # reported where the expression is checked
