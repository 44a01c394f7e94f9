"""Who entered the study and who did not, and what each design made of the patients."""

from __future__ import annotations

import math
from collections.abc import Iterator

from equipoise.records import Exclusion, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import could_not
from equipoise.report.narrative.phrases import arm, with_arm
from equipoise.report.tables.design import estimand
from equipoise.report.words import words

MOST_REASONS = 5


def selection(numbers: Numbers) -> str:
    """How many patients were screened, excluded for which main reasons, and included, by arm."""
    n, start = _included(numbers), numbers.study.cohort.n_start
    arms = "" if numbers.single else words("flow.by_arm", sizes=_sizes(numbers))
    if not numbers.study.cohort.attrition:
        return words("flow.all_data", n=n, arms=arms)
    reasons = _reasons(numbers)
    if not reasons:
        return words("flow.all", n=n, arms=arms)
    lost = start - numbers.study.cohort.n
    first = {"start": _started(numbers), "reasons": reasons}
    said = words("flow.excluded_masked", **first) if math.isnan(lost) else words("flow.excluded", lost=fmt.count(lost), **first)
    return f"{said} {words('flow.included', n=n, arms=arms)}"


def included(numbers: Numbers) -> str:
    """The same in one clause, for an abstract: `Of 194 patients screened, 126 were included: 40 with lenvatinib and ...`."""
    cohort = numbers.study.cohort
    arms = "" if numbers.single else words("flow.by_arm", sizes=_sizes(numbers))
    if not cohort.attrition or cohort.n == cohort.n_start:
        return words("flow.all", n=_included(numbers), arms=arms)
    return words("flow.of_screened", start=_started(numbers), n=_included(numbers), arms=arms)


def _sizes(numbers: Numbers) -> str:
    return fmt.listed(
        [
            with_arm(numbers, bound(fmt.count(numbers.arm_n("unadjusted", a)), numbers.arm_row("unadjusted", a)), a)
            for a in numbers.arms
        ]
    )


def _reasons(numbers: Numbers) -> str:
    """The reasons in the order of the flow; of many the most frequent ones, and how many patients the others took."""
    steps = enumerate(numbers.study.cohort.attrition, 1)
    every = {(i, j): e for i, step in steps for j, e in enumerate(step.excluded, 1)}
    at = {id(e): place for place, e in every.items()}
    found = [e for e in every.values() if math.isnan(e.n) or e.n]
    named = found if len(found) <= MOST_REASONS + 1 else sorted(found, key=_rank)[:MOST_REASONS]
    said = [words("flow.reason", reason=fmt.lower_first(e.reason), n=_lost(numbers, e, *at[id(e)])) for e in found if e in named]
    rest = [e.n for e in found if e not in named]
    if rest and not any(map(math.isnan, rest)):
        said.append(words("flow.other_reasons", n=fmt.count(sum(rest))))
    return "; ".join(said)


def _started(numbers: Numbers) -> str:
    return bound(fmt.count(numbers.study.cohort.n_start), numbers.row("attrition", "n", variable="start"))


def _included(numbers: Numbers) -> str:
    last = len(numbers.study.cohort.attrition)
    row = numbers.row("attrition", "n", variable=f"step_{last}") if last else None
    return bound(fmt.count(numbers.study.cohort.n), row)


def _lost(numbers: Numbers, excluded: Exclusion, step: int, reason: int) -> str:
    row = numbers.row("attrition", "n", variable=f"step_{step}", level=f"reason_{reason}")
    return bound(fmt.count(excluded.n), row)


def _effective(numbers: Numbers, design: str, arm_: str) -> str:
    row = numbers.row("design", "value", design=design, variable="effective_n", group=arm_)
    return bound(fmt.effective(numbers.effective_n(design, arm_)), row)


def _rank(excluded: Exclusion) -> float:
    return 0.0 if math.isnan(excluded.n) else -excluded.n


def designs(numbers: Numbers) -> list[str]:
    """What each design made of the patients, and to whom its comparison applies; the primary one first."""
    made = [matching(numbers, d) or weighting(numbers, d) for d in numbers.design_names[1:]]
    return [said for said in made if said]


def _unmatched(numbers: Numbers, design: str, focal: str, pairs: Row, part: dict[str, str]) -> str:
    """Who could not be matched, why, and to whom the comparison applies; where the reasons are masked, that some could not."""
    reasons = could_not(numbers, design, focal)
    if not reasons:
        return words("flow.unmatched_masked", **part)
    part |= {"reasons": fmt.listed(reasons), "pairs": bound(fmt.count(pairs.value), pairs)}
    if len(reasons) == 1:
        return words("flow.unmatched", **part)
    left = numbers.row("design", "value", design=design, variable="unmatched_focal")
    return words("flow.unmatched_for_several", left=bound(fmt.count(left.value), left), **part)


def weighting(numbers: Numbers, design: str) -> str:
    """How many patients have a weight, what sample size they are worth, and for whom the effect is estimated; '' of a match."""
    if not numbers.weighted(design):
        return ""
    sizes = [with_arm(numbers, _effective(numbers, design, a), a) for a in numbers.arms]
    process = fmt.upper_first(numbers.process(design))
    said = [words("flow.weighted", process=process, count=numbers.total_n(design), sizes=fmt.listed(sizes))]
    said += _without(numbers, design, numbers.arms)
    return " ".join([*said, words("flow.applies_to", whom=fmt.lower_first(estimand(numbers, design)))])


def _without(numbers: Numbers, design: str, arms: list[str]) -> Iterator[str]:
    """Who has no place in the design, and why."""
    for key in arms:
        reasons = could_not(numbers, design, key)
        if reasons:
            n = bound(fmt.count(numbers.arm_n("unadjusted", key)), numbers.arm_row("unadjusted", key))
            yield words("flow.without", n=n, arm=arm(numbers, key), reasons=fmt.listed(reasons))


def matching(numbers: Numbers, design: str) -> str:
    """How many pairs, who could not be matched and why, and to whom the matched comparison applies; '' of weights."""
    pairs = numbers.row("design", "value", design=design, variable="pairs")
    if pairs is None:
        return ""
    focal, other = numbers.protocol.arms.focal, numbers.protocol.arms.other
    part = {
        "n": bound(fmt.count(numbers.arm_n("unadjusted", focal)), numbers.arm_row("unadjusted", focal)),
        "arm": arm(numbers, focal),
    }
    left = numbers.value("design", "value", design=design, variable="unmatched_focal")
    said = [bound(words("flow.pairs", process=fmt.upper_first(numbers.process(design)), count=pairs.value), pairs)]
    if left < 0.5:
        said.append(words("flow.all_matched", **part))
    else:
        said.append(_unmatched(numbers, design, focal, pairs, part))
    return " ".join([*said, *_without(numbers, design, [other])])
