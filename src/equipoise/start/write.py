"""The protocol of one spreadsheet as text: the request, and every guess beside it as a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from equipoise.csv_text import csv_text
from equipoise.data.detect import Detected
from equipoise.start.columns import Seen, slug, unique
from equipoise.start.event_values import condition
from equipoise.start.guess import CovariateGuess, Guess
from equipoise.start.roles import ArmGuess, EndpointGuess
from equipoise.start.write_dates import data_lines, endpoint_lines
from equipoise.start.write_dates import roles as dated_roles
from equipoise.start.write_form import form_lines

ROW_NUMBER = "row_number"
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
_RESERVED = {
    "group",
    "case",
    "order",
    "select",
    "table",
    "end",
    "when",
    "then",
    "date",
    "time",
    "from",
    "to",
    "user",
    "in",
    "is",
    "not",
}
UNCONFIRMED = "NOT CONFIRMED: written by `equipoise init` from guesses; check every line marked EDIT"


def protocol_text(file: str, form: Detected, missing: list[str], seen: dict[str, Seen], guess: Guess) -> str:
    """The YAML of the protocol. Loads as it is."""
    names = covariate_names(guess)
    named = guess.dates.endpoints if guess.dates else sorted({e.name for e in guess.endpoints[:1]})
    days = guess.dates is None and guess.endpoints[0].unit == "days"
    matched = [names[c.column] for c in guess.covariates if c.propensity] or [names[guess.covariates[0].column]]
    parts = [
        _head(file, guess, seen),
        _study(file, guess.single),
        _data(file, form, missing, guess),
        _arms(guess),
        _eligibility(guess, seen),
        endpoint_lines(guess.dates, seen, equals) if guess.dates else _endpoints(guess.endpoints, seen),
        f"time_unit: {'days' if days else 'months'}\n",
        _covariates(guess, names),
        _left_out(guess),
        *([] if guess.single else [_design(matched)]),
        _cox(matched, list(named), guess.single),
    ]
    return "\n".join(parts)


def mapping_csv(seen: dict[str, Seen], guess: Guess) -> str:
    """One row per column of the file: what it is used as, under which name, why. No cell of a patient."""
    names = covariate_names(guess)
    roles: dict[str, tuple[str, str, str]] = {c: ("left out", "", why) for c, why in guess.left_out.items()}
    roles |= {c.column: (f"covariate, {c.kind}", names[c.column], c.reason) for c in guess.covariates}
    if guess.dates is not None:
        roles |= dated_roles(guess.dates)
    for k, e in enumerate(guess.endpoints):
        used = "" if k == 0 else " (not used)"
        roles[e.event] = (f"event{used}", e.name, e.event_reason)
        roles[e.time] = (f"time{used}", e.name, f"{e.reason}; unit {e.unit}: {e.unit_reason}")
    if guess.arms:
        roles[guess.arms[0].column] = ("arm", "", guess.arms[0].reason)
    if guess.patient:
        roles[guess.patient] = ("patient", "", guess.patient_reason)
    heading = ("column", "used_as", "name", "reason", "rows", "empty", "different_values")
    return csv_text(heading, ((name, *roles[name], c.n, c.empty, len(c.counts)) for name, c in seen.items()))


def covariate_names(guess: Guess) -> dict[str, str]:
    taken = {"treatment"}
    return {c.column: unique(slug(c.column), taken) for c in guess.covariates}


def column_sql(name: str) -> str:
    """A column in an expression, quoted where its name needs it."""
    return name if _SIMPLE.match(name) and name.lower() not in _RESERVED else '"' + name.replace('"', '""') + '"'


def equals(column: Seen | str, value: str, number: bool) -> str:
    name = column if isinstance(column, str) else column.name
    shown = value if number else "'" + value.replace("'", "''") + "'"
    return f"{column_sql(name)} = {shown}"


def text(value: str) -> str:
    """A YAML scalar in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _head(file: str, guess: Guess, seen: dict[str, Seen]) -> str:
    n = next(iter(seen.values())).n
    lines = [
        f"# A first protocol for {file} ({n} rows, {len(seen)} columns), written by `equipoise init`.",
        "# It runs as it is, on guesses. At most five things need your hand, marked EDIT: "
        + ("arm, time, event," if guess.single else "arm, reference, time, event,"),
        "# covariates. Then: equipoise check FILE, equipoise run FILE. What became of each column stands in mapping.csv.",
    ]
    return "\n".join(lines) + "\n"


def _study(file: str, single: bool) -> str:
    stem = file.rsplit(".", 1)[0]
    what = "Study of a single arm" if single else "Comparison of two treatments"
    return "\n".join(
        (
            "study:",
            f"  id: {slug(stem, 'study')}",
            f"  title: {text(f'{what}: {stem}')}",
            '  disease: "the disease studied"',
            '  population: "the patients studied"',
            f"  notice: {text(UNCONFIRMED)}    # delete this line when you have",
            "",
            "conventions: r",
            "",
        )
    )


def _data(file: str, form: Detected, missing: list[str], guess: Guess) -> str:
    lines = ["data:", f"  rows: {text(file)}", *form_lines(form)]
    if missing:
        lines.append(f"  missing: [{', '.join(text(w) for w in missing)}]    # these words stand for an empty cell")
    lines.append(f"  patient: {text(guess.patient or ROW_NUMBER)}    # {guess.patient_reason}")
    lines += data_lines(guess.dates) if guess.dates else []
    return "\n".join(lines) + "\n"


def _arms(guess: Guess) -> str:
    arms = guess.arms
    if guess.single:
        why = f"'{arms[0].column}': {arms[0].reason}" if arms else "no column with two treatments was found or asked for"
        lines = [
            f"# EDIT 1: one arm; {why}. Nothing is compared. For two arms:",
            "# `equipoise init FILE --arm COLUMN` writes their column, reference, focal arm and design.",
            _arm_line(arms[0]) if arms else 'arms: {groups: {all: {label: "All patients"}}}',
        ]
        return "\n".join(lines) + "\n"
    lines = ["# EDIT 1 and 2: the two arms (column, values), and the reference: the denominator of every hazard ratio."]
    lines.append(f"# '{arms[0].column}': {arms[0].reason}. The focal arm, matched to, is the smaller one.")
    lines.append(_arm_line(arms[0]))
    for other in arms[1:4]:
        lines += [f"# or '{other.column}' ({other.reason}; then leave it out of the covariates):", f"# {_arm_line(other)}"]
    return "\n".join(lines) + "\n"


def _arm_line(arm: ArmGuess) -> str:
    taken: set[str] = set()
    prefix = slug(arm.column, "arm")
    keys = {v: unique(slug(v, prefix), taken) for v in arm.values}
    label = {v: f"{arm.column} {v}" if not v[:1].isalpha() or len(v) < 4 else v for v in arm.values}
    groups = ", ".join(f"{keys[v]}: {{label: {text(label[v])}, value: {text(v)}}}" for v in arm.values)
    ends = f", reference: {keys[arm.reference]}, focal: {keys[arm.focal]}" if arm.reference else ""
    return f"arms: {{column: {text(arm.column)}, groups: {{{groups}}}{ends}}}"


def _eligibility(guess: Guess, seen: dict[str, Seen]) -> str:
    """The counted step that leaves out who is in no arm and whose time or event is not recorded."""
    told, reasons = [], []
    for others, reason, where in _left_by(guess, seen):
        told.append(f"# {others} row{'' if others == 1 else 's'}: {reason[0].lower()}{reason[1:]}.")
        reasons.append(f"        - {{reason: {text(reason)}, where: {text(where)}}}")
    if not reasons:
        return ""
    return "\n".join(
        (
            "# Left out, and counted in the flow diagram, each under the first reason that applies:",
            *told,
            "eligibility:",
            '  start: "Patients in the file"',
            "  steps:",
            '    - label: "Analysed"',
            "      exclude:",
            *reasons,
            "",
        )
    )


def _left_by(guess: Guess, seen: dict[str, Seen]) -> Iterator[tuple[int, str, str]]:
    """Rows, reason and condition of each exclusion."""
    arm = guess.arms[0] if guess.arms else None
    if arm is not None and arm.others:
        name, kept = column_sql(arm.column), arm.values
        numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", v) for v in kept)
        listed = ", ".join(v if numbers else "'" + v.replace("'", "''") + "'" for v in kept)
        yield arm.others, "Other treatment, or none recorded", f"{name} is null or not ({name} in ({listed}))"
    if guess.dates is not None:
        return
    endpoint = guess.endpoints[0]
    for column, what in ((endpoint.time, "time"), (endpoint.event, "event")):
        if seen[column].empty:
            yield seen[column].empty, f"{endpoint.label}: {what} not recorded", f"{column_sql(column)} is null"


def _endpoints(endpoints: tuple[EndpointGuess, ...], seen: dict[str, Seen]) -> str:
    lines = ["# EDIT 3 and 4: time (column, unit) and event (which value is an event)."]
    lines += ["endpoints:", *_endpoint(endpoints[0], seen, "")]
    for other in endpoints[1:]:
        lines += ["  # a second endpoint, found the same way; take the marks # away to use it:", *_endpoint(other, seen, "# ")]
    return "\n".join(lines) + "\n"


def _endpoint(e: EndpointGuess, seen: dict[str, Seen], mark: str) -> list[str]:
    event, doubt = condition(seen[e.event], e.happened, equals)
    rows = f"{e.empty} row{' has' if e.empty == 1 else 's have'}"
    empty = f" {rows} no time and {'is' if e.empty == 1 else 'are'} left out above." if e.empty and not mark else ""
    lines = [
        f"  {e.name}:",
        f"    label: {text(e.label)}",
        f"    short: {text(e.name.upper() if len(e.name) < 5 else 'EFS')}",
        f"    event_label: {text(e.event_label)}",
        f"    time: {{column: {text(e.time)}, unit: {e.unit}}}    # {e.reason}; {e.unit}: {e.unit_reason}.{empty}",
        f"    event: {event}    # {e.event_reason}{doubt}",
    ]
    return [f"  {mark}{line[2:]}" if mark else line for line in lines]


def _covariates(guess: Guess, names: dict[str, str]) -> str:
    lists = "list under" if guess.single else "two lists under design and"
    lines = [
        "# EDIT 5: covariates known at baseline, by type; the first level of a category is its reference. Delete a line that was",
        f"# not known at the index date, and its name from the {lists} cox.",
        "covariates:",
    ]
    lines += [f"  {names[c.column]}: {_covariate(c)}    # {c.reason}" for c in guess.covariates]
    return "\n".join(lines) + "\n"


def _covariate(c: CovariateGuess) -> str:
    source = equals(c.column, c.one, bool(re.fullmatch(r"[01]", c.one))) if c.kind == "binary" else column_sql(c.column)
    fields = f"label: {text(c.column)}, kind: {c.kind}, from: {text(source)}"
    if c.levels:
        fields += ", levels: {" + ", ".join(f"{text(v)}: {text(v)}" for v in c.levels) + "}"
    return f"{{{fields}}}"


def _left_out(guess: Guess) -> str:
    lines = ["# Left out, and why:"] + [f"#   {name}: {why}" for name, why in guess.left_out.items()]
    lines += [f"#   {e.time}, {e.event}: another endpoint (above)" for e in guess.endpoints[1:]]
    return "\n".join(lines) + "\n" if len(lines) > 1 else "# Every column of the file is used.\n"


BESIDE = "# One match. Several designs side by side, weights among them: 'designs', docs/protocol.md.\n"


def _design(matched: list[str]) -> str:
    said = "# The propensity score takes every covariate known at baseline that is complete enough."
    return f"{said}\n{BESIDE}design:\n  propensity: [{', '.join(matched)}]\n"


def _cox(names: list[str], endpoints: list[str], single: bool) -> str:
    listed = ", ".join(names if single else [*names, "treatment"])
    multivariable = ", ".join(f"{e}: *model" for e in endpoints)
    return f"cox:\n  univariable: &model [{listed}]\n  multivariable: {{{multivariable}}}\n"
