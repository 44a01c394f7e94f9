"""Units of laboratory values: what each spelling means, and values that cannot be right in the unit they claim.

What an analyte's units are stands with the analyte, in `contract/laboratory.py` or in a pack.
"""

from __future__ import annotations

from equipoise.contract import Contract
from equipoise.engine import Engine, values
from equipoise.errors import Fault


def factor_rows(contract: Contract) -> list[tuple[str, str, str, float, float]]:
    """analyte, unit in small letters, canonical unit, multiply_by, divide_by: one row per spelling."""
    return [
        (name, spelling, analyte.unit, multiply, divide)
        for name, analyte in contract.analytes.items()
        for (multiply, divide), spellings in analyte.units.items()
        for spelling in spellings
    ]


def plausible(contract: Contract) -> dict[str, tuple[float, float]]:
    """analyte -> smallest and largest believable value in its canonical unit."""
    return {name: a.believable for name, a in contract.analytes.items() if a.believable is not None}


def define(engine: Engine, contract: Contract) -> None:
    """Define the relation `unit_factor(analyte, unit, canonical_unit, multiply_by, divide_by)`."""
    columns = ["analyte", "unit", "canonical_unit", "multiply_by", "divide_by"]
    engine.define("unit_factor", values(columns, factor_rows(contract)), phase="data")


def unit_faults(engine: Engine, contract: Contract, file: str = "lab.csv", first_row: int = 2) -> list[Fault]:
    """Laboratory rows in a unit that is not known, and values that are impossible in theirs; a fault per analyte and unit.

    Needs the relations `lab`, without which there is nothing to say, and `unit_factor`. first_row: of the data in the file.
    """
    if not engine.has("lab"):
        return []
    return _unknown_units(engine, file, first_row, contract) + _impossible_values(engine, file, first_row, contract)


def _unknown_units(engine: Engine, file: str, first_row: int, contract: Contract) -> list[Fault]:
    found = engine.rows(
        """select given.analyte, given.unit, given.first_row, given.n
        from (
          select analyte, coalesce(trim(unit), '') as unit, min(source_row) as first_row, count(*) as n from lab group by 1, 2
        ) as given
        left join unit_factor as factor on factor.analyte = given.analyte and factor.unit = lower(given.unit)
        where factor.analyte is null
        order by 3"""
    )
    faults = []
    for analyte, unit, row, n in found:
        known = ", ".join(_known_units(analyte, contract))
        what = f"{analyte} has no unit" if not unit else f"the unit of {analyte} is not known"
        message = f"{what} ({_rows(n)}). Known for {analyte}: {known}. Correct the unit or map it"
        faults.append(Fault(f"{file}, row {row + first_row - 1}, column unit", "unknown unit", message, unit))
    return faults


def _known_units(analyte: str, contract: Contract) -> list[str]:
    """The canonical unit as it is written, then the other spellings."""
    canonical = next(c for a, _, c, *_ in factor_rows(contract) if a == analyte)
    others = [u for a, u, *_ in factor_rows(contract) if a == analyte and u != canonical.lower()]
    return [u or "no unit" for u in (canonical, *others)]


def _impossible_values(engine: Engine, file: str, first_row: int, contract: Contract) -> list[Fault]:
    believable = plausible(contract)
    limits = values(["analyte", "low", "high"], [(a, low, high) for a, (low, high) in believable.items()])
    found = engine.rows(
        f"""with plausible as ({limits}),
        given as (
          select distinct analyte, coalesce(unit, '') as unit from lab
        ),
        judged as (
          select given.analyte, given.unit, factor.multiply_by, factor.divide_by, plausible.low, plausible.high
          from given
          join unit_factor as factor on factor.analyte = given.analyte and factor.unit = lower(trim(given.unit))
          join plausible on plausible.analyte = given.analyte
        ),
        converted as (
          select judged.analyte, trim(judged.unit) as unit, judged.low, judged.high, lab.source_row, lab.comparator,
            lab.value * judged.multiply_by / judged.divide_by as value
          from lab
          join judged on judged.analyte = lab.analyte and judged.unit = coalesce(lab.unit, '')
        )
        select analyte, unit, value > high, min(source_row), count(*)
        from converted
        where value > high or (value < low and coalesce(comparator, '=') <> '<')
        group by 1, 2, 3 order by 4"""
    )
    faults = []
    for analyte, unit, too_high, row, n in found:
        low, high = believable[analyte]
        side = f"above {high:g}" if too_high else f"below {low:g}"
        bound = f"{side} {_known_units(analyte, contract)[0]}".removesuffix("no unit").rstrip()
        message = f"{analyte} in {unit or 'no unit'} is impossible here: {bound} after conversion ({_rows(n)}). The unit is wrong"
        faults.append(Fault(f"{file}, row {row + first_row - 1}, column value", "impossible for its unit", message))
    return faults


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows, this the first"
