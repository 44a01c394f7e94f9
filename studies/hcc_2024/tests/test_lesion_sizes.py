"""Planned sizes keep a distance from every threshold of RECIST 1.1 and mRECIST."""

import numpy as np
import pytest

from hcc_2024.raw_lesions import Lesion, Plan, grow, reads_as, sums


@pytest.mark.parametrize(
    "series, category, grows, expected",
    [
        ([100, 68], "PR", False, True),
        ([100, 69], "PR", False, False),  # a response, but too near 70 %
        ([100, 80, 60, 68], "PR", False, False),  # 8 mm over the nadir
        ([100, 74], "SD", False, True),
        ([100, 72], "SD", False, False),
        ([100, 104], "SD", False, True),
        ([10, 12], "SD", False, False),  # 20 % without 5 mm: stable by RECIST 1.1, progression by mRECIST
        ([100, 80, 100], "PD", True, True),
        ([20, 26], "PD", True, False),  # 30 %, but only 6 mm
        ([100, 102], "PD", False, True),  # progression shows elsewhere, the sum stays
    ],
)
def test_reads_as(series, category, grows, expected):
    assert reads_as(series, category, grows) is expected


def test_necrosis_alone_makes_an_mrecist_response():
    rng = np.random.default_rng(1)
    lesion = Lesion("L1", "target", "liver", False, [60], viable=[60])
    grow(rng, [lesion], Plan(["SD", "PD"], ["PR", "PD"]))
    sizes, viable = zip(*(sums([lesion], v) for v in range(3)), strict=True)
    assert sizes[1] > 0.73 * 60 and viable[1] < 0.69 * 60
    assert sizes[2] >= 1.25 * min(sizes[:2]) and viable[2] >= 1.25 * viable[1]


def test_growth_by_necrosis_is_progression_by_recist_only():
    lesion = Lesion("L1", "target", "liver", False, [40], viable=[40])
    grow(np.random.default_rng(2), [lesion], Plan(["PD"], ["SD"]))
    (_, before), (size, viable) = sums([lesion], 0), sums([lesion], 1)
    assert size >= 1.25 * 40 and viable < 1.15 * before
