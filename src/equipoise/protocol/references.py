"""Faults that no single field shows: names that point nowhere, designs that use the treatment as a covariate."""

from __future__ import annotations

from collections.abc import Callable, Collection

from equipoise.contract import Contract
from equipoise.errors import Fault
from equipoise.protocol.baseline_columns import baseline_columns, baseline_truths
from equipoise.protocol.binary_faults import binary_faults
from equipoise.protocol.bundle import bundle_faults
from equipoise.protocol.derived_values import COVARIATE, asks_derived, restriction_faults, value_faults
from equipoise.protocol.design_faults import design_faults
from equipoise.protocol.effects import effects_faults
from equipoise.protocol.estimand_faults import estimand_faults
from equipoise.protocol.expressions import columns_of, condition_faults, expression_faults
from equipoise.protocol.measures import Source
from equipoise.protocol.missing_covariates import missing_faults
from equipoise.protocol.multiverse_faults import multiverse_faults
from equipoise.protocol.nearest import hint
from equipoise.protocol.odd_values import odd_value_faults
from equipoise.protocol.omop_faults import omop_faults
from equipoise.protocol.power_faults import power_faults
from equipoise.protocol.prior_line import PACK as PRIOR_LINE
from equipoise.protocol.published_faults import published_faults
from equipoise.protocol.score_faults import score_faults
from equipoise.protocol.several_arms import several_arm_faults
from equipoise.protocol.single_arm import single_arm_faults
from equipoise.protocol.spec import TREATMENT, Protocol, scores
from equipoise.protocol.yaml_tree import TOLD_APART

DERIVED_TABLES = {
    "visit_response": ("patient_id", "criterion", "visit", "date", "day", "overall", "new_lesion"),
}
Place = Callable[..., str]


def reference_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """All dangling names, each at its line."""
    faults = single_arm_faults(protocol, place) + several_arm_faults(protocol, place)
    faults += design_faults(protocol, place)
    faults += score_faults(protocol, place)
    faults += multiverse_faults(protocol, place)
    faults += power_faults(protocol, place)
    faults += missing_faults(protocol, place)
    faults += published_faults(protocol, place)
    if not protocol.arms.single:
        options = protocol.effects, protocol.covariates, protocol.scored, protocol.landmark_days, protocol.days_per_unit
        faults += effects_faults(*options, place)
    asked = protocol.sensitivity
    faults += bundle_faults(asked.confounder, asked.negative_control, protocol.arms, list(protocol.endpoints), place)
    faults += _covariate_names(protocol, place)
    faults += _source_names(protocol, place)
    faults += _endpoint_names(protocol, place)
    faults += binary_faults(protocol, place)
    faults += restriction_faults(protocol, place)
    faults += _dose_faults(protocol, place)
    faults += _pack_faults(protocol, place)
    faults += estimand_faults(protocol, place)
    faults += odd_value_faults(protocol, place)
    faults += omop_faults(protocol, place)
    if protocol.data.tables is not None:
        faults += _table_mode(protocol, place)
    else:
        faults += _rows_mode(protocol, place)
    return faults


def _dose_faults(protocol: Protocol, place: Place) -> list[Fault]:
    arms = list(protocol.arms.groups)
    faults = [_unknown(arm, arms, "arm", place("dose", arm)) for arm in protocol.dose if arm not in arms]
    columns = baseline_columns(protocol.contract, protocol.rule_packs)
    truths = baseline_truths(protocol.contract, protocol.rule_packs)
    for arm, rules in protocol.dose.items():
        for i, rule in enumerate(rules):
            if rule.when is not None:
                faults += condition_faults(rule.when, columns, place("dose", arm, i, "when"), truths)
    return faults


def _pack_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """Settings of packs that are not named, or that no pack has."""
    faults = []
    if protocol.prior_line is not None and PRIOR_LINE not in [pack.name for pack in protocol.rule_packs]:
        message = f"'prior_line' names the drugs of the pack {PRIOR_LINE}: name it too, packs: [{PRIOR_LINE}]"
        faults.append(Fault(place("prior_line"), "missing pack", message))
    given = [g for pack in protocol.rule_packs for g in pack.inputs.values() if g.item is not None]
    known = [str(g.item) for g in given if g.assumable]
    for i, item in enumerate(protocol.not_recorded_is_none):
        if item not in known:
            what = "item of which an absent record may mean none"
            faults.append(_unknown(item, known, what, place("not_recorded_is_none", i)))
    return faults


def _unknown(name: str, known: Collection[str], what: str, place: str) -> Fault:
    return Fault(place, "unknown name", f"there is no {what} '{name}'; {hint(name, known)}")


def _covariate_names(protocol: Protocol, place: Place) -> list[Fault]:
    known = list(protocol.covariates)
    lists: list[tuple[tuple, list[str], bool]] = [(where, names, False) for where, names in scores(protocol).items()]
    lists.append((("cox", "univariable"), protocol.cox.univariable, True))
    lists += [(("cox", "multivariable", e), v, True) for e, v in protocol.cox.multivariable.items()]
    faults = []
    for where, names, with_treatment in lists:
        allowed = [*known, TREATMENT] if with_treatment else known
        unknown = [(i, name) for i, name in enumerate(names) if name not in allowed]
        faults += [_unknown(name, allowed, "covariate", place(*where, i)) for i, name in unknown[:TOLD_APART]]
        if len(unknown) > TOLD_APART:
            message = f"{len(unknown) - TOLD_APART:,} more names of this list are not covariates"
            faults.append(Fault(place(*where, unknown[TOLD_APART][0]), "unknown name", message))
    if TREATMENT in known:
        faults.append(
            Fault(place("covariates", TREATMENT), "reserved name", f"'{TREATMENT}' means the arm; rename this covariate")
        )
    return faults


def _source_names(protocol: Protocol, place: Place) -> list[Fault]:
    faults = []
    rows_mode, contract = protocol.data.rows is not None, protocol.contract
    for name, source in protocol.sources.items():
        if rows_mode or source.day:
            faults += _day_source(name, source, rows_mode, place)
            continue
        columns = _columns_of(contract, source.table)
        if columns is None:
            known = [*contract.tables, *DERIVED_TABLES]
            faults.append(_unknown(source.table, known, "table", place("sources", name, "table")))
            continue
        if source.date not in columns:
            faults.append(_unknown(source.date, columns, f"column of {source.table}", place("sources", name, "date")))
        if source.where:
            faults += condition_faults(source.where, columns, place("sources", name, "where"), _truths_of(contract, source.table))
    return faults


def _day_source(name: str, source: Source, rows_mode: bool, place: Place) -> list[Fault]:
    """Columns of a spreadsheet are known only once it is read."""
    if not rows_mode:
        message = "'day' names a spreadsheet's column of day numbers; a source from raw tables gives 'date'"
        return [Fault(place("sources", name, "day"), "not available", message)]
    faults = []
    if source.table != "patients":
        faults.append(_unknown(source.table, ["patients"], "table", place("sources", name, "table")))
    if not source.day:
        message = "a source from one row per patient gives 'day', a column of day numbers counted from the index date"
        faults.append(Fault(place("sources", name, "date"), "not available", message))
    return faults


def _endpoint_names(protocol: Protocol, place: Place) -> list[Fault]:
    known = list(protocol.sources)
    faults = []
    for name, endpoint in protocol.endpoints.items():
        for i, source in enumerate(endpoint.events):
            if source not in known:
                faults.append(_unknown(source, known, "source", place("endpoints", name, "events", i)))
        faults += _competing_names(protocol, name, place)
        for i, source in enumerate(endpoint.censoring):
            if source not in [*known, "day_one"]:
                faults.append(_unknown(source, [*known, "day_one"], "source", place("endpoints", name, "censoring", i)))
    faults += _profile_names(protocol, place)
    for name, subgroup in protocol.subgroups.items():
        for label, where in subgroup.levels.items():
            here = place("subgroups", name, "levels", label)
            faults += condition_faults(where, list(protocol.covariates), here, protocol.binary_covariates)
    for name in protocol.cox.multivariable:
        if name not in protocol.endpoints:
            faults.append(_unknown(name, list(protocol.endpoints), "endpoint", place("cox", "multivariable", name)))
    return [*faults, *_roles(protocol, place)]


def _competing_names(protocol: Protocol, name: str, place: Place) -> list[Fault]:
    """Sources of competing events: known, and of no other kind in the same endpoint."""
    known, endpoint, faults = list(protocol.sources), protocol.endpoints[name], []
    for i, source in enumerate(endpoint.competing):
        here = place("endpoints", name, "competing", i)
        if source not in known:
            faults.append(_unknown(source, known, "source", here))
        elif source in (*endpoint.events, *endpoint.censoring):
            message = f"the source '{source}' is named as competing and as something else; an event is of one kind"
            faults.append(Fault(here, "endpoint", message))
    return faults


def _roles(protocol: Protocol, place: Place) -> list[Fault]:
    """The first endpoint is the one that every page speaks of; an exploratory one has no models of its own."""
    faults = []
    first = next(iter(protocol.endpoints))
    if first not in protocol.main_endpoints:
        message = f"'{first}' stands first and must be a main endpoint; exploratory ones follow it"
        faults.append(Fault(place("endpoints", first, "role"), "endpoint", message))
    for name in protocol.cox.multivariable:
        if name in protocol.exploratory_endpoints:
            message = f"'{name}' is exploratory and has no multivariable model; leave it out here, or give it 'role: main'"
            faults.append(Fault(place("cox", "multivariable", name), "endpoint", message))
    return faults


def _profile_names(protocol: Protocol, place: Place) -> list[Fault]:
    """What the PFS profile fda2007 and the sensitivity analyses of endpoints need."""
    faults = []
    limited = {n: ("endpoints", n, "profile") for n, e in protocol.endpoints.items() if e.profile == "fda2007"}
    for name, variants in protocol.sensitivity.endpoints.items():
        here = ("sensitivity", "endpoints", name)
        if name not in protocol.endpoints:
            faults.append(_unknown(name, list(protocol.endpoints), "endpoint", place(*here)))
        elif not protocol.endpoints[name].events:
            message = "only an endpoint with 'events' and 'censoring' can be read in another way"
            faults.append(Fault(place(*here), "not available", message))
        elif "fda2007" in variants:
            limited.setdefault(name, here)
    for name, here in limited.items():
        faults += _limit_faults(protocol, name, place(*here))
    return faults


def _limit_faults(protocol: Protocol, name: str, here: str) -> list[Fault]:
    endpoint = protocol.endpoints[name]
    faults = []
    if protocol.data.rows is not None:
        return [Fault(here, "not available", "the profile fda2007 needs raw tables with dated scans")]
    if protocol.assessment is None:
        message = "the profile fda2007 needs the planned interval between scans: assessment: {scan_interval_days: ...}"
        faults.append(Fault(here, "missing key", message))
    for role in ("adequate_scan", "new_therapy"):
        source = getattr(endpoint, role)
        if source not in protocol.sources:
            message = f"the profile fda2007 of '{name}' needs the source '{source}' ({role}); declare it in sources"
            faults.append(Fault(here, "missing source", message))
    return faults


def _index_faults(protocol: Protocol, place: Place) -> list[Fault]:
    if protocol.index is None:
        return [Fault(place("data"), "missing key", "a study from raw tables needs 'index' (table and date of the index date)")]
    lacking = [key for key in ("table", "date") if not getattr(protocol.index, key)]
    return [Fault(place("index"), "missing key", f"index.{key}: this key is needed and missing") for key in lacking]


def _table_mode(protocol: Protocol, place: Place) -> list[Fault]:
    faults = _index_faults(protocol, place)
    if protocol.index is None or faults:
        return faults
    if protocol.measurements:
        message = "'measurements' declares columns of a spreadsheet; raw tables hold analytes and units in their rows"
        faults.append(Fault(place("measurements"), "not available", message))
    contract = protocol.contract
    columns = _columns_of(contract, protocol.index.table)
    if columns is None:
        return [_unknown(protocol.index.table, list(contract.tables), "table", place("index", "table"))]
    for where, column in ((("index", "date"), protocol.index.date), (("arms", "column"), protocol.arms.column)):
        if column is not None and column not in columns:
            faults.append(_unknown(column, columns, f"column of {protocol.index.table}", place(*where)))
    faults += _exclusions(protocol, place)
    known = baseline_columns(contract, protocol.rule_packs)
    for name, covariate in protocol.covariates.items():
        faults += expression_faults(covariate.from_, known, place("covariates", name, "from"))
    for name, endpoint in protocol.endpoints.items():
        if endpoint.time is not None:
            message = "'time' and 'event' are columns of a spreadsheet; a study from raw tables declares 'events' and 'censoring'"
            faults.append(Fault(place("endpoints", name), "endpoint", message))
    return faults


def _exclusions(protocol: Protocol, place: Place) -> list[Fault]:
    """Tables and columns that the exclusions of a study from raw tables ask."""
    faults: list[Fault] = []
    assert protocol.index is not None
    contract = protocol.contract
    known_at_baseline = baseline_columns(contract, protocol.rule_packs)
    for i, step in enumerate(protocol.eligibility.steps):
        for j, exclude in enumerate(step.exclude):
            here = ("eligibility", "steps", i, "exclude", j)
            table = exclude.table or protocol.index.table
            known = _columns_of(contract, table)
            if asks_derived(exclude, _columns_of(contract, protocol.index.table) or ()):
                faults += value_faults(protocol, exclude.where, known_at_baseline, place(*here, "where"))
            elif table in DERIVED_TABLES:
                continue  # known only after the index date, which the guard of time zero says
            elif known is None:
                faults.append(_unknown(table, [COVARIATE, *contract.tables], "table", place(*here, "table")))
            else:
                faults += condition_faults(exclude.where, known, place(*here, "where"), _truths_of(contract, table))
    return faults


def _rows_mode(protocol: Protocol, place: Place) -> list[Fault]:
    faults = []
    dated = protocol.index if protocol.index is not None and (protocol.index.table or protocol.index.date) else None
    raw = {"index": dated, "response": protocol.response, "safety": protocol.safety, "dose": protocol.dose or None}
    for key, given in raw.items():
        if given is not None:
            message = f"'{key}' needs raw tables; this study starts from one row per patient"
            faults.append(Fault(place(key), "not available", message))
    conditions: dict[tuple, str | None] = {
        ("eligibility", "steps", i, "exclude", j, "where"): exclude.where
        for i, step in enumerate(protocol.eligibility.steps)
        for j, exclude in enumerate(step.exclude)
    }
    conditions |= {("sources", name, "where"): source.where for name, source in protocol.sources.items()}
    conditions |= {("endpoints", name, "event"): endpoint.event for name, endpoint in protocol.endpoints.items()}
    conditions |= {("endpoints", name, "event"): endpoint.event for name, endpoint in protocol.binary_endpoints.items()}
    for where, text in conditions.items():
        if text is not None:  # its columns are known only once the sheet is read; no column is true or false
            truths = protocol.binary_covariates if where[0] == "eligibility" else ()
            faults += condition_faults(text, columns_of(text), place(*where), truths)
    for name, endpoint in protocol.endpoints.items():
        if "day_one" in endpoint.censoring:
            message = "day_one needs dates; name a source with a day number to censor at"
            faults.append(Fault(place("endpoints", name, "censoring"), "not available", message))
    return faults


def _truths_of(contract: Contract, table: str) -> list[str]:
    """Columns of a raw table that are true or false."""
    return [c.name for c in contract.tables[table].columns if c.kind == "boolean"] if table in contract.tables else []


def _columns_of(contract: Contract, table: str) -> list[str] | None:
    if table in contract.tables:
        return list(contract.tables[table].column_names)
    if table in DERIVED_TABLES:
        return list(DERIVED_TABLES[table])
    return None
