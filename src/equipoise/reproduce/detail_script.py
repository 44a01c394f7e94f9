"""The calls of the R script that regenerate what came from many rows per patient, from the data sets beside analysis.csv."""

from __future__ import annotations

from typing import Any

from equipoise.protocol.lines import line_name
from equipoise.protocol.spec import Protocol
from equipoise.records import Design, SafetyDetail, Study
from equipoise.reproduce import r_text
from equipoise.reproduce.detail_data import LED_TO, detail_files, findings, laboratory_columns, linked, readers

READ = {  # object of the script: file, columns that hold text
    "response_rows": ("response.csv", ("patient_id", "reading", "best_unconfirmed", "best_confirmed")),
    "recorded_rows": ("response_recorded.csv", ("reading", "computed", "recorded")),
    "post_index_rows": ("post_index.csv", ("patient_id", "grouping", "type")),
    "events": ("adverse_events.csv", ("patient_id", "term")),
    "safety": ("safety.csv", ("patient_id",)),
    "conduct_rows": ("conduct.csv", ("patient_id", "death_cause", "death_source", "stop_reason")),
    "quality": ("quality.csv", ("patient_id", "site")),
    "imputed_rows": ("imputed.csv", ("patient_id",)),
}
HOLM = ("any_grade", "grade_3_4")


def reading(study: Study) -> str:
    """A read.csv per data set that the study has."""
    there = detail_files(study)
    later = f"{line_name(study.protocol.index_line + 1)}_regimen" in study.outcomes.flags
    lines = []
    for name, (file, text) in READ.items():
        if file in there:
            more = ("later_line_regimen",) if file == "conduct.csv" and later else ()
            kinds = ", ".join(f"{column} = 'character'" for column in (*text, *more))
            lines.append(f"{name} <- read_set('{file}', c({kinds}))")
    return "\n".join(lines)


def of_design(study: Study, design: Design, pair: str) -> list[str]:
    """Response in depth, what became known after the index date, and the result without patients of doubtful data."""
    lines, name = [], r_text.literal(design.name)
    detail = study.outcomes.response_detail
    if detail is not None and not design.sample.weighted:
        lines.append(f"response_detail(data, {name})")
        required = study.protocol.response is not None and study.protocol.response.confirmation
        column = "best_confirmed" if required else "best_unconfirmed"
        if len(detail.course) > 1:
            lines.append(f"agreement_of_readings(data, {name}, {r_text.literal(list(detail.course))}, '{column}')")
    if not design.sample.weighted:
        lines += [f"post_index(data, {name}, '{pair}', {_post(study.protocol, p)})" for p in study.protocol.post_index]
    first = next(iter(study.protocol.endpoints))
    return [*lines, f"without(data, {r_text.literal(first)}, {name}, '{pair}', c(findings, any_finding))"]


def of_study(study: Study) -> list[str]:
    """Once per study: recorded responses, adverse events in depth, conduct, exposure, quality of the data."""
    there = detail_files(study)
    lines = ["", "# Recorded responses, safety in depth, conduct, exposure, data quality"]
    if "response_recorded.csv" in there:
        lines.append("recorded_responses(recorded_rows)")
    if study.outcomes.safety is not None and study.outcomes.worst_grade:
        lines += _safety(study, study.outcomes.safety)
    if study.outcomes.conduct is not None:
        lines += [
            f"conduct(whole, {_named(readers(study))})",
            f"exposure(whole, {r_text.literal(line_name(study.protocol.index_line + 1))})",
        ]
    shown = r_text.literal(list(study.protocol.shown_covariates))
    if study.protocol.data.rows is not None:
        lines.append(f"missing_values(whole, {shown})")
    if not any(row.phase == "quality" for row in study.estimates.rows.values()):
        return lines  # of two arms of several it stands with all of them
    return [*lines, "findings_of(whole, findings)", f"fitness(whole, {shown}, findings, {_named(linked(study))})"]


def settings(study: Study) -> list[str]:
    """Findings of data quality; all together as `any` where more than one rule found a row."""
    several = sum(bool(f.rows) for f in study.quality.findings) > 1
    return [f"findings <- {_named(findings(study))}", f"any_finding <- {'list(any = findings)' if several else 'list()'}"]


def _safety(study: Study, found: SafetyDetail) -> list[str]:
    lines = []
    for action, column in LED_TO.items():
        lines.append(f"led_to(whole, '{column}', {r_text.literal(list(found.led_to[action]))})")
    lines.append("event_rates(whole)")
    lines.append(f"first_events(whole, {r_text.literal(list(found.first))})")
    lines.append(f"laboratory(whole, {_named(laboratory_columns(found))})")
    terms = {**dict.fromkeys(HOLM, list(study.outcomes.worst_grade))}
    terms |= dict.fromkeys(("lab_any_grade", "lab_grade_3_4"), list(found.laboratory))
    return [*lines, *(f"holm('{family}', {r_text.literal(names)})" for family, names in terms.items() if names)]


def _post(protocol: Protocol, name: str) -> str:
    post = protocol.post_index[name]
    given: dict[str, Any] = {
        "name": name,
        "endpoint": post.endpoint,
        "clock": post.clock,
        "progression": _progression(protocol, post.clock),
        "by": list(post.by),
        "types": list(post.types),
        "within_arms": post.within_arms,
        "landmark_day": post.landmark_day,
        "grace": post.grace,
        "adjust": list(post.adjust),
        "minimum_group": post.minimum_group,
        "published_p": post.published_p,
    }
    parts = [f"{key} = {r_text.literal(value)}" for key, value in given.items()]
    over_time = [
        f"list(endpoint = '{e}', progression = {r_text.literal(_progression(protocol, e))})" for e in post.adjust_over_time
    ]
    plans = [
        f"{r_text.literal(key)} = list(kinds = {r_text.literal(None if s.kinds is None else list(s.kinds))}, "
        f"since = {s.since!r}, by = {s.by!r})"
        for key, s in post.strategies.items()
    ]
    parts += [f"over_time = list({', '.join(over_time)})", f"strategies = list({', '.join(plans)})"]
    return f"list({', '.join(parts)})"


def _progression(protocol: Protocol, endpoint: str | None) -> list[str]:
    """Sources of an endpoint that are a progression; none where any event is one."""
    if endpoint is None or not protocol.endpoints[endpoint].events:
        return []
    return list(protocol.endpoints[endpoint].progression)


def _named(columns: dict[str, str]) -> str:
    return f"list({', '.join(f'{r_text.literal(k)} = {r_text.literal(v)}' for k, v in columns.items())})"
