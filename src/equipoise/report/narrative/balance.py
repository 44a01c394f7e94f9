"""What stays unbalanced, in words: means, and for the supplement spread, distributions, squares and interactions."""

from __future__ import annotations

import math

from equipoise.protocol.designs import UNADJUSTED
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import largest_products, products_n, products_row
from equipoise.report.tables.baseline import PHASE, apart, balanced_variables, before_what, in_score
from equipoise.report.words import words

HANDFUL = 3  # variables of a design beside the primary one that are named
SPREAD = (0.5, 2.0)  # variance ratios beyond which the spread counts as different (Rubin 2001; Austin 2009)


def balance(numbers: Numbers) -> list[str]:
    """Residual imbalance in words: of the primary design what stands above the thresholds, in or out of the propensity score;
    of each other one which variables do; of the primary one again what differs beyond means, and squares and interactions."""
    if not numbers.primary or not balanced_variables(numbers):
        return []
    balanced = [d for d in numbers.others if not imbalanced(numbers, d)]
    rest = [_summary(numbers, d) for d in numbers.others if d not in balanced]
    others = [*([_balanced(numbers, balanced)] if balanced else []), *rest]
    return [*_residual(numbers, numbers.primary), *others]


def _sizes(numbers: Numbers, design: str) -> dict[str, float]:
    """Variable -> its absolute standardized mean difference in a design."""
    return {v: abs(numbers.value("baseline", "smd", design=design, variable=v)) for v in balanced_variables(numbers)}


def imbalanced(numbers: Numbers, design: str) -> dict[str, float]:
    """The variables above the smaller threshold in a design, the largest difference first."""
    low = numbers.protocol.balance_thresholds[0]
    over = {v: size for v, size in _sizes(numbers, design).items() if size > low}
    return dict(sorted(over.items(), key=lambda item: -item[1]))


def _balanced(numbers: Numbers, designs: list[str]) -> str:
    low = numbers.protocol.balance_thresholds[0]
    after = fmt.listed([numbers.process(d) for d in designs])
    return words("balance.balanced", process=after, threshold=fmt.short(low))


def _summary(numbers: Numbers, design: str) -> str:
    """All that is above the threshold where it is a handful, else how many and the largest."""
    low, over = numbers.protocol.balance_thresholds[0], imbalanced(numbers, design)
    named = [_with_size(numbers, v, s, _smd(numbers, design, v)) for v, s in over.items()]
    part = {"process": numbers.process(design), "threshold": fmt.short(low), "variables": fmt.listed(named[:HANDFUL])}
    if len(named) <= HANDFUL:
        return words("balance.remained", **part)
    return words("balance.remained_many", count=len(named), **part)


def _with_size(numbers: Numbers, name: str, size: float, row: Row | None) -> str:
    return words("balance.with_size", label=numbers.covariate_words(name), size=bound(fmt.number(size, 2), row))


def _smd(numbers: Numbers, design: str, name: str) -> Row | None:
    return numbers.row("baseline", "smd", design=design, variable=name)


def _residual(numbers: Numbers, design: str) -> list[str]:
    low, high = numbers.protocol.balance_thresholds
    sizes, over = _sizes(numbers, design), imbalanced(numbers, design)
    without = [v for v in sizes if apart(numbers, v, design)]
    if not over and not without:
        said = [_balanced(numbers, [design])]
    else:
        far = {v: s for v, s in over.items() if s > high}
        near = {v: s for v, s in over.items() if s <= high}
        said = [_imbalance(numbers, design, far, words("balance.above", threshold=fmt.short(high)))]
        said.append(_imbalance(numbers, design, near, words("balance.between", low=fmt.short(low), high=fmt.short(high))))
    if without:
        said.append(words("balance.apart", variables=fmt.listed([numbers.covariate_words(v) for v in without])))
    return [s for s in [*said, _by_own_sd(numbers, design, sizes, (low, high))] if s]


def _by_own_sd(numbers: Numbers, design: str, sizes: dict[str, float], thresholds: tuple[float, float]) -> str:
    """The variables that cross a threshold only when the own SDs of the patients of the design are the measure."""
    named = []
    for name, size in sizes.items():
        within = abs(numbers.value("baseline", "smd_within", design=design, variable=name))
        crossed = [t for t in thresholds if within > t and not size > t]
        if crossed:
            row = numbers.row("baseline", "smd_within", design=design, variable=name)
            part = {"label": numbers.covariate_words(name), "size": bound(fmt.number(within, 2), row)}
            part["threshold"] = fmt.short(max(crossed))
            named.append(words("balance.crossing", **part))
    if not named:
        return ""
    return words("balance.by_own_sd", adjective=numbers.words(design).adjective, variables=fmt.listed(named))


def _imbalance(numbers: Numbers, design: str, sizes: dict[str, float], where: str) -> str:
    """One sentence: the variables that the design did not aim at, then those that it did."""
    parts = []
    for key in ("balance.not_in_score", "balance.in_score"):
        aimed = key == "balance.in_score"
        names = [_with_size(numbers, v, s, _smd(numbers, design, v)) for v, s in sizes.items() if in_score(numbers, v) == aimed]
        if names:
            parts.append(words(key, variables=fmt.listed(names), count=len(names)))
    if not parts:
        return ""
    said = {"process": numbers.process(design), "where": where, "variables": parts[-1]}
    return words("balance.imbalance", **said) if len(parts) == 1 else words("balance.imbalance_of_both", others=parts[0], **said)


def distributions(numbers: Numbers) -> list[str]:
    """Of the primary design what differs beyond means, and squares and interactions; the c statistic of its score."""
    design = numbers.primary
    if not design or not balanced_variables(numbers):
        return []
    return [s for s in (_spread(numbers, design), _distance(numbers, design), _products(numbers, design)) if s]


def _spread(numbers: Numbers, design: str) -> str:
    """The variables whose variances differ by more than a factor of two."""
    low, high = SPREAD
    rows = [numbers.row(PHASE, "variance_ratio", design=design, variable=v) for v in balanced_variables(numbers)]
    named = [_with_size(numbers, r.variable, r.value, r) for r in rows if r and (r.value < low or r.value > high)]
    if not named:
        return ""
    part = {"process": before_what(numbers, design), "low": fmt.short(low), "high": fmt.short(high)}
    return words("balance.spread", variables=fmt.listed(named), **part)


def _distance(numbers: Numbers, design: str) -> str:
    """The largest distance between two distributions; by convention no threshold judges it."""
    found = {v: numbers.value(PHASE, "ks", design=design, variable=v) for v in balanced_variables(numbers)}
    known = {v: k for v, k in found.items() if k > 0}
    if not known:
        return ""
    furthest = max(known, key=lambda v: known[v])
    row = numbers.row(PHASE, "ks", design=design, variable=furthest)
    return words("balance.distance", variable=_with_size(numbers, furthest, known[furthest], row))


def _products(numbers: Numbers, design: str) -> str:
    """How many squares and interactions stay above the smaller threshold, and the largest of them."""
    low = numbers.protocol.balance_thresholds[0]
    n, above = products_n(numbers, design), products_n(numbers, design, low)
    if math.isnan(n) or not n:
        return ""
    if not above:
        return words("balance.no_products", threshold=fmt.short(low))
    before = products_n(numbers, UNADJUSTED, low)
    name, size = largest_products(numbers, design, 1)[0]
    said = {"n": bound(fmt.count(n), products_row(numbers, design)), "threshold": fmt.short(low), "largest": name, "size": size}
    if math.isnan(before):
        return words("balance.products", count=above, **said)
    process = before_what(numbers, design)
    return words(
        "balance.products_after",
        count=above,
        before=bound(fmt.count(before), products_row(numbers, UNADJUSTED, low)),
        process=process,
        **said,
    )
