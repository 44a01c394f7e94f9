"""Reading the data and the answers of R for the statistical tests."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NAMES = ("lung", "lung_months", "veteran", "pbc", "aml", "ovarian", "gbsg")


class Data:
    """One data set: `time event cause group stratum cluster weight frequency entry` and the matrix `X`."""

    def __init__(self, columns):
        self.__dict__.update(columns)
        names = [name for name in columns if name[0] == "x" and name[1:].isdigit()]
        self.X = np.column_stack([columns[name] for name in names])


def data_set(name):
    with open(HERE / "data" / f"{name}.csv", newline="") as file:
        rows = list(csv.reader(file))
    table = np.array(rows[1:], dtype=float)
    return Data(dict(zip(rows[0], table.T, strict=True)))


def cohort():
    """The synthetic cohort of 1,000: `time event etype treat` and ten covariates."""
    with gzip.open(HERE / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.reader(file))
    table = np.array(rows[1:], dtype=float)
    return Data(dict(zip(rows[0], table.T, strict=True)))


def answers(name):
    """Results of the R script `reference/<name>.R`."""
    return json.loads((HERE / "reference" / f"{name}.json").read_text())["results"]


def numbers(values):
    """Floats with R's NA (null) as nan, of any shape."""
    return np.array(values, dtype=float)


def assert_agrees(ours, theirs, rel=1e-8, floor=1e-12):
    """Equal to `rel` of each value, or to `floor` where values are all but zero; nan only beside nan."""
    np.testing.assert_allclose(np.asarray(ours, dtype=float), numbers(theirs), rtol=rel, atol=floor)
