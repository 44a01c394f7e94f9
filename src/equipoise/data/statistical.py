"""Files of SPSS, Stata and SAS through the optional extra: labels of values in place of codes, declared missing codes empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from equipoise.data.cells import as_text
from equipoise.engine.files import sealed, text_array
from equipoise.errors import DataError, Fault

READERS = {
    ".sav": "read_sav", ".zsav": "read_sav", ".dta": "read_dta", ".sas7bdat": "read_sas7bdat", ".xpt": "read_xport",
}  # fmt: skip
OF = {".sav": "SPSS", ".zsav": "SPSS", ".dta": "Stata", ".sas7bdat": "SAS", ".xpt": "SAS"}


def read_statistical(file: str, suffix: str, data: bytes, codes: bool = False) -> dict[str, np.ndarray]:
    """Columns by name. A column of which every value has a label holds the labels; codes: none does. Raises DataError."""
    try:
        import pyreadstat
    except ImportError:
        message = f"reading {OF[suffix]} files needs one more library: pip install 'equipoise[files]', or save the file as csv "
        raise DataError(Fault(file, "missing extra", f"{message}or parquet")) from None
    try:
        with sealed(data) as bytes_as_read:
            frame, about = getattr(pyreadstat, READERS[suffix])(bytes_as_read)
    except Exception as error:  # the library's text may quote a row, so only the type is kept
        message = f"the file cannot be read as {suffix[1:]} ({type(error).__name__}); export it again"
        raise DataError(Fault(file, "unreadable", message)) from None
    labels = {} if codes else about.variable_value_labels
    return {str(name): _column(frame[name].tolist(), labels.get(name, {})) for name in frame.columns}


def variable_labels(path: Path) -> dict[str, str]:
    """Variable -> its label, of those that have one; none without the extra, or of a file that cannot be read."""
    try:
        import pyreadstat
    except ImportError:
        return {}
    try:
        with sealed(path.read_bytes()) as bytes_as_read:
            _, about = getattr(pyreadstat, READERS[path.suffix.lower()])(bytes_as_read, metadataonly=True)
    except Exception:  # what reads the rows says what is wrong
        return {}
    return {str(name): label for name, label in about.column_names_to_labels.items() if label}


def _column(cells: list[Any], labels: dict[Any, str]) -> np.ndarray:
    given = [None if cell is None or cell != cell or cell == "" else cell for cell in cells]
    if labels and all(cell is None or cell in labels for cell in given):
        return text_array([None if cell is None else str(labels[cell]).strip() or None for cell in given])
    if all(cell is None or isinstance(cell, int | float) and not isinstance(cell, bool) for cell in given):
        return np.array([np.nan if cell is None else cell for cell in given], dtype=float)
    return text_array([as_text(cell) for cell in given])
