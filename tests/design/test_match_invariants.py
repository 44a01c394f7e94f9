"""What holds of any match, whatever the data: who may be paired, relabelling, plain searches and every possible match tried."""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.distances import coordinates
from equipoise.design.full_matching import full_match
from equipoise.design.greedy import ORDERS, Bounds, nearest_neighbours, variable_ratios
from equipoise.design.matched_sets import class_weights
from equipoise.design.optimal import optimal_pairs
from equipoise.design.strata import coarsened_exact, cut_points, score_strata

CALIPERS = st.sampled_from([0.0, 0.1, 0.35, 1.0, np.inf])


def drawn(most):
    """Patients with ties: score in tenths, arm, site, ward, age."""
    patient = st.tuples(st.integers(-8, 8), st.booleans(), st.integers(0, 1), st.integers(0, 2), st.integers(50, 54))
    return st.lists(patient, min_size=2, max_size=most)


def arrays(patients):
    score, focal, site, ward, age = (np.array(column) for column in zip(*patients, strict=True))
    return score / 10, focal.astype(bool), site, ward, age.astype(float)


def pairs_of(match):
    return list(zip(match.focal_of.tolist(), match.partner_of.tolist(), strict=True))


MATCHERS = st.sampled_from([*ORDERS, "optimal"])


def match_by(kind, score, focal, bounds, ratio=1, at=None, rank=None):
    if kind == "optimal":
        return optimal_pairs(score, focal, bounds, ratio, at, rank)
    return nearest_neighbours(score, focal, bounds, kind, ratio, coordinates=at, rank=rank, seed=3)


@settings(max_examples=150, derandomize=True)
@given(drawn(30), MATCHERS, CALIPERS, st.integers(1, 3), st.booleans(), st.sampled_from(["", "exact", "apart", "narrow", "all"]))
def test_nobody_twice_and_everybody_inside_the_bounds(patients, kind, caliper, ratio, several, which):
    score, focal, site, ward, age = arrays(patients)
    narrow = ((age, 2.0),) if which in ("narrow", "all") else ()
    exact, apart = site if which in ("exact", "all") else None, ward if which in ("apart", "all") else None
    at = np.column_stack([score, age / 3]) if several else None
    match = match_by(kind, score, focal, Bounds(caliper, narrow, exact, apart), ratio, at)
    i, j = match.focal_of, match.partner_of
    assert focal[i].all() and not focal[j].any() and len(set(j.tolist())) == len(j)
    assert (np.round(np.abs(score[i] - score[j]), 10) <= caliper).all()
    assert not narrow or (np.abs(age[i] - age[j]) <= 2).all()
    assert exact is None or (site[i] == site[j]).all()
    assert apart is None or (ward[i] != ward[j]).all()
    assert np.bincount(i, minlength=1).max() <= ratio
    assert set(np.flatnonzero(match.set_id)) == {*i.tolist(), *j.tolist()} == set(np.flatnonzero(match.weight))
    assert match.weight[focal].sum() == match.n_focal and match.weight[~focal].sum() == pytest.approx(match.n_other)


@settings(max_examples=100, derandomize=True)
@given(drawn(25), MATCHERS, CALIPERS, st.integers(1, 2), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(patients, kind, caliper, ratio, several, random):
    score, focal, site, _, age = arrays(patients)
    at = np.column_stack([score, age / 3]) if several else None
    shuffled = np.array(random.sample(range(len(score)), len(score)))
    rank = np.arange(len(score))
    one = match_by(kind, score, focal, Bounds(caliper, exact=site), ratio, at, rank)
    bounds = Bounds(caliper, exact=site[shuffled])
    two = match_by(kind, score[shuffled], focal[shuffled], bounds, ratio, None if at is None else at[shuffled], rank[shuffled])
    assert sorted(pairs_of(one)) == sorted((int(shuffled[i]), int(shuffled[j])) for i, j in pairs_of(two))
    assert (one.tied_choices, one.tied_scores) == (two.tied_choices, two.tied_scores)


@settings(max_examples=100, derandomize=True)
@given(drawn(30), CALIPERS, st.sampled_from(ORDERS), st.integers(1, 3), st.sampled_from([1, 2, np.inf]), st.booleans())
def test_stacks_pointers_and_searches_find_the_same(patients, caliper, order, ratio, reuse, matchit):
    """A caliper on a covariate that admits everybody makes no difference but for the way of searching."""
    score, focal, _, _, age = arrays(patients)
    plain = nearest_neighbours(score, focal, Bounds(caliper), order, ratio, reuse, matchit=matchit, seed=1)
    searched = nearest_neighbours(score, focal, Bounds(caliper, ((age, 99.0),)), order, ratio, reuse, matchit=matchit, seed=1)
    assert pairs_of(plain) == pairs_of(searched) and plain.choice.tolist() == searched.choice.tolist()
    if reuse == 1:
        assert plain.tied_choices == searched.tied_choices


def closest_of_all(score, focal, caliper):
    """Of all free pairs the nearest, again and again."""
    gaps = {(i, j): abs(score[i] - score[j]) for i in np.flatnonzero(focal) for j in np.flatnonzero(~focal)}
    found = set()
    for i, j in sorted(gaps, key=lambda pair: (round(gaps[pair], 10), pair)):
        if gaps[i, j] <= caliper and not any(i == a or j == b for a, b in found):
            found.add((int(i), int(j)))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_closest_takes_the_nearest_of_all_free_pairs(seed):
    rng = np.random.default_rng(seed)
    score, focal = rng.normal(size=60), rng.random(60) < 0.45
    caliper = (0.05, 0.3, np.inf)[seed % 3]
    match = nearest_neighbours(score, focal, Bounds(caliper), "closest")
    assert set(pairs_of(match)) == closest_of_all(score, focal, caliper)
    for order in ("closest", "farthest"):
        searched = nearest_neighbours(score, focal, Bounds(caliper, ((score, 99.0),)), order, 3)
        assert pairs_of(nearest_neighbours(score, focal, Bounds(caliper), order, 3)) == pairs_of(searched)


@pytest.mark.parametrize("seed", range(6))
def test_closest_with_several_partners_takes_the_nearest_in_each_round(seed):
    """Pairs that are nearest to each other are taken at once in every round, and later rounds must see that they are gone."""
    rng = np.random.default_rng(seed)
    score, focal = rng.normal(size=90), rng.random(90) < 0.25
    caliper = (0.05, 0.3, np.inf)[seed % 3]
    match = nearest_neighbours(score, focal, Bounds(caliper), "closest", 3)
    turns, free, expected = focal.copy(), ~focal, set()
    for _ in range(3):
        which = np.flatnonzero(turns | free)
        found = {(int(which[i]), int(which[j])) for i, j in closest_of_all(score[which], focal[which], caliper)}
        turns = np.isin(np.arange(90), [i for i, _ in found])
        free[[j for _, j in found]] = False
        expected |= found
    assert set(pairs_of(match)) == expected


@settings(max_examples=100, derandomize=True)
@given(drawn(40), CALIPERS, st.sampled_from(ORDERS), st.integers(1, 2))
def test_optimal_is_never_worse_than_greedy(patients, caliper, order, ratio):
    score, focal, site, _, _ = arrays(patients)
    greedy = nearest_neighbours(score, focal, Bounds(caliper, exact=site), order, ratio, seed=1)
    best = optimal_pairs(score, focal, Bounds(caliper, exact=site), ratio)
    assert best.n_links >= greedy.n_links
    if best.n_links == greedy.n_links:
        assert best.total_distance <= greedy.total_distance + 1e-9


def allowed(score, focal, caliper, exact=None):
    ones, twos = np.flatnonzero(focal), np.flatnonzero(~focal)
    fits = {(i, j): abs(score[i] - score[j]) for i, j in product(ones, twos) if exact is None or exact[i] == exact[j]}
    return {pair: gap for pair, gap in fits.items() if round(gap, 10) <= caliper}


def every_pairing(score, focal, caliper, exact):
    """The most pairs and then the least total, of all pairings."""
    gaps, best = allowed(score, focal, caliper, exact), (0, 0.0)
    small, large = sorted((np.flatnonzero(focal), np.flatnonzero(~focal)), key=len)
    for chosen in permutations([*large, *[-1] * len(small)], len(small)):
        pairs = [(i, j) if focal[i] else (j, i) for i, j in zip(small, chosen, strict=True) if j >= 0]
        if all(p in gaps for p in pairs):
            best = min(best, (-len(pairs), sum(gaps[p] for p in pairs)))
    return -best[0], best[1]


@settings(max_examples=60, derandomize=True)
@given(drawn(7), CALIPERS, st.booleans())
def test_optimal_pairs_are_the_best_of_all(patients, caliper, cells):
    score, focal, site, _, age = arrays(patients)
    exact = site if cells else None
    for bounds in (Bounds(caliper, exact=exact), Bounds(caliper, ((age, 99.0),), exact)):
        match = optimal_pairs(score, focal, bounds)
        number, total = every_pairing(score, focal, caliper, exact)
        assert match.n_links == number and match.total_distance == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_optimal_pairs_of_twelve_are_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    score, focal = rng.normal(size=12).round(1), np.arange(12) < 4
    for caliper in (0.3, np.inf):
        number, total = every_pairing(score, focal, caliper, None)
        match = optimal_pairs(score, focal, Bounds(caliper))
        assert (match.n_links, round(match.total_distance, 9)) == (number, round(total, 9))


def every_cover(score, focal, caliper, most):
    """The least total of all ways to give everybody who can have one a link, nobody more than `most`."""
    gaps = allowed(score, focal, caliper)
    needed = {k for pair in gaps for k in pair}
    best = np.inf
    for size in range(len(gaps) + 1):
        for pairs in combinations(gaps, size):
            ends = [k for pair in pairs for k in pair]
            if set(ends) == needed and max((ends.count(k) for k in needed), default=0) <= most:
                best = min(best, sum(gaps[p] for p in pairs))
    return best if gaps else 0.0


@settings(max_examples=60, derandomize=True)
@given(drawn(7), CALIPERS, st.sampled_from([None, 2, 3]))
def test_full_matching_is_the_best_of_all(patients, caliper, most):
    score, focal, _, _, age = arrays(patients)
    least = every_cover(score, focal, caliper, most or 99)
    for bounds in (Bounds(caliper), Bounds(caliper, ((age, 99.0),))):
        if np.isinf(least):
            with pytest.raises(ValueError, match="no full matching"):
                full_match(score, focal, bounds, most_others=most, most_focal=most)
            continue
        match = full_match(score, focal, bounds, most_others=most, most_focal=most)
        assert match.total_distance == pytest.approx(least, abs=1e-9)
        for k in range(1, match.set_id.max() + 1):
            ones, twos = ((match.set_id == k) & focal).sum(), ((match.set_id == k) & ~focal).sum()
            assert min(ones, twos) == 1 and max(ones, twos) <= (most or 99)


@settings(max_examples=60, derandomize=True)
@given(drawn(30), st.sampled_from(["focal", "other", "all"]))
def test_weights_balance_the_sets(patients, target):
    """In each arm the sets have the shares of the patients whom the weights represent."""
    _, focal, site, ward, _ = arrays(patients)
    match = coarsened_exact({"site": site, "ward": ward}, focal, {}, target)
    inside = match.set_id > 0
    if not inside.any():
        return
    whom = inside & {"focal": focal, "other": ~focal, "all": np.ones(len(focal), dtype=bool)}[target]
    share = np.bincount(match.set_id[whom], minlength=match.set_id.max() + 1) / whom.sum()
    for arm in (focal, ~focal):
        own = np.bincount(match.set_id[arm], match.weight[arm], minlength=len(share)) / match.weight[arm].sum()
        assert own == pytest.approx(share)


def test_with_replacement_everybody_takes_the_nearest():
    score, focal = np.array([0.0, 0.1, 0.2, 0.15, 0.9]), np.array([True, True, True, False, False])
    match = nearest_neighbours(score, focal, reuse=np.inf)
    assert match.partner_of.tolist() == [3, 3, 3] and match.set_id.tolist() == [0] * 5 and match.reused
    assert match.weight.tolist() == [1, 1, 1, 1, 0]


def test_closest_pairs_come_first():
    """0.4 is nearest to 0.5 and to 0.35; 0.35 is nearer and takes it, though 0.5 is the larger score."""
    score, focal = np.array([0.5, 0.35, 0.4, 0.9, 0.1]), np.array([True, True, False, False, False])
    chosen = dict(pairs_of(nearest_neighbours(score, focal, order="closest")))
    assert chosen[1] == 2 and dict(pairs_of(nearest_neighbours(score, focal, order="largest")))[0] == 2


def test_variable_ratios_have_their_mean():
    score, focal = np.r_[np.linspace(0.9, 0.3, 7), np.linspace(0.6, 0.0, 30)], np.arange(37) < 7
    ratio = variable_ratios(score, focal, 2, 1, 4)
    assert ratio[:7].tolist() == [1, 1, 1, 1, 2, 4, 4] and ratio[7:].sum() == 0  # 14 = 4 x 1 + 2 + 2 x 4
    with pytest.raises(ValueError, match="mean ratio"):
        variable_ratios(score, focal, 5, 1, 4)


def test_mahalanobis_of_two_columns_by_hand():
    """Within arms x has the SD 1, y the SD 2 and no covariance: the distance of (0, 0) and (1, 2) is sqrt(1 + 1)."""
    x, y = np.array([-1, 0, 1, -1, 0, 1]) * np.sqrt(6 / 6), np.array([1, -2, 1, 1, -2, 1]) * np.sqrt(4 / 3)
    focal = np.arange(6) < 3
    at = coordinates(np.column_stack([x + 5 * focal, y]), focal, "mahalanobis")
    assert np.linalg.norm(at[0] - at[2]) == pytest.approx(2) and np.linalg.norm(at[0] - at[1]) == pytest.approx(np.sqrt(1 + 3))


def test_cut_points_of_each_rule():
    values = np.arange(16, dtype=float)
    assert cut_points(values, "sturges").tolist() == [3, 6, 9, 12]  # ceil(log2 16) + 1 = 5 bins
    assert cut_points(values, 3).tolist() == [5, 10] and cut_points(values, "q4").tolist() == [3.75, 7.5, 11.25]
    assert cut_points(values, [9, 2, 9]).tolist() == [2, 9]
    for rule in ("scott", "q", "q1", 0, True):
        with pytest.raises(ValueError, match="bins are given"):
            cut_points(values, rule)


def test_a_value_on_a_limit_belongs_above():
    focal = np.array([True, False, True, False])
    match = coarsened_exact({"age": np.array([4.9, 4.0, 5.0, 6.0])}, focal, {"age": [5]})
    assert match.set_id.tolist() == [1, 1, 2, 2]


def test_a_class_without_an_arm_takes_its_nearest():
    score, focal = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.5, 0.8, 0.9]), np.arange(8) >= 5
    assert score_strata(score, focal, 2, "all").set_id.tolist() == [1, 1, 1, 2, 2, 1, 2, 2]
    assert score_strata(score, focal, 4, "other", fill=False).set_id[:2].tolist() == [0, 0]


def test_class_weights_by_hand():
    """One focal patient with three others, two with one: 1/3 and 2, scaled to the four others."""
    focal = np.array([True, True, True, False, False, False, False])
    weight = class_weights(np.array([1, 2, 2, 1, 1, 1, 2]), focal, "focal")
    assert weight == pytest.approx([1, 1, 1, 4 / 9, 4 / 9, 4 / 9, 8 / 3])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s, f: nearest_neighbours(np.r_[s[:-1], np.nan], f), "missing"),
        (lambda s, f: nearest_neighbours(s, f, order="nearest"), "order is one of"),
        (lambda s, f: nearest_neighbours(s, f, order="random"), "needs a seed"),
        (lambda s, f: nearest_neighbours(None, f), "no score"),
        (lambda s, f: nearest_neighbours(s, f, ratio=0), "ratio"),
        (lambda s, f: nearest_neighbours(s, f, reuse=0.5), "serve"),
        (lambda s, f: optimal_pairs(np.r_[s[:-1], np.inf], f), "missing"),
        (lambda s, f: optimal_pairs(s, f, ratio=0), "ratio"),
        (lambda s, f: optimal_pairs(None, f), "no score"),
        (lambda s, f: full_match(None, f), "no score"),
        (lambda s, f: coarsened_exact({"age": np.r_[s[:-1], np.nan]}, f, {}), "age is missing"),
        (lambda s, f: coarsened_exact({"age": s}, f, {"weight": 3}), "no covariate of the match is called weight"),
        (lambda s, f: score_strata(s, f, 1), "two classes"),
        (lambda s, f: score_strata(s, np.arange(6) < 1, 5, "all"), "fewer patients than"),
        (lambda s, f: coordinates(s[:, None], f, "euclidean"), "distance is one of"),
        (lambda s, f: coordinates(np.ones((6, 1)), f, "mahalanobis"), "varies"),
        (lambda s, f: coordinates(np.full((6, 1), np.nan), f, "mahalanobis"), "missing"),
    ],
)
def test_what_cannot_be_matched_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(np.linspace(0, 1, 6), np.arange(6) < 3)


def test_more_pairs_than_memory_holds_are_refused():
    focal = np.arange(20_000) < 10_000
    score = np.linspace(0, 1, 20_000)
    with pytest.raises(ValueError, match="100,000,000 pairs; with a narrower caliper"):
        optimal_pairs(score, focal, Bounds(narrow=((score, 2.0),)))


@pytest.mark.parametrize("kind", [*ORDERS, "optimal", "full"])
def test_an_arm_without_patients_gives_no_pair(kind):
    for focal in (np.ones(3, dtype=bool), np.zeros(3, dtype=bool)):
        score = np.array([0.1, 0.2, 0.3])
        match = full_match(score, focal) if kind == "full" else match_by(kind, score, focal, Bounds())
        assert (match.n_links, match.n_focal, match.n_other) == (0, 0, 0) and not match.weight.any()
