"""Remarks that ask for caution: a variance clustered on few pairs."""

import pytest

from equipoise.estimate.remarks import remarks
from equipoise.protocol.load import load_protocol
from equipoise.records import Row


@pytest.mark.parametrize(("pairs", "said"), [(12, True), (19, True), (20, False), (36, False)])
def test_few_pairs_are_remarked_on(tiny, pairs, said):
    rows = [Row("design", "value", float(pairs), design="matched", variable="pairs")]
    found = list(remarks(load_protocol(tiny.write()), rows))
    assert bool(found) == said
    assert all(f"clustered on {pairs} pairs" in sentence for sentence in found)
