"""The columns that an expression over the baseline of raw tables may use, with their SQL types; packs add to them.

The relation `baseline_core` of the phase derive has exactly those of the contract; a test holds both together. They are known
here so that an expression is checked with the protocol, before any data are read.
"""

from __future__ import annotations

from equipoise.contract import Contract
from equipoise.packs import Pack, PackInput
from equipoise.protocol.expressions import is_condition

TEXT, NUMBER, TRUTH, DATE = "varchar", "double", "boolean", "date"
AGE = "age"  # a measurement of a spreadsheet beside the items and analytes
HISTORY = {"earlier_resection": TRUTH, "earlier_radiotherapy": TRUTH}  # of the table prior_treatment


def descriptors(contract: Contract, table: str) -> dict[str, str]:
    """The columns of `patient` or `index_treatment` that describe the patient at baseline, with their SQL types."""
    own = ("patient_id", "index_date")
    return {c.name: c.sql_type for c in contract.tables[table].columns if c.name not in own}


def item_columns(contract: Contract) -> dict[str, str]:
    """The columns of the relation `baseline_item` that a covariate may use, with their SQL types."""
    found = {name: item.sql_type for name, item in contract.findings.items()}
    for analyte in contract.laboratory.values():
        found[analyte.column] = NUMBER
        if analyte.compared:
            found[analyte.compared] = TEXT
    return found


def measurable(contract: Contract) -> tuple[str, ...]:
    """What a spreadsheet's column may be declared to measure."""
    return (*contract.analytes, *contract.items, AGE)


def core_columns(contract: Contract) -> dict[str, str]:
    """Every column of the baseline that no pack derives, with its SQL type."""
    treated = descriptors(contract, "index_treatment")
    known = {"patient_id": TEXT, **descriptors(contract, "patient"), "index_date": DATE, **treated}
    return {**known, **item_columns(contract), **HISTORY}


def input_kind(contract: Contract, given: PackInput) -> str:
    """SQL type of the column of an input."""
    if given.analyte is not None:
        return NUMBER
    if given.item is not None:
        return contract.items[given.item].sql_type
    return contract.tables[str(given.table)].column(str(given.column)).sql_type


def baseline_columns(contract: Contract, packs: tuple[Pack, ...]) -> list[str]:
    """Names of every column of the baseline with these packs."""
    return [*core_columns(contract), *(name for pack in packs for name in pack.column_names())]


def baseline_truths(contract: Contract, packs: tuple[Pack, ...]) -> list[str]:
    """Those that are true or false, or may be: what SQL of a pack gives is known only once it has run."""
    found = [name for name, kind in core_columns(contract).items() if kind == TRUTH]
    for pack in packs:
        found += [name for name, given in pack.inputs.items() if input_kind(contract, given) == TRUTH]
        for name, column in pack.columns.items():
            if column.is_ is None or is_condition(column.is_, found):
                found.append(name)
    return found
