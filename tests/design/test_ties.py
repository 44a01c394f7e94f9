"""What decides between equals: the identifier, the rows of the file, or MatchIt's rules; what hangs on it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import sheets

from equipoise.design.greedy import Bounds, nearest_neighbours
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import tie_sentences
from equipoise.study import run_study

MATCHIT = json.loads((Path(__file__).parent / "reference" / "matchit_ties.json").read_text())
ROWS = "caliper: 0.2, ties: rows"


def pairs_of(match, focal):
    members = [sorted(np.flatnonzero(match.set_id == k), key=lambda i: not focal[i]) for k in range(1, match.n_focal + 1)]
    return {(int(a), int(b)) for a, b in members}


@pytest.mark.parametrize("case", MATCHIT["cases"])
def test_every_pair_of_matchit(case):
    score = np.array(MATCHIT[case.split("_")[0]])
    focal = np.isin(np.arange(len(score)), MATCHIT["focal"])
    caliper = MATCHIT["cases"][case]["caliper"]
    bounds = Bounds(np.inf if caliper is None else caliper)
    match = nearest_neighbours(score, focal, bounds, case.split("_")[-1], matchit=True)
    assert pairs_of(match, focal) == {tuple(p) for p in MATCHIT["cases"][case]["pairs"]}


def test_the_rules_of_matchit_one_by_one():
    """A control below wins over one above at the same distance; of equal ones below the last, of equal ones above the first."""
    focal = np.array([False, False, True, False, False])
    below_and_above = np.array([1.0, 1.0, 2.0, 3.0, 3.0])
    assert pairs_of(nearest_neighbours(below_and_above, focal, matchit=True), focal) == {(2, 1)}
    assert pairs_of(nearest_neighbours(np.array([5.0, 5.0, 2.0, 3.0, 3.0]), focal, matchit=True), focal) == {(2, 3)}
    assert pairs_of(nearest_neighbours(np.array([2.0, 2.0, 2.0, 2.0, 2.0]), focal, matchit=True), focal) == {(2, 1)}
    assert pairs_of(nearest_neighbours(below_and_above, focal), focal) == {(2, 0)}


def test_the_rank_decides_and_the_position_does_not():
    score, focal = np.array([0.0, 1.0, 1.0, 1.0]), np.array([False, True, False, False])
    assert pairs_of(nearest_neighbours(score, focal, rank=np.array([0, 1, 3, 2])), focal) == {(1, 3)}
    twins = np.array([True, False, True])
    first = nearest_neighbours(np.array([1.0, 1.0, 1.0]), twins, rank=np.array([2, 0, 1]))
    assert pairs_of(first, twins) == {(2, 1)} and first.tied_scores == 2


@pytest.mark.parametrize("order", ["largest", "data"])
@pytest.mark.parametrize("seed", range(20))
def test_ties_are_counted_as_a_plain_search_counts_them(seed, order):
    rng = np.random.default_rng(seed)
    score, focal = rng.integers(0, 8, 40) / 4, rng.random(40) < 0.4
    match = nearest_neighbours(score, focal, Bounds(0.3), order)
    free, tied = [j for j in range(40) if not focal[j]], 0
    for i in sorted(np.flatnonzero(focal), key=lambda i: (-score[i] if order == "largest" else 0, i)):
        near = sorted((abs(score[j] - score[i]), j) for j in free)
        if near and near[0][0] <= 0.3:
            tied += sum(d == near[0][0] for d, _ in near) > 1
            free.remove(near[0][1])
    shared = sum(int((score[focal] == s).sum()) for s in np.unique(score[focal]) if (score[focal] == s).sum() > 1)
    assert (match.tied_choices, match.tied_scores) == (tied, shared)


def coarse():
    """Ages by decade: scores and distances are often equal."""
    return [{**r, "age": 10 * (r["age"] // 10)} for r in sheets.patients()]


def matched(study):
    """The pairs by what is known of their patients, whatever they are called."""
    pair = study.design("matched").pair
    numbers = {str(p): int(k) for p, k in zip(study.cohort.patient, pair, strict=True)}
    return {frozenset(p for p in numbers if numbers[p] == k) for k in range(1, max(pair) + 1)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_decides_nothing(tmp_path, seed):
    rows = coarse()
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    first, second = (run_study(sheets.write(tmp_path / str(k), t)) for k, t in enumerate((rows, shuffled)))
    assert matched(first) == matched(second)
    assert first.design("matched").facts["tied_choices"] > 0
    printed = [[r for r in s.estimates.rows.values() if r.phase != "quality"] for s in (first, second)]
    numbers = [{r.key: r.value for r in rows if not np.isnan(r.value)} for rows in printed]
    assert numbers[0] == numbers[1] and len(numbers[0]) > 200


def test_by_rows_of_the_file_the_order_decides(tmp_path):
    rows, protocol = coarse(), sheets.PROTOCOL.replace("caliper: 0.2", ROWS)
    forth, back = (run_study(sheets.write(tmp_path / str(k), t, protocol)) for k, t in enumerate((rows, rows[::-1])))
    assert matched(forth) != matched(back)
    assert matched(forth) == matched(run_study(sheets.write(tmp_path / "id", rows)))  # the file is in order of identifier


def test_identifiers_go_by_code_point_not_by_number(tmp_path):
    """10 comes before 9: the same rule whether or not all identifiers are numbers."""
    rows = [{**r, "id": str(i + 1)} for i, r in enumerate(coarse())]
    ordered = sorted(rows, key=lambda r: r["id"])
    numbers = run_study(sheets.write(tmp_path / "a", rows))
    protocol = sheets.PROTOCOL.replace("caliper: 0.2", ROWS)
    assert matched(numbers) == matched(run_study(sheets.write(tmp_path / "b", ordered, protocol)))


def test_methods_name_the_rule_count_the_tied_and_give_the_range(tmp_path):
    study = run_study(sheets.write(tmp_path, coarse()))
    words = " ".join(tie_sentences(Numbers(study), "matched"))
    facts, design = study.design("matched").facts, study.design("matched")
    assert "were broken by the patient identifier (in code-point order)" in words
    assert f"{facts['tied_pairs']} of {facts['pairs']} pairs depended on how ties were broken" in words
    row = study.estimates["survival.os.matched.tie_orders.newer-vs-older.hr"]
    assert len(design.tie_orders) == 10 and row.low < row.high
    low, high = re.search(r"ranged from ([\d.]+) to ([\d.]+) for death", words).groups()
    assert (low, high) == (f"{row.low:.2f}", f"{row.high:.2f}")
    renamed = [{**r, "id": f"{999 - i}"} for i, r in enumerate(coarse())]
    other = run_study(sheets.write(tmp_path / "renamed", renamed)).estimates["survival.os.matched.cox.newer-vs-older.hr"].value
    assert other != study.estimates["survival.os.matched.cox.newer-vs-older.hr"].value


def test_without_ties_nothing_hangs_on_one(tmp_path):
    rows = [{**r, "age": r["age"] + i / 97 + i**2 / 10007} for i, r in enumerate(sheets.patients())]
    study = run_study(sheets.write(tmp_path, rows))
    assert study.design("matched").tie_orders == ()
    assert tie_sentences(Numbers(study), "matched")[1:] == ["There were no ties."]
    assert "survival.os.matched.tie_orders.newer-vs-older.hr" not in study.estimates.rows
