"""A sample says who counts: checked on construction, and cut without losing its weights, pairs and name."""

import numpy as np
import pytest

from equipoise.design.plan import WORDS
from equipoise.records import Sample

EVERYBODY, ONES, PAIRS = np.ones(4, bool), np.ones(4), np.array([1, 1, 2, 2])


def test_a_part_keeps_weights_clusters_and_design():
    sample = Sample("w", WORDS, EVERYBODY, np.array([1.0, 2.0, 3.0, 4.0]), cluster=np.arange(4), weighted=True)
    part = sample.among(np.array([True, False, True, True]), "young")
    assert (part.design, part.population, part.n) == ("w", "young", 3)
    assert part.weights.tolist() == [1, 3, 4] and part.clusters.tolist() == [0, 2, 3]
    assert part.effective_n == pytest.approx(64 / 26) and part.among(EVERYBODY).population == "young"


def test_a_pair_leaves_as_a_whole_and_nobody_else_does():
    paired = Sample("m", WORDS, EVERYBODY, ONES, cluster=PAIRS, stratum=PAIRS, paired=True)
    leaving = np.array([True, False, False, False])
    assert paired.without(leaving).include.tolist() == [False, False, True, True]
    assert Sample("u", WORDS, EVERYBODY, ONES).without(leaving).include.tolist() == [False, True, True, True]


def test_of_a_matched_sample_who_has_no_partner_takes_nobody_along():
    pair = np.array([1, 1, 0, 0])
    sample = Sample("m", WORDS, pair > 0, ONES, cluster=pair, stratum=pair, paired=True)
    assert sample.without(np.array([False, False, True, False])).include.tolist() == [True, True, False, False]


def test_without_weights_there_are_none():
    assert Sample("u", WORDS, EVERYBODY, ONES).weights is None and Sample("u", WORDS, EVERYBODY, ONES).clusters is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"include": np.ones(4)}, "one bool per patient"),
        ({"weight": np.ones(3)}, "one value per patient"),
        ({"cluster": np.arange(5)}, "one value per patient"),
        ({"weight": np.array([1.0, 0.0, 1.0, 1.0])}, "a weight above 0"),
        ({"weight": np.array([1.0, np.nan, 1.0, 1.0])}, "a weight above 0"),
        ({"weight": np.array([1.0, np.inf, 1.0, 1.0])}, "a weight above 0"),
        ({"paired": True}, "the pairs are the strata"),
    ],
)
def test_what_is_no_sample_cannot_be_made(given, told):
    with pytest.raises(ValueError, match=told):
        Sample(**{"design": "u", "words": WORDS, "include": EVERYBODY, "weight": ONES, **given})
