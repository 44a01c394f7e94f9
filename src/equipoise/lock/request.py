"""The part of a protocol that decides the design, in a normal form: words, labels and the order of lists that mean sets do not
count, nor whether one match was written as `design:` or as one of `designs:`."""

from __future__ import annotations

from typing import Any

from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.designs import DesignSpec
from equipoise.protocol.missing import COMPLETE
from equipoise.protocol.spec import Protocol

WORDS = ("label", "why", "role", "reason", "show", "per", "landmark_day", "balance_thresholds")
SETS = ("propensity", "exact", "anti_exact", "covariates", "packs", "not_recorded_is_none")
KEPT = (
    "index", "eligibility", "restrict", "windows", "not_recorded_is_none", "measurements", "covariates", "balance", "prior_line",
)  # fmt: skip
# What a design did before it could be asked for: kind -> key -> value. Left out, so that earlier locks stand.
BEFORE = {"weights": {"method": "logistic"}}


def request_of(protocol: Protocol) -> dict[str, Any]:
    """As plain data, for a lock and for comparison with one."""
    closed = without_outcomes(protocol)
    plain = closed.describe()
    asked: dict[str, Any] = {name: plain[name] for name in KEPT if plain.get(name) is not None}
    if protocol.omop is not None:
        asked["omop"] = _omop(plain["omop"], [str(arm.value) for arm in protocol.arms.groups.values()])
    asked["data_cutoff"] = _limiting_cutoff(closed)
    arms = plain["arms"]
    asked["arms"] = {name: arms[name] for name in ("column", "focal", "groups")}
    asked["packs"] = {pack.name: pack.sha256 for pack in closed.rule_packs}
    asked["designs"] = {name: _design(spec) for name, spec in closed.designs.items()}
    asked["primary"] = closed.primary
    asked["balance"] = {"thresholds": list(closed.balance_thresholds), "smd_denominator": closed.smd_denominator}
    asked["variants"] = plain["sensitivity"]["propensity_variants"]
    asked |= {name: plain["data"].get(name) for name in ("missing", "missing_in", "limits", "one_row")}
    asked["missing_covariates"] = None if closed.missing.rule == COMPLETE else closed.missing.model_dump(mode="json")
    if plain["data"].get("spellings"):
        asked["spellings"] = plain["data"]["spellings"]
    asked["partial_dates"] = plain["data"].get("partial_dates")
    found = _plain(asked)
    assert isinstance(found, dict)
    return found


def _omop(plain: dict[str, Any], arms: list[str]) -> dict[str, Any]:
    """What makes persons, index dates, covariates and groups; of the outcomes the clean windows alone, and of the concept sets
    and cohorts those that any of this names."""
    clean = {
        name: {key: o[key] for key in ("concepts", "clean_days")}
        for name, o in plain["outcomes"].items()
        if o["clean_days"] is not None
    }
    parts = [*plain["exclusions"], *plain["covariates"].values(), *clean.values()]
    named = {*arms, *(part["concepts"] for part in parts)}
    sets = {key: {n: s for n, s in plain[key].items() if n in named} for key in ("concept_sets", "cohorts")}
    return {**sets, **{key: plain[key] for key in ("index", "exclusions", "covariates", "groups")}, "clean": clean}


def _design(spec: DesignSpec) -> dict[str, Any]:
    plain = spec.model_dump(mode="json", by_alias=True) | {"score": spec.score.decides}
    before = BEFORE.get(spec.kind, {})
    return {key: value for key, value in plain.items() if key not in before or before[key] != value}


def _limiting_cutoff(protocol: Protocol) -> str | None:
    """The data cut-off where it may leave out who started treatment later; follow-up that goes on decides no design."""
    cutoff = protocol.study.data_cutoff
    last = protocol.index.accrual.to if protocol.index is not None else None
    return None if cutoff is None or (last is not None and last <= cutoff) else cutoff.isoformat()


def _plain(given: Any, name: str = "") -> Any:
    """Without words, empty parts and blanks that mean nothing; of levels the keys, whose order decides nothing here."""
    if isinstance(given, dict):
        kept = {
            k: sorted(v) if k == "levels" and isinstance(v, dict) else _plain(v, k) for k, v in given.items() if k not in WORDS
        }
        return {k: v for k, v in sorted(kept.items()) if v not in (None, [], {}, "")}
    if isinstance(given, list):
        listed = [_plain(v) for v in given]
        return sorted(listed, key=str) if name in SETS else listed
    return " ".join(given.split()) if isinstance(given, str) else given
