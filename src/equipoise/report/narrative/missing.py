"""Missing covariates of the designs in words: what was done about them, on which assumption, and what came of it."""

from __future__ import annotations

import math

from equipoise.protocol.missing import ABSENT, COMPLETE, IMPUTE, INDICATOR
from equipoise.protocol.missing_covariates import imputed_names, imputing_outcomes
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

ANY = "any"
TOTAL = "total"


def complete_cases(numbers: Numbers) -> str:
    """Which covariates were missing in how many patients, and that models rest on complete cases where nothing else was done."""
    protocol = numbers.study.protocol
    if not protocol.covariates:
        return ""
    if protocol.missing.rule == IMPUTE and numbers.study.imputed is None:
        return words("missing.not_needed")
    counted = lacking(numbers)
    if not counted:
        return words("missing.none")
    if protocol.missing.rule == COMPLETE:
        return words("missing.complete", covariates=fmt.listed(counted))
    return words("missing.models") if protocol.missing.rule == INDICATOR and protocol.cox.multivariable else ""


def lacking(numbers: Numbers) -> list[str]:
    """The covariates that are missing of anybody; of those in the baseline table with the count that may be shown."""
    group, said = numbers.arms[0] if numbers.single else TOTAL, []
    for name in numbers.study.protocol.covariates:
        if numbers.study.covariates.missing(name).any():
            label = numbers.covariate_words(name)
            row = numbers.row("baseline", "missing", design="unadjusted", variable=name, group=group)
            said.append(label if row is None else words("missing.counted", count=row.value, name=label))
    return said


def indicator(numbers: Numbers) -> str:
    """The missing-indicator method."""
    without: dict[str, float] = {}
    for row in numbers.where("design", design=numbers.primary, analysis="missing_covariate", statistic="n"):
        without[row.variable] = without.get(row.variable, 0.0) + row.value
    scored = {name: n for name, n in without.items() if name in numbers.protocol.scored}
    counted = ", ".join(f"{numbers.covariate_words(name)} {fmt.count(n)}" for name, n in scored.items())
    groups = [numbers.covariate_words(n) for n in scored if numbers.covariate(n).kind != "continuous"]
    filled = [numbers.covariate_words(n) for n in scored if numbers.covariate(n).kind == "continuous"]
    parts = [words("missing.level", level=ABSENT, names=fmt.listed(groups))] if groups else []
    parts += [words("missing.median", names=fmt.listed(filled))] if filled else []
    how = words("missing.indicator", counted=counted, how=fmt.listed(parts))
    return f"{how} {words('missing.indicator_assumes')}"


def imputation(numbers: Numbers) -> str:
    """Multiple imputation: from what, by which models, how pooled, and what was not pooled."""
    protocol = numbers.study.protocol
    asked = protocol.missing.impute
    assert asked is not None and numbers.study.imputed is not None
    kinds = {protocol.covariates[n].kind for n in numbers.study.imputed.drawn.names}
    models = [words(f"missing.model.{asked.method}")] if "continuous" in kinds else []
    models += [words(f"missing.model.{kind}") for kind in ("binary", "categorical") if kind in kinds]
    said = [
        _lacking(numbers),
        words("missing.complete_first"),
        words(
            "missing.imputed",
            count=asked.iterations,
            copies=str(asked.imputations),
            models=fmt.listed(models),
            predictors=fmt.listed([numbers.covariate_words(n) for n in imputed_names(protocol)]),
            outcomes=fmt.listed([fmt.lower_first(protocol.endpoints[n].label) for n in imputing_outcomes(protocol)]),
        ),
        words("missing.pooled"),
        words("missing.seed", seed=str(asked.seed)),
        *_elsewhere(numbers),
    ]
    return " ".join(said)


def _lacking(numbers: Numbers) -> str:
    part = {"analysis": "imputed_values", "statistic": "n", "group": "total"}
    rows = {r.variable: r for r in numbers.where("design", **part)}
    some = rows[ANY]
    return words(
        "missing.lacked",
        patients=words("counts.patient", count=some.n),
        n=bound(fmt.count(some.value), some),
        percent=fmt.percent(some.value, some.n),
        covariates=", ".join(
            f"{numbers.covariate_words(name)} {bound(fmt.count(r.value), r)}" for name, r in rows.items() if name != ANY
        ),
    )


def _elsewhere(numbers: Numbers) -> list[str]:
    """What is not pooled, and who is in a restricted population."""
    protocol = numbers.study.protocol
    what = ["curves", "medians", "adjustment"]
    what += ["subgroups"] if protocol.subgroups else []
    what += ["bundle"] if protocol.sensitivity.members else []
    told = fmt.listed([words(f"missing.{name}") for name in what])
    said = [words("missing.elsewhere", what=fmt.upper_first(told))]
    imputed = set(numbers.study.imputed.drawn.names) if numbers.study.imputed is not None else set()
    modelled = [*protocol.cox.univariable, *(n for names in protocol.cox.multivariable.values() for n in names)]
    known = [n for n in dict.fromkeys(modelled) if n in protocol.covariates and n not in imputed]
    missed = [n for n in known if numbers.study.covariates.missing(n).any()]
    if missed:
        names = fmt.listed([numbers.covariate_words(n) for n in missed])
        said.append(words("missing.not_imputed", count=len(missed), names=names))
    if protocol.restrict:
        said.append(words("missing.restricted"))
    return said


def imputed_results(numbers: Numbers) -> list[str]:
    """A sentence per main endpoint: the pooled hazard ratio of the primary design beside that of the complete cases."""
    said, primary = [], numbers.study.protocol.primary
    for name in numbers.protocol.main_endpoints:
        part = {"endpoint": name, "design": primary, "contrast": numbers.contrast}
        hr = numbers.row("survival", "hr", analysis="cox_imputed", **part)
        known = numbers.row("survival", "hr", analysis="cox", **part)
        if hr is None or math.isnan(hr.value):
            continue
        told = {"event": numbers.event_words(name), "ratio": _estimate(numbers, hr)}
        told["fmi"] = fmt.number(numbers.value("survival", "fmi", analysis="cox_imputed", **part), 2)
        if known is None or math.isnan(known.value):
            said.append(words("missing.effect", **told))
        else:
            said.append(words("missing.effect_beside", complete=_estimate(numbers, known), **told))
    return said


def _estimate(numbers: Numbers, row) -> str:
    return bound(fmt.ratio_estimate(row.value, row.low, row.high, numbers.protocol.ci), row)


def chains_alt(numbers: Numbers) -> str:
    rows = numbers.where("design", analysis="imputed_values", statistic="scale_reduction")
    ratios = ", ".join(f"{numbers.covariate_words(r.variable)} {bound(fmt.number(r.value, 2), r)}" for r in rows)
    start = words("missing.chains.alt")
    return f"{start} {words('missing.chains.mixing', ratios=ratios)}" if ratios else start


def values_alt(numbers: Numbers) -> str:
    assert numbers.study.imputed is not None
    names = fmt.listed([numbers.covariate_words(n) for n in numbers.study.imputed.drawn.names])
    return words("missing.values.alt", names=names)
