"""The R script that regenerates the estimates from the analysis data set, the matched pairs given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from equipoise.engine import read_sql
from equipoise.protocol.designs import UNADJUSTED, DesignSpec, MatchSpec, StrataSpec, WeightsSpec, denominator_of
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.match_options import in_sd
from equipoise.protocol.missing import INDICATOR
from equipoise.protocol.spec import Protocol
from equipoise.records import Design, Row, Study
from equipoise.records.ticks import tick_of
from equipoise.reproduce import detail_script
from equipoise.reproduce.analysis_data import column_name, columns_named
from equipoise.reproduce.balance_script import balance_lines
from equipoise.reproduce.coverage import STRATIFIED, not_regenerated
from equipoise.reproduce.effects_script import binary_lines, effects_lines
from equipoise.reproduce.imputed_data import pooling
from equipoise.reproduce.r_text import comment
from equipoise.reproduce.r_text import literal as _r
from equipoise.reproduce.score_script import score_lines
from equipoise.reproduce.several_script import several_lines

FUNCTIONS = (
    "functions.R",
    "functions_weights.R",
    "functions_balancing.R",
    "functions_distances.R",
    "functions_firth.R",
    "functions_effects.R",
    "functions_detail.R",
    "functions_post_index.R",
    "functions_missing.R",
    "functions_score.R",
    "functions_several.R",
)
AXES: dict[str, Callable[[Row], str]] = {  # phase -> the name in the script of the times below a figure
    "survival": lambda row: row.endpoint,
    "post_index": lambda row: f"{row.variable} {row.analysis.removesuffix('_curve')} {row.contrast.partition('=')[0]}",
    "safety": lambda row: "first event",
}


def r_script(study: Study) -> str:
    """Settings, functions, then one call per analysis, in the order of results.csv."""
    protocol = study.protocol
    parts = [
        f"# {comment(protocol.study.title)}: the estimates of results.csv again, in R.",
        "# Run in the folder of analysis.csv:  Rscript reproduce.R     It writes results_r.csv (key, value, low, high).",
        "# What it does not make again stands with the reason in not_regenerated.csv.",
        "",
        _settings(protocol),
        f"risk_times <- list({', '.join(_risk_times(study))})",
        _named_keys(study),
        _skipped(study),
        *(read_sql("equipoise.reproduce", file) for file in FUNCTIONS),
        "# ---- The study",
        f"text_columns <- c(patient_id = 'character'{_text_columns(study)})",
        "whole <- read_set('analysis.csv', text_columns)",
        *_calls(study),
        "write_results('results_r.csv')",
    ]
    return "\n".join(parts) + "\n"


def _calls(study: Study) -> list[str]:
    if study.protocol.arms.several:
        return [several_lines(study, design) for design in study.designs]
    return [
        detail_script.reading(study),
        *detail_script.settings(study),
        *(_design(study, design) for design in study.designs),
        _safety(study),
        *detail_script.of_study(study),
        *pooling(study),
    ]


def _text_columns(study: Study) -> str:
    """Levels such as 1 and 2 stay text, so that they are compared as text."""
    names = [n for n, c in study.protocol.covariates.items() if c.kind == "categorical"]
    names += [f"subgroup_{n}" for n in study.protocol.subgroups]
    return "".join(f", {n} = 'character'" for n in names)


def _settings(protocol: Protocol) -> str:
    c = protocol.conventions
    levels = {n: list(v.levels) for n, v in protocol.covariates.items() if v.kind == "categorical"}
    values: dict[str, Any] = {
        "arms": list(protocol.arms.groups),
        "reference": protocol.arms.reference,
        "compared": "" if protocol.arms.single or protocol.arms.several else protocol.arms.compared,
        "focal": protocol.arms.focal,
        "interval_type": c.interval_type,
        "conf_level": protocol.level,
        "median_rule": c.median_rule,
        "quantile_type": c.quantile_type,
        "ties": protocol.cox.ties,
        "alpha": c.alpha,
        "indicated": protocol.missing.rule == INDICATOR,
        "binary_covariates": protocol.binary_covariates,
        "days_per_month": c.days_per_month,
        "pearson_correction": c.pearson_correction,
        "mcnemar_correction": c.mcnemar_correction,
        "mann_whitney_exact": None if c.mann_whitney_exact else False,
        "mann_whitney_correction": c.mann_whitney_correction,
        "mcnemar_exact_below": c.mcnemar_exact_below,
        "signed_rank_rule": c.signed_rank,
        "pooled_t": c.t_test == "pooled",
        "continuous_rule": protocol.tests.continuous,
        "categorical_rule": protocol.tests.categorical,
        "paired_tests": protocol.tests.paired_after_matching,
        "wilson": protocol.response is not None and protocol.response.intervals == "wilson",
    }
    lines = [f"{name} <- {_r(value)}" for name, value in values.items()]
    lines.append(f"benchmark <- {_benchmark(protocol)}")
    steps = ", ".join(f"{_r(name)} = {_r(v.per)}" for name, v in protocol.covariates.items() if v.per != 1)
    lines.append(f"steps <- c({steps})")
    sets = ", ".join(f"{name} = {_r(v)}" for name, v in levels.items())
    lines += [f"level_sets <- list({sets})", f"landmarks <- {_landmarks(protocol)}"]
    return "\n".join(["# ---- Settings of the protocol", *lines, ""])


def _named_keys(study: Study) -> str:
    """Keys that the texts of their parts do not give, by these texts."""
    named = {"\t".join(t for t in row.texts if t): row.named for row in study.estimates.rows.values() if row.named}
    listed = ",\n  ".join(f"{_r(texts)} = {_r(key)}" for texts, key in named.items())
    return f"named_keys <- list({listed})"


def _skipped(study: Study) -> str:
    """Keys that the calls below would fill with another number."""
    keys = [key for key, why in not_regenerated(study).items() if why == STRATIFIED]
    return f"skipped <- {_r(keys) if keys else 'character(0)'}"


def _benchmark(protocol: Protocol) -> str:
    """The fixed rate that a single arm is tested against, as a list; NULL without one."""
    asked = protocol.response.benchmark if protocol.response is not None else None
    if asked is None:
        return "NULL"
    fields = {
        "rate": asked.rate,
        "null": asked.null,
        "alternative": asked.alternative,
        "criterion": protocol.response.criteria[0],
    }
    return f"list({', '.join(f'{name} = {_r(value)}' for name, value in fields.items())})"


def _design(study: Study, design: Design) -> str:
    protocol = study.protocol
    pair = f"pair_{design.name}" if design.paired else ""
    spec = protocol.designs.get(design.name, protocol.primary_design) if design.model is not None else None
    lines = [
        f"\n# {comment(design.label)}",
        f"smd_denominator <- {_r(denominator_of(spec) if spec is not None else protocol.smd_denominator)}",
        *_who(design, spec, pair),
    ]
    modelled = list(dict.fromkeys(b.variable for b in design.balance if b.in_propensity))
    if modelled:
        lines.append(
            f"{'weighted' if design.sample.weighted else 'largest'}_imbalance(whole, data, {_r(design.name)}, {_r(modelled)})"
        )
    primary = design.name in protocol.compared
    if primary:
        lines += [*_baseline(study, design, pair), *balance_lines(protocol, design)]
        for criterion in study.outcomes.best_response:
            column = columns_named("best", study.outcomes.best_response)[criterion]
            lines.append(f"response(data, {_r(design.name)}, {_r(criterion)}, {_r(column)}, {_r(pair)})")
    for name in protocol.endpoints if primary else protocol.main_endpoints:
        lines.append(f"d <- data; d$time <- d${name}_time; d$event <- d${name}_event; d$source <- d${name}_source")
        lines += _survival(study, design, name, pair) if primary else []
        lines.append(f"treatment_effect(d, {_r(name)}, {_r(design.name)}, '', {_r(pair)})")
        if primary and name in protocol.main_endpoints:
            lines += effects_lines(study, design, name, pair)
            lines += _models(study, design, name, pair)
        if primary:
            lines += _readings(study, design, name, pair)
        if primary and name in protocol.main_endpoints:
            where = f"{_r(name)}, {_r(design.name)}, {_r(pair)}"
            for key, exclude in late_exclusions(protocol).items():
                lines.append(f"late_exclusion(data, {where}, {_r(key)}, {exclude.landmark_day!r})")
    if primary:
        lines += binary_lines(study, design, pair)
        lines += detail_script.of_design(study, design, pair)
    return "\n".join(lines)


def _who(design: Design, spec: DesignSpec | None, pair: str) -> list[str]:
    """The patients of the design: `data`, with the columns .w and .id where it is weighted; and its facts."""
    if spec is None:
        return ["data <- whole"]
    return [*score_lines(design.model), *_sample(design, spec, pair)]


def _sample(design: Design, spec: DesignSpec, pair: str) -> list[str]:
    name, scored = _r(design.name), _r(list(design.model.covariates))
    if isinstance(spec, WeightsSpec):
        limits = list(spec.trim.score) if spec.trim is not None else None
        options = ", ".join(_r(x) for x in (spec.target, spec.stabilised, spec.method, limits, spec.truncate))
        return [f"data <- weighted_sample(whole, {name}, {scored}, {options})"]
    if isinstance(spec, StrataSpec):
        return [f"data <- stratified_sample(whole, {name}, {scored}, {_r(spec.target)}, {spec.classes})"]
    if design.sample.weighted:
        return [
            f"scale_of_score <- {_r(spec.scale)}; caliper_sd <- {_r(spec.caliper_sd)}",
            f"invisible(propensity(whole, {name}, {scored})); data <- set_sample(whole, {name})",
            f"match_facts(whole, data, {name}, {scored}, {_r(spec.caliper if spec.method != 'cem' else None)})",
            *_calipers(design, spec),
        ]
    return [
        f"data <- whole[whole${pair} > 0, ]",
        f"scale_of_score <- {_r(spec.scale)}; caliper_sd <- {_r(spec.caliper_sd)}",
        f"invisible(propensity(whole, {name}, {scored}))",
        f"match_facts(whole, data, {name}, {scored}, {_r(spec.caliper)})",
        *_calipers(design, spec),
    ]


def _calipers(design: Design, spec: MatchSpec) -> list[str]:
    """How far partners may be apart in covariates."""
    said = []
    for name, width in spec.calipers.items():
        share = in_sd(width)
        many = ", ".join(_r(x) for x in (design.name, name, width if share is None else share, share is not None))
        said.append(f"covariate_caliper(whole, {many})")
    return said


def _baseline(study: Study, design: Design, pair: str) -> list[str]:
    balanced = {b.variable for b in design.balance}
    weighted = design.sample.weighted
    call, given = ("weighted_baseline", "") if weighted else ("baseline", f"{_r(pair)}, ")
    lines = (
        [] if weighted else [f"for (g in c('total', arms)) put(k('baseline', {_r(design.name)}, g, 'n'), sum(in_group(data, g)))"]
    )
    for name, spec in study.protocol.covariates.items():
        levels = f", {_r(list(spec.levels))}" if spec.levels else ", NULL"
        lines.append(
            f"{call}(whole, data, {_r(design.name)}, {given}{_r(name)}, {_r(spec.kind)}{levels}, {_r(name in balanced)})"
        )
    return lines


def _survival(study: Study, design: Design, endpoint: str, pair: str) -> list[str]:
    where = f"{_r(endpoint)}, {_r(design.name)}"
    return [
        f"curves(d, {where}, '')",
        f"log_rank(d, c('survival', {where}, 'logrank'))",
        f"follow_up(d, {where})",
    ]


def _models(study: Study, design: Design, endpoint: str, pair: str) -> list[str]:
    protocol = study.protocol
    lines = []
    if design.name == UNADJUSTED:
        lines += [f"predictors(d, {_r(endpoint)}, {_r(v)}, 'cox_univariable')" for v in protocol.cox.univariable]
        if protocol.cox.multivariable.get(endpoint):
            lines.append(f"predictors(d, {_r(endpoint)}, {_r(protocol.cox.multivariable[endpoint])}, 'cox_multivariable')")
    for name, subgroup in protocol.subgroups.items():
        where = f"{_r(endpoint)}, {_r(design.name)}, {_r(pair)}, {_r(name)}"
        lines.append(f"subgroup(d, {where}, {_r(list(subgroup.levels))})")
    return lines


def _readings(study: Study, design: Design, endpoint: str, pair: str) -> list[str]:
    """The endpoint by alternative definitions."""
    lines = []
    for variant in study.outcomes.endpoint_variants.get(endpoint, {}):
        name = column_name(endpoint, variant)
        where = ", ".join(_r(x) for x in (endpoint, design.name, variant, pair))
        lines.append(f"d <- data; d$time <- d${name}_time; d$event <- d${name}_event; reading(d, {where})")
    return lines


def _landmarks(protocol: Protocol) -> str:
    days = protocol.landmark_days
    return f"c({', '.join(f'{_r(label)} = {value!r}' for label, value in days.items())})" if days else "numeric(0)"


def _risk_times(study: Study) -> Iterator[str]:
    """Of each figure the days at which patients at risk are counted, by the level of their rows."""
    found: dict[str, dict[str, float]] = {}
    for row in study.estimates.rows.values():
        if row.statistic == "at_risk" and row.phase in AXES:
            found.setdefault(AXES[row.phase](row), {})[row.level] = tick_of(row.level) * study.protocol.days_per_unit
    for figure, days in found.items():
        yield f"{_r(figure)} = c({', '.join(f'{_r(level)} = {value!r}' for level, value in days.items())})"


def _safety(study: Study) -> str:
    lines = ["\n# Safety"]
    if study.outcomes.worst_grade:
        named = columns_named("ae", study.outcomes.worst_grade)
        terms = ", ".join(f"{_r(t)} = {_r(named[t])}" for t in study.outcomes.worst_grade)
        lines.append(f"adverse_events(whole, list({terms}))")
    flags = columns_named("flag", study.outcomes.flags)
    for name, flag in study.outcomes.flags.items():
        if flag.dtype == bool:
            key = f"c('safety', 'unadjusted', 'patients_with', {_r(name)})"
            lines.append(f"rate(whole, {key}, whole${flags[name]} == 1, '', groups = c('total', arms))")
    return "\n".join(lines)
