"""Measured numbers in the unit that is asked, by the UCUM codes of the units' concepts; what cannot be converted is refused."""

from __future__ import annotations

from equipoise.data.omop.cdm import Cdm, counted
from equipoise.data.omop.concepts import concepts_where
from equipoise.engine import listed, values
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol

COLUMNS = ("asked", "unit", "multiply_by")
KINDS = {"unit": "bigint", "multiply_by": "double"}
PREFIX = {"": 1.0, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "k": 1e3}
BASES = ("g", "mol", "L", "m", "Pa", "[IU]", "U", "kat", "eq", "s")
ALONE = {
    "%": ("ratio", 1e-2), "1": ("ratio", 1.0), "{ratio}": ("ratio", 1.0),
    "10*3": ("ratio", 1e3), "10*6": ("ratio", 1e6), "10*9": ("ratio", 1e9), "10*12": ("ratio", 1e12),
    "mm[Hg]": ("Pa", 133.322387415), "[lb_av]": ("g", 453.59237), "[in_i]": ("m", 0.0254),
    "min": ("s", 60.0), "h": ("s", 3600.0), "d": ("s", 86400.0), "wk": ("s", 604800.0),
    "mm3": ("L", 1e-6), "cm3": ("L", 1e-3), "dL": ("L", 1e-1),
}  # fmt: skip


def define_units(protocol: Protocol, cdm: Cdm) -> None:
    """Define setting_unit: what a number in a unit is multiplied by for a covariate. Raises DataError for records in other
    units."""
    asked = {name: int(c.unit) for name, c in protocol.omop.covariates.items() if c.unit is not None}
    engine = cdm.engine
    counted = (
        "select asked, unit, count(*) from window_record where value_kind = 'latest' and value is not null "
        "group by asked, unit order by asked, unit"
    )
    found = [(str(name), unit, int(n)) for name, unit, n in engine.rows(counted)] if asked else []
    codes = _codes(cdm, {*asked.values(), *(int(u) for _, u, _ in found if u is not None)}) if found else {}
    rows, faults = [(name, unit, 1.0) for name, unit in asked.items()], []
    for name, unit, n in found:
        if unit == asked[name]:
            continue
        factor = conversion(codes.get(int(unit), ""), codes.get(asked[name], "")) if unit is not None else None
        if factor is None:
            faults.append(_fault(protocol, name, unit, codes, asked[name], n))
        else:
            rows.append((name, int(unit), factor))
    if faults:
        raise DataError(faults)
    engine.define("setting_unit", values(COLUMNS, rows, KINDS), phase="data")


def _codes(cdm: Cdm, concepts: set[int]) -> dict[int, str]:
    """UCUM codes of units."""
    if not cdm.has("concept"):
        return {}
    where = f"concept_id in ({listed(sorted(concepts))}) and lower(domain_id) = 'unit'"
    return {int(concept): str(code) for concept, code in concepts_where(cdm, "concept_id, concept_code", where)}


def _fault(protocol: Protocol, name: str, unit: int | None, codes: dict[int, str], wanted: int, n: int) -> Fault:
    given = "no unit" if unit is None or unit == 0 else f"the unit {unit}{f' ({codes[unit]})' if codes.get(unit) else ''}"
    into = f"{wanted}{f' ({codes[wanted]})' if codes.get(wanted) else ''}"
    has = "has" if n == 1 and not protocol.minimum_cell else "have"
    many = f"{counted(n, 'measurement', protocol.minimum_cell or 0)} of this covariate {has}"
    message = (
        f"{many} {given}, which is not converted into {into}; ask for the unit that the data "
        "have, or leave those records out of the concept set"
    )
    return Fault(protocol.place("omop", "covariates", name, "unit"), "unit", message)


def conversion(given: str, wanted: str) -> float | None:
    """What a number in one unit is multiplied by for another, both as UCUM codes; None where they measure different things."""
    one, other = _unit(given), _unit(wanted)
    if one is None or other is None or one[0] != other[0]:
        return None
    return one[1] / other[1]


def _unit(code: str) -> tuple[tuple[str, str], float] | None:
    """((what is measured, per what), size) of a UCUM code of one or two parts: g/dL, mmol/L, 10*9/L."""
    above, slash, below = code.strip().partition("/")
    top = _part(above) if above else ("ratio", 1.0)
    bottom = _part(below) if slash else ("", 1.0)
    if not code.strip() or top is None or bottom is None:
        return None
    return (top[0], bottom[0]), top[1] / bottom[1]


def _part(code: str) -> tuple[str, float] | None:
    if code in ALONE:
        return ALONE[code]
    for base in BASES:
        prefix = code.removesuffix(base)
        if code.endswith(base) and prefix in PREFIX:
            return base, PREFIX[prefix]
    return None
