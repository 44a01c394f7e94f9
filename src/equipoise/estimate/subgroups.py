"""Subgroups: the arms within each level, the levels within each arm, and the interaction. Of a single arm the levels are
described and nothing is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import chdtrc

from equipoise import stats
from equipoise.engine import evaluate
from equipoise.estimate.effects import cox, strata_words, treatment_rows, with_stratum
from equipoise.estimate.estimable import all_usable, usable
from equipoise.estimate.survival import Setting, curve_rows, curves, logrank_rows
from equipoise.protocol.analyses import Subgroup
from equipoise.protocol.expressions import condition_sql
from equipoise.protocol.spec import Protocol
from equipoise.protocol.wording import lower_first
from equipoise.records import Covariates, Curve, Row
from equipoise.records.reasons import not_estimable


def subgroup_masks(protocol: Protocol, subgroup: Subgroup, covariates: Covariates) -> dict[str, np.ndarray]:
    """Level label -> bool per patient; an unknown value belongs to no level."""
    columns = dict(covariates.values)
    return {
        label: evaluate(condition_sql(where, protocol.binary_covariates), columns) for label, where in subgroup.levels.items()
    }


def subgroup_rows(s: Setting, name: str, subgroup: Subgroup, covariates: Covariates) -> tuple[list[Row], dict[str, Curve]]:
    """All rows and curves of one declared subgroup in the setting of the whole design."""
    masks = subgroup_masks(s.protocol, subgroup, covariates)
    rows: list[Row] = []
    found: dict[str, Curve] = {}
    for label, mask in masks.items():
        part = s.among(mask, f"{name} {label}")
        if not part.sample.n:
            continue
        own = curves(part)
        found.update(own)
        rows += [*curve_rows(part, own), *logrank_rows(part), *treatment_rows(part)]
    if not s.protocol.arms.single:
        rows += _levels_within_arms(s, name, masks)
        rows += _interaction(s, name, masks)
    return rows, found


def _levels_within_arms(s: Setting, name: str, masks: dict[str, np.ndarray]) -> Iterator[Row]:
    labels = list(masks)
    code = np.select([masks[k] for k in labels], range(len(labels)), default=-1)
    for arm in s.protocol.arms.groups:
        part = s.arm(arm).among(code >= 0)
        keep = part.include
        event = s.outcome.event[keep]
        if event.sum() == 0 or len(np.unique(code[keep])) < 2:
            continue
        base = {"variable": name, "group": arm, "n": float(keep.sum()), "events": float(event.sum())}
        if not part.weighted:
            test = stats.logrank(s.outcome.time[keep], event, code[keep])
            yield s.row("p", test.p, analysis="levels_logrank", method=test.method, **base)
        if len(labels) == 2:
            # Of one arm no two are a pair.
            alone = part if part.weighted else replace(part, cluster=None, stratum=None, paired=False)
            alone = with_stratum(replace(s, sample=alone)).sample
            fit = cox(s, (code[alone.include] == 0).astype(float)[:, None], alone)
            if usable(fit, 0):
                contrast = f"{labels[0]} vs {labels[1]}"
                low, high = float(fit.low[0]), float(fit.high[0])
                yield s.row(
                    "hr", fit.hr[0], low=low, high=high, analysis="levels_cox", contrast=contrast, method=fit.method, **base
                )


def _interaction(s: Setting, name: str, masks: dict[str, np.ndarray]) -> Iterator[Row]:
    strata, s = strata_words(s, s.mask), with_stratum(s)
    treated = s.cohort.in_arm(s.protocol.arms.compared).astype(float)
    others = [masks[k].astype(float) for k in list(masks)[1:]]
    X = np.column_stack([treated, *others, *(treated * o for o in others)])
    keep = s.mask & np.any(list(masks.values()), axis=0)
    if s.outcome.event[keep].sum() == 0:
        return
    fit = cox(s, X[keep], s.sample.among(keep))
    k = len(others)
    if not all_usable(fit):
        why = _why_no_interaction(s, masks)
        yield s.row("p", float("nan"), analysis="interaction", variable=name, method=not_estimable(why))
        return
    b, V = fit.coef[-k:], fit.covariance[-k:, -k:]
    chi2 = float(b @ np.linalg.solve(V, b))
    method = f"Wald test of the product of treatment and subgroup in a Cox model{strata}"
    if s.sample.words.variance:
        method += f", {s.sample.words.variance}"
    yield s.row(
        "p",
        float(chdtrc(k, chi2)),
        analysis="interaction",
        variable=name,
        n=float(fit.n),
        events=float(fit.n_events),
        method=method,
    )


def _why_no_interaction(s: Setting, masks: dict[str, np.ndarray]) -> str:
    """The arms of the levels without a patient or an event."""
    bare = []
    for label, mask in masks.items():
        for arm, group in s.protocol.arms.groups.items():
            mine = s.arm(arm).include & mask
            if not s.outcome.event[mine].any():
                n = int(mine.sum())
                who = f"with {lower_first(group.label)} in the subgroup {label}"
                bare.append(f"no event among the {n} patient{'' if n == 1 else 's'} {who}" if n else f"no patient {who}")
    return "; ".join(bare) or "the subgroups, or their arms, do not overlap"
