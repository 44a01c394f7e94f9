"""What is said of published studies and curves beside this one."""

from __future__ import annotations

import math

from equipoise.document.model import Paragraph, Run, ref
from equipoise.protocol.published import PublishedCurve, arm_named
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bibliography import of_published
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import time_words
from equipoise.report.tables.published import PHASE, columns, compared, own_designs, own_ratio, ratio_row, ratio_words
from equipoise.report.words import words


def studies_named(numbers: Numbers, *refs: str) -> Paragraph:
    """Which studies, each with its reference, and the tables and figures that hold their numbers."""
    return _named(numbers, words("published.studies"), list(numbers.study.published.studies), refs)


def curves_named(numbers: Numbers, *refs: str) -> Paragraph:
    """The same of the curves."""
    return _named(numbers, words("published.overlay.named"), [c.asked.label for c in numbers.study.published.curves], refs)


def _named(numbers: Numbers, first: str, names: list[str], refs: tuple[str, ...]) -> Paragraph:
    cited = of_published(numbers.study.published)[1]
    runs, joints = [Run(f"{first} ")], fmt.listed(["\n"] * len(names)).split("\n")
    for i, name in enumerate(names):
        runs.append(Run(f"{joints[i]}{name}"))
        runs += _mark(cited.get(name, ""))
    for i, name in enumerate(refs):
        runs += [Run(" (" if i == 0 else ", "), ref(name)]
    runs.append(Run(")." if refs else "."))
    return Paragraph(tuple(runs))


def _mark(key: str) -> list[Run]:
    return [Run("\u00a0["), Run(key, cite=key), Run("]")] if key else []


def results(numbers: Numbers) -> list[str]:
    said = []
    for column in columns(numbers):
        if column.measure == "hr":
            said += [s for arm in numbers.contrasts for s in _ratios(numbers, column.endpoint, arm)]
        elif column.measure == "median":
            said.append(_medians(numbers, column.endpoint))
    return [*(s for s in said if s), words("published.no_adjustment")]


def curves(numbers: Numbers) -> list[str]:
    """Of each published curve who was reconstructed, and how well."""
    said = [_curve(numbers, read.asked) for read in numbers.study.published.curves]
    return [*said, words("published.overlay.not_adjusted")] if said else []


def _curve(numbers: Numbers, asked: PublishedCurve) -> str:
    part = {"endpoint": asked.endpoint, "variable": asked.label, "group": asked.beside}
    size = [numbers.value(PHASE, name, analysis="reconstruction", **part) for name in ("n", "events")]
    row = numbers.row(PHASE, "median", analysis="reconstruction", **part)
    assert row is not None, "every published curve has its rows"
    largest, rms = (_error(numbers, level, part) for level in ("largest", "root_mean_square"))
    at_risk = numbers.value(PHASE, "n", analysis="reconstruction_error", level="at_risk", **part)
    return words(
        "published.overlay.reconstructed",
        label=asked.label,
        endpoint=numbers.time_words(asked.endpoint),
        patients=words("counts.patient", count=size[0]),
        events=words("counts.event", count=size[1]),
        median=time_words(numbers, row),
        largest=fmt.number(100 * largest, 1),
        rms=fmt.number(100 * rms, 1),
        at_risk=fmt.count(at_risk),
    )


def _error(numbers: Numbers, level: str, part: dict[str, str]) -> float:
    return numbers.value(PHASE, "difference", analysis="reconstruction_error", level=level, **part)


def _ratios(numbers: Numbers, endpoint: str, arm: str) -> list[str]:
    arms = numbers.protocol.arms
    there = [n for n in numbers.study.published.measured("hr", endpoint) if compared(numbers, n) == arm]
    own = [(d, own_ratio(numbers, endpoint, d, arm)) for d in own_designs(numbers)]
    here = [(d, r) for d, r in own if r is not None]
    if not there or not here:
        return []
    told = [words("published.ratio_in", ratio=ratio_words(n, ratio_row(numbers, n)), study=n.study) for n in there]
    mine = [_own(numbers, design, bound(fmt.ratio_estimate(r.value, r.low, r.high), r)) for design, r in here]
    contrast = words("numbers.vs", first=fmt.lower_first(arms.label(arm)), other=fmt.lower_first(arms.label(arms.reference)))
    label = fmt.lower_first(numbers.protocol.endpoints[endpoint].label)
    key = "published.ratio" if len(there) == 1 else "published.ratios"
    first = words(key, endpoint=label, contrast=contrast, published=fmt.listed(told), own=fmt.listed(mine))
    return [first, *_summary(numbers, endpoint, label, numbers.contrasts[arm])]


def _own(numbers: Numbers, design: str, ratio: str) -> str:
    return words("published.own_in", ratio=ratio, cohort=fmt.lower_first(numbers.design_label(design)))


def _summary(numbers: Numbers, endpoint: str, label: str, contrast: str) -> list[str]:
    part = {"endpoint": endpoint, "contrast": contrast}
    mean = numbers.row(PHASE, "hr", analysis="random_effects", **part)
    ahead = numbers.row(PHASE, "hr", analysis="random_effects_prediction", **part)
    p = numbers.row(PHASE, "p", analysis="random_effects", **part)
    if mean is None or ahead is None or p is None:
        return []
    i2 = numbers.value(PHASE, "value", analysis="random_effects", variable="i2", **part)
    limits = {"low": fmt.ratio(ahead.low), "high": fmt.ratio(ahead.high), "i2": fmt.number(100 * i2, 0)}
    ratio = bound(fmt.ratio_estimate(mean.value, mean.low, mean.high), mean)
    more = {"endpoint": label, "ratio": ratio, "p": bound(fmt.p_sentence(p.value), p)} | limits
    return [words("published.summary", count=mean.n, **more)]


def _medians(numbers: Numbers, endpoint: str) -> str:
    """The range over the published studies of each arm of this one, beside its own."""
    arms = numbers.protocol.arms
    design = own_designs(numbers)[0]
    cohort = fmt.lower_first(numbers.design_label(design))
    here = words("published.this_study") if numbers.single else words("published.here", cohort=cohort)
    told = []
    for arm in numbers.arms:
        values = [n.value for n in numbers.study.published.measured("median", endpoint) if arm_named(arms, n.arm) == arm]
        row = numbers.row("survival", "median", analysis="kaplan_meier", design=design, endpoint=endpoint, group=arm)
        if values and row is not None:
            told.append(words("published.with_arm", published=_range(numbers, arm, values), own=_months(numbers, row), here=here))
    label = numbers.time_words(endpoint)
    return words("published.medians", endpoint=label, arms=fmt.listed(told)) if told else ""


def _months(numbers: Numbers, row: Row) -> str:
    """A median of this study, in its unit."""
    protocol = numbers.protocol
    if not math.isfinite(row.value):
        return fmt.absent(row.value, words("published.not_reached"))
    return bound(f"{fmt.time_value(row.value, protocol.days_per_unit, protocol.time_unit)} {protocol.time_unit}", row)


def _range(numbers: Numbers, arm: str, values: list[float]) -> str:
    more = {"unit": numbers.protocol.time_unit, "arm": fmt.lower_first(numbers.arm_label(arm))}
    low, high = (fmt.number(end(values), fmt.time_decimals(numbers.protocol.time_unit)) for end in (min, max))
    if len(values) == 1:
        return words("published.range", count=1, low=low, **more)
    return words("published.range", count=len(values), low=low, high=high, **more)
