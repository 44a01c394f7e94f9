"""Columns that the contract leaves to the study and the protocol asks for: a file that lacks one is named with who asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from equipoise.data.read import RawTable
from equipoise.errors import Fault
from equipoise.protocol.baseline_columns import descriptors
from equipoise.protocol.derived_values import COVARIATE
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.spec import Protocol, stratifiers

DESCRIBING = ("patient", "index_treatment")


def asked_faults(protocol: Protocol, raw: Mapping[str, RawTable]) -> list[Fault]:
    """A fault for each name in the protocol of a column which the file of its table does not have."""
    found = []
    for place, who, table, column in _asked(protocol):
        if table in raw and column not in raw[table].names:
            message = f"{who} asks for the column '{column}' of the table {table}, and {raw[table].file} has none; add it there"
            found.append(Fault(place, "missing column", f"{message}, or leave out what needs it"))
    return list(dict.fromkeys(found))


def _asked(protocol: Protocol) -> Iterator[tuple[str, str, str, str]]:
    """Place in the protocol, who asks, table, column. Required columns are missed by the check of the file itself."""
    contract = protocol.contract
    optional = {t: {c.name for c in table.columns if not c.required} for t, table in contract.tables.items()}
    home = {column: table for table in DESCRIBING for column in descriptors(contract, table) if column in optional[table]}
    said = [(("covariates", n, "from"), f"the covariate '{n}'", columns_of(c.from_)) for n, c in protocol.covariates.items()]
    for arm, rules in protocol.dose.items():
        given = [(i, columns_of(rule.when)) for i, rule in enumerate(rules) if rule.when]
        said += [(("dose", arm, i, "when"), f"the dose of '{arm}'", names) for i, names in given]
    for where, names in _beside_covariates(protocol):
        said.append((where, "a condition", [n for n in names if n not in protocol.covariates]))
    for where, who, names in said:
        yield from ((protocol.place(*where), who, home[c], c) for c in names if c in home)
    for i, step in enumerate(protocol.eligibility.steps):
        for j, exclude in enumerate(step.exclude):
            table = exclude.table or (protocol.index.table if protocol.index is not None else "")
            place = protocol.place("eligibility", "steps", i, "exclude", j, "where")
            derived = exclude.table in (None, COVARIATE)
            for column in columns_of(exclude.where):
                if column in optional.get(table, ()):
                    yield place, f"the exclusion '{exclude.reason}'", table, column
                elif derived and column in home and column not in protocol.covariates:
                    yield place, f"the exclusion '{exclude.reason}'", home[column], column


def _beside_covariates(protocol: Protocol) -> Iterator[tuple[tuple[Any, ...], list[str]]]:
    """Names of restrictions, strata and exact matching, which may be covariates or columns."""
    yield from ((("restrict", n, "where"), columns_of(r.where)) for n, r in protocol.restrict.items())
    yield from stratifiers(protocol).items()
