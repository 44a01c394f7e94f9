"""The Results sentences. A difference is named by its direction only where its interval excludes no effect; otherwise it
was not shown. Nothing is ever called similar."""

from __future__ import annotations

import math

from equipoise.protocol.spec import TREATMENT
from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import could_not
from equipoise.report.tables.design import estimand

COMPLETE_CASES = "cox_complete_cases"
RELEVANT = (0.8, 1.25)  # an interval that runs beyond both holds effects that matter in either direction
WIDE = "; the interval includes clinically relevant effects in either direction"


def arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))


def with_arm(numbers: Numbers, words: str, key: str) -> str:
    """Words of an arm; a single arm is not named."""
    return words if numbers.single else f"{words} with {arm(numbers, key)}"


def selection(numbers: Numbers) -> str:
    cohort = numbers.study.cohort
    sizes = fmt.listed([f"{fmt.count(numbers.arm_n('unadjusted', a))} with {arm(numbers, a)}" for a in numbers.arms])
    arms = "" if numbers.single else f": {sizes}"
    if not cohort.attrition:
        return f"The data hold {fmt.plural(cohort.n, 'patient')}{arms}."
    if cohort.n == cohort.n_start:
        return f"All {fmt.plural(cohort.n, 'patient')} entered the analysis{arms}."
    return f"Of {fmt.plural(cohort.n_start, 'patient')}, {fmt.count(cohort.n)} entered the analysis{arms}."


def designs(numbers: Numbers) -> list[str]:
    """What each design made of the patients, and to whom its comparison applies; the primary one first."""
    made = [matching(numbers, d) or weighting(numbers, d) for d in numbers.design_names[1:]]
    return [words for words in made if words]


def weighting(numbers: Numbers, design: str) -> str:
    """How many patients have a weight, what sample size they are worth, and for whom the effect is estimated; '' of a match."""
    if not numbers.weighted(design):
        return ""
    sizes = [f"{fmt.number(numbers.effective_n(design, a), 1)} with {arm(numbers, a)}" for a in numbers.arms]
    process = numbers.process(design)
    kept = f"{process[:1].upper()}{process[1:]} kept {fmt.plural(numbers.total_n(design), 'patient')}"
    said = f"{kept}, with an effective sample size of {fmt.listed(sizes)}."
    for key in numbers.arms:
        n, reasons = fmt.count(numbers.arm_n("unadjusted", key)), could_not(numbers, design, key)
        said += f" Of {n} patients with {arm(numbers, key)}, {reasons}." if reasons else ""
    return f"{said} {applies_to(numbers, design)}"


def applies_to(numbers: Numbers, design: str) -> str:
    """`It estimates the effect in patients like those who received lenvatinib.`"""
    return f"It estimates {fmt.lower_first(estimand(numbers, design))}"


def matching(numbers: Numbers, design: str) -> str:
    """How many pairs, who could not be matched and why, and to whom the matched comparison applies; '' of weights."""
    pairs = numbers.row("design", "value", design=design, variable="pairs")
    if pairs is None:
        return ""
    focal, other = numbers.protocol.arms.focal, numbers.protocol.arms.other
    n, name = numbers.arm_n("unadjusted", focal), arm(numbers, focal)
    left = numbers.value("design", "value", design=design, variable="unmatched_focal")
    process = numbers.process(design)
    said = f"{process[:1].upper()}{process[1:]} gave {fmt.plural(pairs.value, 'pair')}."
    if left < 0.5:
        said += (
            f" All {fmt.count(n)} patients with {name} found a partner; the matched comparison applies to patients with {name} "
            "as they are."
        )
    else:
        reasons = could_not(numbers, design, focal)
        why = f"could not be matched: {reasons}" if " and " in reasons else f"{reasons.split(' ', 1)[1]} and could not be matched"
        said += (
            f" Of {fmt.count(n)} patients with {name}, {fmt.count(left)} {why}; the matched comparison therefore applies to the "
            f"{fmt.count(pairs.value)} for whom a partner was found, not to all {fmt.count(n)}."
        )
    unavailable = could_not(numbers, design, other)
    if unavailable:
        said += f" Of {fmt.count(numbers.arm_n('unadjusted', other))} patients with {arm(numbers, other)}, {unavailable}."
    return said


def shares(numbers: Numbers, rows: list[Row]) -> str:
    """`7.5% (3/40) with lenvatinib and 5.8% (5/86) with sorafenib`, from rows that name their arm in `group`."""
    rounding, parts = numbers.protocol.conventions.percent_rounding, []
    for row in rows:
        share = fmt.share(row.events, row.n, rounding)
        if numbers.weighted(row.design) and not isinstance(row.value, Masked):
            share = f"{fmt.percentage(row.value)}% (weighted)"
        parts.append(with_arm(numbers, share, row.group))
    return fmt.listed(parts)


def limits(numbers: Numbers, row: Row) -> str:
    """The interval of a share and the method that made it, behind a comma."""
    return f", {numbers.protocol.ci} {fmt.percentage_interval(row.low, row.high)}% ({row.method})"


def direction(numbers: Numbers, what: str, difference: float, p: float) -> str:
    """Which arm had more, where P is below alpha; otherwise that a difference was not shown."""
    if isinstance(p, Masked):
        return f"The {what}"
    if math.isnan(p) or p >= numbers.protocol.conventions.alpha:
        return f"There was no clear evidence of a difference in the {what}"
    if numbers.several:
        return f"The {what} differed between the arms"
    more = numbers.arms[0] if difference > 0 else numbers.arms[1]
    return f"The {what} was higher with {arm(numbers, more)}"


def medians(numbers: Numbers, endpoint: str, design: str) -> str:
    info = numbers.protocol.endpoints[endpoint]
    part = {"endpoint": endpoint, "design": design}
    rows = [numbers.row("survival", "median", analysis="kaplan_meier", group=a, **part) for a in numbers.arms]
    if any(r is None for r in rows):
        return ""
    if numbers.single and rows[0] is not None:
        return (
            f"Median {fmt.lower_first(info.label)} was {time_words(numbers, rows[0])}. {_at_landmarks(numbers, endpoint, design)}"
        )
    said = [f"{time_words(numbers, r)} with {arm(numbers, a)}" for a, r in zip(numbers.arms, rows, strict=True) if r is not None]
    p = numbers.row("survival", "p", analysis="logrank", **part)
    test = f" (log-rank {fmt.p_sentence(p.value)})" if p is not None else ""
    return f"Median {fmt.lower_first(info.label)} was {fmt.listed(said)}{test}."


def _at_landmarks(numbers: Numbers, endpoint: str, design: str) -> str:
    """The shares free of the event at the landmarks of a single arm."""
    part = {"endpoint": endpoint, "design": design, "analysis": "kaplan_meier", "population": "all"}
    rows = numbers.where("survival", statistic="survival", **part)
    shares = [
        f"{fmt.percentage(100 * r.value)}% ({fmt.percentage_interval(100 * r.low, 100 * r.high)}) at {fmt.one_or_more(r.level)}"
        for r in rows
    ]
    if not shares:
        return ""
    info = numbers.protocol.endpoints[endpoint]
    subject = f"Free of {fmt.lower_first(info.event_label)} were" if info.label.startswith("Time to") else f"{info.label} was"
    return f"{subject} {fmt.listed(shares)} ({numbers.protocol.ci})."


def time_words(numbers: Numbers, row: Row, more: str = "") -> str:
    """`10.3 months (95% CI 6.8 to not reached)`; more: what else stands in the brackets."""
    protocol = numbers.protocol
    days, unit = protocol.days_per_unit, protocol.time_unit
    low, high = (fmt.time_value(x, days, unit) for x in (row.low, row.high))
    ends = fmt.interval(row.low / days, row.high / days, fmt.time_decimals(unit))
    if high == fmt.NOT_REACHED:
        ends = "not reached" if low == fmt.NOT_REACHED else f"{low} to not reached"
    if isinstance(row.value, Masked):
        return "masked"
    middle = fmt.time_value(row.value, days, unit)
    said = "not reached" if middle == fmt.NOT_REACHED else f"{middle} {unit}"
    return f"{said} ({numbers.protocol.ci} {ends}{f'; {more}' if more else ''})"


def effect(numbers: Numbers, endpoint: str, row: Row | None, kind: str) -> str:
    """The hazard of the endpoint's event by arm, in words that follow the interval. kind: marginal or conditional. A model of
    fewer patients than the cohort says how many, and gives the unadjusted ratio of the same patients."""
    if row is None:
        return ""
    arms, event = numbers.protocol.arms, fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    one, other = arm(numbers, numbers.compared_in(row)), arm(numbers, arms.reference)
    if math.isnan(row.value):
        why = "is masked, for a small count would follow from it" if isinstance(row.value, Masked) else "could not be estimated"
        return f"The hazard ratio of {event}, {one} vs {other}, {why}."
    few = _sparse_arm(numbers, row)
    if few:
        return f"No statement is made on the hazard of {event} with {one} and with {other}: {few}."
    ratio = fmt.ratio_with(row.value, row.low, row.high, numbers.protocol.ci)
    figures = f"{kind} HR {ratio}{_same_patients(numbers, row)}"
    if row.low <= 1 <= row.high or math.isnan(row.low) or math.isnan(row.high):
        label = fmt.lower_first(numbers.protocol.endpoints[endpoint].label)
        wide = WIDE if row.low < RELEVANT[0] and row.high > RELEVANT[1] else ""
        return f"There was no clear evidence of a difference in {label} between {one} and {other} ({figures}){wide}."
    word = "higher" if row.low > 1 else "lower"
    return f"The hazard of {event} was {word} with {one} than with {other} ({figures})."


def _sparse_arm(numbers: Numbers, row: Row) -> str:
    """Which arm has so few patients that nothing is said of it, as its penalised estimate tells."""
    where = {"endpoint": row.endpoint, "design": row.design, "population": row.population, "contrast": row.contrast}
    found = numbers.row("survival", "hr", analysis=f"{row.analysis}_firth", variable=row.variable, **where)
    return "" if found is None else found.method.partition(": ")[2]


def _same_patients(numbers: Numbers, row: Row) -> str:
    """What a multivariable model of complete cases rests on."""
    if row.analysis != "cox_multivariable":
        return ""
    same = treatment_row(numbers, row.endpoint, row.design, COMPLETE_CASES, arm=numbers.compared_in(row))
    if same is None:
        return f"; {fmt.plural(row.n, 'patient')}"
    whole = numbers.total_n(row.design)
    return (
        f"; {fmt.count(row.n)} of {fmt.plural(whole, 'patient')}, the others had a covariate missing; unadjusted HR of the same "
        f"{fmt.count(row.n)}: {fmt.ratio_estimate(same.value, same.low, same.high)}"
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
    whose = (
        "the hazard ratio should be read as an average effect"
        if variable == "treatment" and not numbers.several
        else "the hazard ratios of this model should be read as average effects"
    )
    return f"The proportional-hazards assumption was not met ({fmt.p_sentence(p.value)}); {whose} over follow-up."


def sensitivity(numbers: Numbers) -> str:
    """What the table of analyses is, and how many pairs each other propensity model gave."""
    said = (
        "The treatment effect was estimated by each analysis; marginal and conditional hazard ratios answer different questions."
    )
    for name, variant in numbers.protocol.sensitivity.propensity_variants.items():
        design = f"variant_{name}"
        pairs = numbers.row("design", "value", design=design, variable="pairs")
        unmade = numbers.study.designs.unmade.get(design)
        if pairs is not None:
            said += f" Re-matching with {variant.label} gave {fmt.plural(pairs.value, 'pair')}."
        elif unmade is not None:
            again = "Re-matching" if numbers.match(numbers.primary) is not None else "Reweighting"
            said += f" {again} with {variant.label} was not possible: {unmade}."
        else:
            effective = fmt.number(numbers.effective_n(design), 1)
            said += f" Reweighting with {variant.label} gave an effective sample size of {effective}."
    return said


def excludes(row: Row) -> bool:
    """Whether an interval excludes no effect."""
    return not (row.low <= 1 <= row.high)


def predictors(numbers: Numbers, endpoint: str) -> str:
    """Variables of the multivariable model, but for treatment, whose interval excludes 1; nothing is said of terms with a sparse
    group or without an estimate."""
    where = {"phase": "survival", "endpoint": endpoint, "design": "unadjusted", "statistic": "hr"}
    sparse = {(r.variable, r.level) for r in numbers.where(analysis="cox_multivariable_firth", **where)}
    plain = [r for r in numbers.where(analysis="cox_multivariable", **where) if r.variable != TREATMENT]
    rows = [r for r in plain if (r.variable, r.level) not in sparse and not math.isnan(r.value)]
    if not rows:
        return ""
    clear = [r for r in rows if excludes(r)]
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    if not clear:
        which = "every covariate" if len(rows) == len(plain) else "every covariate without a sparse group"
        return (
            f"In the multivariable model, no clear association with {event} was found: the {numbers.protocol.level_words} "
            f"confidence interval of {which} includes 1."
        )
    parts = [f"{_predictor(numbers, r)} (HR {fmt.ratio_with(r.value, r.low, r.high, numbers.protocol.ci)})" for r in clear]
    verb = "was" if len(parts) == 1 else "were"
    listed = fmt.listed(parts) if len(parts) < 3 else "; ".join(parts)
    return f"In the multivariable model, {listed} {verb} independently associated with {event}."


def _predictor(numbers: Numbers, row: Row) -> str:
    return numbers.covariate_words(row.variable, row.level)


def subgroups(numbers: Numbers, name: str) -> list[str]:
    """The interactions of one variable with their P and the number of all that were tested; none is announced."""
    label = fmt.lower_first(numbers.protocol.subgroups[name].label)
    if numbers.single:
        return [f"The levels of {label} are described; nothing is compared between them."]
    said = []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        for design in numbers.leading:
            p = numbers.row("survival", "p", analysis="interaction", variable=name, endpoint=endpoint, design=design)
            if p is not None and not math.isnan(p.value):
                said.append(f"{info.short}, {fmt.lower_first(numbers.design_label(design))}, {fmt.p_sentence(p.value)}")
    if not said:
        return []
    return [f"Interaction of treatment with {label}: {'; '.join(said)} ({interactions_tested(numbers)})."]


def subgroup_forests(numbers: Numbers) -> list[str]:
    """What was looked at, and how often; no interaction is announced."""
    labels = fmt.listed([fmt.lower_first(s.label) for s in numbers.protocol.subgroups.values()])
    look = "These are exploratory looks" if len(numbers.protocol.subgroups) > 1 else "This is an exploratory look"
    return [
        f"Treatment was compared within the levels of {labels}. {look} at the same patients, with {interactions_tested(numbers)}."
    ]


def interactions_tested(numbers: Numbers) -> str:
    """`8 tests of interaction in all, not adjusted for multiplicity`."""
    tested = numbers.where("survival", statistic="p", analysis="interaction")
    n = sum(not math.isnan(row.value) for row in tested)
    return f"{fmt.plural(n, 'test')} of interaction in all, not adjusted for multiplicity; none was declared primary"
