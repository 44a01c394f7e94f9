"""Small counts in remarks are masked; other numbers stay."""

from __future__ import annotations

import pytest

from equipoise.disclosure.sentences import without_small_counts


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("a sparse group (only 1 patient with ECOG 2)", "a sparse group (only <5 patients with ECOG 2)"),
        ("4 events in 12 patients", "<5 events in 12 patients"),
        ("0 patients, 5 patients, 14 patients", "0 patients, 5 patients, 14 patients"),
        ("per 100 patient-months; 6.3 events per coefficient", "per 100 patient-months; 6.3 events per coefficient"),
    ],
)
def test_a_small_count_in_a_sentence_is_masked(told: str, shown: str) -> None:
    assert without_small_counts(told, 5) == shown
