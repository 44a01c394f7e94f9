"""Which test compares two arms, by the declared rule; and the P of the other usual tests beside it.

A printed P always names its test. The others (`p_pearson`, `p_fisher`) are kept as rows of their own, so that a published
P can be traced to the test that gives it; Fisher's only where it is the chosen test or costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.protocol.spec import Protocol
from equipoise.records import Row

# Arguments of the signed-rank test by the convention `signed_rank`.
SIGNED_RANK = {"r": {}, "sas": {"method": "univariate"}, "spss": {"exact": False, "correction": False}}


@dataclass(frozen=True, slots=True)
class Pairing:
    """Positions of the focal and the other member of each pair, in pair order; empty where the design has no pairs."""

    focal: np.ndarray
    other: np.ndarray

    def __bool__(self) -> bool:
        return len(self.focal) > 0


def pairing(pair: np.ndarray, focal: np.ndarray) -> Pairing:
    """The members of each pair. pair: int per patient, 0 = unpaired; focal: bool per patient."""
    a, b = np.flatnonzero((pair > 0) & focal), np.flatnonzero((pair > 0) & ~focal)
    return Pairing(a[np.argsort(pair[a], kind="stable")], b[np.argsort(pair[b], kind="stable")])


def category_tests(
    protocol: Protocol, base: dict[str, str], code: np.ndarray, groups: list[np.ndarray], pairs: Pairing
) -> Iterator[Row]:
    """P rows for a categorical variable.

    base: phase, analysis and what else their keys name. code: int per patient, -1 = missing. groups: one bool array per arm.
    pairs: empty unless the design is matched. Pairs: McNemar for two levels, Stuart-Maxwell for more. Otherwise the declared rule
    on the table of counts. A single arm has no test, nor has a variable of which an arm has fewer than two known values.
    """
    if len(groups) < 2:
        return
    shown = np.any(groups, axis=0)
    levels = np.unique(code[shown & (code >= 0)])
    table = np.array([[(g & (code == k)).sum() for k in levels] for g in groups], dtype=int)
    if table.shape[1] < 2 or (table.sum(axis=1) < 2).any():
        return
    n = float(table.sum())
    pearson = stats.pearson(table, correction=protocol.conventions.pearson_correction and table.shape == (2, 2))
    rule = protocol.tests.categorical
    by_fisher = rule == "fisher" or (rule != "pearson" and stats.expected_counts(table).min() < 5)
    paired = bool(pairs)
    fisher = stats.fisher(table) if (by_fisher and not paired) or stats.fisher_is_cheap(table) else None
    chosen = fisher if by_fisher and fisher is not None else pearson
    if paired:
        chosen = _of_pairs(protocol, code, levels, pairs)
    yield Row(**base, statistic="p", value=chosen.p, method=chosen.method, n=n)
    yield Row(**base, statistic="p_pearson", value=pearson.p, method=pearson.method, n=n)
    if fisher is not None:
        yield Row(**base, statistic="p_fisher", value=fisher.p, method=fisher.method, n=n)


def _of_pairs(protocol: Protocol, code: np.ndarray, levels: np.ndarray, pairs: Pairing):
    """The test of a categorical variable in matched pairs."""
    if len(levels) == 2:
        return _mcnemar(protocol, code, levels, pairs)
    a, b = code[pairs.focal], code[pairs.other]
    return stats.stuart_maxwell([[int(((a == j) & (b == k)).sum()) for k in levels] for j in levels])


def _mcnemar(protocol: Protocol, code: np.ndarray, levels: np.ndarray, pairs: Pairing):
    a, b = code[pairs.focal], code[pairs.other]
    known = (a >= 0) & (b >= 0)
    first = levels[0]
    only_focal = int(((a == first) & (b != first) & known).sum())
    only_other = int(((a != first) & (b == first) & known).sum())
    conventions = protocol.conventions
    exact = only_focal + only_other < conventions.mcnemar_exact_below
    return stats.mcnemar(only_focal, only_other, correction=conventions.mcnemar_correction, exact=exact)


def continuous_tests(
    protocol: Protocol, base: dict[str, str], value: np.ndarray, groups: list[np.ndarray], pairs: Pairing
) -> Iterator[Row]:
    """P rows for a continuous variable; nan is missing. base: as of `category_tests`. Pairs: signed-rank or paired t; else the
    declared test, of more than two arms its counterpart for several (Kruskal-Wallis, analysis of variance). A single arm has
    none."""
    if len(groups) < 2:
        return
    known = ~np.isnan(value)
    if len(groups) > 2:
        yield from _of_several(protocol, base, [value[g & known] for g in groups])
        return
    first, second = (value[g & known] for g in groups)
    if len(first) < 2 or len(second) < 2:
        return
    unpaired = _unpaired(protocol, first, second)
    chosen = unpaired
    if pairs:
        both = known[pairs.focal] & known[pairs.other]
        a, b = value[pairs.focal][both], value[pairs.other][both]
        if len(a) < 2:
            return
        if protocol.tests.continuous == "mann_whitney":
            chosen = stats.signed_rank(a, b, **SIGNED_RANK[protocol.conventions.signed_rank])
        else:
            chosen = stats.paired_t(a, b)
    n = float(len(first) + len(second))
    yield Row(**base, statistic="p", value=chosen.p, method=chosen.method, n=n)
    yield Row(**base, statistic="p_unpaired", value=unpaired.p, method=unpaired.method, n=n)


def _of_several(protocol: Protocol, base: dict[str, str], samples: list[np.ndarray]) -> Iterator[Row]:
    if min(map(len, samples)) < 2:
        return
    if protocol.tests.continuous == "mann_whitney":
        test = stats.kruskal(samples)
    else:
        test = stats.anova(samples, equal_variance=protocol.conventions.t_test == "pooled")
    yield Row(**base, statistic="p", value=test.p, method=test.method, n=float(sum(map(len, samples))))


def _unpaired(protocol: Protocol, first: np.ndarray, second: np.ndarray):
    conventions = protocol.conventions
    if protocol.tests.continuous == "mann_whitney":
        exact = None if conventions.mann_whitney_exact else False
        return stats.mann_whitney(first, second, correction=conventions.mann_whitney_correction, exact=exact)
    return stats.t_test(first, second, equal_variance=conventions.t_test == "pooled")
