"""The study under a known truth: what is drawn, that no outcome is read, and that a design does what it is known to do."""

import csv

import numpy as np
import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.errors import ProtocolError
from equipoise.records.simulation import ADJUSTED, MARGINAL, Asked
from equipoise.report.pages.simulation import simulation_csv, simulation_lines
from equipoise.simulate.asked import asked_as_written
from equipoise.simulate.times import Planned, Weibull
from equipoise.simulate.world import Unmeasured, World, drawn, effect_for, marginal_truth, observed_share, population
from equipoise.simulation import run_simulation
from equipoise.study import run_study
from metamorphic.studies import sheet as invented

DECLARED = {"median": {"os": 500}, "follow_up": [200, 1200], "hazard_ratio": 0.6}
QUICK = Asked(replicates=24, hazard_ratios=(0.6,))


def study(folder, n=120, **protocol):
    example = invented(n)
    example.protocol |= {"time_unit": "days", "power": DECLARED, **protocol}
    return example.write(folder)


def one(found, design, kind=MARGINAL, asked=None):
    (r,) = [r for r in found.results if (r.design, r.kind) == (design, kind) and asked in (None, r.asked)]
    return r


def world(n=20_000, **more):
    rng = np.random.default_rng(3)
    x = rng.standard_normal(n)
    logit = 0.7 * x - 0.4
    focal = rng.random(n) < 1 / (1 + np.exp(-logit))
    return World(logit, focal, 0.8 * x, Weibull(300), Planned(180, 900), **more)


@pytest.mark.parametrize("target", ["ate", "att", "atc", "overlap", "matching"])
def test_each_target_has_its_own_marginal_hazard_ratio(target):
    w = world(4000)
    effect = effect_for(w, np.log(0.5), target)
    assert marginal_truth(w, effect, target) == pytest.approx(np.log(0.5), abs=1e-8)
    assert effect < np.log(0.5)


def test_weights_of_the_targets():
    """Of one patient with a score of 0.2, and one without a score."""
    people = population(World(np.array([np.log(0.25), np.nan]), np.array([True, False]), np.zeros(2), Weibull(1), Planned(1, 2)))
    known = {"everybody": 1, "ate": 1, "att": 0.2, "atc": 0.8, "overlap": 0.16, "matching": 0.2}
    for target, weight in known.items():
        assert list(people.weight(target)) == pytest.approx([weight, float(target == "everybody")])
    assert list(people.weight("att", kept=True)) == [1, 0]
    assert list(people.weight("overlap", within=(0.3, 0.7))) == [0, 0]
    assert list(people.weight("ate", within=(0.2 - 1e-9, 0.7))) == [1, 0]


def test_a_trimmed_design_is_judged_by_those_who_stay(tmp_path):
    """Weights of all, and of those with a score of 0.3 to 0.7, where the marginal hazard ratio is another one."""
    ate = {"kind": "weights", "target": "ate", "propensity": ["age", "marker"]}
    example = invented()
    del example.protocol["design"]
    designs = {"ate": ate, "inner": ate | {"trim": {"score": [0.4, 0.6]}}}
    example.protocol |= {"time_unit": "days", "power": DECLARED, "designs": designs, "primary": "ate"}
    found = run_simulation(example.write(tmp_path), Asked(replicates=4, hazard_ratios=(0.3,), prognosis=4))[1]
    assert one(found, "ate").truth == pytest.approx(0.3)
    assert one(found, "inner").truth < 0.299


def test_an_unmeasured_confounder_is_drawn_as_it_is_integrated():
    """The focal arm's share and the share with the event, had nobody the treatment, over 100,000 draws."""
    w = world(10_000, unmeasured=Unmeasured(0.3, 3.0, 2.5))
    people = population(w)
    shares, events = [], []
    for k in range(10):
        draw = drawn(w, np.random.default_rng(k))
        shares.append(draw.focal.mean())
        events.append(draw.outcome(0.0)[1].mean())
    assert np.mean(shares) == pytest.approx(np.average(people.score, weights=people.mass), abs=0.005)

    assert np.mean(events) == pytest.approx(observed_share(w), abs=0.005)


def test_arms_and_follow_up_do_not_hang_on_the_effect():
    draw = drawn(world(500), np.random.default_rng(1))
    untreated, (time, event) = draw.outcome(0.0), draw.outcome(-1.0)
    assert (time >= untreated[0]).all() and (event <= untreated[1]).all()
    assert (time[draw.treated == 0] == untreated[0][draw.treated == 0]).all()


def test_whatever_process_makes_a_replicate(tmp_path):
    path = study(tmp_path)
    asked = Asked(replicates=45)
    one_by_one = run_simulation(path, asked, processes=1)
    shared = run_simulation(path, asked, processes=2)
    assert simulation_csv(one_by_one[1]) == simulation_csv(shared[1])
    assert list(simulation_lines(*one_by_one)) == list(simulation_lines(*shared))
    assert one_by_one[1].asked.hazard_ratios == (1.0, 0.6)


def test_no_outcome_is_read(tmp_path):
    """Columns of outcomes that no study could use change nothing, until --outcomes asks for them."""
    example = invented()
    example.protocol |= {"time_unit": "days", "power": DECLARED}
    known = run_simulation(example.write(tmp_path / "a"), QUICK)[1]
    for row in example.rows:
        row["days"], row["died"] = "nobody knows", "perhaps"
    spoilt = example.write(tmp_path / "b")
    assert simulation_csv(run_simulation(spoilt, QUICK)[1]) == simulation_csv(known)
    with pytest.raises(Exception, match="days"):
        run_simulation(spoilt, Asked(replicates=2, outcomes=True))


def test_the_unadjusted_comparison_is_biased_and_the_match_is_not(tmp_path):
    """Strong prognosis along the score: 60 replicates, three Monte-Carlo errors."""
    asked = Asked(replicates=60, hazard_ratios=(1.0,), prognosis=2.5)
    found = run_simulation(study(tmp_path, 240), asked)[1]
    plain, matched, adjusted = one(found, "unadjusted"), one(found, "matched"), one(found, "unadjusted", ADJUSTED)
    assert plain.bias > 5 * plain.bias_se and plain.coverage < 0.8
    assert abs(matched.bias) < 3 * matched.bias_se + 0.1
    assert abs(adjusted.bias) < 3 * adjusted.bias_se + 0.02
    size = {s.design: s for s in found.sizes}["matched"]
    assert size.pairs_low <= size.pairs <= size.pairs_high and size.n == pytest.approx(2 * size.pairs)


def test_kept_arms_keep_the_pairs_of_the_study(tmp_path):
    path = study(tmp_path)
    pairs = run_study(path).design("matched").facts["pairs"]
    found = run_simulation(path, Asked(replicates=3, kept=True))[1]
    size = {s.design: s for s in found.sizes}["matched"]
    assert (size.pairs, size.pairs_low, size.pairs_high) == (pairs, pairs, pairs)
    reach = (1.959963984540054 + 0.8416212335729143) / np.sqrt(2 * pairs * found.share / 4)
    assert (np.log(size.below), np.log(size.above)) == (pytest.approx(-reach, rel=1e-6), pytest.approx(reach, rel=1e-6))


def test_more_patients_are_drawn_from_the_study(tmp_path):
    found = run_simulation(study(tmp_path), Asked(replicates=3, n=300, hazard_ratios=(1.0,)))[1]
    assert found.n == 300 and {s.design: s.n for s in found.sizes}["unadjusted"] == 300


def test_outcomes_of_the_study_say_how_times_are_drawn(tmp_path):
    path = study(tmp_path)
    found = run_simulation(path, Asked(replicates=40, hazard_ratios=(1.0,), outcomes=True))[1]
    events = run_study(path).outcomes.endpoints["os"].event.sum()
    assert one(found, "unadjusted").events == pytest.approx(events, rel=0.15)


def test_all_faults_at_once(tmp_path):
    with pytest.raises(ProtocolError) as error:
        asked_as_written(Asked(hazard_ratios=(0.0, 0.0), lost_per_year=1.0, median=-1), "thrown", "30,6", "0.3,2")
    places = [f.place for f in error.value.faults]
    numbers = ["--hr", "--hr", "--hr", "--lost-per-year", "--median"]
    assert sorted(places) == sorted([*numbers, "--arms", "--follow-up", "--unmeasured"])
    path = study(tmp_path, power=None)
    with pytest.raises(ProtocolError) as error:
        run_simulation(path, QUICK)
    assert [f.rule for f in error.value.faults] == ["no median", "no follow-up"]
    with pytest.raises(ProtocolError, match="no endpoint 'pfs'"):
        run_simulation(path, Asked(endpoint="pfs", outcomes=True))


def test_the_command_writes_a_page_and_a_row_per_estimator(tmp_path):
    path = study(tmp_path)
    asked = [
        "simulate",
        str(path),
        "--replicates",
        "12",
        "--hr",
        "0.6",
        "--unmeasured",
        "0.3,2,2",
        "--out",
        str(tmp_path / "sim"),
    ]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "outcomes stay unopened" in done.output
    rows = list(csv.DictReader((tmp_path / "sim" / "simulation.csv").open(encoding="utf-8")))
    assert [(r["design"], r["kind"]) for r in rows] == [(d, k) for d in ("unadjusted", "matched") for k in (MARGINAL, ADJUSTED)]
    page = (tmp_path / "sim" / "simulation.html").read_text(encoding="utf-8")
    assert "No outcome of the study was read" in page and "A confounder that no design knows" in page
    refused = CliRunner().invoke(app, ["simulate", str(path), "--hr", "0"])
    assert refused.exit_code == 2
