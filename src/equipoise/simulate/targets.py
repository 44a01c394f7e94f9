"""What the founding cohort is calibrated to: the printed numbers of Clin Mol Hepatol 2024;30:345-359.

Conventions under which they are met: months are days / 30, quartiles are of type 2 (SAS definition 5), Kaplan-Meier limits
are of R's type `log`, ties in Cox models follow Efron. Sorafenib is the group whose hazard ratio is printed.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

N_LENVATINIB, N_SORAFENIB, N_PATIENTS, N_PAIRS = 40, 86, 126, 36
DAYS_PER_MONTH = 30

# Best response by RECIST 1.1, printed in Table 2, as counts of PR, SD, PD, NE in each cell arm x matched.
PR, SD, PD, NE = 0, 1, 2, 3
RESPONSE_NAME = ("PR", "SD", "PD", "NE")
RESPONSE_COUNTS = {
    ("lenvatinib", True): (2, 22, 10, 2),
    ("lenvatinib", False): (1, 2, 1, 0),
    ("sorafenib", True): (3, 5, 22, 6),
    ("sorafenib", False): (2, 11, 25, 12),
}
# How progression-free survival ends.
RADIOLOGIC, CLINICAL, DEATH, CENSORED = 0, 1, 2, 3
KIND_NAME = ("radiologic", "clinical", "death", "censored")

DEATHS_MATCHED, DEATHS_UNMATCHED = 44, 37
PFS_CENSORED_MATCHED, PFS_CENSORED_UNMATCHED = 11, 8


def _printed_month(month: float, half: float = 0.05) -> tuple[float, float]:
    """Days that print as this month value, a tenth of a day inside the rounding interval."""
    return DAYS_PER_MONTH * (month - half) + 0.1, DAYS_PER_MONTH * (month + half) - 0.1


NOT_REACHED = (np.inf, np.inf)
# Table 3: median, lower and upper limit; rows lenvatinib, sorafenib, matched lenvatinib, matched sorafenib.
OS_KM = np.array(
    [_printed_month(10.3), _printed_month(6.8), NOT_REACHED]
    + [_printed_month(m) for m in (5.6, 4.7, 9.0)]
    + [_printed_month(10.3), _printed_month(6.1), NOT_REACHED]
    + [_printed_month(m) for m in (7.5, 4.7, 11.3)]
)
PFS_KM = np.array([_printed_month(m) for m in (3.5, 3.0, 4.2, 1.8, 1.6, 2.3, 3.5, 3.0, 4.2, 1.8, 1.6, 2.4)])

# Quartiles of the observed time: unadjusted (126), then matched (72), in days. A negative weight is never used; zero means
# the printed value is not asked for: OS Q1 5.7 is had only by piling deaths on a few days, PFS Q1 1.9 is impossible beside a
# median of 1.8 (both by decision).
OS_OBSERVED = np.array([(104, 104), _printed_month(5.5), (280, 280), (0, 0), _printed_month(8.0), _printed_month(10.9)])
PFS_OBSERVED = np.array([(41, 41), (62, 62), (104, 104), (0, 0), _printed_month(2.8), _printed_month(3.5)])
OS_OBSERVED_WEIGHT = np.array([1.0, 1.0, 1.0, 0.0, 0.6, 0.6])
PFS_OBSERVED_WEIGHT = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0])


def z_of_p(p: float) -> float:
    """The absolute normal deviate of a two-sided P."""
    return -NormalDist().inv_cdf(p / 2)


def _z_window(low: float, high: float) -> tuple[float, float]:
    return z_of_p(high), z_of_p(low)


# Log-rank unadjusted, log-rank matched, Wald P of sorafenib in the univariable Cox model; each inside its rounding interval.
OS_Z = np.array([_z_window(0.01855, 0.01945), _z_window(0.35255, 0.35345), _z_window(0.02055, 0.02145)])
PFS_Z = np.array([_z_window(0.0006, 0.0014), _z_window(0.00255, 0.00345), _z_window(0.00055, 0.00145)])
