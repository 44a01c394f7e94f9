"""The drugs of the line of treatment before the index treatment, and the columns of `firstline_infusion` in which they stand."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from equipoise.contract import Column, Contract
from equipoise.protocol.part import Name, Part

PACK, TABLE = "prior_line", "firstline_infusion"


class PriorDrug(Part):
    """given: the column that says whether the drug was given at an infusion. dose: the column of its dose, in `unit`; highest:
    the largest dose that can be."""

    given: Name
    dose: Name | None = None
    unit: str = ""
    highest: float | None = Field(None, gt=0)


class PriorLine(Part):
    """drugs: of the line before; an infusion at which the first one was given is a cycle."""

    drugs: dict[Name, PriorDrug] = Field(min_length=1)


def with_drugs(contract: Contract, prior_line: PriorLine | None) -> Contract:
    """The contract with the columns of the drugs; as it is where none are named or the pack is not."""
    if prior_line is None or TABLE not in contract.tables:
        return contract
    known = contract.tables[TABLE].column_names
    columns = tuple(c for c in _columns(prior_line) if c.name not in known)
    return contract.extended(columns={TABLE: columns})


def _columns(prior_line: PriorLine) -> Iterator[Column]:
    for name, drug in prior_line.drugs.items():
        if drug.dose is not None:
            yield Column(drug.dose, "number", f"dose of {name}", drug.unit, low=0, high=drug.highest, required=False)
    for name, drug in prior_line.drugs.items():
        yield Column(drug.given, "boolean", f"{name} was given")
