"""Titles, labels, levels and names are data in every script: what they say is never run."""

import re
import shutil
import subprocess

import pytest

from equipoise.reproduce import r_text, sas_text
from equipoise.reproduce.analysis_data import columns_named
from equipoise.reproduce.write import export_study
from equipoise.study import run_study

BREAKS = ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\x0b", "\x0c"]
CODE = "file.create('planted')"


def planted(sheet, text: str):
    """The text wherever a protocol takes words."""
    p = sheet.protocol
    levels = [f"{text} {i}" for i in range(3)]
    sheet.columns["x"] = [levels[i % 3] for i in range(60)]
    p["study"] |= {"title": text, "population": text, "notice": text}
    p["covariates"]["x"] = {"label": text, "kind": "categorical", "from": "x", "levels": {t: t for t in levels}}
    p["cox"]["univariable"].append("x")
    p["subgroups"] = {
        "s": {"label": text, "levels": {f"{text} old": "age > 60", f"{text} young": "age <= 60"}},
    }  # fmt: skip
    p["endpoints"]["os"] |= {"label": text, "short": text, "event_label": text}
    p["design"] = {"propensity": ["age"], "caliper": 5}
    p["sensitivity"] = {"propensity_variants": {"v": {"label": text, "covariates": ["age", "vi"]}}}
    return run_study(sheet.write())


TEXTS = [
    f"Title\n{CODE}", f"Title')\n{CODE}; c('", f'a "b" \\" {CODE}', f"\\'); {CODE}; ('", "it's 100% \\u0041 \\",
    "%sysexec(touch x) &amp",
    f"*/ {CODE} /*", "=1+1",
]  # fmt: skip


@pytest.mark.parametrize("text", [TEXTS[0], *(pytest.param(t, marks=pytest.mark.slow) for t in TEXTS[1:])])
def test_r_runs_no_text(sheet, tmp_path, text):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not on this machine")
    export_study(planted(sheet, text), tmp_path / "r", "r")
    done = subprocess.run(["Rscript", "reproduce.R"], cwd=tmp_path / "r", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r" / "results_r.csv").is_file() and not (tmp_path / "r" / "planted").exists()


@pytest.mark.parametrize("text", TEXTS)
def test_sas_holds_texts_between_quotes_or_in_a_comment_only(sheet, tmp_path, text):
    """What is left of the script without its comments and quoted texts holds nothing of the text."""
    study = planted(sheet, text)
    export_study(study, tmp_path / "sas", "sas")
    script = (tmp_path / "sas" / "reproduce.sas").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/|'(?:[^'\n]|'')*'", " ", script)
    assert "planted" not in code and "%" not in code and "&" not in code and "'" not in code
    assert "*/" not in code and "/*" not in code and "1+1" not in code


@pytest.mark.parametrize("sign", BREAKS)
def test_a_comment_is_one_line(sign):
    assert r_text.comment(f"a{sign}b") == "a b"
    assert len(r_text.literal(f"a{sign}b").splitlines()) == 1 and len(sas_text.literal(f"a{sign}b").splitlines()) == 1
    assert sas_text.literal("it's") == "'it''s'" and sas_text.comment("*/ x /* */") == "* / x / * * /"


def test_columns_of_the_analysis_set_are_told_apart():
    found = columns_named("ae", ["Rash", "rash", "발진", "구토", "Cough", "+"])
    assert found["Cough"] == "ae_cough" and len(set(found.values())) == 6
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name) for name in found.values())
