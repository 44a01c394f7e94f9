"""Words between estimate/ and report/ that are misspelt or exchanged are caught: a sample of what `mutants.py` plants."""

import random

import pytest
from mutants import Unchanged, caught, mutants
from wide import recorded_studies

SAMPLE = 16


@pytest.mark.slow
def test_a_sample_of_the_mutants_is_caught(repository, tmp_path_factory):
    unchanged = Unchanged.of(recorded_studies(repository, tmp_path_factory.mktemp))
    made = mutants()
    assert len(made) > 1000
    exchanged = [m for m in made if not m.text.endswith("x")]
    sample = random.Random(1).sample(exchanged, SAMPLE)
    assert [m.name for m in sample if not caught(m, unchanged)] == []
