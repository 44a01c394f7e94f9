"""The multiverse: each specification by hand in R, the planned one as the study has it, nothing repeated and nothing dropped."""

import csv
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from equipoise import multiverse as conductor
from equipoise.cli import app
from equipoise.document.model import Drawing
from equipoise.errors import DataError, ProtocolError
from equipoise.estimate.multiverse import spread_of
from equipoise.multiverse import run_multiverse
from equipoise.protocol.load import load_protocol
from equipoise.protocol.specifications import specifications
from equipoise.records.multiverse import Effect
from equipoise.report.pages.multiverse import matched_lines, multiverse_csv, multiverse_document, write_multiverse
from equipoise.study import Locking, run_study
from lock.locking import locked
from metamorphic.studies import sheet as invented

SCORES = {
    "planned": ["child_pugh_class", "age", "male", "max_size", "tumor_number", "ehm_or_ln"],  # in another order
    "separate": ["age", "male", "max_size", "tumor_number", "ehm", "ln_met", "child_pugh_class"],
}
GRID = {
    "order": ["largest", "smallest", "data"], "caliper": [0.1, 0.2, "none"], "scale": ["logit", "probability"],
    "target": ["overlap"], "propensity": SCORES,
}  # fmt: skip


def founding(repository: Path, folder: Path, **grid) -> Path:
    source = repository / "src" / "equipoise" / "founding"
    protocol = yaml.safe_load((source / "rows.yaml").read_text(encoding="utf-8"))
    protocol.pop("comparison", None)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "cohort.csv", folder)
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(protocol | ({"multiverse": grid} if grid else {}), allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(repository, tmp_path_factory):
    return run_multiverse(founding(repository, tmp_path_factory.mktemp("founding"), **GRID), processes=1)


def effect(found, **choices):
    both = zip(found[1].specifications, found[1].effects, strict=True)
    chosen = [e for s, e in both if all(s.choices[a] == v for a, v in choices.items())]
    assert len(chosen) == 1
    return chosen[0]


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("pfs separate smallest 0.1 probability", ("pfs", "separate", "", "smallest", "0.1", "probability")),
        ("os planned data none logit", ("os", "planned", "", "data", "none", "logit")),
        ("os planned largest 0.2 logit", ("os", "planned", "", "largest", "0.2", "logit")),
        ("pfs planned overlap", ("pfs", "planned", "overlap", "", "", "")),
    ],
)
def test_a_specification_is_what_r_makes_of_it_by_hand(found, name, choices):
    reference = json.loads((Path(__file__).parent / "reference" / "multiverse.json").read_text())[name]
    axes = ("endpoint", "propensity", "target", "order", "caliper", "scale")
    mine = effect(found, **dict(zip(axes, choices, strict=True)))
    assert (mine.n, mine.events) == (reference["n"], reference["events"])
    for part in ("hr", "low", "high"):
        assert getattr(mine, part) == pytest.approx(reference[part], rel=1e-8)


def test_the_planned_score_keeps_the_order_of_its_covariates(found):
    """So that its numbers are those of the study to the last digit."""
    own = [s for s in found[1].specifications if s.choices["propensity"] == "planned"]
    assert own and all(s.spec.propensity == found[0].scored for s in own)


VARIABLE = {"mean": 1.5, "min": 1, "max": 3}


def declared() -> dict:
    """Two designs and a restricted population."""
    example = invented()
    example.protocol.pop("design", None)
    example.protocol |= {
        "designs": {
            "nearest": {"kind": "match", "propensity": ["age", "male", "stage"], "caliper": 0.25},
            "weighted": {"kind": "weights", "target": "overlap", "propensity": ["age", "male", "stage"]},
            "thrice": {"kind": "match", "propensity": ["age", "male", "stage"], "caliper": 0.25, "ratio": 2},
            "several": {"kind": "match", "propensity": ["age", "male", "stage"], "caliper": 0.25, "ratio": VARIABLE},
        },
        "primary": "nearest",
        "restrict": {"early": {"label": "Stage I or II", "where": "stage in ('I', 'II')"}},
        "multiverse": {"restrict": ["all", "early"], "target": ["att", "overlap"], "ratio": [1, 2], "caliper": [0.25, 1e-9]},
    }
    example.protocol["multiverse"]["ratio"].append(VARIABLE)
    example.protocol["restrict"]["alfa"] = {"label": "New alone", "where": "nobody"}
    example.protocol["covariates"]["nobody"] = {"label": "Nobody", "kind": "binary", "from": "age > 500", "show": False}
    example.protocol["multiverse"]["restrict"].append("alfa")
    return example


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    path = declared().write(tmp_path_factory.mktemp("declared"))
    return run_study(path), run_multiverse(path, processes=1)


def test_what_the_study_makes_too_is_the_same_to_the_last_digit(both):
    study, found = both
    seen = 0
    for population in ("all", "early"):
        chosen = {"nearest": {"ratio": "1", "caliper": "0.25"}, "thrice": {"ratio": "2", "caliper": "0.25"}}
        chosen["several"] = {"ratio": "1 to 3, mean 1.5", "caliper": "0.25"}
        for design, choices in (chosen | {"weighted": {"target": "overlap"}}).items():
            part = {"endpoint": "os", "design": design, "analysis": "cox", "population": population, "contrast": "new vs old"}
            hr, p = study.estimates.find("survival", "hr", **part), study.estimates.find("survival", "p", **part)
            mine = effect(found, restrict=population, **choices)
            assert (mine.hr, mine.low, mine.high, mine.p) == (hr.value, hr.low, hr.high, p.value)
            assert (mine.n, mine.events, mine.method) == (hr.n, hr.events, hr.method)
            seen += 1
    assert seen == 8
    planned = [e for s, e in zip(found[1].specifications, found[1].effects, strict=True) if s.planned]
    largest = study.estimates.find("design", "value", design="nearest", variable="max_abs_smd")
    assert len(planned) == 1 and planned[0].smd_score == largest.value


def test_what_cannot_be_made_is_listed_with_its_reason(both):
    protocol, found = both[1]
    lost = [(s, e) for s, e in zip(found.specifications, found.effects, strict=True) if e.why]
    assert {s.choices["restrict"] for s, _ in lost} == {"all", "early", "alfa"}
    tiny = next(e for s, e in lost if s.choices["caliper"] == "1e-09" and s.population == "all")
    assert "no pair lies within the caliper" in tiny.why and math.isnan(tiny.hr)
    assert all("nobody in the population" in e.why for s, e in lost if s.population == "alfa")
    table = next(t for t in multiverse_document(protocol, found).tables() if t.name == "table_lost")
    assert sum(int(r.cells[1].text) for r in table.body) == len(lost)
    rows = list(csv.DictReader(multiverse_csv(found).splitlines()))
    assert len(rows) == len(found.specifications) and sum(bool(r["why_not"]) for r in rows) == len(lost)


WEIGHED = {
    "classes": {"kind": "strata", "classes": 3}, "more": {"kind": "strata", "classes": 4},
    "plain": {"kind": "weights", "target": "att"}, "entropy": {"kind": "weights", "target": "att", "method": "entropy"},
    "cut": {"kind": "weights", "target": "att", "truncate": 0.9, "trim": {"score": [0.3, 0.8]}},
    "overlap": {"kind": "weights", "target": "overlap"},
}  # fmt: skip


def weighed(**grid):
    example = invented()
    example.protocol.pop("design", None)
    example.protocol |= {"designs": WEIGHED, "primary": "classes", "propensity": ["age", "male", "stage"], "multiverse": grid}
    return example


def test_weights_and_classes_of_a_grid_are_those_of_the_study(tmp_path):
    grid = {
        "target": ["att", "overlap"], "weighting": ["logistic", "entropy"], "truncate": ["none", 0.9],
        "trim": ["none", {"score": [0.3, 0.8]}], "classes": [3, 4],
    }  # fmt: skip
    path = weighed(**grid).write(tmp_path)
    study, found = run_study(path), run_multiverse(path, processes=1)
    assert len(found[1].specifications) == 8 + 4 + 2  # no entropy balance of overlap weights
    plain = {"target": "att", "weighting": "logistic", "truncate": "none", "trim": "none"}
    choices = {
        "classes": {"classes": "3"}, "more": {"classes": "4"}, "plain": plain, "entropy": plain | {"weighting": "entropy"},
        "cut": plain | {"truncate": "0.9", "trim": "0.3 to 0.8"}, "overlap": plain | {"target": "overlap"},
    }  # fmt: skip
    for design, chosen in choices.items():
        row = study.estimates.find("survival", "hr", endpoint="os", design=design, analysis="cox", contrast="new vs old")
        mine = effect(found, **chosen)
        assert (mine.hr, mine.low, mine.high, mine.n) == (row.value, row.low, row.high, row.n)
    assert [s.choices["classes"] for s in found[1].specifications if s.planned] == ["3"]
    words = {c.text for t in multiverse_document(*found).tables() for r in t.body for c in r.cells[:1]}
    assert {"Weights by", "entropy balance", "Truncated at", "Limits of the score", "0.3 to 0.8", "Classes of the score"} <= words


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        ({"truncate": [0.9]}, "'truncate' is a choice of weights, and the grid has none; name their 'target'"),
        ({"target": ["overlap"], "weighting": ["entropy"]}, "entropy has no weights for 'overlap'; add logistic to 'weighting'"),
        ({"classes": [3, 3]}, "'3' stands twice under 'classes'"),
        ({"target": ["att"], "trim": ["none", "none"]}, "'none' stands twice under 'trim'"),
    ],
)
def test_weights_of_a_grid_that_mean_nothing_are_refused(tmp_path, grid, sentence):
    with pytest.raises(ProtocolError) as caught:
        load_protocol(weighed(**grid).write(tmp_path))
    assert sentence in "; ".join(f.message for f in caught.value.faults)


def test_the_default_grid_is_made_of_the_protocols_alternatives(repository, tmp_path):
    grid = specifications(load_protocol(founding(repository, tmp_path)))
    assert len({s.identity for s in grid}) == len(grid)
    assert {s.endpoint for s in grid} == {"os", "pfs"} and sum(s.planned for s in grid) == 2
    assert {s.choices["caliper"] for s in grid} == {"", "0.1", "0.2", "0.25", "none"}


def test_the_planned_specification_stands_in_a_grid_without_it(repository, tmp_path):
    grid = specifications(load_protocol(founding(repository, tmp_path, order=["smallest"], caliper=[0.1])))
    assert [(s.planned, s.choices["order"], s.choices["caliper"]) for s in grid if s.endpoint == "os"] == [
        (True, "largest", "0.2"),
        (False, "smallest", "0.1"),
    ]


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"caliper": [0.2, "0.20"]}, "'0.2' stands twice under 'caliper'"),
        ({"order": ["largest", "largest"]}, "'largest' stands twice"),
        ({"propensity": {"a": ["age", "male"], "b": ["male", "age"]}}, "the scores 'a' and 'b' have the same covariates"),
        ({"restrict": ["all", "al"]}, "there is no population 'al'; did you mean 'all'?"),
        ({"endpoint": ["osx"]}, "there is no endpoint 'osx'"),
        ({"propensity": {"a": ["agee"]}}, "there is no covariate 'agee'"),
        ({"ratio": [1, {"mean": 2, "max": 4}, {"mean": 2.0, "min": 1, "max": 4}]}, "'1 to 4, mean 2' stands twice under 'ratio'"),
    ],
)
def test_a_grid_that_cannot_be_meant_is_refused(repository, tmp_path, grid, said):
    with pytest.raises(ProtocolError) as refused:
        load_protocol(founding(repository, tmp_path, **grid))
    assert said in str(refused.value)


def test_a_study_without_a_design_has_no_multiverse(sheet):
    with pytest.raises(ProtocolError, match="has none"):
        run_multiverse(sheet.write())


def test_spread_by_hand():
    hr, p = [2.0, 0.5, np.nan, 1.0, 4.0], [0.01, 0.2, np.nan, 1.0, 0.05]
    effects = [Effect(hr=h, p=q, smd=s) for h, q, s in zip(hr, p, [0.1, 0.3, 0.0, 0.25, np.nan], strict=True)]
    chosen = [type("S", (), {"planned": k == 3})() for k in range(5)]
    s = spread_of(chosen, effects, 0.25)
    assert (s.made, s.unmade, s.least, s.median, s.largest) == (4, 1, 0.5, 1.5, 4.0)
    assert (s.below, s.above_one, s.balanced, s.rank) == (1, 2, 2, 2)


def test_processes_change_nothing_and_the_folder_is_the_same_twice(repository, tmp_path, monkeypatch, found):
    monkeypatch.setattr(conductor, "ENOUGH", 1)
    monkeypatch.setattr(conductor, "CHUNK", 9)
    protocol, again = run_multiverse(founding(repository, tmp_path / "study", **GRID), processes=2)
    assert multiverse_csv(again) == multiverse_csv(found[1])
    assert np.array_equal(again.matched, found[1].matched) and again.designs == found[1].designs == 36
    for folder in (tmp_path / "a", tmp_path / "b"):
        write_multiverse(protocol, again, folder)
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_no_patient_is_named_in_the_folder(found, tmp_path):
    protocol, result = found
    write_multiverse(protocol, result, tmp_path)
    text = (tmp_path / "multiverse.html").read_text() + (tmp_path / "multiverse.csv").read_text()
    assert not any(str(p) in text for p in result.patient)
    table = next(t for t in multiverse_document(protocol, result).tables() if t.name == "table_matched")
    assert sum(int(c.text) for r in table.body for c in r.cells[1:]) == len(result.patient)
    assert len(matched_lines(result)) == len(result.patient)


def test_the_command_writes_its_folder_and_names_patients_on_the_screen_alone(repository, tmp_path):
    path = founding(repository, tmp_path, endpoint=["os"], caliper=[0.1, 0.2])
    plain = CliRunner().invoke(app, ["multiverse", str(path)])
    assert plain.exit_code == 0 and "P001" not in plain.output
    assert sorted(p.name for p in (tmp_path / "multiverse").iterdir()) == [
        "manifest.json", "multiverse.csv", "multiverse.html", "specification_curve_os.pdf", "specification_curve_os.png",
        "specification_curve_os.svg",
    ]  # fmt: skip
    assert "P001 (lenvatinib): in 2 of 2" in CliRunner().invoke(app, ["multiverse", str(path), "--show-values"]).output


@pytest.mark.parametrize(
    ("design", "grid", "said"),
    [
        ({"replace": True, "caliper": 0.2}, {"order": ["largest", "smallest"]}, "'order' largest and smallest are one"),
        (
            {"distance": "mahalanobis", "caliper": None},
            {"scale": ["logit", "probability"]},
            "'scale' logit and probability are one",
        ),
        ({"distance": "mahalanobis", "caliper": 0.2}, {"scale": ["logit", "probability"]}, ""),
        ({}, {"restrict": ["all", "early", "soon"]}, "the populations 'early' and 'soon' have the same condition"),
    ],
)
def test_a_choice_that_another_makes_idle_is_refused(sheet, design, grid, said):
    sheet.protocol |= {
        "design": {"propensity": ["age", "vi"], **design},
        "restrict": {n: {"label": n, "where": w} for n, w in (("early", "age < 60"), ("soon", "age  <  60"))},
        "multiverse": grid,
    }
    if not said:
        assert len(specifications(load_protocol(sheet.write()))) == 2
        return
    with pytest.raises(ProtocolError, match=said):
        load_protocol(sheet.write())


def test_a_grid_of_the_protocols_own_alternatives_repeats_none(sheet):
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "replace": True, "caliper": 0.2}
    found = specifications(load_protocol(sheet.write()))
    assert len({s.identity for s in found}) == len(found)
    assert {s.choices["order"] for s in found if s.choices["order"]} == {"largest"}


def test_the_planned_specification_is_the_locked_one(sheet, undrawn, monkeypatch):
    """A design that changed since is refused as a run refuses it; accepted, the page says what changed."""
    sheet.protocol |= {"design": {"propensity": ["age", "vi"], "caliper": 0.5}, "multiverse": {"caliper": [0.5, 0.4]}}
    monkeypatch.setattr("equipoise.report.pages.multiverse.render", lambda figure: Drawing(""))
    locked(sheet.write())
    protocol, found = run_multiverse(sheet.path, processes=1)
    words = multiverse_text(protocol, found)
    assert "locked on 1 March 2026" in words and "is that design as it was locked" in words
    sheet.protocol["design"]["caliper"] = 0.4
    with pytest.raises(DataError, match="design, caliper|caliper was 0.5 and is now 0.4"):
        run_multiverse(sheet.write(), processes=1)
    refused = CliRunner().invoke(app, ["multiverse", str(sheet.path)])
    assert refused.exit_code == 2 and "--changed-design" in refused.output and not (sheet.folder / "multiverse").exists()
    words = multiverse_text(*run_multiverse(sheet.path, processes=1, locking=Locking(accepted=True)))
    assert "caliper was 0.5 and is now 0.4" in words and "is the design as it is now" in words


def multiverse_text(protocol, found) -> str:
    return " ".join(str(run.text) for block in multiverse_document(protocol, found).sections[0].blocks
                    for run in getattr(block, "runs", ()))  # fmt: skip


def test_without_a_lock_the_page_says_so(found, monkeypatch):
    monkeypatch.setattr("equipoise.report.pages.multiverse.render", lambda figure: Drawing(""))
    assert "The design was not locked before outcome data were accessed." in multiverse_text(*found)


def test_a_threshold_stops_it_before_outcomes(sheet):
    sheet.protocol |= {"design": {"propensity": ["age", "vi"], "caliper": 0.5}, "stop_if": {"effective_n_below": 1_000}}
    with pytest.raises(DataError, match="stops there, before outcomes are opened"):
        run_multiverse(sheet.write())
