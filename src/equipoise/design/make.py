"""The designs of a study: unadjusted, matched, and the declared variants of the match. Outcomes are not an argument."""

from __future__ import annotations

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.matching import Match, greedy_nearest
from equipoise.design.propensity import Propensity, fit_propensity, score_sd
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Designs

UNADJUSTED, MATCHED = "unadjusted", "matched"


def make_designs(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Designs:
    """Unadjusted, matched, then one design per propensity variant (named variant_<name>); without a design in the protocol
    the first alone. Raises DataError when nobody can be matched."""
    designs = [_unadjusted(protocol, cohort, covariates)]
    if protocol.design is not None:
        designs.append(_matched(protocol, cohort, covariates, MATCHED, "Propensity score-matched", protocol.scored))
        for name, variant in protocol.sensitivity.propensity_variants.items():
            designs.append(_matched(protocol, cohort, covariates, f"variant_{name}", variant.label, variant.covariates))
    return Designs(cohort, tuple(designs))


def _unadjusted(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Design:
    """Everybody with weight one. Of a single arm the balance is empty."""
    everyone = np.ones(cohort.n, dtype=bool)
    single = protocol.arms.single
    rows = () if single else balance_rows(protocol, cohort, covariates, everyone, set(protocol.scored))
    label = "Analysed" if single else "Unadjusted"
    return Design(UNADJUSTED, label, everyone, np.ones(cohort.n), np.zeros(cohort.n, dtype=int), rows)


def _matched(protocol: Protocol, cohort: Cohort, covariates: Covariates, name: str, label: str, names: list[str]) -> Design:
    fitted = fit_propensity(protocol, cohort, covariates, names)
    focal = cohort.in_arm(protocol.arms.focal)
    spec = protocol.design
    score = fitted.logit if spec.scale == "logit" else fitted.propensity
    sd = score_sd(score, focal, spec.caliper_sd)
    match = _match(score, focal, np.inf if spec.caliper is None else spec.caliper * sd, spec.order)
    if match.n_pairs == 0:
        message = "no pair lies within the caliper; widen it or change the propensity covariates"
        raise DataError(Fault(protocol.place("design", "caliper"), "no pairs", message))
    include = match.pair > 0
    return Design(
        name=name,
        label=label,
        include=include,
        weight=include.astype(float),
        pair=match.pair,
        balance=balance_rows(protocol, cohort, covariates, include, set(names)),
        facts=_facts(protocol, match, fitted, score, focal, sd),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
    )


def _match(score: np.ndarray, focal: np.ndarray, caliper: float, order: str) -> Match:
    """Match the patients with a score; the others stay unmatched."""
    known = np.flatnonzero(~np.isnan(score))
    match = greedy_nearest(score[known], focal[known], caliper, order)
    pair = np.zeros(len(score), dtype=int)
    pair[known] = match.pair
    return Match(pair, match.n_pairs, match.caliper, match.method)


def _facts(
    protocol: Protocol, match: Match, fitted: Propensity, score: np.ndarray, focal: np.ndarray, sd: float
) -> dict[str, float | str]:
    spec = protocol.design
    facts: dict[str, float | str] = {
        "pairs": match.n_pairs,
        "unmatched_focal": int((focal & (match.pair == 0)).sum()),
        "unmatched_other": int((~focal & (match.pair == 0)).sum()),
        "missing_score": int(np.isnan(score).sum()),
        "score_sd": sd,
        "score_sd_pooled": score_sd(score, focal, "pooled"),
        "c_statistic": fitted.fit.c_statistic,
        "method": match.method,
    }
    if spec.caliper is not None:
        pooled = score_sd(score, focal, "pooled")
        facts["caliper"] = match.caliper
        facts["caliper_pooled"] = spec.caliper * pooled
        facts["pairs_pooled"] = _match(score, focal, spec.caliper * pooled, spec.order).n_pairs
    return facts
