"""More than two arms in R: a script of all of them, and each comparison as a study of two."""

import pytest
from test_r_script import compare, run_r

from equipoise.errors import EquipoiseError
from equipoise.reproduce.write import export_study
from equipoise.study import run_study
from sheet import Sheet


def three(folder):
    sheet = Sheet(folder)
    sheet.columns["arm"] = ["C" if i % 3 == 0 else a for i, a in enumerate(sheet.columns["arm"])]
    sheet.protocol["arms"]["groups"] |= {"c": {"label": "Gamma", "value": "C"}}
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi"], "primary": "ate", "landmarks": [50]}
    sheet.protocol["designs"] = {"ate": {"kind": "weights", "target": "ate"}, "matched": {"kind": "match"}}
    return run_study(sheet.write())


@pytest.mark.slow
def test_r_gives_the_same_numbers_of_all_arms_and_of_each_comparison(tmp_path):
    study = three(tmp_path)
    export_study(study, tmp_path / "r", "r")
    assert compare(study, run_r(tmp_path / "r")) >= 200
    for name in ("a_vs_b", "c_vs_b"):
        assert compare(study.among(name), run_r(tmp_path / "r" / name)) >= 500


def test_sas_is_refused_and_adam_is_written(tmp_path):
    study = three(tmp_path)
    with pytest.raises(EquipoiseError, match="of more write --to r"):
        export_study(study, tmp_path / "sas", "sas")
    assert "TRT01A" in (export_study(study, tmp_path / "adam", "adam").parent / "adsl.csv").read_text(encoding="utf-8")
