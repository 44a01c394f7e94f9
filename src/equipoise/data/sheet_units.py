"""The unit check of a spreadsheet: each column that `measurements` declares, against the units and believable values of what
it is said to measure. A heading that names another unit than the protocol is listed."""

from __future__ import annotations

import re

import numpy as np

from equipoise.contract import Contract
from equipoise.data.read import RawTable
from equipoise.data.units import factor_rows, plausible
from equipoise.engine import as_number
from equipoise.errors import Fault
from equipoise.protocol.baseline_columns import measurable
from equipoise.protocol.measures import Measurement
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol


def _factors(contract: Contract) -> dict[tuple[str, str], tuple[str, float, float]]:
    """(analyte, unit in small letters) -> canonical unit, multiply_by, divide_by."""
    return {(analyte, unit): (canonical, up, down) for analyte, unit, canonical, up, down in factor_rows(contract)}


def measurement_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    """Unknown names, columns, units and words; values that cannot be right in the unit that is declared."""
    faults: list[Fault] = []
    contract = protocol.contract
    names = measurable(contract)
    for name, measurement in protocol.measurements.items():
        place = protocol.place("measurements", name)
        if name not in names:
            faults.append(Fault(place, "unknown name", f"there is no measurement '{name}'; {hint(name, names)}"))
        elif measurement.column not in raw.names:
            faults.append(Fault(place, "missing column", f"{raw.file} has no column '{measurement.column}'"))
        elif name in contract.analytes:
            faults += _unit_faults(name, measurement, raw, place, contract)
    return faults


def _unit_faults(analyte: str, measurement: Measurement, raw: RawTable, place: str, contract: Contract) -> list[Fault]:
    unit, column = measurement.unit, measurement.column
    values = _values(raw, column)
    if (analyte, unit.strip().lower()) not in _factors(contract):
        said = f"'{unit}' is not a unit of {analyte}" if unit else f"{analyte} needs a unit"
        return [Fault(place, "unknown unit", f"{said}. {_believable(analyte, column, values, contract)}")]
    limits = (("lln", measurement.lln), ("uln", measurement.uln))
    faults = [
        Fault(place, "limit of normal", f"{key} is neither a number nor a column of {raw.file}")
        for key, given in limits
        if given is not None and _number(given) is None and given not in raw.names
    ]
    wrong = len(values) - _inside(analyte, unit.strip().lower(), values, contract)
    if wrong:
        message = f"{wrong} of {len(values)} values of '{column}' are impossible as {analyte} in {unit}. "
        faults.append(Fault(place, "impossible for its unit", message + _believable(analyte, column, values, contract)))
    return faults


def _values(raw: RawTable, column: str) -> np.ndarray:
    """The numbers of a column, those at a limit such as '<0.2' too."""
    number = as_number(f"ltrim({raw.text(column)}, '<> ')")
    found = raw.engine.fetch(f"select {number} as value from {raw.relation} order by source_row")["value"]
    return found[~np.isnan(found)]


def _believable(analyte: str, column: str, values: np.ndarray, contract: Contract) -> str:
    """How many values each distinct unit of the analyte would make believable."""
    distinct = {(up, down): u for a, u, _, up, down in reversed(factor_rows(contract)) if a == analyte}
    written = {canonical.lower(): canonical for a, _, canonical, *_ in factor_rows(contract) if a == analyte}
    shares = [f"{_inside(analyte, u, values, contract)} as {written.get(u, u) or 'no unit'}" for u in reversed(distinct.values())]
    return f"Of the {len(values)} values of '{column}' these are believable: {', '.join(shares)}. Name the right unit"


def _inside(analyte: str, unit: str, values: np.ndarray, contract: Contract) -> int:
    low, high = plausible(contract).get(analyte, (0.0, float("inf")))
    _, up, down = _factors(contract)[(analyte, unit)]
    converted = values * up / down
    return int(((low <= converted) & (converted <= high)).sum())


def heading_findings(protocol: Protocol, raw: RawTable) -> list[Fault]:
    """Headings that name a unit in brackets which is not the declared one; the protocol counts."""
    found = []
    factors = _factors(protocol.contract)
    for name, measurement in protocol.measurements.items():
        bracket = re.search(r"\(([^()]+)\)\s*$", measurement.column)
        heading = bracket.group(1).strip() if bracket else ""
        if name not in protocol.contract.analytes or not heading or _same(factors, name, heading, measurement.unit):
            continue
        said = measurement.unit or "no unit"
        message = f"the heading '{measurement.column}' says {heading}; the protocol says {said}, which counts"
        found.append(Fault(f"{raw.file}, row 1", "unit of the heading", message))
    return found


def _same(factors: dict, analyte: str, heading: str, unit: str) -> bool:
    mine, theirs = (factors.get((analyte, u.strip().lower())) for u in (unit, heading))
    return theirs is not None and mine == theirs


def _number(cell: str | None) -> float | None:
    try:
        return float((cell or "").lstrip("<> "))
    except ValueError:
        return None
