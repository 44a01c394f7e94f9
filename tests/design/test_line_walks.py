"""A match whose walks are compiled is the match of the interpreter, to the pair."""

import numpy as np
import pytest

from equipoise.design import line_walks
from equipoise.design.greedy import Bounds, nearest_neighbours


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores with many ties, and who is focal."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 400))
    return np.round(rng.normal(size=n), int(rng.choice([1, 5]))), rng.random(n) < 0.3


@pytest.mark.parametrize("order", ["largest", "smallest", "data", "random"])
@pytest.mark.parametrize("matchit", [True, False])
def test_compiled_and_interpreted_walks_make_the_same_pairs(monkeypatch, order, matchit):
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    for seed in range(20):
        score, focal = drawn(seed)
        made = []
        for smallest in (0, 10**9):
            monkeypatch.setattr(line_walks, "LOADED", smallest)
            monkeypatch.setattr(line_walks, "LARGE", smallest)
            bounds, ratio = Bounds(0.2 if seed % 2 else np.inf), 1 + seed % 3
            made.append(nearest_neighbours(score, focal, bounds, order, ratio, matchit=matchit, seed=1))
        compiled, interpreted = made
        assert compiled.focal_of.tolist() == interpreted.focal_of.tolist()
        assert compiled.partner_of.tolist() == interpreted.partner_of.tolist()
        assert compiled.tied_choices == interpreted.tied_choices


def test_small_matches_do_not_begin_a_compiler(monkeypatch):
    monkeypatch.setattr(line_walks, "compiler_there", lambda: True)
    monkeypatch.delitem(line_walks.sys.modules, "numba", raising=False)
    assert not line_walks.compiles(np.arange(line_walks.LARGE - 1))
    assert line_walks.compiles(np.arange(line_walks.LARGE))
