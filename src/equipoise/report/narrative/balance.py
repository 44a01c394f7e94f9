"""What stays unbalanced, in words: means, spread, distributions, squares and interactions."""

from __future__ import annotations

import math

from equipoise.protocol.designs import UNADJUSTED
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import largest_products, products_n
from equipoise.report.tables.baseline import PHASE, apart, balanced_variables, before_what, in_score

HANDFUL = 3  # variables of a design beside the primary one that are named
SPREAD = (0.5, 2.0)  # variance ratios beyond which the spread counts as different (Rubin 2001; Austin 2009)


def balance(numbers: Numbers) -> list[str]:
    """Residual imbalance in words: of the primary design what stands above the thresholds, in or out of the propensity score;
    of each other one which variables do; of the primary one again what differs beyond means, and squares and interactions."""
    if not numbers.primary or not balanced_variables(numbers):
        return []
    balanced = [d for d in numbers.others if not _over(numbers, d)]
    rest = [_summary(numbers, d) for d in numbers.others if d not in balanced]
    others = [*([_balanced(numbers, balanced)] if balanced else []), *rest]
    return [*_residual(numbers, numbers.primary), *others, *_distributions(numbers, numbers.primary)]


def _sizes(numbers: Numbers, design: str) -> dict[str, float]:
    """Variable -> its absolute standardized mean difference in a design."""
    return {v: abs(numbers.value("baseline", "smd", design=design, variable=v)) for v in balanced_variables(numbers)}


def _over(numbers: Numbers, design: str) -> dict[str, float]:
    """The variables above the smaller threshold in a design, the largest difference first."""
    low = numbers.protocol.balance_thresholds[0]
    over = {v: size for v, size in _sizes(numbers, design).items() if size > low}
    return dict(sorted(over.items(), key=lambda item: -item[1]))


def _balanced(numbers: Numbers, designs: list[str]) -> str:
    low = numbers.protocol.balance_thresholds[0]
    after = fmt.listed([numbers.process(d) for d in designs])
    return f"After {after} every absolute standardized mean difference is {fmt.short(low)} or less."


def _summary(numbers: Numbers, design: str) -> str:
    """All that is above the threshold where it is a handful, else how many and the largest."""
    low, over = numbers.protocol.balance_thresholds[0], _over(numbers, design)
    named = [f"{_labels(numbers, [v])[0]} ({fmt.number(s, 2)})" for v, s in over.items()]
    if len(named) <= HANDFUL:
        return f"After {numbers.process(design)}, {fmt.listed(named)} remained imbalanced (SMD above {fmt.short(low)})."
    largest = fmt.listed(named[:HANDFUL])
    many = f"{len(named)} variables remained imbalanced (SMD above {fmt.short(low)})"
    return f"After {numbers.process(design)}, {many}, most of all {largest}."


def _residual(numbers: Numbers, design: str) -> list[str]:
    low, high = numbers.protocol.balance_thresholds
    sizes, over = _sizes(numbers, design), _over(numbers, design)
    without = [v for v in sizes if apart(numbers, v, design)]
    after = f"After {numbers.process(design)}"
    if not over and not without:
        said = [_balanced(numbers, [design])]
    else:
        far = {v: s for v, s in over.items() if s > high}
        near = {v: s for v, s in over.items() if s <= high}
        said = [_imbalance(numbers, after, far, f"above {fmt.short(high)}")]
        said.append(_imbalance(numbers, after, near, f"between {fmt.short(low)} and {fmt.short(high)}"))
    if without:
        said.append(
            f"The arms have nothing in common in {fmt.listed(_labels(numbers, without))}: an imbalance whose standardized mean "
            "difference is not estimable."
        )
    return [s for s in [*said, _by_own_sd(numbers, design, sizes, (low, high))] if s]


def _by_own_sd(numbers: Numbers, design: str, sizes: dict[str, float], thresholds: tuple[float, float]) -> str:
    """The variables that cross a threshold only when the own SDs of the patients of the design are the measure."""
    named = []
    for name, size in sizes.items():
        within = abs(numbers.value("baseline", "smd_within", design=design, variable=name))
        crossed = [t for t in thresholds if within > t and not size > t]
        if crossed:
            named.append(f"{_labels(numbers, [name])[0]} ({fmt.number(within, 2)}, above {fmt.short(max(crossed))})")
    if not named:
        return ""
    whose = f"the {numbers.words(design).adjective} patients themselves"
    return f"Standardized by the SDs of {whose}, a threshold is crossed also by {fmt.listed(named)}."


def _imbalance(numbers: Numbers, after: str, sizes: dict[str, float], where: str) -> str:
    """One sentence: the variables that the design did not aim at, then those that it did."""
    parts = []
    for aimed, words in ((False, "variables not in the propensity score"), (True, "variables of the propensity score")):
        names = [f"{_labels(numbers, [v])[0]} ({fmt.number(s, 2)})" for v, s in sizes.items() if in_score(numbers, v) == aimed]
        if names:
            parts.append(f"in {words}: {fmt.listed(names)}")
    return f"{after}, an imbalance {where} remained {'; and '.join(parts)}." if parts else ""


def _labels(numbers: Numbers, names: list[str]) -> list[str]:
    return [numbers.covariate_words(v) for v in names]


def _distributions(numbers: Numbers, design: str) -> list[str]:
    return [s for s in (_spread(numbers, design), _distance(numbers, design), _products(numbers, design)) if s]


def _spread(numbers: Numbers, design: str) -> str:
    """The variables whose variances differ by more than a factor of two."""
    low, high = SPREAD
    found = [(v, numbers.value(PHASE, "variance_ratio", design=design, variable=v)) for v in balanced_variables(numbers)]
    named = [f"{_labels(numbers, [v])[0]} ({fmt.number(r, 2)})" for v, r in found if r < low or r > high]
    return f"The variance ratio lies outside {fmt.short(low)} to {fmt.short(high)} in {fmt.listed(named)}." if named else ""


def _distance(numbers: Numbers, design: str) -> str:
    """The largest distance between two distributions; by convention no threshold judges it."""
    found = {v: numbers.value(PHASE, "ks", design=design, variable=v) for v in balanced_variables(numbers)}
    known = {v: k for v, k in found.items() if k > 0}
    if not known:
        return ""
    furthest = max(known, key=lambda v: known[v])
    named = f"{_labels(numbers, [furthest])[0]} ({fmt.number(known[furthest], 2)})"
    return f"The Kolmogorov-Smirnov statistic is largest in {named}."


def _products(numbers: Numbers, design: str) -> str:
    """How many squares and interactions stay above the smaller threshold, and the largest of them."""
    low = numbers.protocol.balance_thresholds[0]
    n, above = products_n(numbers, design), products_n(numbers, design, low)
    if math.isnan(n) or not n:
        return ""
    if not above:
        return f"No square or product of two variables lies above {fmt.short(low)}."
    before = products_n(numbers, UNADJUSTED, low)
    were = "" if math.isnan(before) else f" ({fmt.count(before)} before {before_what(numbers, design)})"
    name, size = largest_products(numbers, design, 1)[0]
    return (
        f"Of {fmt.count(n)} squares and products of two variables {fmt.count(above)} {'lies' if above == 1 else 'lie'} above "
        f"{fmt.short(low)}{were}; the largest is {name} ({size})."
    )
