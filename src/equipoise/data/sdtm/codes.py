"""Test codes of a sponsor's own: which items, analytes and columns of a patient the protocol finds under which code."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.data.sdtm.terms import TABLES
from equipoise.engine import listed, quote
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol

VIABLE = "viable_mm"  # of TR: CDISC has no test code for the enhancing diameter
SUPPLEMENTED = ("patient", "index_treatment")  # tables of a row per patient, to which SUPPDM adds columns
TRUTH = "case upper(QVAL) when 'Y' then 'true' when 'N' then 'false' else QVAL end"
MADE = {
    "patient": ("patient_id", "site", "sex", "age_index"),
    "index_treatment": ("patient_id", "drug", "index_date"),
}


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes in capitals. tests, scales: code -> analyte of lab, item of observation, those of CDISC first. viable: codes of TR.
    columns: (table, column) -> QNAM of SUPPDM."""

    tests: dict[str, str]
    scales: dict[str, str]
    viable: tuple[str, ...]
    columns: dict[tuple[str, str], tuple[str, ...]]

    @property
    def supplements(self) -> list[str]:
        return sorted({code for codes in self.columns.values() for code in codes})


def codes_of(protocol: Protocol) -> Codes:
    """What the contract knows and what the protocol adds under `data: codes:`."""
    contract, given = protocol.contract, {name: tuple(c.upper() for c in codes) for name, codes in protocol.data.codes.items()}
    tests = {code: name for name, analyte in contract.analytes.items() for code in (*analyte.sdtm, *given.get(name, ()))}
    scales = {code: name for name, item in contract.items.items() for code in (*item.sdtm, *given.get(name, ()))}
    columns = {(t, c): given[c] for t in SUPPLEMENTED for c in _free(protocol, t) if c in given}
    return Codes(tests, scales, given.get(VIABLE, ()), columns)


def code_faults(protocol: Protocol) -> list[Fault]:
    """Names under `codes` that are no item, analyte or column, and codes that stand for two."""
    contract, place = protocol.contract, protocol.place("data", "codes")
    free = [c for t in SUPPLEMENTED for c in _free(protocol, t)]
    known = [*contract.items, *contract.analytes, *free, VIABLE]
    faults = [
        Fault(place, "unknown name", f"there is no item, analyte or column '{name}'; codes may name {', '.join(known)}")
        for name in protocol.data.codes
        if name not in known
    ]
    for kind in (list(contract.items), list(contract.analytes), free):
        taken: dict[str, str] = {}
        for name in kind:
            for code in (c.upper() for c in protocol.data.codes.get(name, ())):
                if taken.setdefault(code, name) != name:
                    message = f"the code {code} stands for {taken[code]} and for {name}; name it once"
                    faults.append(Fault(place, "code", message))
    return faults


def reads_domain(protocol: Protocol, domain: str) -> bool:
    """Findings About and the supplement of demographics are a sponsor's own: they are read where a code names something there."""
    codes = codes_of(protocol)
    if domain == "SUPPDM":
        return bool(codes.columns)
    return domain != "FA" or any(name in protocol.contract.items for name in protocol.data.codes)


def supplemented(protocol: Protocol, table: str, sql: str) -> str:
    """The SELECT of a table of a row per patient with the columns that SUPPDM gives it; Y and N are true and false where they are
    due."""
    found = {column: codes for (where, column), codes in codes_of(protocol).columns.items() if where == table}
    if not found:
        return sql
    kinds = {c.name: c.kind for c in protocol.contract.tables[table].columns}
    fields, joins = [], []
    for i, (column, codes) in enumerate(found.items()):
        value = TRUTH if kinds[column] == "boolean" else "QVAL"
        fields.append(f"supplement{i}.value as {quote(column)}")
        values = f"select USUBJID, max({value}) as value from sdtm_suppdm where upper(QNAM) in ({listed(codes)}) group by USUBJID"
        joins.append(f"left join (\n{values}\n) as supplement{i} on supplement{i}.USUBJID = given.patient_id")
    select = f"select given.*, {', '.join(fields)}"
    return "\n".join((select, f"from (\n{sql.strip()}\n) as given", *joins, "order by given.patient_id"))


def _free(protocol: Protocol, table: str) -> list[str]:
    """Columns of a table that no domain but SUPPDM makes."""
    assert "SUPPDM" in TABLES[table][1]
    return [c for c in protocol.contract.tables[table].column_names if c not in MADE[table]]
