"""What another tradition would print: only the cells that change, and P that cross alpha."""

import pytest

from equipoise.report.pages.convention_changes import changes_text, convention_changes
from equipoise.study import compare_conventions, run_study


@pytest.fixture(scope="module")
def changes(repository):
    path = repository / "examples" / "gbsg2" / "study.yaml"
    studies = {"r": run_study(path), "sas": run_study(path, profile="sas")}
    return convention_changes(studies), studies


def test_only_cells_that_print_differently(changes):
    found, studies = changes
    by_key = {c.key: c.printed for c in found}
    assert by_key["survival.rfs.matched.kaplan_meier.none.median"] == {"r": "1,460 (1,280–1,814)", "sas": "1,460 (1,225–1,806)"}
    assert "survival.rfs.unadjusted.logrank.p" not in by_key
    assert 20 < len(found) < 100 < len(studies["r"].estimates.rows)


def test_the_sas_profile_changes_every_choice(changes):
    _, studies = changes
    methods = {name: " ".join(r.method for r in s.estimates.rows.values()) for name, s in studies.items()}
    assert "Breslow ties" in methods["sas"] and "Breslow ties" not in methods["r"]
    assert "log-log limits" in methods["sas"] and "quantile type 2" in methods["sas"]
    assert studies["sas"].protocol.design.smd_denominator == "pooled"
    assert {r.convention for r in studies["sas"].estimates.rows.values()} == {"sas, except caliper_sd"}  # the protocol sets it


@pytest.mark.slow
def test_a_p_that_crosses_is_marked(tiny):
    studies = {"r": run_study(tiny.write()), "sas": run_study(tiny.path, profile="sas")}
    text = changes_text(convention_changes(studies), 1000)
    assert text.splitlines()[-1].startswith(f"{len(convention_changes(studies))} of 1000 cells change; ")


def test_crossing_by_hand(changes):
    from dataclasses import replace

    _, studies = changes
    key = "baseline.matched.menopause.p"
    rows = dict(studies["sas"].estimates.rows)
    rows[key] = replace(rows[key], value=0.049)
    other = replace(studies["sas"], estimates=replace(studies["sas"].estimates, rows=rows))
    found = {c.key: c for c in convention_changes({"r": studies["r"], "sas": other})}
    assert found[key].crosses and found[key].printed == {"r": ">0.999", "sas": "0.049"}
    assert "1 P value crosses 0.05 (marked *)" in changes_text(list(found.values()), 539)


@pytest.mark.slow
def test_a_study_with_overrides_is_compared_under_its_own_name(tiny):
    tiny.protocol = tiny.protocol.replace("conventions: r\n", "conventions: {profile: r, days_per_month: 30}\n")
    text = compare_conventions(tiny.write(), ("r",))
    assert text.splitlines()[0].split() == ["cell", "own", "r"]
