"""Effects of treatment in sentences. A difference is named by its direction only where its interval excludes no effect;
otherwise it was not shown. Nothing is ever called similar."""

from __future__ import annotations

import math

from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.narrative.phrases import arm
from equipoise.report.words import words

PARTS = ("analysis", "design", "endpoint", "population", "contrast", "variable", "level")
COMPLETE_CASES = "cox_complete_cases"
RELEVANT = (0.8, 1.25)  # an interval that runs beyond both holds effects that matter in either direction


def effect(numbers: Numbers, endpoint: str, row: Row | None, kind: str) -> str:
    """The hazard of the endpoint's event by arm, in words that follow the interval. kind: marginal or conditional. A model of
    fewer patients than the cohort says how many, and gives the unadjusted ratio of the same patients."""
    if row is None:
        return ""
    info, reference = numbers.protocol.endpoints[endpoint], numbers.protocol.arms.reference
    part = {"arm": arm(numbers, numbers.compared_in(row)), "other": arm(numbers, reference)}
    event, label = fmt.lower_first(info.event_label), fmt.lower_first(info.label)
    if math.isnan(row.value):
        return words("results.masked" if isinstance(row.value, Masked) else "results.not_estimable", event=event, **part)
    few = sparse_arm(numbers, row)
    if few:
        return words("results.sparse", event=event, why=few, **part)
    figures = words(f"results.{kind}", figures=ratio_and_p(numbers, row)) + _same_patients(numbers, row)
    if not shown(row):
        return words("results.wide" if is_wide(row) else "results.not_shown", label=label, figures=figures, **part)
    return words("results.higher" if row.low > 1 else "results.lower", event=event, figures=figures, **part)


def ratio_and_p(numbers: Numbers, row: Row) -> str:
    """`1.326, 95% CI 0.709\u20132.478; P = 0.376`: a hazard ratio as inside brackets, with the P of its own model."""
    ratio = bound(fmt.ratio_with(row.value, row.low, row.high, numbers.protocol.ci), row)
    p = numbers.row(row.phase, "p", **{name: getattr(row, name) for name in PARTS})
    known = p is not None and not math.isnan(p.value)
    return words("results.with_p", ratio=ratio, p=bound(fmt.p_sentence(p.value), p)) if p is not None and known else ratio


def shown(row: Row) -> bool:
    """Whether the whole interval lies on one side of no effect."""
    return not math.isnan(row.low) and not math.isnan(row.high) and excludes(row)


def is_wide(row: Row) -> bool:
    """Whether the interval holds effects that matter in either direction."""
    return row.low < RELEVANT[0] and row.high > RELEVANT[1]


def sparse_arm(numbers: Numbers, row: Row) -> str:
    """Which arm has so few patients that nothing is said of it, as its penalised estimate tells."""
    where = {"endpoint": row.endpoint, "design": row.design, "population": row.population, "contrast": row.contrast}
    found = numbers.row("survival", "hr", analysis=f"{row.analysis}_firth", variable=row.variable, **where)
    return "" if found is None else spoken(found.method.partition(": ")[2])


def _same_patients(numbers: Numbers, row: Row) -> str:
    """What a multivariable model of complete cases rests on, where some were left out of it."""
    if row.analysis != "cox_multivariable":
        return ""
    same = treatment_row(numbers, row.endpoint, row.design, COMPLETE_CASES, arm=numbers.compared_in(row))
    if same is None:
        return ""
    n, whole = fmt.count(row.n), fmt.count(numbers.total_n(row.design))
    return words(
        "results.same_patients", n=n, whole=whole, ratio=bound(fmt.ratio_estimate(same.value, same.low, same.high), same)
    )


def treatment_row(
    numbers: Numbers, endpoint: str, design: str, analysis: str = "cox", statistic: str = "hr", arm: str = ""
) -> Row | None:
    """arm: of several, the one that is compared with the reference."""
    contrast = numbers.contrasts[arm] if arm else numbers.contrast
    return numbers.row("survival", statistic, endpoint=endpoint, design=design, analysis=analysis, contrast=contrast)


def proportionality(numbers: Numbers, endpoint: str, design: str, analysis: str = "ph_test", variable: str = "treatment") -> str:
    """Said only where the test speaks against proportional hazards."""
    p = numbers.row("survival", "p", endpoint=endpoint, design=design, analysis=analysis, variable=variable)
    if p is None or math.isnan(p.value) or p.value >= numbers.protocol.conventions.alpha:
        return ""
    one = variable == "treatment" and not numbers.several
    return words("results.not_proportional" if one else "results.none_proportional", p=bound(fmt.p_sentence(p.value), p))


def sensitivity(numbers: Numbers) -> str:
    """What the table of analyses is, and how many pairs each other propensity model gave."""
    said = [words("results.by_each_analysis")]
    for name, variant in numbers.protocol.sensitivity.propensity_variants.items():
        design = f"variant_{name}"
        pairs = numbers.row("design", "value", design=design, variable="pairs")
        unmade = numbers.study.designs.unmade.get(design)
        if pairs is not None:
            said.append(words("results.rematched", label=variant.label, count=pairs.value))
        elif unmade is not None:
            matched = numbers.match(numbers.primary) is not None
            said.append(words("results.not_rematched" if matched else "results.not_reweighted", label=variant.label, why=unmade))
        else:
            effective = fmt.effective(numbers.effective_n(design))
            said.append(words("results.reweighted", label=variant.label, effective=effective))
    return " ".join(said)


def excludes(row: Row) -> bool:
    """Whether an interval excludes no effect."""
    return not (row.low <= 1 <= row.high)
