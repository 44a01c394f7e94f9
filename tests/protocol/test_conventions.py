import pytest
from pydantic import ValidationError

from equipoise.protocol.conventions import Conventions


def test_a_profile_sets_every_choice():
    r, sas = Conventions.model_validate("r"), Conventions.model_validate("sas")
    assert (r.interval_type, r.quantile_type, r.pearson_correction, r.median_rule) == ("log", 7, True, "r")
    assert (sas.interval_type, sas.quantile_type, sas.pearson_correction, sas.median_rule) == ("log-log", 2, False, "sas")


def test_overrides_depart_from_the_profile_and_are_named():
    own = Conventions.model_validate({"profile": "r", "days_per_month": "30", "quantile_type": "2"})
    assert own.days_per_month == 30
    assert own.name == "r, except quantile_type, days_per_month"
    assert Conventions.model_validate("sas").name == "sas"


def test_an_unknown_profile_is_refused():
    with pytest.raises(ValidationError):
        Conventions.model_validate("stata")
