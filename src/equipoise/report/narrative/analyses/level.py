"""Level, sides and multiplicity of the tests, and the conventions of numbers."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told
from equipoise.report.words import words


def _level(numbers: Numbers) -> str:
    """Nothing where no P value was made."""
    if not any(row.statistic.partition("_")[0] == "p" for row in numbers.study.estimates.rows.values()):
        return ""
    response = numbers.protocol.response
    benchmark = response.benchmark if response is not None else None
    made = {
        "benchmark": benchmark is not None and benchmark.alternative == "greater",
        "pair_bounds": "sensitivity.pair_bounds" in numbers.analyses,
    }
    listed = [words(f"analyses.level.one_sided.{name}") for name, on in made.items() if on]
    alpha = fmt.p_limit(numbers.protocol.conventions.alpha)
    if listed:
        return words("analyses.level.two_sided_but", one_sided=fmt.listed(listed), alpha=alpha)
    return words("analyses.level.two_sided", alpha=alpha)


def _multiplicity(numbers: Numbers) -> str:
    if numbers.single:
        return ""
    adjusted = numbers.has("safety", statistic="p_holm")
    return words("analyses.level.unadjusted_but" if adjusted else "analyses.level.unadjusted")


def _conventions(numbers: Numbers) -> str:
    c, kind = numbers.protocol.conventions, "other" if numbers.protocol.conventions.departures else "all"
    known = {2: "analyses.level.quartiles.2", 7: "analyses.level.quartiles.7"}.get(c.quantile_type)
    months = numbers.protocol.time_unit == "months"
    return words(
        "analyses.level.conventions_months" if months else "analyses.level.conventions",
        quartiles=words(known) if known else words("analyses.level.quantile", number=str(c.quantile_type)),
        rounding=words(f"analyses.level.rounding.{c.percent_rounding}"),
        profile=words(f"analyses.level.{kind}_conventions", profile=c.profile.upper()),
        **({"days": fmt.short(c.days_per_month)} if months else {}),
    )


LEVEL = (Told((), _level), Told((), _multiplicity), Told((), _conventions))
QUALITY = (
    Told(
        ("quality.finding", "quality.without", "quality.fitness", "quality.missing", "quality.recorded"),
        lambda n: words("analyses.quality.checked"),
    ),
)
