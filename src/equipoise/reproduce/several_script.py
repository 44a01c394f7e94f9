"""More than two arms in R: all of them together by a script of their own; each comparison is exported as a study of two arms."""

from __future__ import annotations

from equipoise.protocol.spec import Protocol
from equipoise.records import Design, Row, Study
from equipoise.reproduce.r_text import comment
from equipoise.reproduce.r_text import literal as _r

MADE = ("kaplan_meier", "logrank", "observed_time", "follow_up", "event_count", "decided_by", "cox", "cox_all_arms", "ph_test")
OF_ALL_ARMS = "of all arms together, of which the script makes the curves, log-rank tests and hazard ratios again"
OF_TWO_ARMS = "of a comparison of two arms: the script in the folder of its name makes it again"


def several_lines(study: Study, design: Design) -> str:
    """The calls for one design of all arms; its weights are given."""
    name = _r(design.name)
    lines = [f"\n# {comment(design.label)}", "data <- whole"]
    if design.sample.weighted:
        weight = f"weight_{design.name}"
        lines.append(f"data <- whole[!is.na(whole${weight}), ]; data$.w <- data${weight}")
        lines.append("data$.id <- data$.set <- seq_len(nrow(data))")
    for endpoint in study.protocol.endpoints:
        e = _r(endpoint)
        lines.append(f"d <- data; d$time <- d${endpoint}_time; d$event <- d${endpoint}_event; d$source <- d${endpoint}_source")
        if design.name in study.protocol.compared:
            lines.append(f"curves(d, {e}, {name}, ''); follow_up(d, {e}, {name})")
            lines.append(f"log_rank(d, c('survival', {e}, {name}, 'logrank'))")
        if design.name in study.protocol.compared or endpoint in study.protocol.main_endpoints:
            lines.append(f"several_effect(d, {e}, {name})")
    return "\n".join(lines)


def outside_of_several(protocol: Protocol, row: Row) -> str:
    """Why the script of all arms does not make a row again; '' where it does."""
    if not protocol.arms.several:
        return ""
    if row.population.partition(" ")[0] in protocol.comparisons:
        return OF_TWO_ARMS
    return "" if row.phase == "survival" and row.population == "all" and row.analysis in MADE else OF_ALL_ARMS
