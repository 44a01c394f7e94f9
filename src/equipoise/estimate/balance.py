"""Balance beyond means, of all designs at once: Kolmogorov-Smirnov distances, overlap coefficients, squares and interactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from equipoise import stats
from equipoise.estimate.group_balance import group_balance_rows
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Row

PRODUCTS = "squares_and_interactions"
ABOVE = "above"
NAMED = 5  # the largest differences of squares and interactions that are always told
TIMES, SQUARED = " * ", "^2"
ROUNDING = 1e-12
DIGITS = 10  # of a difference by which squares and interactions are put in order, so that rounding decides nothing
KS = "largest distance between the {w}distribution functions of the arms"
OVERLAP = "area under the smaller of the arms' {w}densities; normal kernels, bandwidth of the smaller arm (bw.nrd of R)"
SHARES = "sum over the levels of the smaller of the arms' {w}shares"
PRODUCT = "focal minus other arm, of the product not centered; SD pooled over both arms in the whole sample"
UNSCALED = "not estimable: constant in each arm, and different, an imbalance"


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """One number per patient, nan where unknown: a variable, or whether it has this level."""

    variable: str
    level: str
    x: np.ndarray


def balance_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, designs: list[Design]) -> dict[str, list[Row]]:
    """Design -> its rows, of every covariate whose balance is judged; nothing of a study without a design. Each column is sorted
    once for all designs."""
    found: dict[str, list[Row]] = {design.name: [] for design in designs}
    if not protocol.designs:
        return found
    weights = np.column_stack([np.where(d.include, d.weight, 0.0) for d in designs])
    columns = list(_by_variable(protocol, covariates))
    if protocol.arms.several:
        return _of_any_two(protocol, cohort, columns, weights, designs)
    focal = cohort.in_arm(protocol.arms.focal)
    for variable in columns:
        for k, row in _distances(variable, focal, weights, designs):
            found[designs[k].name].append(row)
    for design, rows in zip(designs, _products(protocol, columns, focal, weights, designs), strict=True):
        found[design.name] += [*rows, *group_balance_rows(protocol, cohort, covariates, design)]
    return found


def _of_any_two(
    protocol: Protocol, cohort: Cohort, columns: list[list[_Column]], weights: np.ndarray, designs: list[Design]
) -> dict[str, list[Row]]:
    """Of several arms the largest distance of two, and the smallest overlap; no squares and interactions."""
    found: dict[str, dict[tuple[str, ...], Row]] = {design.name: {} for design in designs}
    for one, other in combinations(protocol.arms.groups, 2):
        two = cohort.in_arm(one) | cohort.in_arm(other)  # the bandwidth is that of the smaller of them
        focal = cohort.in_arm(one)[two]
        for variable in columns:
            mine = [replace(column, x=column.x[two]) for column in variable]
            unordered = sum(np.nansum(column.x) > 0 for column in variable) > 2  # levels that occur in some arm
            for k, row in _distances(mine, focal, weights[two], designs):
                if unordered and len(variable) > 1 and row.statistic == "ks" and not row.level:
                    continue
                known = found[designs[k].name]
                worst = known.get(row.texts)
                sign = 1.0 if row.statistic == "ks" else -1.0
                if worst is None or sign * row.value > sign * worst.value:
                    known[row.texts] = replace(row, method=f"{row.method}; of the two arms that differ most")
    return {name: list(rows.values()) for name, rows in found.items()}


def _by_variable(protocol: Protocol, covariates: Covariates) -> Iterator[list[_Column]]:
    """The columns of each covariate: itself, or its declared levels."""
    for name in protocol.balanced_covariates:
        spec, value = protocol.covariates[name], covariates.values[name]
        if spec.kind != "categorical":
            yield [_Column(name, "", value.astype(float))]
            continue
        missing = covariates.missing(name)
        yield [_Column(name, level, np.where(missing, np.nan, (value == level).astype(float))) for level in spec.levels]


def _distances(
    columns: list[_Column], focal: np.ndarray, weights: np.ndarray, designs: list[Design]
) -> Iterator[tuple[int, Row]]:
    """(position of the design, row) of one covariate; none where an arm has fewer than two known values."""
    known = ~np.isnan(columns[0].x)
    arm, w = focal[known], weights[known]
    enough = [k for k in range(len(designs)) if min((w[arm, k] > 0).sum(), (w[~arm, k] > 0).sum()) >= 2]
    if not enough:
        return
    X = np.column_stack([c.x[known] for c in columns])
    found = stats.column_balance(X, arm, w[:, enough])
    overlaps = [stats.overlap_coefficients(x, arm, w[:, enough]) for x in X.T]
    for place, k in enumerate(enough):
        base = {"phase": "baseline", "design": designs[k].name, "variable": columns[0].variable}
        word = "weighted " if designs[k].sample.weighted else ""
        shared = [float(np.minimum(found.mean_treated[j, place], found.mean_control[j, place])) for j in range(len(columns))]
        whole = [] if len(columns) == 1 else [_whole_factor(X, found.ks[:, place], shared)]
        each = [(c.level, float(found.ks[j, place]), float(overlaps[j][place])) for j, c in enumerate(columns)]
        for level, ks, overlap in [*whole, *each]:
            binary = len(columns) > 1 or bool(found.binary[0])
            if not np.isnan(ks):
                yield k, Row(**base, level=level, statistic="ks", value=_clean(ks), method=KS.format(w=word))
            if not np.isnan(overlap):
                method = (SHARES if binary else OVERLAP).format(w=word)
                yield k, Row(**base, level=level, statistic="overlap", value=1.0 - _clean(1.0 - overlap), method=method)


def _whole_factor(X: np.ndarray, ks: np.ndarray, shared: list[float]) -> tuple[str, float, float]:
    """A factor over all its levels, which have no order: its overlap; of two levels that occur, as of a binary variable."""
    present = np.flatnonzero(X.any(axis=0))
    return "", float(ks[present[0]]) if len(present) <= 2 else float("nan"), sum(shared)


def _clean(distance: float) -> float:
    """Without what rounding leaves of none."""
    return 0.0 if abs(distance) < ROUNDING else float(distance)


def _products(
    protocol: Protocol, columns: list[list[_Column]], focal: np.ndarray, weights: np.ndarray, designs: list[Design]
) -> Iterator[list[Row]]:
    """Of each design: how many squares and interactions there are, how many above the thresholds, and the largest by name; all of
    them where the protocol asks. By the pooled SD whatever the design: in one arm alone a product may hardly vary."""
    coded = [c for variable in columns for c in _coded(variable)]
    if not coded:
        yield from ([] for _ in designs)
        return
    position = {name: i for i, name in enumerate(dict.fromkeys(c.variable for c in coded))}
    X = np.column_stack([c.x for c in coded])
    found = stats.product_balance(X, focal, weights, variable=[position[c.variable] for c in coded])
    terms = [_term(coded[i], coded[j]) for i, j in found.pairs]
    for k, design in enumerate(designs):
        base = {"phase": "baseline", "analysis": PRODUCTS, "design": design.name}
        smd = np.where(np.isnan(found.difference[:, k]) | np.isnan(found.scale), -1.0, np.abs(found.smd[:, k]))
        size = np.round(np.where(np.isnan(smd), np.inf, smd), DIGITS)  # -1: unknown, inf: without a scale
        known = np.flatnonzero(size >= 0)
        rows = [Row(**base, statistic="n", value=float(len(known)))]
        for limit in dict.fromkeys(protocol.balance_thresholds):
            above = float((size > limit).sum())
            rows.append(Row(**base, statistic="n", variable=ABOVE, level=f"{limit:g}", value=above, n=float(len(known))))
        largest = sorted(known, key=lambda q: (-size[q], *terms[q]))[:NAMED]
        for q in known if protocol.balance.squares_and_interactions else largest:
            (variable, level), value = terms[q], float(found.smd[q, k])
            method = f"{UNSCALED}; {PRODUCT}" if np.isnan(value) else PRODUCT
            rows.append(Row(**base, statistic="smd", variable=variable, level=level, value=value, method=method))
        yield rows


def _coded(columns: list[_Column]) -> list[_Column]:
    """The columns of one covariate that enter products: of two levels that occur the rarer alone, which says all; of two as many
    the later."""
    if len(columns) == 1:
        return columns
    present = [c for c in columns if np.nansum(c.x) > 0]
    if len(present) > 2:
        return present
    return [min(reversed(present), key=lambda c: float(np.nansum(c.x)))] if len(present) == 2 else []


def _term(one: _Column, other: _Column) -> tuple[str, str]:
    """What a square or product is called: `age^2`; `age * stage` with its level `II`. The names in code-point order."""
    if one is other:
        return f"{one.variable}{SQUARED}", ""
    sides = sorted((one, other), key=lambda c: c.variable)
    return TIMES.join(c.variable for c in sides), TIMES.join(c.level for c in sides if c.level)
