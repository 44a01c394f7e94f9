"""What the block `omop` says, as relations of literals."""

from __future__ import annotations

from equipoise.engine import Engine, values
from equipoise.protocol.omop import EVER
from equipoise.protocol.omop_request import CLEAN, EXCLUSION
from equipoise.protocol.spec import Protocol

WINDOW = ("asked", "set_name", "first_day", "last_day", "value_kind")
RISK = ("start_day", "days", "gap_days", "surveillance_days", "switched", "to_cohort_end", "cutoff")
KINDS = dict.fromkeys(("washout_days", "first_day", "last_day", "days", "gap_days", "surveillance_days"), "integer")
KINDS["cutoff"] = "date"
ON_TREATMENT = "on_treatment"


def define_settings(protocol: Protocol, engine: Engine) -> None:
    """setting_arm, setting_index, setting_window, setting_risk, setting_outcome."""
    omop, risk = protocol.omop, protocol.omop.risk_window
    washout = None if omop.index.washout_days == EVER else omop.index.washout_days
    gap = risk.gap_days if risk.kind == ON_TREATMENT else None
    ways = (int(risk.switch == "censored"), int(risk.kind == "cohort_end"))
    last = (risk.start_day, risk.days, gap, risk.surveillance_days, *ways, protocol.study.data_cutoff)
    given = {
        "setting_arm": (("arm", "set_name"), [(arm.value, arm.value) for arm in protocol.arms.groups.values()]),
        "setting_index": (("washout_days",), [(washout,)]),
        "setting_window": (WINDOW, _windows(protocol)),
    }
    if arm_cohorts(protocol):
        steps = [(name, protocol.omop.cohorts[name].definition.last_step) for name in arm_cohorts(protocol)]
        given["setting_cohort"] = (("cohort", "last_step"), steps)
    if not protocol.outcomes_closed:
        given["setting_risk"] = (RISK, [last])
        given["setting_outcome"] = (("outcome", "set_name"), [(name, o.concepts) for name, o in omop.outcomes.items()])
    for name, (columns, rows) in given.items():
        engine.define(name, values(columns, rows, {c: k for c, k in KINDS.items() if c in columns}), phase="data")


def _windows(protocol: Protocol) -> list[tuple]:
    """What is looked for before the index date: exclusions, clean windows of outcomes, covariates."""
    omop = protocol.omop
    rows: list[tuple] = [
        (EXCLUSION.format(i), x.concepts, x.first, x.last, "any") for i, x in enumerate(omop.exclusions, start=1)
    ]
    for name, outcome in omop.outcomes.items():
        if outcome.clean_days is not None:
            first = None if outcome.clean_days == EVER else -int(outcome.clean_days)
            rows.append((CLEAN.format(name), outcome.concepts, first, 0, "any"))
    rows += [(name, c.concepts, c.first, c.last, c.value) for name, c in omop.covariates.items() if c.concepts is not None]
    return rows


def arm_cohorts(protocol: Protocol) -> list[str]:
    """The cohorts that make the arms; none where concept sets do."""
    named = [str(arm.value) for arm in protocol.arms.groups.values()]
    return [name for name in dict.fromkeys(named) if name in protocol.omop.cohorts]


def used_sets(protocol: Protocol) -> list[str]:
    """The concept sets and cohorts whose records are read of the persons: those of windows, and of outcomes where these are open;
    those of the arms where follow-up asks how treatment went on."""
    omop = protocol.omop
    names = [row[1] for row in _windows(protocol)]
    if not protocol.outcomes_closed:
        names += [o.concepts for o in omop.outcomes.values() if o.concepts is not None]
        if omop.risk_window.kind == ON_TREATMENT or omop.risk_window.switch == "censored":
            names += [arm.value for arm in protocol.arms.groups.values()]
    return list(dict.fromkeys(str(name) for name in names))
