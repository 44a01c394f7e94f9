"""What a protocol may ask about missing covariates, and what is wrong with it in sentences."""

import pytest

from equipoise.errors import ProtocolError
from equipoise.lock.request import request_of
from equipoise.protocol.load import load_protocol
from equipoise.protocol.missing import Impute, Missing
from equipoise.protocol.missing_covariates import imputed_names, imputing_outcomes

MATCH = {"kind": "match", "propensity": ["age", "stage"]}


def asked(sheet, missing, **keys):
    sheet.protocol.pop("design", None)
    sheet.protocol |= {"designs": {"m": MATCH}, "missing": missing, **keys}
    return sheet.write()


def told(sheet, missing, **keys) -> str:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(asked(sheet, missing, **keys))
    return "\n".join(f.message for f in caught.value.faults)


def test_complete_cases_are_the_default(sheet):
    assert load_protocol(sheet.write()).missing == Missing() == Missing(rule="complete_cases")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("complete_cases", Missing()),
        ("indicator", Missing(rule="indicator")),
        ("impute", Missing(rule="impute", impute=Impute())),
        ({"impute": None}, Missing(rule="impute", impute=Impute())),
        ({"impute": {"seed": 7, "method": "normal"}}, Missing(rule="impute", impute=Impute(seed=7, method="normal"))),
    ],
)
def test_ways_to_say_it(sheet, written, meant):
    assert load_protocol(asked(sheet, written)).missing == meant


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("drop", "missing: write complete_cases, indicator, or impute: {imputations: 20, seed: 1}"),
        ({"rule": "indicator", "impute": {}}, "'impute' stands beside 'rule: indicator'; keep one of the two"),
        ({"impute": {"imputations": 1}}, "greater than or equal to 2"),
        ({"impute": {"imputation": 5}}, "did you mean 'imputations'?"),
        ({"impute": {"covariates": ["agee"]}}, "there is no covariate 'agee'; did you mean 'age'?"),
        ({"impute": {"outcomes": ["oss"]}}, "there is no endpoint 'oss'; did you mean 'os'?"),
    ],
)
def test_faults_are_sentences(sheet, written, sentence):
    assert sentence in told(sheet, written)


def test_without_a_score_there_is_nothing_to_complete(sheet):
    sheet.protocol["missing"] = "indicator"
    with pytest.raises(ProtocolError, match="no design has one; delete it"):
        load_protocol(sheet.write())


@pytest.mark.parametrize("more", [{"method": "cem"}, {"distance": "mahalanobis"}])
def test_an_indicator_has_no_value_to_compare(sheet, more):
    assert "compares covariates, and an indicator gives a missing one no value" in told(
        sheet, "indicator", designs={"m": MATCH | more}
    )
    assert load_protocol(asked(sheet, "impute")).missing.impute == Impute()


def test_a_level_of_that_name_is_taken(sheet):
    sheet.protocol["covariates"]["stage"]["levels"]["missing"] = "Unknown"
    assert "has a level 'missing' of its own" in told(sheet, "indicator")


def test_what_is_known_later_imputes_nothing(sheet):
    sheet.protocol["covariates"]["vi"]["known"] = "after_index"
    sheet.protocol["cox"] = {}
    assert "'vi' is known only after the index date" in told(sheet, {"impute": {"covariates": ["vi"]}})


def test_covariates_of_the_model_are_those_that_designs_and_strata_use_and_those_named(sheet):
    designs = {"m": MATCH | {"propensity": ["age"], "exact": ["vi"]}}
    assert imputed_names(load_protocol(asked(sheet, "impute", designs=designs))) == ["age", "vi"]
    more = load_protocol(asked(sheet, {"impute": {"covariates": ["stage"]}}, designs=designs))
    assert imputed_names(more) == ["age", "vi", "stage"] and imputing_outcomes(more) == ["os"]


def test_a_lock_holds_the_rule_with_model_and_seed(sheet):
    plain, one, two = (
        request_of(load_protocol(asked(sheet, m))) for m in ("complete_cases", {"impute": {"seed": 1}}, {"impute": {"seed": 2}})
    )
    assert "missing_covariates" not in plain
    assert one["missing_covariates"]["impute"]["seed"] == 1 and one != two
