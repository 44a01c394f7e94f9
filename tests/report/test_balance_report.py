"""Balance on the page: a table per design, squares and interactions, roles of covariates, what is said of them."""

from __future__ import annotations

import re

import pytest

from equipoise.errors import ProtocolError
from equipoise.lock.request import request_of
from equipoise.protocol.load import load_protocol
from equipoise.report.figures.love import love_plot
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative.balance import balance, distributions
from equipoise.report.narrative.designs import designs
from equipoise.report.tables.balance import all_products_table, balance_tables, largest_products, products_table
from equipoise.report.tables.roles import roles_table
from equipoise.study import run_study
from sheet import Sheet

KINDS = {
    "matched": {"kind": "match"},
    "optimal": {"kind": "match", "method": "optimal"},
    "three": {"kind": "match", "ratio": 3},
    "full": {"kind": "match", "method": "full"},
    "att": {"kind": "weights", "target": "att"},
    "ate": {"kind": "weights", "target": "ate"},
    "overlap": {"kind": "weights", "target": "overlap"},
    "mw": {"kind": "weights", "target": "matching", "propensity": ["age", "vi", "stage"]},
}


def asked(folder) -> Sheet:
    sheet = Sheet(folder)
    sheet.columns["marker"] = [i % 7 + 2 * (a == "A") for i, a in enumerate(sheet.columns["arm"])]
    covariates = sheet.protocol["covariates"]
    covariates["age"] |= {"role": "confounder", "why": "older patients get Beta and die earlier."}
    covariates["vi"]["role"] = "instrument-like"
    covariates["marker"] = {"label": "Marker, U/mL", "kind": "continuous", "from": "marker", "show": False, "role": "confounder"}
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi"], "designs": KINDS, "primary": "matched", "cox": {}}
    sheet.protocol["balance"] = {"squares_and_interactions": True}
    return sheet


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run_study(asked(tmp_path_factory.mktemp("balance")).write())


def rows(table):
    return {row.cells[0].text: [c.text for c in row.cells[1:]] for row in table.body}


def test_a_table_per_design_with_what_is_not_in_its_score(study):
    tables = {t.name: rows(t) for t in balance_tables(Numbers(study))}
    assert list(tables) == ["table_balance", *(f"table_balance_{d}" for d in KINDS if d != "matched")]
    assert [tables["table_balance"][v][0] for v in ("Age, years", "Invasion", "Stage", "Marker, U/mL")] == [
        "yes",
        "yes",
        "no",
        "no",
    ]
    assert tables["table_balance_mw"]["Stage"][0] == "yes"
    line = tables["table_balance_overlap"]["Marker, U/mL"]
    found = [study.estimates.find("baseline", s, design="overlap", variable="marker").value for s in ("ks", "overlap")]
    assert line[-2:] == [f"{v:.2f}" for v in found]
    assert tables["table_balance"]["II"][2] == "" and tables["table_balance"]["II"][3] != ""  # of a level no ratio of variances


def test_all_squares_and_interactions_where_they_are_asked_for(study):
    numbers = Numbers(study)
    table = all_products_table(numbers)
    # of age and marker two squares; age, marker, vi and three levels of stage: six columns less the pairs within stage
    assert len(table.body) == 2 + (15 - 3) and table.width == 2 + len(KINDS)
    assert {"age squared", "age \u00d7 marker", "invasion \u00d7 stage: II"} >= set(rows(table)) & {
        "age squared",
        "age \u00d7 marker",
    }
    line = rows(products_table(numbers))["Weighted cohort (ATE)"]
    assert line[0] == "14" and line[3].startswith(" ".join(largest_products(numbers, "ate")[0]))
    assert all(int(line[1]) >= int(line[2]) for line in rows(products_table(numbers)).values())


def test_what_is_left_is_said_beyond_means(study):
    words = " ".join(distributions(Numbers(study)))
    assert "The Kolmogorov-Smirnov statistic was largest for " in words
    assert "Of 14 squares and products of two variables, " in words
    assert re.search(r"marker \([0-9.]+\), which was not in the propensity score", " ".join(balance(Numbers(study))))


def test_roles_are_printed_and_held_against_the_scores(study):
    numbers = Numbers(study)
    table = rows(roles_table(numbers))
    assert table["Age, years"] == ["confounder", "yes", "older patients get Beta and die earlier."]
    assert table["Marker, U/mL"] == ["confounder", "no", ""] and "Stage" not in table
    words = " ".join(designs(numbers))
    assert "as confounder: age and marker; as instrument-like: invasion" in words
    assert "Age, years: older patients get Beta and die earlier. " in words + " "
    for said in ("Invasion, declared instrument-like, is in the score:", "Marker, declared a confounder, is not in any score;"):
        assert said in words and any(w.startswith(said) for w in study.estimates.warnings)
    assert not any(w.startswith("Age") for w in study.estimates.warnings)


def test_a_role_decides_nothing(tmp_path, study):
    sheet = asked(tmp_path)
    locked = request_of(study.protocol)
    for covariate in sheet.protocol["covariates"].values():
        covariate.pop("role", None)
        covariate.pop("why", None)
    assert request_of(load_protocol(sheet.write())) == locked


def test_an_unknown_role_is_a_fault(sheet):
    sheet.protocol["covariates"]["age"]["role"] = "collider"
    with pytest.raises(ProtocolError, match="confounder"):
        load_protocol(sheet.write())


def test_the_love_plot_tells_eight_designs_apart(study):
    figure = love_plot(study)
    axes = figure.axes[0]
    looks = {(line.get_marker(), str(line.get_color())) for line in figure.artists}
    assert len(looks) == len(figure.artists) == 1 + len(KINDS)
    at = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert at["In the propensity score"] < at["Age, years"] < at["Not in the score"] < at["Marker, U/mL"]
    weight = {text.get_text(): text.get_fontweight() for text in axes.texts}
    assert weight["Invasion"] == "bold" and weight["Stage"] == "normal"
    width, height = figure.get_size_inches()
    assert height < 11 and width < 8
    assert "of the primary design" in captions.love(Numbers(study))
