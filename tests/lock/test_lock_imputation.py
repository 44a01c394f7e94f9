"""An imputed design locks the model of its missing values and the seed, and is imputed after the lock, never before."""

import copy

import pytest
from locking import found, locked

from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.errors import DataError
from equipoise.impute.draw import draw_missing
from equipoise.lock.request import request_of
from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.records import Outcomes
from equipoise.study import build_cohort

MORE = "impute, covariates was age, vi and is now age, stage, vi"


@pytest.fixture
def imputed(matched):
    """Ages missing here and there; a second endpoint beside."""
    matched.columns["age"] = ["" if i % 7 == 1 else age for i, age in enumerate(matched.columns["age"])]
    matched.protocol["missing"] = {"impute": {"imputations": 5, "seed": 3}}
    matched.protocol["endpoints"]["pfs"] = copy.deepcopy(matched.protocol["endpoints"]["os"]) | {"role": "exploratory"}
    return matched


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p["missing"]["impute"].update(seed=4), "missing_covariates, impute, seed was 3 and is now 4"),
        (lambda p: p["missing"]["impute"].update(imputations=6), "impute, imputations was 5 and is now 6"),
        (lambda p: p["missing"]["impute"].update(method="normal"), "impute, method was pmm and is now normal"),
        (lambda p: p["missing"]["impute"].update(covariates=["stage"]), MORE),
        (lambda p: p["cox"].update(strata=["stage"]), MORE),
        (lambda p: p["endpoints"]["pfs"].pop("role"), "impute, outcomes was os and is now os, pfs"),
        (lambda p: p.update(missing="complete_cases"), "missing_covariates was"),
    ],
)  # fmt: skip
def test_the_model_and_the_seed_are_locked(imputed, change, said):
    locked(imputed.write())
    change(imputed.protocol)
    with pytest.raises(DataError) as refused:
        found(imputed.write())
    assert said in str(refused.value)


def test_what_a_default_says_may_be_written_out(imputed):
    locked(imputed.write())
    imputed.protocol["missing"]["impute"] |= {"outcomes": ["os"], "covariates": ["vi"], "method": "pmm"}
    assert found(imputed.write()).changes == ()
    protocol = load_protocol(imputed.path)
    assert request_of(protocol) == request_of(without_outcomes(protocol))


def test_before_the_lock_nothing_is_imputed(imputed):
    protocol = without_outcomes(load_protocol(imputed.write()))
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    with pytest.raises(DataError, match="uses outcomes, which are not open while a design is made"):
        draw_missing(protocol, cohort, covariates, Outcomes({}))
    design = locked(imputed.path)
    assert design.imputed is None and design.designs["matched"].facts["missing_score"]
