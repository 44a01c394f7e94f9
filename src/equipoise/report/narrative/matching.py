"""Designs in words: who took no part in one and why, how ties of a match were decided; for the flow diagram, key results and
Methods."""

from __future__ import annotations

import math

from equipoise.records import LEFT, MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, TRIMMED, Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.score_terms import gap_words

ENOUGH = 10  # patients of the smaller arm per coefficient (Peduzzi et al., J Clin Epidemiol 1996;49:1373-1379)


def left_out(numbers: Numbers, design: str, arm: str) -> dict[str, float]:
    """Reason -> patients of an arm whom the match lost for it, in the order of the reasons; a reason of nobody is left out."""
    part = {"design": design, "analysis": "left_out", "group": arm}
    found = {reason: numbers.value("design", "n", variable=reason, **part) for reason in (*LEFT, TRIMMED)}
    return {reason: n for reason, n in found.items() if n > 0}


def reason_words(numbers: Numbers, design: str, reason: str, arm: str) -> str:
    """A reason as a line of the flow diagram."""
    if reason == NO_PARTNER:
        spec = numbers.matched_sets(design)
        if spec is not None and spec.calipers:
            return "no partner within the calipers"
        return "no partner within the caliper" if spec is not None and spec.caliper is not None else "no partner left"
    if reason == TRIMMED:
        return f"propensity score outside {numbers.trim_words(design)}"
    if reason == NOT_CHOSEN:
        return "not chosen as a partner"
    if reason == MISSING:
        return f"covariate missing ({fmt.listed([w for w, _ in _missing(numbers, design, arm)])})"
    return f"no counterpart in the other arm ({fmt.listed([w for w, _ in gaps(numbers, design, arm)])})"


def could_not(numbers: Numbers, design: str, arm: str) -> list[str]:
    """`15 had a covariate of the propensity score missing`, `1 had no partner within the caliper`."""
    words = {
        MISSING: "had a covariate of the propensity score missing",
        NO_COUNTERPART: "had no counterpart in the other arm",
        TRIMMED: f"had a {reason_words(numbers, design, TRIMMED, arm)}",
        NO_PARTNER: f"had {reason_words(numbers, design, NO_PARTNER, arm)}",
    }
    parts = []
    for reason, n in left_out(numbers, design, arm).items():
        if reason in words:
            more = f" ({fmt.listed([w for w, _ in gaps(numbers, design, arm)])})" if reason == NO_COUNTERPART else ""
            parts.append(f"{fmt.count(n)} {words[reason]}{more}")
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
    shares = _shares(numbers, design, MISSING)
    by = {arm: _missing(numbers, design, arm) for arm in numbers.arms}
    which = fmt.listed([f"{words} {fmt.count(n)}" for words, n in _summed(by)])
    return (
        f"The score was fitted to complete cases: {shares} had a covariate of the score{_or_exact(numbers, design)} missing "
        f"(by covariate: {which}) and could not be {numbers.words(design).adjective}; they remain in the unadjusted cohort."
    )


def _or_exact(numbers: Numbers, design: str) -> str:
    spec = numbers.matched_sets(design)
    if spec is not None and (spec.anti_exact or spec.calipers):
        return " or of the match"
    return " or of the exact match" if spec is not None and spec.exact else ""


def exact(numbers: Numbers, design: str) -> str:
    """In what the two of a pair agree, and who has nobody to agree with."""
    spec = numbers.match(design)
    if spec is None or not spec.exact:
        return ""
    names = fmt.listed([numbers.covariate_words(name) for name in spec.exact])
    said = _without(numbers, design, True)
    lost = f" {'; '.join(said)}: they were not matched and remain in the unadjusted cohort." if said else ""
    return f"The two patients of a pair agree in {names} (exact matching within one score of all patients).{lost}"


def _without(numbers: Numbers, design: str, exactly: bool) -> list[str]:
    """By arm, who had no counterpart: for the score, or for the exact match alone."""
    said = []
    for arm in numbers.arms:
        rows = [r for r in _gap_rows(numbers, design, arm) if _of_exact(r) == exactly]
        found = [(gap_words(numbers, r.variable.split(" + "), r.level), r.value) for r in rows]
        if found:
            other = next(a for a in numbers.arms if a != arm)
            n = sum(k for _, k in found)
            counted = [f"{words}, n = {fmt.count(k)}" for words, k in found]
            levels = "; ".join(counted) if len(found) > 1 else found[0][0]
            said.append(
                f"{fmt.count(n)} of {fmt.plural(numbers.arm_n('unadjusted', arm), 'patient')} with {_arm(numbers, arm)} had no "
                f"counterpart with {_arm(numbers, other)} ({levels})"
            )
    return said


def _counterparts(numbers: Numbers, design: str) -> str:
    said = _without(numbers, design, False)
    if not said:
        return ""
    adjective = numbers.words(design).adjective
    return (
        f"{'; '.join(said)}: no propensity score exists for them, and it was fitted to the other patients. They were not "
        f"{adjective} and remain in the unadjusted cohort; the {adjective} comparison does not apply to such patients."
    )


def coefficients(numbers: Numbers, design: str) -> str:
    """Said where the smaller arm is small for so many coefficients."""
    value = numbers.value("design", "value", design=design, variable="events_per_coefficient")
    if math.isnan(value) or value >= ENOUGH or numbers.protocol.designs[design].score.shrunk:
        return ""
    return (
        f"The score rests on {fmt.number(value, 1)} patients of the smaller arm per coefficient; fewer than {ENOUGH} make its "
        "coefficients unstable."
    )


TIES = {
    "identifier": "the patient whose identifier sorts first was taken (code-point order), so that the order of rows decides "
    "nothing",
    "rows": "the patient who stands first in the file was taken",
    "matchit": "the patient was taken whom MatchIt 4.7.2 takes, by the order of rows in the file",
}


def tie_sentences(numbers: Numbers, design: str) -> list[str]:
    """Methods: what decided between equals, how many were equal, and what the hazard ratio would be had they been drawn."""
    part, spec = {"design": design}, numbers.match(design)
    assert spec is not None
    if spec.method == "optimal":
        order = "the identifiers" if spec.ties == "identifier" else "the rows of the file"
        return [f"Several matches may have the same number of pairs and the same total; which one was taken follows {order}."]
    choices, scores, pairs = (
        numbers.value("design", "value", variable=name, **part) for name in ("tied_choices", "tied_scores", "tied_pairs")
    )
    said = [f"Among partners at equal distance, and patients with equal scores, {TIES[spec.ties]}."]
    if math.isnan(choices):
        return said
    if not choices and not scores:
        return [*said, "There were no such ties."]
    focal = numbers.protocol.arms.focal
    some = f"{fmt.count(choices)} of the {fmt.plural(numbers.arm_n('unadjusted', focal), 'patient')} with {_arm(numbers, focal)}"
    counted = f"{some} had more than one partner at equal distance, and {fmt.count(scores)} shared their score with another"
    if math.isnan(pairs):
        return [*said, f"{counted}."]
    total = fmt.plural(numbers.value("design", "value", variable="pairs", **part), "pair")
    if not pairs:
        return [*said, f"{counted}; in ten drawn orders of the tied patients all {total} stayed the same."]
    return [*said, f"{counted}; {fmt.count(pairs)} of {total} hang on such a tie.", _range(numbers, design)]


def _range(numbers: Numbers, design: str) -> str:
    """The least and the largest hazard ratio over the drawn orders, by endpoint."""
    parts = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        row = numbers.row("survival", "hr", endpoint=name, design=design, analysis="tie_orders", contrast=numbers.contrast)
        if row is not None and not math.isnan(row.low):
            parts.append(f"from {' to '.join(fmt.ratios([row.low, row.high]))} for {fmt.lower_first(endpoint.event_label)}")
    return (
        f"Over ten drawn orders of the tied patients (seeds 1 to 10) the hazard ratio ranged {fmt.listed(parts)}."
        if parts
        else ""
    )


def _shares(numbers: Numbers, design: str, reason: str) -> str:
    parts = []
    for arm in numbers.arms:
        lost = fmt.count(left_out(numbers, design, arm).get(reason, 0.0))
        parts.append(f"{lost} of {fmt.plural(numbers.arm_n('unadjusted', arm), 'patient')} with {_arm(numbers, arm)}")
    return fmt.listed(parts)


def _summed(by: dict[str, list[tuple[str, float]]]) -> list[tuple[str, float]]:
    total: dict[str, float] = {}
    for found in by.values():
        for words, n in found:
            total[words] = total.get(words, 0.0) + n
    return list(total.items())


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
