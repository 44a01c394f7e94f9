"""Measured numbers in the unit that is asked, by the UCUM codes of the units' concepts, mass into amount where the analyte is
known by its LOINC code; what cannot be converted is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from equipoise.data.omop.cdm import Cdm, counted
from equipoise.data.omop.concepts import PACKAGE, concepts_where
from equipoise.engine import listed, values
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol

COLUMNS = ("asked", "concept_id", "unit", "multiply_by")
KINDS = {"asked": "varchar", "concept_id": "bigint", "unit": "bigint", "multiply_by": "double"}
MASS, AMOUNT, CHARGE = "g", "mol", "eq"
PREFIX = {"": 1.0, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "k": 1e3}
BASES = ("g", "mol", "L", "m", "Pa", "[IU]", "U", "kat", "eq", "s")
ALONE = {
    "%": ("ratio", 1e-2), "1": ("ratio", 1.0), "{ratio}": ("ratio", 1.0),
    "10*3": ("ratio", 1e3), "10*6": ("ratio", 1e6), "10*9": ("ratio", 1e9), "10*12": ("ratio", 1e12),
    "mm[Hg]": ("Pa", 133.322387415), "[lb_av]": ("g", 453.59237), "[in_i]": ("m", 0.0254),
    "min": ("s", 60.0), "h": ("s", 3600.0), "d": ("s", 86400.0), "wk": ("s", 604800.0),
    "mm3": ("L", 1e-6), "cm3": ("L", 1e-3), "dL": ("L", 1e-1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Analyte:
    """molar_mass: g/mol. valence: equivalents per mole; 0 of what is no ion."""

    molar_mass: float
    valence: int = 0


def analytes() -> dict[str, Analyte]:
    """LOINC code -> analyte (analytes.toml)."""
    given = tomllib.loads(resources.files(PACKAGE).joinpath("analytes.toml").read_text(encoding="utf-8"))
    return {code: Analyte(a["molar_mass"], a.get("valence", 0)) for a in given.values() for code in a["loinc"]}


def define_units(protocol: Protocol, cdm: Cdm) -> None:
    """Define setting_unit: what a number of a concept in a unit is multiplied by for a covariate. Raises DataError for records in
    other units."""
    asked = {name: int(c.unit) for name, c in protocol.omop.covariates.items() if c.unit is not None}
    engine = cdm.engine
    counted = (
        "select asked, concept_id, unit, count(*) from window_record where value_kind = 'latest' and value is not null "
        "group by asked, concept_id, unit order by asked, unit, concept_id"
    )
    found = [(str(name), concept, unit, int(n)) for name, concept, unit, n in engine.rows(counted)] if asked else []
    codes = _codes(cdm, {*asked.values(), *(int(u) for _, _, u, _ in found if u is not None)}) if found else {}
    known = _analytes(cdm, {int(c) for _, c, u, _ in found if u is not None}) if found else {}
    rows: list[tuple] = []
    refused: dict[tuple[str, int | None], tuple[int, bool]] = {}
    for name, concept, unit, n in found:
        given, wanted = codes.get(int(unit or 0), ""), codes.get(asked[name], "")
        factor = 1.0 if unit == asked[name] else conversion(given, wanted, known.get(int(concept))) if unit is not None else None
        if factor is None:
            before, _ = refused.get((name, unit), (0, False))
            refused[name, unit] = before + n, conversion(given, wanted, Analyte(1, 1)) is not None
        else:
            rows.append((name, int(concept), int(unit), factor))
    faults = [_fault(protocol, name, u, codes, asked[name], n, a) for (name, u), (n, a) in refused.items()]
    faults += _mixed(
        protocol, {n: codes.get(unit, "") for n, unit in asked.items()}, [(n, known.get(int(c))) for n, c, _, _ in found]
    )
    if faults:
        raise DataError(faults)
    engine.define("setting_unit", values(COLUMNS, rows, KINDS), phase="data")


def _mixed(protocol: Protocol, wanted: dict[str, str], found: list[tuple[str, Analyte | None]]) -> Iterator[Fault]:
    """Covariates of a mass that several analytes were measured for: equal amounts of them have different masses.
    wanted: covariate -> UCUM code. found: (covariate, analyte of a record)."""
    for name, code in wanted.items():
        unit = _unit(code)
        masses = sorted({analyte.molar_mass for asked, analyte in found if asked == name and analyte is not None})
        if len(masses) > 1 and unit is not None and unit[0][0] == MASS:
            shown = " and ".join(f"{mass:g} g/mol" for mass in masses)
            message = (
                f"the measurements of this covariate are of analytes of {shown} (urea and its nitrogen, for one), whose masses "
                f"in {code} are not the same thing; ask for an amount (mmol/L), or keep one of them in the concept set"
            )
            yield Fault(protocol.place("omop", "covariates", name, "unit"), "unit", message)


def _analytes(cdm: Cdm, concepts: set[int]) -> dict[int, Analyte]:
    """Those concepts whose LOINC code is that of a known analyte."""
    if not cdm.has("concept") or not concepts:
        return {}
    where = f"concept_id in ({listed(sorted(concepts))}) and upper(vocabulary_id) = 'LOINC'"
    codes = {int(concept): str(code) for concept, code in concepts_where(cdm, "concept_id, concept_code", where)}
    known = analytes()
    return {concept: known[code] for concept, code in codes.items() if code in known}


def _codes(cdm: Cdm, concepts: set[int]) -> dict[int, str]:
    """UCUM codes of units."""
    if not cdm.has("concept"):
        return {}
    where = f"concept_id in ({listed(sorted(concepts))}) and lower(domain_id) = 'unit'"
    return {int(concept): str(code) for concept, code in concepts_where(cdm, "concept_id, concept_code", where)}


def _fault(
    protocol: Protocol, name: str, unit: int | None, codes: dict[int, str], wanted: int, n: int, by_analyte: bool
) -> Fault:
    given = "no unit" if unit is None or unit == 0 else f"the unit {unit}{f' ({codes[unit]})' if codes.get(unit) else ''}"
    into = f"{wanted}{f' ({codes[wanted]})' if codes.get(wanted) else ''}"
    has = "has" if n == 1 and not protocol.minimum_cell else "have"
    many = f"{counted(n, 'measurement', protocol.minimum_cell or 0)} of this covariate {has}"
    why = " without the molar mass, which is known of common analytes by their LOINC codes" if by_analyte else ""
    message = (
        f"{many} {given}, which is not converted into {into}{why}; ask for the unit that the data "
        "have, or leave those records out of the concept set"
    )
    return Fault(protocol.place("omop", "covariates", name, "unit"), "unit", message)


def conversion(given: str, wanted: str, analyte: Analyte | None = None) -> float | None:
    """What a number in one unit is multiplied by for another, both as UCUM codes; None where they measure different things.
    analyte: by whose molar mass and valence mass, amount and equivalents of a concentration are one another."""
    one, other = _unit(given), _unit(wanted)
    if one is None or other is None or one[0][1] != other[0][1]:
        return None
    if one[0][0] == other[0][0]:
        return one[1] / other[1]
    top, bottom = _moles(one[0][0], analyte), _moles(other[0][0], analyte)
    return None if top is None or bottom is None else one[1] * top / (other[1] * bottom)


def _moles(base: str, analyte: Analyte | None) -> float | None:
    """Moles of the analyte in one of a unit; None where that cannot be told."""
    if analyte is None:
        return None
    if base == CHARGE:
        return 1 / analyte.valence if analyte.valence else None
    return {AMOUNT: 1.0, MASS: 1 / analyte.molar_mass}.get(base)


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
