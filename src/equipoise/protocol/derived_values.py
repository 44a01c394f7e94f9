"""Conditions over what was derived at baseline (covariates, clinical scores, any column of the baseline): which may be asked by
`eligibility` and by `restrict`, and which names they may hold."""

from __future__ import annotations

from collections.abc import Callable, Collection

from equipoise.errors import Fault
from equipoise.packs import pack_of
from equipoise.protocol.baseline_columns import baseline_columns, baseline_truths
from equipoise.protocol.expressions import columns_of, condition_faults
from equipoise.protocol.nearest import LISTED, nearest
from equipoise.protocol.population import Exclude
from equipoise.protocol.spec import Protocol, stratifiers

COVARIATE = "covariate"  # the word of `table:`


def asks_derived(exclude: Exclude, own: Collection[str]) -> bool:
    """Whether an exclusion asks derived values: it says `table: covariate`, or names no table and more than the columns (own) of
    the table that is meant then."""
    if exclude.table is not None:
        return exclude.table == COVARIATE
    return not set(columns_of(exclude.where)) <= set(own)


def value_names(protocol: Protocol, where: str) -> list[str]:
    """The names of a condition, with the columns behind the covariates that say nothing of when they were known."""
    found = []
    for name in columns_of(where):
        found.append(name)
        covariate = protocol.covariates.get(name)
        if covariate is not None and covariate.known is None:
            found += columns_of(covariate.from_)
    return list(dict.fromkeys(found))


def value_faults(protocol: Protocol, where: str, baseline: Collection[str], place: str) -> list[Fault]:
    """What is wrong with a condition over derived values. baseline: the columns that stand beside the covariates."""
    known = [*protocol.covariates, *baseline]
    unknown = [name for name in columns_of(where) if name not in set(known)]
    if unknown:
        return [Fault(place, "unknown name", _no_value(protocol, name, baseline)) for name in unknown]
    return condition_faults(where, known, place, _truths(protocol))


def restriction_faults(protocol: Protocol, place: Callable[..., str]) -> list[Fault]:
    """Names of `restrict` that another population bears; conditions, strata and exact matching by what is not known in a study
    from raw tables. Those of a spreadsheet are checked with its columns."""
    faults = []
    for name, restriction in protocol.restrict.items():
        if name in ("all", *protocol.subgroups):
            message = f"'{name}' names {'all patients' if name == 'all' else 'a subgroup'}; give the restriction another name"
            faults.append(Fault(place("restrict", name), "name taken", message))
        alike = [n for n, r in protocol.restrict.items() if r.label.strip().lower() == restriction.label.strip().lower()]
        if name != alike[0]:
            message = (
                f"'{name}' has the label of '{alike[0]}', so that nobody could tell the two populations apart; name it otherwise"
            )
            faults.append(Fault(place("restrict", name, "label"), "same words", message))
        if protocol.data.rows is None:
            columns = baseline_columns(protocol.contract, protocol.rule_packs)
            faults += value_faults(protocol, restriction.where, columns, place("restrict", name, "where"))
    if protocol.data.rows is None:
        faults += stratifier_faults(protocol, baseline_columns(protocol.contract, protocol.rule_packs), place)
    return faults


def stratifier_faults(protocol: Protocol, columns: Collection[str], place: Callable[..., str]) -> list[Fault]:
    """Names of strata and of exact matching that are no value known at baseline. columns: of the baseline, or of the sheet."""
    known = {*protocol.covariates, *columns}
    unknown = [(n, (*w, i)) for w, names in stratifiers(protocol).items() for i, n in enumerate(names) if n not in known]
    return [Fault(place(*where), "unknown name", _no_value(protocol, name, columns)) for name, where in unknown]


def _truths(protocol: Protocol) -> list[str]:
    """Names that are true or false and may stand alone."""
    columns = baseline_truths(protocol.contract, protocol.rule_packs) if protocol.data.rows is None else []
    return [*protocol.binary_covariates, *(c for c in columns if c not in protocol.covariates)]


def _no_value(protocol: Protocol, name: str, baseline: Collection[str]) -> str:
    pack = pack_of(name)
    if pack:
        return f"'{name}' is a value that the pack '{pack}' brings: name it in the protocol, packs: [{pack}]"
    near = nearest(name, [*protocol.covariates, *baseline])
    meant = f"did you mean '{near}'? " if near else ""
    others = [c for c in baseline if c not in protocol.covariates]
    more = f" and {len(others) - LISTED} more" if len(others) > LISTED else ""
    beside = f"; beside them: {', '.join(others[:LISTED])}{more}" if others else ""
    return (
        f"'{name}' is neither a covariate nor another value known at baseline; {meant}Covariates are "
        f"{', '.join(protocol.covariates)}{beside}"
    )
