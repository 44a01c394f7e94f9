"""The raw tables a study may bring: their columns, types, units, ranges, keys and caveats.

The same declaration checks the data (`data/check.py`), types the SQL views (`engine/`) and prints the codebook
(`equipoise codebook`). A study may instead start from one row per patient; then this file does not apply.
"""

from __future__ import annotations

from equipoise.contract import course, person, tumour
from equipoise.contract.codebook import codebook_text
from equipoise.contract.shape import Column, Table, with_codes

TABLES: dict[str, Table] = {t.name: t for t in (*person.TABLES, *tumour.TABLES, *course.TABLES)}


def tables_with(analytes: tuple[str, ...], items: tuple[str, ...]) -> dict[str, Table]:
    """The tables with further codes of `lab.analyte` and `observation.item`, those of a study's packs."""
    return {
        **TABLES,
        "lab": with_codes(TABLES["lab"], "analyte", analytes),
        "observation": with_codes(TABLES["observation"], "item", items),
    }


def codebook() -> str:
    """The contract as Markdown, a section per table."""
    return codebook_text(TABLES.values())


__all__ = ["TABLES", "Column", "Table", "codebook", "tables_with"]
