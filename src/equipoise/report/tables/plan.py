"""Tables of the study plan, from the protocol alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.designs import MatchSpec, StrataSpec, label_of, target_of
from equipoise.protocol.measures import ROLES, Endpoint
from equipoise.protocol.spec import Protocol
from equipoise.protocol.target_trial import ELEMENTS
from equipoise.protocol.wording import without_unit
from equipoise.report import format as fmt
from equipoise.report.made import spoken
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words


def _table(
    name: str, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], notes: tuple[str, ...] = ()
) -> Table | None:
    if not rows:
        return None
    line = TableRow(tuple(head(words(f"plan.column.{x}"), align="left") for x in heads))
    made = tuple(body(stub(first), *(Cell(x, align="left") for x in rest)) for first, *rest in rows)
    return Table(f"table_plan_{name}", title, (line,), made, notes=notes)


def criteria_table(protocol: Protocol) -> Table | None:
    rows = []
    for step in protocol.eligibility.steps:
        for exclude in step.exclude:
            where = f"{exclude.table}: {exclude.where}" if exclude.table else exclude.where
            rows.append((step.label, exclude.reason, where))
    return _table("criteria", words("plan.criteria.title"), ("step", "excluded", "definition"), rows)


def exposure_table(protocol: Protocol) -> Table | None:
    arms, estimand = protocol.arms, protocol.estimand
    rows = []
    for key, arm in arms.groups.items():
        of_two = {"reference": arms.reference, "focal": arms.focal if protocol.designs else ""}
        roles = [] if arms.single else [words(f"plan.role.{role}") for role, name in of_two.items() if name == key]
        value = f"{arms.column} = {arm.value}" if arms.column else words("plan.all_patients")
        strategy = estimand.strategies.get(key, "") if estimand is not None else ""
        rows.append((arm.label, value, fmt.listed(roles) or fmt.DASH, strategy or fmt.DASH))
    title = words("plan.exposure.title_single") if arms.single else words("plan.exposure.title")
    return _table("exposure", title, ("treatment", "definition", "role", "strategy"), rows)


def outcomes_table(protocol: Protocol) -> Table | None:
    rows = [(e.label, words(f"plan.role.{e.role}"), *_endpoint(protocol, e)) for e in protocol.endpoints.values()]
    for binary in protocol.binary_endpoints.values():
        rows.append(
            (
                binary.label,
                words("plan.role.binary"),
                words("plan.outcomes.binary", event=binary.event or binary.event_label),
                fmt.DASH,
            )
        )
    return _table("outcomes", words("plan.outcomes.title"), ("outcome", "role", "event", "censored"), rows)


def _endpoint(protocol: Protocol, endpoint: Endpoint) -> tuple[str, str]:
    if endpoint.time is not None:
        event = endpoint.event or ""
        found = {"time": endpoint.time.column, "unit": endpoint.time.unit, "event": event}
        return words("plan.outcomes.column", **found), words("plan.outcomes.end")
    events = fmt.either([source_label(protocol, s) for s in endpoint.events])
    competing = fmt.either([source_label(protocol, s) for s in endpoint.competing])
    found = {"label": endpoint.event_label, "events": events}
    if competing:
        found["competing"] = competing
    censored = [source_label(protocol, s) for s in endpoint.censoring]
    return words(f"plan.outcomes.{'dated_competing' if competing else 'dated'}", **found), _else(censored)


def _else(ends: list[str]) -> str:
    first, *others = ends
    for other in others:
        first = words("plan.outcomes.otherwise", first=first, other=other)
    return first


def source_label(protocol: Protocol, name: str) -> str:
    known = protocol.sources.get(name)
    return known.label if known is not None and known.label else spoken(name.replace("_", " "))


def covariates_table(protocol: Protocol) -> Table | None:
    rows = []
    for name, covariate in protocol.covariates.items():
        kind = words(f"plan.kind.{covariate.kind}")
        if covariate.levels:
            kind += f": {', '.join(covariate.levels.values())}"
        scored = words("plan.yes" if name in protocol.scored else "plan.no")
        why = covariate.why or (getattr(protocol.primary_design, "why", {}) or {}).get(name, "")
        rows.append((covariate.label, kind, covariate.from_, covariate.role or fmt.DASH, scored, why or fmt.DASH))
    heads = ("covariate", "kind", "definition", "role", "in_score", "reason")
    used = dict.fromkeys(c.role for c in protocol.covariates.values() if c.role)
    notes = tuple(f"{fmt.upper_first(role)}: {said}." for role, said in ROLES.items() if role in used)
    return _table("covariates", words("plan.covariates.title"), heads, rows, notes)


def designs_table(protocol: Protocol) -> Table | None:
    rows = []
    for name, spec in protocol.designs.items():
        scored = fmt.listed([without_unit(protocol.covariates[c]) for c in spec.propensity if c in protocol.covariates])
        role = words("plan.role.primary" if name == protocol.primary else "plan.role.beside")
        rows.append((label_of(spec), role, words(f"plan.population.{target_of(spec)}"), scored or fmt.DASH, _settings(spec)))
    return _table("designs", words("plan.designs.title"), ("design", "role", "population", "covariates", "settings"), rows)


def _settings(spec: object) -> str:
    if isinstance(spec, MatchSpec):
        caliper = words("plan.match.no_caliper")
        if spec.caliper is not None:
            caliper = words("plan.match.caliper", width=fmt.short(spec.caliper), scale=words(f"plan.match.{spec.scale}"))
        said = [words("plan.match.made", method=words(f"plan.match.{spec.method}"), ratio=str(spec.ratio)), caliper]
        said.append(words("plan.match.again" if spec.replace else "plan.match.once"))
        return ", ".join([*said, *([words("plan.match.exact", names=", ".join(spec.exact))] if spec.exact else [])])
    if isinstance(spec, StrataSpec):
        return spec.words
    trim, truncate = getattr(spec, "trim", None), getattr(spec, "truncate", None)
    said = [words("plan.trimmed", limits=trim.words) if trim is not None else ""]
    said += [words("plan.truncated", quantile=str(truncate)) if truncate else ""]
    return "; ".join(s for s in said if s) or words("plan.no_trimming")


def sensitivity_table(protocol: Protocol) -> Table | None:
    heads = ("analysis", "choice")
    return _table("sensitivity", words("plan.sensitivity.title"), heads, list(_sensitivity(protocol)))


def _sensitivity(protocol: Protocol) -> Iterator[tuple[str, str]]:
    for name, spec in protocol.designs.items():
        if name != protocol.primary:
            yield words("plan.sensitivity.beside", label=label_of(spec)), words(f"plan.population.{target_of(spec)}")
    for variant in protocol.sensitivity.propensity_variants.values():
        listed = fmt.listed([without_unit(protocol.covariates[c]) for c in variant.covariates if c in protocol.covariates])
        yield words("plan.sensitivity.score", label=variant.label), listed
    for endpoint, readings in protocol.sensitivity.endpoints.items():
        label = fmt.lower_first(protocol.endpoints[endpoint].label)
        for reading in readings:
            yield words("plan.sensitivity.reading", endpoint=label, reading=words(f"plan.reading.{reading}")), fmt.DASH
    for restriction in protocol.restrict.values():
        yield words("plan.sensitivity.restricted", label=restriction.label), restriction.where
    for member in protocol.sensitivity.members:
        yield words(f"plan.bundle.{member}"), fmt.DASH
    if protocol.multiverse is not None:
        yield words("plan.sensitivity.multiverse"), fmt.DASH


def trial_table(protocol: Protocol) -> Table | None:
    trial = protocol.target_trial
    if trial is None:
        return None
    rows = [
        (words(f"target_trial.label.{e}"), fmt.upper_first(getattr(trial, e)), fmt.upper_first(trial.emulation.get(e, fmt.DASH)))
        for e in ELEMENTS
    ]
    title = words("plan.target_trial")
    return _table("target_trial", title, ("element", "target_trial", "emulation"), rows)
