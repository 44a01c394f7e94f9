"""The primary match made again in resamples: by hand, the quick way beside the whole way of a design, in words, refused."""

import numpy as np
import pytest

from equipoise import stats
from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.bootstrap import _Again
from equipoise.design.menu import matched_any
from equipoise.design.plan import Plan
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.bundle import bundle_words
from equipoise.report.tables.bundle import bundle_table
from equipoise.study import run_study
from sheet import Sheet

DRAWS = 50


def asked(folder, design, ask=None, bundle=(), **more):
    """A study whose primary design is `design`."""
    sheet = Sheet(folder)
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi"], "designs": {"one": design}, "cox": {}, **more}
    sheet.protocol["sensitivity"] = {"bundle": list(bundle)} | ({"bootstrap_match": ask} if ask is not None else {})
    return sheet


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    sheet = asked(tmp_path_factory.mktemp("resampled"), {"kind": "match", "caliper": 0.5}, {"draws": DRAWS, "seed": 3})
    return run_study(sheet.write())


def told(study, statistic, **part):
    return study.estimates.find("sensitivity", statistic, endpoint="os", design="one", analysis="bootstrap_match", **part)


def test_the_limits_are_those_of_matches_made_again_by_hand(study):
    """Each resample once more in the plainest way: patients copied, score, caliper, a search over all free partners."""
    order = np.argsort([str(p) for p in study.cohort.patient])
    age, vi = (study.covariates.values[name].astype(float)[order] for name in ("age", "vi"))
    focal, outcome = study.cohort.in_arm("a")[order], study.outcomes.endpoints["os"]
    time, event = outcome.time[order], outcome.event[order]
    draw, found = np.random.default_rng(3), []
    for _ in range(DRAWS):
        rows = np.sort(draw.integers(0, len(order), len(order)))
        X = np.column_stack([age, vi])[rows]
        score = stats.logistic(focal[rows].astype(float), X).linear_predictor
        width, free, pairs = 0.5 * score.std(ddof=1), [j for j in range(len(rows)) if not focal[rows[j]]], []
        for i in sorted((i for i in range(len(rows)) if focal[rows[i]]), key=lambda i: (-round(score[i], 10), i)):
            near = sorted((round(abs(score[j] - score[i]), 9), j) for j in free)
            if near and near[0][0] <= width:
                free.remove(near[0][1])
                pairs += [i, near[0][1]]
        inside = rows[pairs]
        fit = stats.cox(time[inside], event[inside], focal[inside].astype(float)[:, None])
        found.append(float(fit.coef[0]))
    hr = told(study, "hr", contrast="a vs b")
    assert (hr.low, hr.high) == pytest.approx(tuple(np.exp(np.quantile(found, [0.025, 0.975]))), rel=1e-9)
    assert told(study, "value", variable="log_se").value == pytest.approx(np.std(found, ddof=1), rel=1e-9)
    assert told(study, "value", variable="resamples").value == DRAWS
    assert hr.value == study.estimates["survival.os.one.cox.a-vs-b.hr"].value


def test_the_page_says_what_it_measures_and_what_it_is_worth(study):
    numbers = Numbers(study)
    said = " ".join(s for part in bundle_words(numbers) for s in part)
    assert f"With the score fitted and the matching repeated in {DRAWS} resamples of the patients, the limits were" in said
    assert "for matching without replacement they are not known to be exact and tend to be too wide" in said
    assert f"Matching repeated in {DRAWS} resamples" in [line.cells[0].text for line in bundle_table(numbers).body]


def again_of(sheet):
    """The match of a study to be made again, and who is of stage III."""
    protocol = load_protocol(sheet.write())
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    plan = Plan(protocol, cohort, covariates, "one", "", protocol.primary_design, "", variant=True, copy=True)
    return _Again(plan), covariates.values["stage"] == "III"


@pytest.mark.parametrize(
    "design",
    [
        {"kind": "match", "order": "closest", "calipers": {"age": "0.5 sd"}},
        {"kind": "match", "ratio": {"mean": 1.5, "max": 2}, "exact": ["vi"], "caliper": None},
        {"kind": "match", "method": "optimal", "anti_exact": ["stage"], "scale": "probability"},
        {"kind": "match", "distance": "mahalanobis", "caliper": 1},
    ],
    ids=str,
)
def test_the_quick_way_is_the_whole_way(tmp_path, design):
    again, third = again_of(asked(tmp_path, design, propensity=["age", "stage"]))
    n, draw, same = len(third), np.random.default_rng(5), 0
    for _ in range(4):
        drawn = draw.integers(0, n, n)
        times = np.bincount(drawn, minlength=n)
        if again._score(times) is None:
            continue
        rows, weight = again.match(drawn)
        copies = np.repeat(np.arange(n), times)
        sample = matched_any(again.drawn(copies)).sample
        theirs, heavy = again.order[copies[sample.include]], sample.weight[sample.include]
        mine = np.bincount(rows, weights=weight, minlength=n)
        assert mine == pytest.approx(np.bincount(theirs, weights=heavy, minlength=n), rel=1e-9)
        same += 1
    assert same > 1


def test_who_has_no_counterpart_in_a_resample_leaves_it(tmp_path):
    """One patient of Beta alone is of stage III; in a resample without him nobody of that stage has a score."""
    sheet = asked(tmp_path, {"kind": "match", "propensity": ["age", "stage"], "caliper": 1})
    stage, arm = sheet.columns["stage"], sheet.columns["arm"]
    sheet.columns["stage"] = ["II" if s == "III" and a == "B" else s for s, a in zip(stage, arm, strict=True)]
    sheet.columns["stage"][arm.index("B")] = "III"
    again, third = again_of(sheet)
    everybody = np.arange(len(third))
    without = everybody[again.order != arm.index("B")]
    assert again._score(np.bincount(everybody)) is not None and again._score(np.bincount(without)) is None
    assert third[again.match(everybody)[0]].any() and not third[again.match(without)[0]].any()


@pytest.mark.parametrize(
    ("design", "why"),
    [
        ({"kind": "match", "replace": True}, "not valid for a match with replacement"),
        ({"kind": "match", "method": "cem"}, "the primary design is no match on a score"),
        ({"kind": "weights", "target": "att"}, "the primary design is no match on a score"),
    ],
    ids=str,
)
def test_where_it_means_nothing_the_table_says_why(tmp_path, design, why):
    study = run_study(asked(tmp_path, design, bundle=["bootstrap_match"]).write())
    row = study.estimates.find("sensitivity", "applies", design="one", analysis="bundle", variable="bootstrap_match")
    assert row.value == 0 and why in row.method
    assert any(why in note for note in bundle_table(Numbers(study)).notes)


@pytest.mark.parametrize(
    ("ask", "sentence"), [({"draws": 10}, "greater than or equal to 50"), ({"seeds": 1}, "did you mean 'seed'")]
)
def test_what_is_asked_wrongly_is_a_sentence(tmp_path, ask, sentence):
    sheet = asked(tmp_path, {"kind": "match"}, ask)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(sheet.write())
    assert sentence in caught.value.faults[0].message
    assert caught.value.faults[0].place == f"study.yaml:{sheet.line_of(next(iter(ask)))}"
