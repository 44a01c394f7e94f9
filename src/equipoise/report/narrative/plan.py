"""What the study plan says, in sentences made of the protocol alone."""

from __future__ import annotations

from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.missing import IMPUTE, INDICATOR
from equipoise.protocol.population import OMOP
from equipoise.protocol.spec import Protocol
from equipoise.protocol.wording import without_unit
from equipoise.report import format as fmt
from equipoise.report.made import spoken
from equipoise.report.narrative.omop import omop_index
from equipoise.report.windows import used_windows, window_words
from equipoise.report.words import words


def _label(protocol: Protocol, arm: str) -> str:
    return fmt.lower_first(protocol.arms.label(arm))


def objective(protocol: Protocol) -> list[str]:
    arms = fmt.listed([_label(protocol, a) for a in protocol.arms.groups])
    key = "plan.objective_describe" if protocol.arms.single else "plan.objective_compare"
    first = fmt.lower_first(next(iter(protocol.endpoints.values())).label)
    said = words(key, arms=arms, population=protocol.study.population)
    return [said, words("plan.primary_endpoint", endpoint=first)]


def design(protocol: Protocol) -> list[str]:
    return [words("plan.design_single" if protocol.arms.single else "plan.design")]


def time_zero(protocol: Protocol) -> list[str]:
    index, study = protocol.index, protocol.study
    if protocol.omop is not None:
        said = list(omop_index(protocol))
    elif index is None or protocol.data.rows is not None:
        said = [words("plan.time_zero_rows")]
    else:
        said = [words("plan.time_zero", index=fmt.lower_first(index.label), span=_span(protocol))]
    if protocol.said_line is not None:
        said.append(words("plan.line", line=str(protocol.said_line)))
    if study.setting:
        said.append(words("plan.setting", setting=study.setting))
    return said + ([words("plan.cutoff", day=fmt.day(study.data_cutoff))] if study.data_cutoff is not None else [])


def _span(protocol: Protocol) -> str:
    assert protocol.index is not None
    first, last = protocol.index.accrual.from_, protocol.index.accrual.to
    if first is not None and last is not None:
        return words("plan.span", first=fmt.day(first), last=fmt.day(last))
    if first is not None:
        return words("plan.span_from", first=fmt.day(first))
    return words("plan.span_to", last=fmt.day(last)) if last is not None else ""


def eligibility(protocol: Protocol) -> list[str]:
    if not protocol.eligibility.steps:
        said = [words("plan.no_steps")]
    else:
        said = [words("plan.start", start=fmt.lower_first(protocol.eligibility.start))]
    return said + [words("plan.restricted", label=r.label, where=r.where) for r in protocol.restrict.values()]


def covariates(protocol: Protocol) -> list[str]:
    used = used_windows(protocol) if protocol.data.tables is not None else []
    said = []
    if used:
        days = {name: getattr(protocol.windows, name).days for name in used}
        parts = [
            words("plan.window", name=window_words(n), first=fmt.number(a), last=fmt.number(b)) for n, (a, b) in days.items()
        ]
        said.append(words("plan.baseline", windows="; ".join(parts)))
    if protocol.scored:
        names = fmt.listed([fmt.lower_first(without_unit(protocol.covariates[n])) for n in protocol.scored])
        said.append(words("plan.scored", covariates=names))
    items = fmt.listed([spoken(item.replace("_", " ")) for item in protocol.not_recorded_is_none])
    return said + ([words("plan.not_recorded", items=fmt.upper_first(items))] if items else [])


def follow_up(protocol: Protocol) -> list[str]:
    cutoff = protocol.study.data_cutoff
    until = words("plan.until", day=fmt.day(cutoff)) if cutoff is not None else ""
    said = [words("plan.follow_up", cutoff=until)]
    day = protocol.first_day_of_progression
    own = {protocol.progression_from_day(e) for e in protocol.endpoints.values() if set(e.events) & set(e.progression)}
    return said + ([words("plan.early_progression", day=fmt.number(day))] if day and own == {day} else [])


def designs(protocol: Protocol) -> list[str]:
    if protocol.arms.single:
        return []
    if not protocol.designs:
        return [words("plan.as_they_are")]
    low, high = (fmt.short(v) for v in protocol.balance_thresholds)
    return [words("plan.balance", low=low, high=high), *_stop(protocol), words("plan.lock")]


def _stop(protocol: Protocol) -> list[str]:
    asked = protocol.stop_if
    if asked is None:
        return []
    given = {
        "plan.stop_smd": asked.smd_above and fmt.short(asked.smd_above),
        "plan.stop_n": asked.effective_n_below and fmt.short(asked.effective_n_below),
        "plan.stop_share": asked.equipoise_share_below and f"{100 * asked.equipoise_share_below:.10g}%",
    }
    return [words("plan.stop", limits=fmt.either([words(key, value=v) for key, v in given.items() if v]))]


def analysis(protocol: Protocol) -> list[str]:
    conventions, arms = protocol.conventions, protocol.arms
    said = [words("plan.survival", interval=spoken(conventions.interval_type))]
    if not arms.single:
        told = [words("numbers.vs", first=_label(protocol, a), other=_label(protocol, arms.reference)) for a in arms.treatments]
        said.append(words("plan.effect", contrast=fmt.listed(told), ties=fmt.upper_first(spoken(protocol.cox.ties))))
    horizons = {e: d for e in protocol.main_endpoints if (d := protocol.declared_horizon(e)) is not None}
    if horizons:
        unit = protocol.time_unit
        parts = [
            words("plan.horizon", value=fmt.short(d / protocol.days_per_unit), unit=unit, endpoint=protocol.endpoints[e].short)
            for e, d in horizons.items()
        ]
        said.append(words("plan.rmst", horizons=fmt.listed(parts)))
    for endpoint, names in protocol.cox.multivariable.items():
        known = [
            fmt.lower_first(without_unit(protocol.covariates[n])) if n in protocol.covariates else "treatment" for n in names
        ]
        label = fmt.lower_first(protocol.endpoints[endpoint].label)
        said.append(words("plan.multivariable", endpoint=label, covariates=fmt.listed(known)))
    said += [words("plan.subgroup", label=s.label, levels=", ".join(s.levels)) for s in protocol.subgroups.values()]
    said += [*_response(protocol), *_safety(protocol)]
    said += [words("plan.published")] if protocol.published is not None else []
    said.append(words("plan.tests", alpha=fmt.p_limit(conventions.alpha), level=protocol.level_words))
    return [*said, words("plan.conventions", name=protocol.convention)]


def _response(protocol: Protocol) -> list[str]:
    asked = protocol.response
    if asked is None:
        return []
    days = fmt.number(asked.confirmation_days)
    confirmed = words("plan.confirmed", days=days) if asked.confirmation else words("plan.unconfirmed")
    criteria = fmt.listed(list(asked.criteria))
    return [words("plan.response", criteria=criteria, confirmed=confirmed, days=fmt.number(asked.sd_minimum_days))]


def _safety(protocol: Protocol) -> list[str]:
    asked = protocol.safety
    if asked is None:
        return []
    which = words("plan.safety_related" if asked.attribution == "related" else "plan.safety_all")
    return [words("plan.safety", dictionary=asked.dictionary, which=which)]


def missing(protocol: Protocol) -> list[str]:
    asked = protocol.missing
    if not protocol.scored and asked.rule != IMPUTE:
        return []
    if asked.rule == IMPUTE and asked.impute is not None:
        made = asked.impute
        numbers = {"copies": str(made.imputations), "iterations": str(made.iterations), "seed": str(made.seed)}
        return [words("plan.impute", **numbers)]
    return [words("plan.indicator" if asked.rule == INDICATOR else "plan.complete_cases")]


def power(protocol: Protocol) -> list[str]:
    asked = protocol.power
    if asked is None:
        return []
    shortest, longest = (fmt.short(v) for v in asked.follow_up)
    lost = words("plan.lost", percent=f"{100 * asked.lost_per_year:.10g}%") if asked.lost_per_year else ""
    more = {"unit": protocol.time_unit, "shortest": shortest, "longest": longest, "lost": lost}
    arm = _label(protocol, protocol.arms.reference)
    said = [
        words("plan.power", endpoint=fmt.lower_first(protocol.endpoints[e].label), median=fmt.short(m), arm=arm, **more)
        for e, m in asked.median.items()
    ]
    if asked.hazard_ratio is not None:
        shown = {"ratio": fmt.short(asked.hazard_ratio), "power": f"{100 * asked.power:.10g}%"}
        said.append(words("plan.power_ratio", **shown))
    return [*said, words("plan.power_when")]


def sources(protocol: Protocol) -> list[str]:
    data = protocol.data
    if data.standard == "adam":
        said = [words("plan.source_adam", name=str(data.path or data.schema_))]
    elif data.standard == OMOP:
        said = [words("plan.source_omop", name=str(data.path or data.schema_))]
    elif data.connection is not None:
        if data.rows is not None:
            said = [words("plan.source_rows", files=f"{data.schema_}.{data.rows}")]
        else:
            key = "plan.database_sdtm" if data.standard == "sdtm" else "plan.database"
            said = [words("plan.source_tables", files=words(key, name=str(data.schema_)))]
    elif data.rows is not None:
        said = [words("plan.source_rows", files=data.rows)]
    else:
        key = "plan.sdtm" if data.standard == "sdtm" else "plan.folder"
        said = [words("plan.source_tables", files=words(key, name=str(data.tables)))]
    titles = fmt.listed([pack.title for pack in protocol.rule_packs])
    return said + ([words("plan.packs", packs=titles)] if titles else [])


def management(protocol: Protocol) -> list[str]:
    least = protocol.minimum_cell
    masked = [words("plan.small", most=str(least - 1))] if least is not None else []
    return [words("plan.quality"), words("plan.reproducible"), *masked]


def limitations(protocol: Protocol) -> list[str]:
    said = [words("plan.limit_single" if protocol.arms.single else "plan.limit_chosen"), words("plan.limit_records")]
    for late in late_exclusions(protocol).values():
        why = fmt.lower_first(late.why.strip().removesuffix("."))
        said.append(words("plan.limit_late", reason=fmt.lower_first(late.reason), why=why))
    if isinstance(protocol.primary_design, MatchSpec) and protocol.primary_design.pairs:
        said.append(words("plan.limit_overlap"))
    if protocol.scored and protocol.missing.rule not in (IMPUTE, INDICATOR):
        said.append(words("plan.limit_complete"))
    return said
