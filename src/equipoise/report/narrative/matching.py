"""Designs in words: who took no part in one and why, how ties of a match were decided; for the flow diagram, key results and
Methods."""

from __future__ import annotations

import math

from equipoise.records import LEFT, MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, TRIMMED, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.score_terms import gap_words
from equipoise.report.words import words

ENOUGH = 10  # patients of the smaller arm per coefficient (Peduzzi et al., J Clin Epidemiol 1996;49:1373-1379)


def left_out(numbers: Numbers, design: str, arm: str) -> dict[str, float]:
    """Reason -> patients of an arm whom the match lost for it, in the order of the reasons; a reason of nobody is left out."""
    part = {"design": design, "analysis": "left_out", "group": arm}
    found = {reason: numbers.value("design", "n", variable=reason, **part) for reason in (*LEFT, TRIMMED)}
    return {reason: n for reason, n in found.items() if n > 0}


def reason_words(numbers: Numbers, design: str, reason: str, arm: str) -> str:
    """A reason as a line of the flow diagram."""
    if reason == NO_PARTNER:
        return words(f"designs.left_out.{_no_partner(numbers, design)}")
    if reason == TRIMMED:
        return words("designs.left_out.trimmed", limits=numbers.trim_words(design))
    if reason == NOT_CHOSEN:
        return words("designs.left_out.not_chosen")
    if reason == MISSING:
        return words("designs.left_out.missing", covariates=fmt.listed([w for w, _ in _missing(numbers, design, arm)]))
    return f"{words('designs.left_out.no_counterpart')}{_levels(numbers, design, arm)}"


def _levels(numbers: Numbers, design: str, arm: str) -> str:
    """` (site East)`, the levels that the other arm lacks; nothing where they are not told."""
    levels = [w for w, _ in gaps(numbers, design, arm)]
    return f" ({fmt.listed(levels)})" if levels else ""


def _no_partner(numbers: Numbers, design: str) -> str:
    """Whose partners serve once may have found them all taken, and none too far away."""
    spec = numbers.matched_sets(design)
    once = spec is not None and spec.method in ("nearest", "optimal") and not spec.replace
    name = "no_free_partner" if once else "no_partner"
    if spec is not None and spec.calipers:
        return f"{name}_calipers"
    return f"{name}_caliper" if spec is not None and spec.caliper is not None else name


def could_not(numbers: Numbers, design: str, arm: str) -> list[str]:
    """`15 had a covariate of the propensity score missing`, `1 had no partner within the caliper`."""
    why = {
        MISSING: words("designs.could_not.missing"),
        NO_COUNTERPART: words("designs.could_not.no_counterpart"),
        TRIMMED: words("designs.could_not.trimmed", limits=numbers.trim_words(design)),
        NO_PARTNER: words(f"designs.could_not.{_no_partner(numbers, design)}"),
    }
    parts = []
    for reason, n in left_out(numbers, design, arm).items():
        if reason in why:
            more = _levels(numbers, design, arm) if reason == NO_COUNTERPART else ""
            row = numbers.row("design", "n", design=design, analysis="left_out", group=arm, variable=reason)
            parts.append(f"{bound(fmt.count(n), row)} {why[reason]}{more}")
    return parts


def gaps(numbers: Numbers, design: str, arm: str) -> list[tuple[str, float]]:
    """The levels that nobody of the other arm has, and how many patients of this arm were lost with each."""
    rows = _gap_rows(numbers, design, arm)
    return [(gap_words(numbers, r.variable.split(" + "), r.level), r.value) for r in rows]


def _gap_rows(numbers: Numbers, design: str, arm: str) -> list[Row]:
    return numbers.where("design", design=design, analysis="no_counterpart", group=arm, statistic="n")


def _of_exact(row: Row) -> bool:
    """Whether only the exact match keeps these patients apart, who do have a score."""
    return row.method.startswith("exact matching")


def _missing(numbers: Numbers, design: str, arm: str) -> list[tuple[str, float]]:
    rows = numbers.where("design", design=design, analysis="missing_covariate", group=arm, statistic="n")
    return [(numbers.covariate_words(r.variable), r.value) for r in rows]


def score_sentences(numbers: Numbers, design: str) -> list[str]:
    """Methods: to whom the score was fitted, by arm, and whether there were enough of them."""
    made = (_complete_cases, _counterparts, exact, coefficients)
    return [said for make in made if (said := make(numbers, design))]


def _complete_cases(numbers: Numbers, design: str) -> str:
    if not any(MISSING in left_out(numbers, design, arm) for arm in numbers.arms):
        return ""
    by = {arm: _missing(numbers, design, arm) for arm in numbers.arms}
    return words(
        "designs.score.complete_cases",
        shares=_shares(numbers, design, MISSING),
        what=words(f"designs.score.{_of_what(numbers, design)}"),
        covariates=fmt.listed([f"{name} {fmt.count(n)}" for name, n in _summed(by)]),
        adjective=numbers.words(design).adjective,
    )


def _of_what(numbers: Numbers, design: str) -> str:
    """Whose covariates must be known: the score's, or the match's too."""
    spec = numbers.matched_sets(design)
    if spec is not None and (spec.anti_exact or spec.calipers):
        return "of_match"
    return "of_exact" if spec is not None and spec.exact else "of_score"


def exact(numbers: Numbers, design: str) -> str:
    """In what the two of a pair agree, and who has nobody to agree with."""
    spec = numbers.match(design)
    if spec is None or not spec.exact:
        return ""
    names = fmt.listed([numbers.covariate_words(name) for name in spec.exact])
    lost = "; ".join(_without(numbers, design, True))
    said = words("designs.score.exact", names=names)
    return f"{said} {words('designs.score.exact_lost', lost=lost)}" if lost else said


def _without(numbers: Numbers, design: str, exactly: bool) -> list[str]:
    """By arm, who had no counterpart: for the score, or for the exact match alone."""
    said = []
    for arm in numbers.arms:
        rows = [r for r in _gap_rows(numbers, design, arm) if _of_exact(r) == exactly]
        found = [(gap_words(numbers, r.variable.split(" + "), r.level), r.value) for r in rows]
        if found:
            other = next(a for a in numbers.arms if a != arm)
            n = sum(k for _, k in found)
            counted = [f"{level}, n = {fmt.count(k)}" for level, k in found]
            levels = "; ".join(counted) if len(found) > 1 else found[0][0]
            said.append(
                words(
                    "designs.score.no_counterpart",
                    n=fmt.count(n),
                    patients=words("counts.patient", count=numbers.arm_n("unadjusted", arm)),
                    arm=_arm(numbers, arm),
                    other=_arm(numbers, other),
                    levels=levels,
                )
            )
    return said


def _counterparts(numbers: Numbers, design: str) -> str:
    said = _without(numbers, design, False)
    if not said:
        return ""
    return words("designs.score.no_score", lost="; ".join(said), adjective=numbers.words(design).adjective)


def coefficients(numbers: Numbers, design: str) -> str:
    """Said where the smaller arm is small for so many coefficients."""
    value = numbers.value("design", "value", design=design, variable="events_per_coefficient")
    if math.isnan(value) or value >= ENOUGH or numbers.protocol.designs[design].score.shrunk:
        return ""
    row = numbers.row("design", "value", design=design, variable="events_per_coefficient")
    return words("designs.score.few", n=bound(fmt.number(value, 1), row), least=fmt.count(ENOUGH))


def tie_sentences(numbers: Numbers, design: str) -> list[str]:
    """Methods: what decided between equals, how many were equal, and what the hazard ratio would be had they been drawn."""
    part, spec = {"design": design}, numbers.match(design)
    assert spec is not None
    if spec.method == "optimal":
        return [words("designs.ties.optimal_identifier" if spec.ties == "identifier" else "designs.ties.optimal_rows")]
    choices, scores, pairs = (
        numbers.value("design", "value", variable=name, **part) for name in ("tied_choices", "tied_scores", "tied_pairs")
    )
    said = [words("designs.ties.rule", rule=words(f"designs.ties.{spec.ties}"))]
    if math.isnan(choices):
        return said
    if not choices and not scores:
        return [*said, words("designs.ties.none")]
    focal = numbers.protocol.arms.focal
    counted = {
        "n": fmt.count(choices),
        "patients": words("counts.patient", count=numbers.arm_n("unadjusted", focal)),
        "focal": _arm(numbers, focal),
        "scores": fmt.count(scores),
    }
    if math.isnan(pairs):
        return [*said, words("designs.ties.counted", **counted)]
    total = words("counts.pair", count=numbers.value("design", "value", variable="pairs", **part))
    if not pairs:
        return [*said, words("designs.ties.stable", pairs=total, **counted)]
    return [*said, words("designs.ties.hanging", hanging=fmt.count(pairs), pairs=total, **counted), _range(numbers, design)]


def _range(numbers: Numbers, design: str) -> str:
    """The least and the largest hazard ratio over the drawn orders, by endpoint."""
    parts = []
    for name in numbers.protocol.main_endpoints:
        row = numbers.row("survival", "hr", endpoint=name, design=design, analysis="tie_orders", contrast=numbers.contrast)
        if row is not None and not math.isnan(row.low):
            low, high = fmt.ratios([row.low, row.high])
            parts.append(words("designs.ties.of_event", low=low, high=high, event=numbers.event_words(name)))
    return words("designs.ties.range", ranges=fmt.listed(parts)) if parts else ""


def _shares(numbers: Numbers, design: str, reason: str) -> str:
    parts = []
    for arm in numbers.arms:
        lost = fmt.count(left_out(numbers, design, arm).get(reason, 0.0))
        patients = words("counts.patient", count=numbers.arm_n("unadjusted", arm))
        parts.append(words("designs.of_patients", n=lost, patients=patients, arm=_arm(numbers, arm)))
    return fmt.listed(parts)


def _summed(by: dict[str, list[tuple[str, float]]]) -> list[tuple[str, float]]:
    total: dict[str, float] = {}
    for found in by.values():
        for name, n in found:
            total[name] = total.get(name, 0.0) + n
    return list(total.items())


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
