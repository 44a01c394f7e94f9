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

# Quartiles of the observed time: unadjusted (126), then matched (72), in days. Weight zero means that the printed value is not
# asked for: OS Q1 5.7 is had only by piling deaths on a few days, PFS Q1 1.9 is impossible beside a median of 1.8.
OS_OBSERVED = np.array([(104, 104), _printed_month(5.5), (280, 280), (0, 0), _printed_month(8.0), _printed_month(10.9)])
PFS_OBSERVED = np.array([(41, 41), (62, 62), (104, 104), (0, 0), _printed_month(2.8), _printed_month(3.5)])
OS_OBSERVED_WEIGHT = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0])
PFS_OBSERVED_WEIGHT = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0])


def z_of_p(p: float) -> float:
    """The absolute normal deviate of a two-sided P."""
    return -NormalDist().inv_cdf(p / 2)


def _z_window(low: float, high: float) -> tuple[float, float]:
    return z_of_p(high), z_of_p(low)


# Log-rank unadjusted, log-rank matched, Wald P of sorafenib in the univariable Cox model; each inside its rounding interval.
OS_Z = np.array([_z_window(0.01855, 0.01945), _z_window(0.35255, 0.35345), _z_window(0.02055, 0.02145)])
PFS_Z = np.array([_z_window(0.0006, 0.0014), _z_window(0.00255, 0.00345), _z_window(0.00055, 0.00145)])

# Table 1. Continuous variables: rows lenvatinib before, sorafenib before, total, lenvatinib after, sorafenib after matching;
# columns Q1, median, Q3. The sorafenib PIVKA-II Q3 is printed as 4,307, impossible beside the total of 14,120; read as 14,307.
CONTINUOUS = ("age", "max_size_cm", "afp", "pivka", "prior_cycles")
QUARTILES = np.array(
    [
        [[50, 60, 68], [59, 63, 71], [55, 63, 70], [53, 61, 70], [59, 63, 67]],
        [[2.4, 4.9, 9.6], [1.8, 4.5, 7.8], [2, 4.5, 8.5], [2.05, 3.45, 9.05], [1.75, 4.25, 7.5]],
        [[12, 181, 8307], [25, 546, 4783], [19, 406, 5967], [12, 123, 2836], [25, 727, 5119]],
        [[168, 1626, 7106], [273, 1328, 14307], [203, 1344, 14120], [168, 1909, 7106], [193, 1425, 9963]],
        [[4, 6, 10], [2, 3, 6], [3, 4, 6], [4, 6, 10], [2, 3, 4]],
    ],
    float,
)
QUARTILE_ROUNDING = np.array([0.499, 0.0499, 0.499, 0.499, 0.499])
LOWEST = np.array([30, 1.0, 1.2, 12, 1.0])
HIGHEST = np.array([86, 17.5, 150000.0, 90000.0, 24.0])
ON_LOG_SCALE = np.array([0, 0, 1, 1, 0])
DECIMALS = np.array([0, 1, 0, 0, 0])
# Yes/no variables: lenvatinib and sorafenib before, then after matching.
BINARY_COUNTS = {
    "male": (36, 75, 32, 31),
    "ecog_1_2": (14, 43, 13, 15),
    "viral": (31, 61, 27, 26),
    "multiple": (24, 59, 23, 21),
    "ehm": (29, 58, 27, 29),
    "ln_met": (20, 28, 19, 13),
    "mvi": (17, 41, 14, 16),
}
CHILD_PUGH_COUNTS = ((29, 8, 3, 0), (36, 18, 20, 12), (25, 8, 3, 0), (26, 6, 4, 0))  # scores 5, 6, 7, 8
BCLC_B_COUNTS = (4, 13, 4, 4)
# Discordant pairs behind the McNemar P of Table 1 (lenvatinib yes, then sorafenib yes):
# ECOG 0, viral, class A, single, lymph node, macrovascular invasion.
DISCORDANT_PAIRS = np.array([9, 7, 5, 4, 2, 1, 7, 9, 12, 6, 8, 10])

# Table 4, univariable P of 15 binary covariates in the order of COX_COLUMNS (death, then progression).
COX_COLUMNS = (
    "age_63", "male", "ecog_2", "viral", "bclc_c", "child_pugh_b", "multiple", "size_10", "ehm", "ln_met", "mvi",
    "afp_200", "pivka_1000", "sorafenib", "cycles_3",
)  # fmt: skip
UNIVARIABLE_P_OS = (
    0.135, 0.092, 0.001, 0.998, 0.566, 0.0003, 0.052, 0.039, 0.259, 0.078, 0.331, 0.147, 0.018, 0.021, 0.00027,
)  # fmt: skip
UNIVARIABLE_P_PFS = (
    0.695, 0.839, 0.044, 0.430, 0.563, 0.012, 0.306, 0.544, 0.042, 0.513, 0.593, 0.325, 0.400, 0.001, 0.0113,
)  # fmt: skip
# Printed as significant with a harmful direction, so the sign is asked for as well.
HARMFUL_OS = ("ecog_2", "child_pugh_b", "multiple", "size_10", "ln_met", "pivka_1000", "cycles_3")
HARMFUL_PFS = ("ecog_2", "child_pugh_b", "ehm", "cycles_3")
# The printed "adjusted" hazard ratios of prior cycles are univariable ones (their intervals imply those P).
CYCLES_HR_OS, CYCLES_HR_PFS = 2.268, 1.642
# Adjusted models: column, hazard ratio, P, weight. ECOG 2 is one patient and contradicts itself in print: weight (almost) none.
# Prior cycles have no printed adjusted hazard ratio: taken from P and the univariable standard error.
ADJUSTED_OS = (
    ("ecog_2", 1.536, 0.697, 0.0),
    ("child_pugh_b", 2.472, 0.001, 1.5),
    ("size_10", 1.415, 0.275, 1.5),
    ("pivka_1000", 1.710, 0.044, 1.5),
    ("sorafenib", 1.196, 0.565, 1.5),
    ("cycles_3", 1.49, 0.084, 0.3),
)
ADJUSTED_PFS = (
    ("ecog_2", 7.572, 0.058, 0.3),
    ("child_pugh_b", 1.508, 0.089, 1.5),
    ("ehm", 1.991, 0.002, 1.5),
    ("sorafenib", 1.852, 0.012, 1.5),
    ("cycles_3", 1.21, 0.378, 0.3),
)

# Third line: patients by second-line arm; log-rank P of survival by third line yes/no (unmatched, matched) and by type.
THIRD_LINE_LENVATINIB, THIRD_LINE_SORAFENIB, SORAFENIB_AFTER_LENVATINIB = 18, 44, 15
THIRD_LINE_P = {"lenvatinib": (0.870, 0.940), "sorafenib": (0.009, 0.440)}
THIRD_LINE_TYPE_P = {"lenvatinib": (0.0005, 0.002), "sorafenib": (0.920, 0.330)}
