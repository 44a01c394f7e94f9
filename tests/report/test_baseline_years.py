"""Calendar years are printed without a separator of thousands; other whole numbers keep it."""

from dataclasses import replace

import numpy as np
import pytest

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import is_year
from equipoise.study import run_study


@pytest.mark.parametrize(("years", "words"), [(True, "2012 (2010\u20132014)"), (False, "2,012 (2,010\u20132,014)")])
def test_the_separator_of_a_year(years, words):
    assert fmt.summary(2012, 2010, 2014, 0, years) == words


@pytest.mark.parametrize(
    ("values", "right"),
    [
        ([1900, 2012, 2100], True),
        ([2012, np.nan], True),
        ([1899, 2012], False),
        ([2012.5, 2013], False),
        ([np.nan], False),
        ([2012, 2101], False),
    ],
)
def test_a_year_is_known_by_its_values(tiny, values, right):
    study = run_study(tiny.write())
    held = replace(study.covariates, values={**study.covariates.values, "age": np.array(values, dtype=float)})
    assert is_year(Numbers(replace(study, covariates=held)), "age") is right
