"""The protocol of one spreadsheet as text: the request, and every guess beside it as a comment."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.start.cells import OwnRules
from equipoise.start.columns import Seen, slug
from equipoise.start.event_values import quoted
from equipoise.start.guess import CovariateGuess, Guess
from equipoise.start.mapping import covariate_names
from equipoise.start.missing import Missing
from equipoise.start.scalars import column_sql, comment, equals, text
from equipoise.start.write_arms import arms_block, eligibility_block
from equipoise.start.write_dates import data_lines, endpoint_lines
from equipoise.start.write_endpoints import endpoints_block, no_endpoint_block

ROW_NUMBER = "row_number"
COUNTED = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
UNCONFIRMED = "NOT CONFIRMED: written by `equipoise init` from guesses; check every line marked EDIT"


@dataclass(frozen=True, slots=True)
class Origin:
    """name: of the file or folder, as the protocol finds it. lines: under `data:`, of where the rows lie and how."""

    name: str
    lines: list[str]


def protocol_text(origin: Origin, missing: Missing, seen: dict[str, Seen], guess: Guess, rules: OwnRules) -> str:
    """The YAML of the protocol. Loads as it is where no question is open."""
    file = origin.name
    names = covariate_names(guess)
    named = guess.dates.endpoints if guess.dates else [e.name for e in guess.used]
    days = bool(guess.endpoints) and guess.endpoints[0].unit == "days"
    matched = [names[c.column] for c in guess.covariates if c.propensity]
    single = guess.single and not guess.choice.open
    parts = [
        _head(file, guess, seen),
        _study(file, guess, single),
        _data(origin, missing, guess, rules),
        arms_block(guess),
        eligibility_block(guess, seen),
        _endpoints(guess, seen),
        f"time_unit: {'days' if days else 'months'}\n",
        _covariates(guess, names),
        _left_out(guess),
        *([] if single else [_design(matched)]),
        _cox(matched, list(named), single),
    ]
    return "\n".join(p for p in parts if p)


def _endpoints(guess: Guess, seen: dict[str, Seen]) -> str:
    if guess.dates:
        return endpoint_lines(guess.dates, seen, equals)
    return endpoints_block(guess.endpoints, guess.used, seen) if guess.endpoints else no_endpoint_block(guess.no_endpoint)


def _head(file: str, guess: Guess, seen: dict[str, Seen]) -> str:
    n = next(iter(seen.values())).n
    single = guess.single and not guess.choice.open
    lines = [
        f"# A first protocol for {file} ({n} rows, {len(seen)} columns), written by `equipoise init`.",
        "# It runs on guesses once no question is open (the word EDIT). At most five things need your hand, marked EDIT: "
        + ("arm, time, event," if single else "arm, reference, time, event,"),
        "# covariates. Then: equipoise check FILE, equipoise run FILE. What became of each column stands in mapping.csv.",
    ]
    return "\n".join(lines) + "\n"


def _study(file: str, guess: Guess, single: bool) -> str:
    stem = file.rsplit(".", 1)[0]
    number = COUNTED.get(len(guess.arm.values) if guess.arm else 2, "several")
    what = "Study of a single arm" if single else f"Comparison of {number} treatments"
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


def _data(origin: Origin, missing: Missing, guess: Guess, rules: OwnRules) -> str:
    lines = ["data:", *origin.lines]
    lines += [*missing.lines(), *rules.lines()]
    lines.append(f"  patient: {text(guess.patient or ROW_NUMBER)}    # {guess.patient_reason}")
    lines += data_lines(guess.dates) if guess.dates else []
    return "\n".join(lines) + "\n"


def _covariates(guess: Guess, names: dict[str, str]) -> str:
    if not guess.covariates:
        return "# EDIT 5: no column is left that could be a covariate: arms are compared as they are.\ncovariates: {}\n"
    lists = "list under" if guess.single else "two lists under design and"
    lines = [
        "# EDIT 5: covariates known at baseline, by type; the first level of a category is its reference. Delete a line that was",
        f"# not known at the index date, and its name from the {lists} cox.",
        "covariates:",
    ]
    lines += [f"  {names[c.column]}: {_covariate(c)}    # {comment(c.reason)}" for c in guess.covariates]
    return "\n".join(lines) + "\n"


def _covariate(c: CovariateGuess) -> str:
    source = equals(c.column, c.one, c.one == "1") if c.kind == "binary" else column_sql(c.column)
    fields = f"label: {text(c.label or c.column)}, kind: {c.kind}, from: {quoted(source)}"
    if c.levels:
        fields += ", levels: {" + ", ".join(f"{text(v)}: {text(said)}" for v, said in c.levels.items()) + "}"
    return f"{{{fields}}}"


def _left_out(guess: Guess) -> str:
    lines = ["# Left out, and why:"] + [f"#   {comment(name)}: {why}" for name, why in guess.told_left_out]
    lines += [
        f"#   {comment(e.time)}, {comment(e.event)}: another endpoint (above)" for e in guess.endpoints if e not in guess.used
    ]
    return "\n".join(lines) + "\n" if len(lines) > 1 else "# Every column of the file is used.\n"


BESIDE = "# One match. Several designs side by side, weights among them: 'designs', docs/protocol.md.\n"


def _design(matched: list[str]) -> str:
    if not matched:
        return "# Without a covariate for a score nobody can be matched: the arms are compared as they are.\ndesign: none\n"
    said = "# The propensity score takes every covariate known at baseline that is complete enough."
    return f"{said}\n{BESIDE}design:\n  propensity: [{', '.join(matched)}]\n"


def _cox(names: list[str], endpoints: list[str], single: bool) -> str:
    if not endpoints or not names:
        return ""
    listed = ", ".join(names if single else [*names, "treatment"])
    multivariable = ", ".join(f"{e}: *model" for e in endpoints)
    return f"cox:\n  univariable: &model [{listed}]\n  multivariable: {{{multivariable}}}\n"
