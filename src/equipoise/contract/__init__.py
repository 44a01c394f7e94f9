"""The raw tables that any oncology study may bring: columns, types, units, ranges, keys and caveats. Packs add their own.

The same declaration checks the data (`data/check.py`), types the SQL views (`engine/`), converts units, picks windows and prints
the codebook (`equipoise codebook`). One table, item or analyte is declared in one place: here, or in a pack. A study may instead
start from one row per patient; then the tables do not apply, and the items and analytes say what its columns may measure.
"""

from __future__ import annotations

from equipoise.contract.codebook import codebook
from equipoise.contract.findings import TRUTHS, Item
from equipoise.contract.laboratory import Analyte
from equipoise.contract.shape import AFTER, BEFORE, LINE_BEFORE, Column, Table
from equipoise.contract.whole import CORE, Contract

TABLES = CORE.tables

__all__ = [
    "AFTER", "BEFORE", "CORE", "LINE_BEFORE", "TABLES", "TRUTHS", "Analyte", "Column", "Contract", "Item", "Table", "codebook",
]  # fmt: skip
