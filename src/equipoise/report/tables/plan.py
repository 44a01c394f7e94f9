"""Tables of the study plan, from the protocol alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.bundle import Member
from equipoise.protocol.designs import MatchSpec, StrataSpec, label_of, target_of
from equipoise.protocol.measures import ROLES, Endpoint
from equipoise.protocol.spec import Protocol
from equipoise.protocol.target_trial import ELEMENTS
from equipoise.protocol.wording import without_unit
from equipoise.report import format as fmt
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.tables.target_trial import LABELS
from equipoise.report.words import words

KINDS = {"continuous": "continuous", "binary": "yes or no", "categorical": "category"}
BUNDLE: dict[Member, str] = {
    "designs": "Every declared design",
    "site": "Stratified by site",
    "centres": "Each center left out in turn",
    "restrict": "Patients with a score that both arms have",
    "calipers": "Other calipers",
    "weights": "Weights in place of the match, and trimmed weights",
    "imputation": "Missing covariates imputed",
    "time": "Hazard ratios early and late",
    "rmst": "Restricted mean survival at other horizons",
    "interval": "Progression anywhere between two scans",
    "permutation": "Permutation test",
    "unmeasured": "E-values and bounds for what was not measured",
    "confounder": "A confounder of declared strength",
    "pairs": "Pairs told apart",
    "negative_control": "An outcome that treatment cannot change",
    "bootstrap_match": "The match made again in resamples",
}
READINGS = {
    "without_clinical": "without clinical progression",
    "ema": "events whenever they come",
    "fda2007": "censored before new therapy or two missed scans",
    "early_counted": "early progression counted",
    "early_not_counted": "early progression not counted",
    "unevaluable": "patients who could not be evaluated, at their worst",
}
TARGETS = {
    "att": "patients like those of the arm matched to",
    "atc": "patients like those of the other arm",
    "ate": "all patients",
    "overlap": "patients whom either treatment might have reached",
    "matching": "patients who would find a partner",
}


def _table(
    name: str, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], notes: tuple[str, ...] = ()
) -> Table | None:
    if not rows:
        return None
    line = TableRow(tuple(head(x, align="left") for x in heads))
    made = tuple(body(stub(first), *(Cell(x, align="left") for x in rest)) for first, *rest in rows)
    return Table(f"table_plan_{name}", title, (line,), made, notes=notes)


def criteria_table(protocol: Protocol) -> Table | None:
    rows = []
    for step in protocol.eligibility.steps:
        for exclude in step.exclude:
            where = f"{exclude.table}: {exclude.where}" if exclude.table else exclude.where
            rows.append((step.label, exclude.reason, where))
    return _table("criteria", words("plan.criteria.title"), ("Step", "Excluded", "Definition in the data"), rows)


def exposure_table(protocol: Protocol) -> Table | None:
    arms, estimand = protocol.arms, protocol.estimand
    rows = []
    for key, arm in arms.groups.items():
        of_two = {"reference": arms.reference, "matched to": arms.focal if protocol.designs else ""}
        roles = [] if arms.single else [role for role, name in of_two.items() if name == key]
        value = f"{arms.column} = {arm.value}" if arms.column else "all patients"
        strategy = estimand.strategies.get(key, "") if estimand is not None else ""
        rows.append((arm.label, value, fmt.listed(roles) or fmt.DASH, strategy or fmt.DASH))
    title = words("plan.exposure.title_single") if arms.single else words("plan.exposure.title")
    return _table("exposure", title, ("Treatment", "Definition in the data", "Role", "Strategy"), rows)


def outcomes_table(protocol: Protocol) -> Table | None:
    rows = [(e.label, e.role, *_endpoint(protocol, e)) for e in protocol.endpoints.values()]
    for binary in protocol.binary_endpoints.values():
        rows.append((binary.label, "binary", words("plan.outcomes.binary", event=binary.event or binary.event_label), fmt.DASH))
    return _table("outcomes", words("plan.outcomes.title"), ("Outcome", "Role", "Event", "Censored at"), rows)


def _endpoint(protocol: Protocol, endpoint: Endpoint) -> tuple[str, str]:
    if endpoint.time is not None:
        event = endpoint.event or ""
        found = {"time": endpoint.time.column, "unit": endpoint.time.unit, "event": event}
        return words("plan.outcomes.column", **found), "end of observation"
    events = fmt.listed([source_label(protocol, s) for s in endpoint.events], "or")
    competing = fmt.listed([source_label(protocol, s) for s in endpoint.competing], "or")
    more = f"; competing: {competing}" if competing else ""
    censored = [source_label(protocol, s) for s in endpoint.censoring]
    return f"{endpoint.event_label}: {events}{more}", "; else ".join(censored)


def source_label(protocol: Protocol, name: str) -> str:
    known = protocol.sources.get(name)
    return known.label if known is not None and known.label else name.replace("_", " ")


def covariates_table(protocol: Protocol) -> Table | None:
    rows = []
    for name, covariate in protocol.covariates.items():
        kind = KINDS[covariate.kind]
        if covariate.levels:
            kind += f": {', '.join(covariate.levels.values())}"
        scored = "yes" if name in protocol.scored else "no"
        why = covariate.why or (getattr(protocol.primary_design, "why", {}) or {}).get(name, "")
        rows.append((covariate.label, kind, covariate.from_, covariate.role or fmt.DASH, scored, why or fmt.DASH))
    heads = ("Covariate", "Kind", "Definition in the data", "Role", "In the score", "Reason")
    used = dict.fromkeys(c.role for c in protocol.covariates.values() if c.role)
    notes = tuple(f"{fmt.upper_first(role)}: {said}." for role, said in ROLES.items() if role in used)
    return _table("covariates", words("plan.covariates.title"), heads, rows, notes)


def designs_table(protocol: Protocol) -> Table | None:
    rows = []
    for name, spec in protocol.designs.items():
        scored = fmt.listed([without_unit(protocol.covariates[c]) for c in spec.propensity if c in protocol.covariates])
        role = "primary" if name == protocol.primary else "beside it"
        rows.append((label_of(spec), role, TARGETS[target_of(spec)], scored or fmt.DASH, _settings(spec)))
    return _table("designs", words("plan.designs.title"), ("Design", "Role", "Speaks for", "Covariates", "Settings"), rows)


def _settings(spec: object) -> str:
    if isinstance(spec, MatchSpec):
        caliper = f"caliper {fmt.short(spec.caliper)} SD of the {spec.scale}" if spec.caliper is not None else "no caliper"
        apart = f", exact on {', '.join(spec.exact)}" if spec.exact else ""
        return f"{spec.method}, ratio {spec.ratio}, {caliper}, {'with' if spec.replace else 'without'} replacement{apart}"
    if isinstance(spec, StrataSpec):
        return spec.words
    trim, truncate = getattr(spec, "trim", None), getattr(spec, "truncate", None)
    said = [f"score kept from {trim.words}" if trim is not None else ""]
    said += [f"weights brought down to the quantile {truncate}" if truncate else ""]
    return "; ".join(s for s in said if s) or "no trimming"


def sensitivity_table(protocol: Protocol) -> Table | None:
    heads = ("Analysis", "Covariates or setting")
    return _table("sensitivity", words("plan.sensitivity.title"), heads, list(_sensitivity(protocol)))


def _sensitivity(protocol: Protocol) -> Iterator[tuple[str, str]]:
    for name, spec in protocol.designs.items():
        if name != protocol.primary:
            yield words("plan.sensitivity.beside", label=label_of(spec)), TARGETS[target_of(spec)]
    for variant in protocol.sensitivity.propensity_variants.values():
        listed = fmt.listed([without_unit(protocol.covariates[c]) for c in variant.covariates if c in protocol.covariates])
        yield words("plan.sensitivity.score", label=variant.label), listed
    for endpoint, readings in protocol.sensitivity.endpoints.items():
        label = fmt.lower_first(protocol.endpoints[endpoint].label)
        for reading in readings:
            yield words("plan.sensitivity.reading", endpoint=label, reading=READINGS[reading]), fmt.DASH
    for restriction in protocol.restrict.values():
        yield words("plan.sensitivity.restricted", label=restriction.label), restriction.where
    for member in protocol.sensitivity.members:
        yield BUNDLE[member], fmt.DASH
    if protocol.multiverse is not None:
        yield words("plan.sensitivity.multiverse"), fmt.DASH


def trial_table(protocol: Protocol) -> Table | None:
    trial = protocol.target_trial
    if trial is None:
        return None
    rows = [(LABELS[e], fmt.upper_first(getattr(trial, e)), fmt.upper_first(trial.emulation.get(e, fmt.DASH))) for e in ELEMENTS]
    title = "The target trial and its emulation"
    return _table("target_trial", title, ("Element", "Target trial", "Emulation, where the protocol words it"), rows)
